"""The texts that semgrep is given, each once, and the way from a match back to a file's line."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from assay.scan import javascript, python, slicing
from assay.scan.model import LONGEST_EXCERPT, ScannedFile
from assay.scan.prefilter import Text
from assay.scan.programs import Program
from assay.scan.ruleset import Language, Ruleset
from assay.scan.semgrep import Asked
from assay.scan.slicing import Piece

_SUFFIX = {"javascript": ".js", "typescript": ".ts", "python": ".py", "regex": ".txt"}
_FINE = 1_500  # characters of a piece in the second round

Back = Callable[[int], int]


class Unit(NamedTuple):
    """A text of a file, in one language, with the rules that could match in it.

    ``back`` are the steps from a place in it to one in the file's text; ``surely`` as a program's.
    """

    file: ScannedFile
    language: str
    text: str
    rules: tuple[int, ...]
    back: tuple[Back, ...]
    surely: bool

    def before(self, offset: int) -> int:
        """The place in the file's text of a place in this one."""
        for step in self.back:
            offset = step(offset)
        return offset


def of(program: Program, ruleset: Ruleset) -> Iterator[Unit]:
    """The units of a program: those pieces in which any rule could match."""
    language = ruleset.languages.get(program.language)
    if language is None:
        return
    source = program.source
    whole = language.filter.text(source.text)
    cut = program.language != "python" and len(source.text) >= slicing.FROM
    parts = slicing.pieces(source) if cut else [Piece(source.text, ((0, 0),))]
    for piece in parts:
        among = whole if cut else None
        text = language.filter.text(piece.text, among) if cut else whole
        back: tuple[Back, ...] = (piece.before, source.before)
        yield from _unit(program, language, piece.text, text, back, cut)
        if source.hidden:
            yield from _as_written(program, language, piece, cut)


def _unit(
    program: Program, language: Language, text: str, seen: Text, back: tuple[Back, ...], cut: bool
) -> Iterator[Unit]:
    alive = [language.numbers[number] for number in language.filter.could_match(seen)]
    if cut:
        # What a long program can do in one place or another says nothing; that it does two things
        # near one another is seen by the byte checks.
        alive = [number for number in alive if number in language.loud]
    if alive:
        yield Unit(program.file, program.language, text, tuple(alive), back, program.surely)


def _as_written(program: Program, language: Language, piece: Piece, cut: bool) -> Iterator[Unit]:
    """The same piece before it was rewritten, where something was spelt to be missed."""
    source = program.source
    ends = [*(start for start, _ in piece.parts[1:]), len(piece.text) + 1]
    spans = [
        (source.before(origin), source.before(origin + end - start - 1))
        for (start, origin), end in zip(piece.parts, ends, strict=True)
    ]
    if not any(a <= at < b for a, b in spans for at in source.hidden):
        return
    parts, body, length = [], [], 0
    for a, b in spans:
        parts.append((length, a))
        body.append(f"{source.canonical[a:b]}\n")
        length += b - a + 1
    plain = Piece("".join(body), tuple(parts))
    seen = language.filter.text(plain.text)
    yield from _unit(program, language, plain.text, seen, (plain.before,), cut)


def of_text(file: ScannedFile, ruleset: Ruleset) -> Iterator[Unit]:
    """The unit of a file's text for the rules that know no language."""
    language = ruleset.languages.get("regex")
    if language is None or file.text is None:
        return
    text = file.text.replace("\r\n", " \n").replace("\r", "\n")
    alive = language.filter.could_match(language.filter.text(text))
    if alive:
        numbers = tuple(language.numbers[number] for number in alive)
        safe = text.encode("utf-8", "replace").decode("utf-8")
        yield Unit(file, "regex", safe, numbers, (), True)


def finer(unit: Unit, ruleset: Ruleset) -> list[Unit]:
    """A unit that semgrep could not do, in pieces of single statements."""
    if unit.language == "regex":
        return []
    if unit.language == "python":
        return list(_fine(unit, ruleset, python.pieces(unit.text), ()))
    source = javascript.read(unit.text)
    parts = slicing.pieces(source, least=0, size=_FINE)
    return list(_fine(unit, ruleset, parts, (source.before,)))


def _fine(
    unit: Unit, ruleset: Ruleset, parts: Sequence[Piece], back: tuple[Back, ...]
) -> Iterator[Unit]:
    language = ruleset.languages[unit.language]
    wanted = set(unit.rules)
    for piece in parts:
        seen = language.filter.text(piece.text)
        alive = (language.numbers[number] for number in language.filter.could_match(seen))
        rules = tuple(number for number in alive if number in wanted)
        if rules:
            steps = (piece.before, *back, *unit.back)
            yield unit._replace(text=piece.text, rules=rules, back=steps)


class Staged:
    """The units of a run in one flat folder, under numbers; equal ones lie there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._units: dict[str, list[Unit]] = {}
        self._known: dict[tuple[str, bytes, tuple[int, ...]], str] = {}
        self.asked: list[Asked] = []

    def add(self, units: Iterable[Unit]) -> None:
        for unit in units:
            raw = unit.text.encode("utf-8", "replace")
            key = (unit.language, hashlib.sha256(raw).digest(), unit.rules)
            if key not in self._known:
                suffix = ".tsx" if unit.file.kind == "tsx" else _SUFFIX[unit.language]
                path = self._folder / f"{len(self._known):06}{suffix}"
                path.write_bytes(raw)
                self._known[key] = str(path)
                self._units[str(path)] = []
                self.asked.append(Asked(path, unit.language, unit.rules))
            self._units[self._known[key]].append(unit)

    def units(self, path: str) -> list[Unit]:
        """The units whose text lies at ``path``; empty for a path that we did not give."""
        return self._units.get(path, [])

    @property
    def paths(self) -> list[str]:
        return list(self._units)


class Place(NamedTuple):
    """Where something stands: line and column from 1, and what stands there."""

    line: int
    column: int
    excerpt: str


def place(unit: Unit, offset: int) -> Place:
    """The place of a match; ``offset`` counts bytes in the unit's text."""
    characters = offset
    if not unit.text.isascii():
        characters = len(unit.text.encode()[:offset].decode("utf-8", "ignore"))
    at = unit.before(characters)
    text = unit.file.text
    if text is None or unit.file.kind == "notebook":
        return Place(1, 1, unit.text[characters : characters + LONGEST_EXCERPT].split("\n")[0])
    starts = _line_starts(unit.file)
    line = bisect_right(starts, at)
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(text)
    return Place(line, at - start + 1, text[at : min(end, at + LONGEST_EXCERPT)].strip())


@lru_cache(maxsize=64)
def _line_starts(file: ScannedFile) -> list[int]:
    text = python.canonical(file.text or "") if file.kind == "py" else _js_lines(file.text or "")
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def _js_lines(text: str) -> str:
    return javascript.canonical(text)
