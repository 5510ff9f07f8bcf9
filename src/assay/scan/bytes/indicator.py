"""A pattern that tells something wherever it stands: in code, in data, in text peeled out of code.

A pattern is matched only near its anchors, literals that stand in every match: a text is searched
for literals some fifty times faster than for patterns. Every repetition in a pattern is bounded
and so is what is searched by patterns, for a stranger wrote the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import AnyStr, NamedTuple

from assay.finding import Severity
from assay.scan.bytes.sight import HEADS, Sight, Words
from assay.scan.model import Hit

MOST_HITS = 3  # of one indicator in one file: the first tell enough
MOST_SIGNALS = 100  # of one signal: which of them stands near another is not known yet
_WORD = re.compile("[a-z]+")

# Whether a match (of the lowered text) counts, looked at more closely.
Test = Callable[[str, "re.Match[str]"], bool]


def always(text: str, match: re.Match[str]) -> bool:
    """Every match counts."""
    return True


class Indicator(NamedTuple):
    """One pattern. ``code``, ``data``, ``doc`` and ``binary`` say how much it weighs where it
    stands in a program, in data, in something that people read, in a binary; None: nothing.

    A match begins at most ``before`` characters before one of ``anchors`` and ends at most
    ``after`` behind where that begins; of each group in ``also`` one literal is in between.
    """

    rule: str
    family: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]
    message: str
    code: Severity | None
    data: Severity | None = None
    doc: Severity | None = None
    binary: Severity | None = None
    signal: bool = False
    test: Test = always
    fix: str = ""
    before: int = 80
    after: int = 320
    also: tuple[tuple[str, ...], ...] = ()

    def weight(self, role: str) -> Severity | None:
        """The severity for what a file is for (``Sight.role``)."""
        return {"code": self.code, "data": self.data, "doc": self.doc, "binary": self.binary}[role]


def anchors(text: str) -> tuple[str, ...]:
    """Anchors written with ``|`` between."""
    return tuple(dict.fromkeys(one for one in text.split("|") if one))


@lru_cache(maxsize=4096)
def _gate(anchor: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that are in a text whenever the anchor is, and how further ones begin.

    A word at the anchor's end may go on in the text; one at its start is taken as it stands.
    """
    found = list(_WORD.finditer(anchor))
    whole = frozenset(match[0] for match in found if match.end() < len(anchor))
    last = [match[0] for match in found if match.end() == len(anchor) and len(match[0]) > 1]
    return whole, frozenset(word[: HEADS.stop - 1] for word in last)


def occurrences(lower: str, present: Words, wanted: Iterable[str]) -> list[int]:
    """Where literals stand in a text whose words are ``present``, in order."""
    found: list[int] = []
    shadow = _shadow(lower)
    for anchor in wanted:
        whole, heads = _gate(anchor)
        if whole <= present.whole and heads <= present.heads:
            if anchor.isascii():
                _find(shadow, anchor.encode(), found)
            elif not lower.isascii():
                _find(lower, anchor, found)
    return sorted(found)


def _find(text: AnyStr, literal: AnyStr, found: list[int]) -> None:
    at = text.find(literal)
    while at >= 0:
        found.append(at)
        at = text.find(literal, at + len(literal))


@lru_cache(maxsize=2)
def _shadow(lower: str) -> bytes:
    """One byte a character: literals are found some times faster than in wide text."""
    return lower.encode("ascii", "replace")


def windows(lower: str, places: Iterable[int], one: Indicator) -> Iterator[tuple[int, int]]:
    """The stretches around ``places`` in which ``one`` may match, merged where they overlap."""
    start = end = -1
    for place in places:
        low, high = max(0, place - one.before), place + one.after
        if one.also:
            near = lower[low:high]
            if not all(any(literal in near for literal in group) for group in one.also):
                continue
        if low > end:
            if end >= 0:
                yield start, end
            start = low
        end = max(end, high)
    if end >= 0:
        yield start, end


def matches(
    lower: str, present: Words, table: Iterable[Indicator]
) -> Iterator[tuple[Indicator, re.Match[str]]]:
    """What of ``table`` stands in a lowered text, whose words are ``present``."""
    for one in table:
        places = occurrences(lower, present, one.anchors)
        if places:
            yield from ((one, match) for match in _counted(lower, places, one))


def _counted(lower: str, places: list[int], one: Indicator) -> Iterator[re.Match[str]]:
    told = 0
    for start, end in windows(lower, places, one):
        for match in one.pattern.finditer(lower, start, end):
            if one.test(lower, match):
                yield match
                told += 1
            if told >= (MOST_SIGNALS if one.signal else MOST_HITS):
                return


def weighing(sight: Sight, table: Iterable[Indicator]) -> list[Indicator]:
    """What of ``table`` weighs anything in a file of that role."""
    return [one for one in table if one.weight(sight.role) is not None]


def hits(sight: Sight, table: Iterable[Indicator]) -> Iterator[Hit]:
    """The hits of ``table`` in one file."""
    for indicator, match in matches(sight.lower, sight.words, weighing(sight, table)):
        severity = indicator.weight(sight.role) or Severity.NOTE
        yield sight.hit(
            match.start(),
            rule=indicator.rule,
            message=indicator.message,
            family=indicator.family,
            severity=severity,
            fix=indicator.fix,
            signal=indicator.signal,
        )


# A call that runs what stands in its argument, shortly before a command.
_RUNS = re.compile(
    r"(?:exec|spawn|system|popen|subprocess|shell|check_output|check_call|getoutput|\bcall|\brun|\bsh"
    r"|command|powershell|cmd)\w{0,12}\s{0,4}\(|\b(?:(?:ba|z|da)?sh|powershell|pwsh|cmd)(?:\.exe)?[\"'`]\s{0,4},"
    r"|\b(?:shell|exec|system)\s{1,3}[\"'`]|[\"'`]-c[\"'`]\s{0,4},"
)
_BEFORE = 160  # characters


def run_nearby(lower: str, match: re.Match[str]) -> bool:
    """Whether a call that runs commands stands shortly before the match."""
    return bool(_RUNS.search(lower, max(0, match.start() - _BEFORE), match.start()))
