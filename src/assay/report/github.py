"""Findings as workflow commands, which the forge shows at the lines of a pull request.

The runner takes any line that it is given for a command (``::name::``, or ``##[name]`` anywhere
in a line), so nothing of a stranger's leaves here unescaped, on a line of its own, or as part of
a file's contents. Escapes are those of the actions toolkit: in data ``%``, CR and LF, in
properties ``:`` and ``,`` too. A step shows 10 errors, 10 warnings and 10 notices, and a message
is cut after 4,096 characters: what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay.finding import Finding, Severity
from assay.report.plain import plain

MAX_ANNOTATIONS = 10  # of each weight in a step
MAX_MESSAGE = 4096  # characters, escaped
_MAX_PATH = 1024

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(findings: Iterable[Finding], *, prefix: str = "") -> Iterator[str]:
    """Lines without line ends. ``prefix`` leads from the repository's top to the registry."""
    told = dict.fromkeys(Severity, 0)
    for finding in findings:
        told[finding.severity] += 1
        if told[finding.severity] <= MAX_ANNOTATIONS:
            yield _command(finding, prefix)
    over = {_COMMANDS[severity]: number - MAX_ANNOTATIONS for severity, number in told.items()}
    rest = [f"{number} more {name}(s)" for name, number in over.items() if number > 0]
    if rest:
        yield f"assay: {', '.join(rest)} not shown here; `assay check` lists them all"


def _command(finding: Finding, prefix: str) -> str:
    path = _cut(_property(prefix + finding.path), _MAX_PATH)
    place = f"file={path},line={finding.line},endLine={finding.line},col={finding.column}"
    message = _data(finding.message)
    if finding.fix:
        message += f"%0A{_data('fix: ' + finding.fix)}"
    title = _cut(_property(finding.rule), 100)
    return f"::{_COMMANDS[finding.severity]} {place},title={title}::{_cut(message, MAX_MESSAGE)}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25")  # plain() leaves no CR, no LF and no "##["


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cut(escaped: str, limit: int) -> str:
    """At most ``limit`` characters, never ending in half an escape."""
    if len(escaped) <= limit:
        return escaped
    kept = escaped[: limit - 1]
    half = kept.rfind("%", len(kept) - 2)
    return (kept if half < 0 else kept[:half]) + "…"
