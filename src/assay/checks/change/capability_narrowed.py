"""The entry lets the server do less than before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.capability_widened import sides
from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "capability-narrowed"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs if change.changed else ():
        for one in diff.capabilities:
            if not one.counts and diff.old:
                told = f"{one.kind} {one.effect} since {diff.old.label}: {sides(one)}"
                subject = f"{one.kind}: {one.new or one.old}"
                yield change.finding(ID, one.where, told, "", Severity.NOTE, subject)
