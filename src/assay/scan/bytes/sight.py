"""A file as the checks of this folder look at it: lowered text, its words, what it is for.

Made once a file and shared by all checks: a file's text is lowered once and cut into words once,
and most patterns are asked for only where one of their words occurs at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from assay.finding import Severity
from assay.scan.model import Hit, ScannedFile

# ASCII letters lowered, everything else a blank: `bytes.split` then gives the words.
_LETTERS = bytes(
    code if 97 <= code <= 122 else code + 32 if 65 <= code <= 90 else 32 for code in range(256)
)
_PIECE = 1 << 18  # bytes
_OVERLAP = 64  # bytes: a word across a border is seen whole
# `\n` before a word would make it another word; blanks of the same length keep all offsets.
_ESCAPES = (("\\n", "  "), ("\\t", "  "), ("\\r", "  "))
_CODE = frozenset({"js", "ts", "tsx", "py", "shell", "html", "notebook"})
_DATA = frozenset({"json", "yaml", "toml"})
_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts", ".pyi", ".map", ".snap")
_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|__tests__|specs?|fixtures?|__mocks__|mocks|examples?|docs?|benchmarks?)/"
    r"|(?:^|[/._-])(?:test|spec)s?[._-][^/]*$|[._-](?:test|spec)\.[^/]*$|(?:^|/)conftest\.py$"
)
# Files that people read; text under any other name is there for a program.
_READ = re.compile(
    r"^(?:readme|licen[cs]e|copying|notice|changes|changelog|history|authors|contributors|security"
    r"|metadata|pkg-info|record|wheel|codeowners|third.?party)|\.(?:txt|md|rst|adoc|html?|tex|log|po|pot|[1-8])$"
)
# Text that is written to be read by a model.
FOR_MODELS = re.compile(
    r"(?:^|/)(?:prompts?|skills?|agents?|commands|instructions|rules|tools?|resources)/"
    r"|(?:^|/)(?:skill|claude|agents|gemini|copilot-instructions|[\w.-]*prompt[\w.-]*)\.(?:md|txt|mdc)$"
    r"|(?:^|/)\.(?:cursorrules|windsurfrules|clinerules)$|\.mdc$|llms\S{0,6}\.txt$"
)
_EXCERPT_BEFORE = 60  # characters
HEADS = range(2, 7)  # letters
MOST_BINARY = 8 << 20  # characters of a binary that are searched as text


class Words(NamedTuple):
    """The words of a text, and how they begin: their first two to six letters."""

    whole: frozenset[str]
    heads: frozenset[str]


class Sight:
    """What the checks share about one file."""

    def __init__(self, file: ScannedFile, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lower(self) -> str:
        """The text in lower case, escapes of blanks blanked; the same offsets as ``text``."""
        text = self.text.replace("\u0130", "i").lower()
        if "\\" in text:
            for escape, blank in _ESCAPES:
                text = text.replace(escape, blank)
        return text

    @cached_property
    def words(self) -> Words:
        """All runs of ASCII letters in ``lower``."""
        return words_of(self.lower)

    @cached_property
    def role(self) -> str:
        """code (something runs it), data, doc (people read it) or binary."""
        return _role(self.file)

    @cached_property
    def aside(self) -> bool:
        """Whether it lies among tests, examples or documentation, by its path."""
        return bool(_ASIDE.search(self.file.path.lower()))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, as ``place`` gave them."""
        return self._starts[line - 1] + column - 1

    def excerpt(self, offset: int) -> str:
        """What stands around an offset, of its own line."""
        start = max(self._starts[self.place(offset)[0] - 1], offset - _EXCERPT_BEFORE)
        return self.text[start : start + 200].split("\n", 1)[0].strip()

    def hit(
        self,
        offset: int,
        *,
        rule: str,
        message: str,
        family: str,
        severity: Severity,
        fix: str = "",
        signal: bool = False,
    ) -> Hit:
        """A hit at an offset of ``text``."""
        line, column = self.place(offset)
        return self.file.hit(
            rule,
            message,
            family=family,
            severity=severity,
            fix=fix,
            line=line,
            column=column,
            excerpt=self.excerpt(offset),
            signal=signal,
        )


@lru_cache(maxsize=1)
def sight(file: ScannedFile) -> Sight:
    """The sight of a file; of a binary its bytes are taken for Latin-1, the strings are in there.

    Only the last one is kept: checks go file by file.
    """
    text = file.text
    return Sight(file, file.raw[:MOST_BINARY].decode("latin-1") if text is None else text)


def words_of(lower: str) -> Words:
    """All runs of ASCII letters of a text in lower case."""
    found: set[bytes] = set()
    for piece in _pieces(lower.encode("ascii", "replace")):
        found.update(piece.translate(_LETTERS).split())
    whole = frozenset(word.decode("ascii") for word in found if len(word) <= _OVERLAP)
    heads: set[str] = set()
    for length in HEADS:
        heads.update([word[:length] for word in whole])
    return Words(whole, frozenset(heads))


def _pieces(raw: bytes) -> Iterator[bytes]:
    for start in range(0, len(raw), _PIECE):
        yield raw[max(0, start - _OVERLAP) : start + _PIECE]


def _role(file: ScannedFile) -> str:
    name = file.name.lower()
    if file.kind in ("markdown", "text") and FOR_MODELS.search(file.path.lower()):
        return "data"
    if file.kind == "binary":
        return "binary"
    if name.endswith(_DECLARATIONS):
        return "doc"
    if file.kind in _CODE:
        return "code"
    if file.kind in _DATA or (file.kind == "text" and not _READ.search(name)):
        return "data"
    return "doc"
