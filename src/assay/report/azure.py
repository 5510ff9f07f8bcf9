"""Findings as logging commands of Azure Pipelines, at the lines of a pull request.

The agent takes ``##vso[`` for a command wherever in a line it stands, so nothing of a stranger's
leaves here with it. Escapes are the agent's own: ``;``, ``]``, CR and LF, and ``%`` itself as
``%AZP25``. It knows errors and warnings; a note is a line of the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding, Severity
from assay.report.model import joined
from assay.report.plain import plain
from assay.report.text import suppressed

if TYPE_CHECKING:
    from assay.report.model import Report

MAX_ISSUES = 1000  # more than anybody reads, and less than makes a page of the forge fail
_MAX_MESSAGE = 4000  # characters before they are escaped


def whole(report: Report) -> Iterator[str]:
    """Lines without line ends; not looked at is an error, whatever was found."""
    outcome = report.outcome
    for one in outcome.unseen[:MAX_ISSUES]:
        hint = f" - hint: {one.hint}" if one.hint else ""
        place = f"sourcepath={_property(report.file(one.path))};code={one.reason};"
        yield _issue("error", place, f"{one.path}: not looked at: {one.message}{hint}")
    for finding in outcome.findings[:MAX_ISSUES]:
        yield _line(finding, report.prefix)
    over = max(0, len(outcome.findings) - MAX_ISSUES) + max(0, len(outcome.unseen) - MAX_ISSUES)
    if over:
        yield f"assay: {over} more not shown here; `assay check` lists them all"
    for line in suppressed(outcome.suppressed):
        yield f"assay: {line}"
    for told in outcome.unwritten:
        yield _issue("error", "", f"report not written: {told}")
    for remark in report.remarks:
        yield f"assay: {plain(remark)}"
    yield f"assay: {report.totals}"


def _line(finding: Finding, prefix: str) -> str:
    message = f"{finding.message} [{finding.rule}]"
    if finding.fix:
        message += f" - fix: {finding.fix}"
    if finding.severity is Severity.NOTE:
        return (
            f"assay: {plain(joined(prefix, finding.path))}:{finding.line}: note: {plain(message)}"
        )
    place = (
        f"sourcepath={_property(joined(prefix, finding.path))};linenumber={finding.line};"
        f"columnnumber={finding.column};code={_property(finding.rule)};"
    )
    return _issue(str(finding.severity), place, message)


def _issue(kind: str, place: str, message: str) -> str:
    return f"##vso[task.logissue type={kind};{place}]{_data(message[:_MAX_MESSAGE])}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%AZP25")  # plain() leaves no CR, no LF and no "##vso["


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")
