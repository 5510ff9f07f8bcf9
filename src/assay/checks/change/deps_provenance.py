"""A package that was published with provenance is published without: somebody left the build."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-provenance"


def run(change: ChangeContext) -> Iterator[Finding]:
    facts = change.facts or {}
    for diff in change.diffs if change.changed else ():
        for one in diff.dependencies.changes:
            was = facts.get(one.old.purl) if one.old else None
            now = facts.get(one.new.purl) if one.new else None
            if one.new and was and now and was.attested and not now.attested:
                told = f"{said(one.new)} has no provenance; the version before had"
                fix = "find out why it was not published by the project's own build"
                yield change.at_package(ID, one.new, told, fix, Severity.WARNING)
