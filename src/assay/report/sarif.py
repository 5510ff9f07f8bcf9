"""Findings as SARIF 2.1.0, for code scanning and whatever else reads it.

A forge takes at most 25,000 results of a run and keeps the 5,000 that weigh most, so the worst
come first, and a notification says how many are left out. What is put up with is a result with a
suppression; what was not looked at is a notification of the run, which did not succeed then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from assay import __version__
from assay.finding import Finding
from assay.pages import page
from assay.report.mending import MENDABLE, mending
from assay.report.model import by_weight, joined, numbered
from assay.report.plain import plain
from assay.report.strict import dumps

if TYPE_CHECKING:
    from assay.outcome import Suppressed
    from assay.report.model import Report

MAX_RESULTS = 25_000
SHOWN = 5_000
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_PLACEHOLDER = re.compile(r"\{\d+\}")


def whole(report: Report) -> Iterator[str]:
    """The log as lines of JSON."""
    outcome = report.outcome
    told = by_weight(outcome.findings)
    every = [*told, *(one.finding for one in outcome.suppressed)]
    # With one suppression in a run, a result without the key would count as unknown (3.27.23).
    suppressions = [*([[]] * len(told)), *map(_suppressions, outcome.suppressed)]
    rules = {rule: n for n, rule in enumerate(sorted({one.rule for one in every[:MAX_RESULTS]}))}
    made = [
        _result(finding, fingerprint, rules, report) | {"suppressions": how}
        for (finding, fingerprint), how in zip(
            numbered(every[:MAX_RESULTS]), suppressions, strict=False
        )
    ]
    yield dumps(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(list(rules))},
                    "columnKind": "unicodeCodePoints",
                    "originalUriBaseIds": {
                        "%SRCROOT%": {"description": {"text": "the repository's top"}}
                    },
                    "invocations": [_invocation(report, len(every))],
                    "results": made,
                    "properties": {"totals": report.totals._asdict()},
                }
            ],
        }
    )


def _driver(rules: Sequence[str]) -> dict[str, Any]:
    return {
        "name": "assay",
        "semanticVersion": __version__,
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }


def _rule(rule: str) -> dict[str, Any]:
    told = page(rule)
    if told is None:
        return {"id": plain(rule), "shortDescription": {"text": plain(rule)}}
    command = f"assay explain {rule}"
    return {
        "id": rule,
        "shortDescription": {"text": told.title},
        "fullDescription": {"text": told.why},
        "help": {
            "text": f"{told.why}\n\nFix: {told.fix}\n\n{command} says more.",
            "markdown": f"{told.why}\n\n**Fix**: {told.fix}\n\n`{command}` says more.",
        },
        "defaultConfiguration": {"level": str(told.severities[0])},
        "properties": {"tags": ["security", told.family]},
    }


def _result(
    finding: Finding, fingerprint: str, rules: Mapping[str, int], report: Report
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": plain(finding.rule),
        "ruleIndex": rules[finding.rule],
        "level": str(finding.severity),
        "message": {"text": _message(finding.message, finding.fix and f"Fix: {finding.fix}")},
        "locations": [{"physicalLocation": _place(finding, report.prefix)}],
        # The first is the one that GitHub tells alerts apart by.
        "partialFingerprints": {"primaryLocationLineHash": fingerprint, "assay/v1": fingerprint},
    }
    if finding.subject:
        made["properties"] = {"subject": plain(finding.subject)}
    if fixes := _fixes(finding, report):
        made["fixes"] = fixes
    return made


def _message(*lines: str) -> str:
    """A plain text message in which a reader finds no link (3.11.6) and no placeholder (3.11.5)."""
    shown = "\n".join(plain(line) for line in lines if line).replace("](", "] (")
    return shown.replace("{", "{{").replace("}", "}}") if _PLACEHOLDER.search(shown) else shown


def _suppressions(one: Suppressed) -> list[dict[str, str]]:
    who = f"waived by {one.owner} until {one.until}: {one.reason}"
    told = who if one.by == "waiver" else "in the baseline"
    return [{"kind": "external", "status": "accepted", "justification": plain(told)}]


def _place(finding: Finding, prefix: str) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(joined(prefix, finding.path)), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": max(1, finding.line), "startColumn": max(1, finding.column)},
    }


def _uri(path: str) -> str:
    try:
        return quote(path.encode("utf-8", "surrogateescape"))  # a file name that is no text
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))


def _fixes(finding: Finding, report: Report) -> list[dict[str, Any]]:
    """Where a machine can mend it (``assay.report.mending``)."""
    known = finding.rule in MENDABLE
    found = mending(finding, report.lines(finding.path)) if known else None
    if found is None:
        return []
    region = {"startLine": found.line, "startColumn": found.column, "endColumn": found.end}
    replacement = {"deletedRegion": region, "insertedContent": {"text": plain(found.text)}}
    change = {
        "artifactLocation": _place(finding, report.prefix)["artifactLocation"],
        "replacements": [replacement],
    }
    return [{"description": {"text": _message(finding.fix)}, "artifactChanges": [change]}]


def _invocation(report: Report, number: int) -> dict[str, Any]:
    outcome = report.outcome
    told = [(f"{one.path}: not looked at [{one.reason}]: {one.message}") for one in outcome.unseen]
    told += [f"report not written: {one}" for one in outcome.unwritten]
    errors = [_notification(text, "error") for text in told]
    notes = [_notification(text, "note") for text in (*report.remarks, str(report.totals))]
    if number > SHOWN:
        cut = max(0, number - MAX_RESULTS)
        text = f"{number} results: a forge keeps the {SHOWN} that weigh most; {cut} are left out"
        notes.append(_notification(text, "warning"))
    return {
        "executionSuccessful": not errors,
        "exitCode": outcome.exit_code,
        "toolExecutionNotifications": errors + notes,
    }


def _notification(text: str, level: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _message(text)}}
