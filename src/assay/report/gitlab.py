"""Findings as a Code Quality report, which GitLab shows in a merge request.

An array of issues and nothing else, so what is no finding becomes an issue too: what was not
looked at as a blocker, what is put up with as information. GitLab drops the second of two equal
fingerprints, so each gets one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from assay.finding import Severity
from assay.registry.names import POLICY
from assay.report.model import numbered
from assay.report.plain import plain
from assay.report.strict import dumps

if TYPE_CHECKING:
    from assay.report.model import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def whole(report: Report) -> Iterator[str]:
    """The report as lines of JSON."""
    yield dumps([*_unseen(report), *_found(report), *_told(report)])


def _found(report: Report) -> Iterator[dict[str, Any]]:
    for finding, fingerprint in numbered(report.outcome.findings):
        fix = f" Fix: {finding.fix}" if finding.fix else ""
        yield _issue(
            report.file(finding.path),
            finding.line,
            finding.rule,
            f"{finding.message}{'.' if fix else ''}{fix}",
            _SEVERITIES[finding.severity],
            fingerprint,
        )


def _unseen(report: Report) -> Iterator[dict[str, Any]]:
    for one in report.outcome.unseen:
        said = f"{one.path}: not looked at: {one.message}"
        key = f"{one.path}\n{one.reason}\n{one.message}"
        yield _issue(report.file(one.path), 1, str(one.reason), said, "blocker", key)


def _told(report: Report) -> Iterator[dict[str, Any]]:
    """What would otherwise stand in no place: that something is suppressed or not written."""
    policy = report.prefix + POLICY
    for one in report.outcome.unwritten:
        yield _issue(policy, 1, "report-unwritten", f"report not written: {one}", "blocker", one)
    if report.outcome.suppressed or report.remarks:
        said = "; ".join([str(report.totals), *report.remarks])
        yield _issue(policy, 1, "assay-totals", said, "info", "totals")


def _issue(
    path: str, line: int, check: str, description: str, severity: str, key: str
) -> dict[str, Any]:
    return {
        "description": plain(description),
        "check_name": plain(check),
        "fingerprint": sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
        "severity": severity,
        "location": {"path": plain(path), "lines": {"begin": line}},
    }
