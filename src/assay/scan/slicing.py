"""A long program cut between statements, so that each part can be asked about by itself.

What semgrep needs for a program grows faster than the program, one statement that it can't parse
costs the whole, and a rule's words stand somewhere in any bundle, though not in one function
together. So a program of over ``FROM`` characters is cut into pieces of whole statements of its
outermost level, each with the short declarations that it speaks of (imports, aliases,
constants) before it. semgrep looks at one function at a time and at what is declared around it:
that is what a piece holds. No character is left out of all pieces, whatever the lexer thought.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from assay.scan.javascript import Source
from assay.scan.prefilter import WORD

FROM = 20_000  # characters
SIZE = 12_000  # characters of a piece, about
_SHORT = 400  # characters of a declaration that pieces get
_MOST_SHARED = 8_000  # characters of all of them, in one piece
# The names on the left: a word, or words in braces.
_DECLARATION = re.compile(
    r"\s*(?:(?:export\s+)?(?:var|let|const)\s+([\w$]+|\{[^}]*\}|\[[^\]]*\])\s*=|import\s*([^;\"']*)from)"
)
_BOUNDARY = re.compile(
    r"(?<=[;}\n])\s*(?=(?:var|let|const|function|class|import|export|async function|exports\.)\b)"
)


class Piece(NamedTuple):
    """A text for semgrep; ``parts`` are (its offset in the piece, its offset in the source)."""

    text: str
    parts: tuple[tuple[int, int], ...]

    def before(self, offset: int) -> int:
        """The place in the source of a place in the piece."""
        number = bisect_right(self.parts, (offset, 1 << 62)) - 1
        start, origin = self.parts[max(number, 0)]
        return origin + offset - start


def pieces(source: Source, *, least: int = FROM, size: int = SIZE) -> list[Piece]:
    """The pieces of a program; a short one is left whole."""
    if len(source.text) < least:
        return [Piece(source.text, ((0, 0),))]
    return list(_cut(source, size))


def _cut(source: Source, size: int) -> Iterator[Piece]:
    text = source.text
    start, end, children = _frame(source)
    cuts = [start, *_boundaries(text, start, end, children), end]
    statements = list(pairwise(cuts))
    shared = _Shared(text, statements)
    taken: list[tuple[int, int]] = []
    weight = 0
    for a, b in statements:
        if taken and weight + b - a > size:
            yield _piece(text, shared.before(taken), taken)
            taken, weight = [], 0
        taken.append((a, b))
        weight += b - a
    if taken:
        yield _piece(text, shared.before(taken), taken)
    outside = f"{text[:start]}{text[end:]}"
    if start and outside.strip():  # what wraps the program is a program too
        yield Piece(outside, ((0, 0), (start, end)))


def _piece(text: str, shared: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> Piece:
    """Spans that follow one another become one, for a newline between them may matter."""
    joined: list[tuple[int, int]] = []
    for a, b in spans:
        if joined and joined[-1][1] == a:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    parts: list[tuple[int, int]] = []
    body: list[str] = []
    at = 0
    for a, b in [*shared, *joined]:
        parts.append((at, a))
        body += (text[a:b], "\n")
        at += b - a + 1
    return Piece("".join(body), tuple(parts))


class _Shared:
    """Imports, aliases and constants: short, and declared where every function sees them."""

    def __init__(self, text: str, statements: Sequence[tuple[int, int]]) -> None:
        self._text = text
        self._by_name: dict[str, tuple[int, int]] = {}
        for a, b in statements:
            if b - a <= _SHORT and (match := _DECLARATION.match(text, a, b)):
                for name in WORD.findall(match[1] or match[2]):
                    self._by_name.setdefault(name, (a, b))

    def before(self, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Those that a piece speaks of, and those that these speak of in turn."""
        found: set[tuple[int, int]] = set()
        own = set(spans)
        todo, total = list(spans), 0
        while todo and total < _MOST_SHARED:
            a, b = todo.pop()
            for word in sorted(set(WORD.findall(self._text, a, b))):
                more = self._by_name.get(word)
                if more and more not in found and more not in own:
                    found.add(more)
                    todo.append(more)
                    total += more[1] - more[0]
        return sorted(found)


def _frame(source: Source) -> tuple[int, int, list[tuple[int, int]]]:
    """The innermost block that holds most of the program, and the blocks right inside of it.

    A bundle may be one call of one function; its statements are then those inside.
    """
    length = len(source.text)
    start, end = 0, length
    blocks = sorted(source.blocks)
    for a, b in blocks:
        if a >= start and b <= end and b - a > 0.7 * length:
            start, end = a + 1, b
    children, last = [], start
    for a, b in blocks:
        if a >= last and b <= end:
            children.append((a, b))
            last = b + 1
    return start, end, children


def _boundaries(
    text: str, start: int, end: int, children: Sequence[tuple[int, int]]
) -> Iterator[int]:
    """Between two statements that no block holds."""
    at = start
    for a, b in [*children, (end, end)]:
        # From the brace that closed the last block, for a statement may follow it at once.
        for match in _BOUNDARY.finditer(text, max(at - 1, start), a):
            if match.end() > start:
                yield match.end()
        at = b + 1
