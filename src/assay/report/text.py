"""Findings for a person at a terminal: where, what, the line with a caret, what to do.

The line is what a stranger wrote, so it is shown escaped, and the caret is set by what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding, Severity
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.outcome import Outcome, Suppressed

WIDTH = 100  # columns of a source line; longer ones are shown around the caret
MOST_SUPPRESSED = 20  # told one by one; the rest is counted

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_COLOURS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.NOTE: "\x1b[36m"}


def whole(
    outcome: Outcome, source: Callable[[str], bytes | None], *, colour: bool = False
) -> Iterator[str]:
    """All that ``outcome`` holds, but its totals: findings, what is put up with, what was not
    looked at. Lines without line ends, as from ``render``."""
    yield from render(outcome.findings, source, colour=colour)
    if outcome.findings:
        first = min(outcome.findings, key=lambda finding: list(Severity).index(finding.severity))
        yield f"`assay explain {plain(first.rule)}` says why, and shows how it should be"
    yield from suppressed(outcome.suppressed)
    for one in outcome.unseen:
        word = f"{_COLOURS[Severity.ERROR]}not looked at{_RESET}" if colour else "not looked at"
        yield f"{plain(one.path)}: {word} [{one.reason}]: {plain(one.message)}"
        if one.hint:
            yield f"  hint: {plain(one.hint)}"
    for told in outcome.unwritten:
        yield f"not written: {plain(told)}"


def render(
    findings: Iterable[Finding], source: Callable[[str], bytes | None], *, colour: bool = False
) -> Iterator[str]:
    """Lines of text without line ends. ``source`` gives a file's bytes, None where there is none.

    ``colour`` is for a terminal whose user has not set NO_COLOR (no-color.org).
    """
    path, lines = "", list[str]()
    for finding in findings:
        if finding.path != path:
            path, lines = finding.path, _lines(source(finding.path))
        yield _head(finding, colour)
        if 0 < finding.line <= len(lines) and lines[finding.line - 1]:
            yield from _excerpt(lines[finding.line - 1], finding, colour)
        if finding.fix:
            yield f"  fix: {plain(finding.fix)}"


def suppressed(found: Iterable[Suppressed]) -> Iterator[str]:
    """Each on a line of its own: what is put up with is not out of sight."""
    told = list(found)
    for one in told[:MOST_SUPPRESSED]:
        finding = one.finding
        about = plain(finding.subject or finding.message)
        who = f"waived by {plain(one.owner)} until {one.until}" if one.owner else "in the baseline"
        place = f"{plain(finding.path)}:{finding.line}"
        yield f"{place}: {who}: {plain(finding.rule)}, {finding.severity}: {about}"
    if len(told) > MOST_SUPPRESSED:
        yield f"{len(told) - MOST_SUPPRESSED} more are waived or in the baseline"


def _head(finding: Finding, colour: bool) -> str:
    place = f"{plain(finding.path)}:{finding.line}:{finding.column}"
    word = str(finding.severity)
    if colour:
        place = f"{_BOLD}{place}{_RESET}"
        word = f"{_COLOURS[finding.severity]}{word}{_RESET}"
    return f"{place}: {word}: {plain(finding.message)} [{plain(finding.rule)}]"


def _lines(raw: bytes | None) -> list[str]:
    return [] if raw is None else raw[: 64 * 1024].decode("utf-8", "backslashreplace").split("\n")


def _excerpt(line: str, finding: Finding, colour: bool) -> Iterator[str]:
    column = min(finding.column, len(line) + 1)
    start = max(0, column - 1 - WIDTH // 2) if len(line) > WIDTH else 0
    shown = plain(line[start : start + WIDTH])
    before = plain(line[start : column - 1])
    number = str(finding.line)
    caret = f"{_COLOURS[finding.severity]}^{_RESET}" if colour else "^"
    yield f"  {number} | {shown}"
    yield f"  {' ' * len(number)} | {' ' * _columns(before)}{caret}"


def _columns(text: str) -> int:
    """Columns of a terminal: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)
