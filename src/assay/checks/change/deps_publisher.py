"""A package's new version was published by somebody else than the one before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-publisher"


def run(change: ChangeContext) -> Iterator[Finding]:
    facts = change.facts or {}
    for diff in change.diffs if change.changed else ():
        for one in diff.dependencies.changes:
            was = facts.get(one.old.purl) if one.old else None
            now = facts.get(one.new.purl) if one.new else None
            if one.new is None or was is None or now is None:
                continue
            if was.publisher and now.publisher and was.publisher != now.publisher:
                told = f"{said(one.new)} was published by {quoted(now.publisher)}, the version "
                told += f"before by {quoted(was.publisher)}"
                subject = f"{one.new.purl} publisher"
            elif (
                was.maintainers and now.maintainers and was.maintainers.isdisjoint(now.maintainers)
            ):
                told = f"{said(one.new)} has none of the maintainers that the version before had"
                subject = f"{one.new.purl} maintainers"
            else:
                continue
            fix = "find out whether the hand-over is known to the project"
            yield change.at_package(ID, one.new, told, fix, Severity.WARNING, subject)
