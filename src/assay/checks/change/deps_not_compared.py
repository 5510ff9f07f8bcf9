"""A lock that can't be read says nothing of what changed; nobody may take that for no change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.diff.side import Lock
from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-not-compared"
_BLIND = (Lock.MISSING, Lock.UNREADABLE)


def run(change: ChangeContext) -> Iterator[Finding]:
    if change.new.lock in _BLIND:
        told = f"the lock is {change.new.lock}: no dependency was compared"
        yield change.at_lock(ID, told, "run `assay lock NAME`", subject="now")
        return
    for diff in change.diffs:
        if diff.old and diff.old.lock in _BLIND and change.new.closure:
            told = f"the lock of {diff.old.label} is {diff.old.lock}: every package counts as new"
            fix = "look at the whole closure"
            yield change.at_lock(ID, told, fix, Severity.WARNING, str(diff.against))
        elif diff.old and diff.old.closure and change.new.lock is Lock.NONE:
            told = f"{diff.old.label} had a lock; an artefact of this kind has none: what it "
            told += "brings along is no longer listed"
            fix = "review what is inside it: `assay sbom NAME`"
            yield change.at_lock(ID, told, fix, Severity.WARNING, str(diff.against))
