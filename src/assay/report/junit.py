"""Findings as JUnit XML: a suite for each file, a case for each finding.

An error is a failure, what was not looked at is an error, what is put up with is skipped, and a
warning or a note is a case that passes and says so. An entry without any has one case, which
passes: it was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from assay.finding import Finding, Severity
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.outcome import Suppressed, Unseen
    from assay.report.model import Report


def whole(report: Report) -> Iterator[str]:
    """Lines of XML without line ends."""
    outcome, totals = report.outcome, report.totals
    suites = {path: _Suite(path) for path in report.checked}
    for finding in outcome.findings:
        suites.setdefault(finding.path, _Suite(finding.path)).found.append(finding)
    for one in outcome.suppressed:
        path = one.finding.path
        suites.setdefault(path, _Suite(path)).suppressed.append(one)
    for unseen in outcome.unseen:
        suites.setdefault(unseen.path, _Suite(unseen.path)).unseen.append(unseen)
    made = [suites[path] for path in sorted(suites)]
    errors = totals.unseen + totals.unwritten
    tests = sum(suite.tests for suite in made) + totals.unwritten
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<testsuites name="assay" tests="{tests}" failures="{totals.errors}" '
        f'errors="{errors}" skipped="{len(outcome.suppressed)}">'
    )
    for suite in made:
        yield from suite.lines()
    if outcome.unwritten:
        number = len(outcome.unwritten)
        counts = f'tests="{number}" failures="0" errors="{number}" skipped="0"'
        yield f'<testsuite name="reports" {counts}>'
        for told in outcome.unwritten:
            yield from _case("report", "assay", [f"<error message={_attribute(told)}/>"])
        yield "</testsuite>"
    for line in (*report.remarks, str(totals)):
        yield f"<!-- {_comment(line)} -->"
    yield "</testsuites>"


class _Suite:
    """All about one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[Finding] = []
        self.suppressed: list[Suppressed] = []
        self.unseen: list[Unseen] = []

    @property
    def tests(self) -> int:
        return max(1, len(self.found) + len(self.suppressed) + len(self.unseen))

    def lines(self) -> Iterator[str]:
        failures = sum(finding.severity is Severity.ERROR for finding in self.found)
        yield (
            f'<testsuite name={_attribute(self.path)} tests="{self.tests}" failures="{failures}" '
            f'errors="{len(self.unseen)}" skipped="{len(self.suppressed)}">'
        )
        for finding in self.found:
            yield from _case(_name(finding), self.path, [_verdict(finding)])
        for one in self.suppressed:
            who = f"waived by {one.owner} until {one.until}" if one.owner else "in the baseline"
            reason = f": {one.reason}" if one.reason else ""
            inside = f"<skipped message={_attribute(who + reason)}/>"
            yield from _case(_name(one.finding), self.path, [inside])
        for unseen in self.unseen:
            yield from _case("not looked at", self.path, [_error(unseen)])
        if not (self.found or self.suppressed or self.unseen):
            yield from _case("no findings", self.path, [])
        yield "</testsuite>"


def _case(name: str, path: str, inside: list[str]) -> Iterator[str]:
    head = f"<testcase name={_attribute(name)} classname={_attribute(path)}"
    if not inside:
        yield f"{head}/>"
        return
    yield f"{head}>"
    yield from inside
    yield "</testcase>"


def _name(finding: Finding) -> str:
    return f"{finding.rule} at {finding.line}:{finding.column}"


def _verdict(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    said = f"{place}: {finding.severity}: {finding.message}"
    said += f"; fix: {finding.fix}" if finding.fix else ""
    if finding.severity is not Severity.ERROR:
        return f"<system-out>{_content(said)}</system-out>"
    return (
        f"<failure type={_attribute(finding.rule)} message={_attribute(finding.message)}>"
        f"{_content(said)}</failure>"
    )


def _error(one: Unseen) -> str:
    kind, message = _attribute(str(one.reason)), _attribute(one.message)
    return f"<error type={kind} message={message}>{_content(one.hint)}</error>"


def _attribute(text: str) -> str:
    return quoteattr(plain(text))  # plain() leaves nothing that XML 1.0 has no way to say


def _content(text: str) -> str:
    return escape(plain(text))


def _comment(text: str) -> str:
    return plain(text).replace("--", "- -").rstrip("-")
