"""Which findings a machine can mend, and how: one replacement on the line of the finding.

Only where there is one right answer that the finding's own place and fix already give; a tool
that applies it must arrive at an entry without that finding.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from assay.finding import Finding

# A key (or the dash of a list item) with a plain scalar behind it, and perhaps a comment.
_PAIR = re.compile(
    r"^(?P<before>[ ]*(?:- +)*)(?:(?P<key>[A-Za-z0-9_.-]+):[ ]+)?(?P<value>[^\s#\"'\[{&*!|>%@`]"
    r"[^#\"]*?)?(?P<after>[ ]*(?:[ ]#.*)?)$"
)
MENDABLE = frozenset({"quote-scalar", "unknown-key"})
_MEANT = re.compile(r"did you mean `([a-z0-9_]{1,64})`\?")


class Replacement(NamedTuple):
    """What stands at ``line`` from ``column`` to before ``end`` (both from 1, in characters)."""

    line: int
    column: int
    end: int
    text: str


def mending(finding: Finding, lines: list[str]) -> Replacement | None:
    """How to mend ``finding`` in the file with these ``lines``; None where a person must."""
    if not 0 < finding.line <= len(lines):
        return None
    line = lines[finding.line - 1]
    found = _PAIR.match(line)
    if found is None:
        return None
    if finding.rule == "quote-scalar" and found["value"]:
        start, end = found.span("value")
        return Replacement(finding.line, start + 1, end + 1, f'"{found["value"]}"')
    if finding.rule == "unknown-key" and found["key"]:
        meant = _MEANT.search(finding.fix)
        start, end = found.span("key")
        if meant and start + 1 == finding.column:
            return Replacement(finding.line, start + 1, end + 1, meant[1])
    return None
