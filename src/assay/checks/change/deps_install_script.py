"""A package newly wants to run a script when it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.compare import Change
from assay.closure.model import Package

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-install-script"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs:
        told_of = list(diff.dependencies.scripts)
        told_of += [one.new for one in diff.dependencies.changes if one.new and _newly(change, one)]
        for package in dict.fromkeys(told_of):
            told = f"{said(package)} newly has an install script{_which(change, package)}"
            fix = "find out what it does; ship the server as an image or .mcpb"
            yield change.at_package(ID, package, told, fix)


def _newly(change: ChangeContext, one: Change) -> bool:
    """Whether the registry says so of the new version, and did not of the old one."""
    facts = change.facts or {}
    now = facts.get(one.new.purl) if one.new else None
    was = facts.get(one.old.purl) if one.old else None
    return bool(now and now.install_scripts and not (was and was.install_scripts))


def _which(change: ChangeContext, package: Package) -> str:
    fact = (change.facts or {}).get(package.purl)
    return f" ({', '.join(fact.install_scripts)})" if fact and fact.install_scripts else ""
