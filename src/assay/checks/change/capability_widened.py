"""The entry lets the server do more than before, or something of which nobody can say that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.entry.capabilities import Capability
    from assay.finding import Finding

ID = "capability-widened"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs if change.changed else ():
        for one in diff.capabilities:
            if one.counts and diff.old:
                told = f"{one.kind} {one.effect} since {diff.old.label}: {sides(one)}"
                fix = "say in the pull request what it is for"
                subject = f"{one.kind}: {one.new or one.old}"
                yield change.finding(ID, one.where, told, fix, Severity.WARNING, subject)


def sides(one: Capability) -> str:
    """What stood and what stands there."""
    if not one.old:
        return f"{quoted(one.new, 100)} is new"
    if not one.new:
        return f"{quoted(one.old, 100)} is gone"
    return f"{quoted(one.old, 100)} is now {quoted(one.new, 100)}"
