"""Findings for a person at a terminal: where, what, the line with a caret, what to do.

The line is what a stranger wrote, so it is shown escaped, and the caret is set by what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from assay.finding import Finding, Severity
from assay.report.plain import plain

WIDTH = 100  # columns of a source line; longer ones are shown around the caret

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_COLOURS = {Severity.ERROR: "\x1b[31m", Severity.WARNING: "\x1b[33m", Severity.NOTE: "\x1b[36m"}


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
