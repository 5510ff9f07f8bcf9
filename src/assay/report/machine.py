"""Findings as JSON for programs, by ``schema/report.schema.json``.

The format's number changes with whatever breaks a reader; keys are only ever added to it. The
exit code stands in it, so that a program that waits for a file need not be the one that ran us.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assay import __version__
from assay.finding import Finding, fingerprint
from assay.pages import page
from assay.report.plain import plain
from assay.report.strict import dumps

if TYPE_CHECKING:
    from assay.report.model import Report

VERSION = 1


def whole(report: Report) -> Iterator[str]:
    """The document as lines of JSON."""
    outcome = report.outcome
    yield dumps(
        {
            "format": "assay-report",
            "version": VERSION,
            "assay": __version__,
            "exit_code": outcome.exit_code,
            "totals": {
                key: value for key, value in report.totals._asdict().items() if key != "exit_code"
            },
            "entries": [plain(path) for path in report.checked],
            "findings": [_finding(finding) for finding in outcome.findings],
            "suppressed": [
                {
                    "finding": _finding(one.finding),
                    "by": one.by,
                    "reason": plain(one.reason),
                    "owner": plain(one.owner),
                    "until": one.until,
                }
                for one in outcome.suppressed
            ],
            "not_looked_at": [
                {
                    "path": plain(one.path),
                    "reason": str(one.reason),
                    "message": plain(one.message),
                    "hint": plain(one.hint),
                }
                for one in outcome.unseen
            ],
            "not_written": [plain(one) for one in outcome.unwritten],
            "remarks": [plain(one) for one in report.remarks],
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    told = page(finding.rule)
    return {
        "rule": plain(finding.rule),
        "title": told.title if told else "",
        "family": told.family if told else "",
        "severity": str(finding.severity),
        "path": plain(finding.path),
        "line": finding.line,
        "column": finding.column,
        "message": plain(finding.message),
        "why": told.why if told else "",
        "fix": plain(finding.fix),
        "subject": plain(finding.subject),
        "fingerprint": fingerprint(finding),
    }
