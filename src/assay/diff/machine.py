"""Diffs as JSON: the form is written down in docs/diff.md, and only ever grows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from assay.closure.compare import Change
from assay.closure.model import Package
from assay.diff.model import Diff
from assay.diff.report import Report
from assay.diff.side import Side
from assay.finding import Finding, fingerprint

FORM = 1


def render(reports: Iterable[Report]) -> str:
    """One JSON object that ends in a line end, in ASCII."""
    told = json.dumps({"form": FORM, "entries": [_entry(one) for one in reports]}, indent=2)
    return told.replace("##[", "#\\u0023[") + "\n"  # a forge's runner would take it for a command


def _entry(report: Report) -> dict[str, Any]:
    change = report.change
    tagged = change.previous.tagged
    return {
        "name": change.new.name,
        "path": change.new.path,
        "version": change.new.version,
        "changed": change.changed,
        "asked_registries": report.asked,
        "previous": {"tag": tagged.tag, "commit": tagged.commit} if tagged else None,
        "unverified": change.previous.unverified or None,
        "tags_not_counted": [
            {"tag": one.tag, "why": one.why, "forged": one.forged}
            for one in change.previous.discounted
        ],
        "comparisons": [_diff(diff) for diff in change.diffs],
        "findings": [_finding(one) for one in report.findings],
    }


def _diff(diff: Diff) -> dict[str, Any]:
    dependencies = diff.dependencies
    return {
        "against": str(diff.against),
        "from": _side(diff.old) if diff.old else None,
        "to": _side(diff.new),
        "notices": list(diff.notices()),
        "capabilities": [
            {"kind": one.kind, "effect": str(one.effect), "old": one.old, "new": one.new}
            for one in diff.capabilities
        ],
        "dependencies": {
            "unchanged": dependencies.unchanged,
            "changes": [_change(change) for change in dependencies.changes],
            "sources": [
                {"package": one.purl, "source": one.source} for one in dependencies.sources
            ],
            "install_scripts": [one.purl for one in dependencies.scripts],
            "aliases": [
                {"package": one.package.purl, "as": one.installed, "before": list(one.before)}
                for one in dependencies.aliases
            ],
        },
    }


def _side(side: Side) -> dict[str, Any]:
    return {"label": side.label, "version": side.version, "lock": str(side.lock)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": str(change.kind),
        "old": _package(change.old),
        "new": _package(change.new),
        "artefact": change.artefact,
        "direct": change.direct,
        "via": list(change.via),
    }


def _package(package: Package | None) -> dict[str, Any] | None:
    if package is None:
        return None
    return {
        "purl": package.purl,
        "name": package.name,
        "version": package.version,
        "licence": package.licence or None,
        "integrity": list(package.integrity),
        "path": package.path or None,
        "line": package.line,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "fix": finding.fix,
        "subject": finding.subject,
        "fingerprint": fingerprint(finding),
    }
