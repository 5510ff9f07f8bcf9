"""Findings as workflow commands, which the forge shows at the lines of a pull request.

The runner takes any line that it is given for a command (``::name::``, or ``##[name]`` anywhere
in a line), so nothing of a stranger's leaves here unescaped, on a line of its own, or as part of
a file's contents. Escapes are those of the actions toolkit: in data ``%``, CR and LF, in
properties ``:`` and ``,`` too. A step shows 10 errors, 10 warnings and 10 notices, and a message
is cut after 4,096 characters: what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding, Severity
from assay.report.model import joined
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.outcome import Unseen
    from assay.report.model import Report

MAX_ANNOTATIONS = 10  # of each weight in a step
MAX_MESSAGE = 4096  # characters, escaped
_MAX_PATH = 1024

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def whole(report: Report) -> Iterator[str]:
    """All of a run: what was not looked at first, for it weighs most."""
    from assay.report.text import suppressed

    outcome = report.outcome
    unseen = [(one, report.file(one.path)) for one in outcome.unseen]
    yield from render(outcome.findings, prefix=report.prefix, unseen=unseen)
    # No line begins with what a stranger wrote: the runner takes a leading :: for a command.
    for line in suppressed(outcome.suppressed):
        yield f"assay: {line}"
    for told in outcome.unwritten:
        yield f"::error title=report not written::{_cut(_data(told), MAX_MESSAGE)}"
    for remark in report.remarks:
        yield f"assay: {plain(remark)}"
    yield f"assay: {report.totals}"


def render(
    findings: Iterable[Finding], *, prefix: str = "", unseen: Iterable[tuple[Unseen, str]] = ()
) -> Iterator[str]:
    """Lines without line ends. ``prefix`` leads from the repository's top to the registry."""
    told = dict.fromkeys(Severity, 0)
    for one, path in unseen:
        told[Severity.ERROR] += 1
        if told[Severity.ERROR] <= MAX_ANNOTATIONS:
            yield _unseen(one, path)
    for finding in findings:
        told[finding.severity] += 1
        if told[finding.severity] <= MAX_ANNOTATIONS:
            yield _command(finding, prefix)
    over = {_COMMANDS[severity]: number - MAX_ANNOTATIONS for severity, number in told.items()}
    rest = [f"{number} more {name}(s)" for name, number in over.items() if number > 0]
    if rest:
        yield f"assay: {', '.join(rest)} not shown here; `assay check` lists them all"


def _command(finding: Finding, prefix: str) -> str:
    path = _cut(_property(joined(prefix, finding.path)), _MAX_PATH)
    place = f"file={path},line={finding.line},endLine={finding.line},col={finding.column}"
    message = _data(finding.message)
    if finding.fix:
        message += f"%0A{_data('fix: ' + finding.fix)}"
    if why := _why(finding.rule):
        message += f"%0A{_data('why: ' + why)}"
    title = _cut(_property(finding.rule), 100)
    return f"::{_COMMANDS[finding.severity]} {place},title={title}::{_cut(message, MAX_MESSAGE)}"


def _unseen(one: Unseen, file: str) -> str:
    path = _cut(_property(file), _MAX_PATH)
    message = _data(f"{one.path}: {one.message}") + (
        f"%0A{_data('hint: ' + one.hint)}" if one.hint else ""
    )
    title = f"not looked at ({one.reason})"
    return f"::error file={path},line=1,title={title}::{_cut(message, MAX_MESSAGE)}"


def _why(rule: str) -> str:
    """The rule's reason, as on its page: a reviewer has no command line beside the diff."""
    from assay.pages import page

    told = page(rule)
    return " ".join(told.why.split("\n\n", 1)[0].split()) if told else ""


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
