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
_TOLD = {
    Lock.MISSING: "is missing: no package of it was compared",
    Lock.UNREADABLE: "can't be read: no package of it was compared",
    Lock.REFUSED: "is against its form (lock-format): compared as far as it can be read",
}


def run(change: ChangeContext) -> Iterator[Finding]:
    now = change.new.lock
    if now in _TOLD:
        told = f"the lock {_TOLD[now]}"
        yield change.at_lock(ID, told, "run `assay lock NAME`", subject="now")
    for diff in change.diffs if now is not Lock.MISSING else ():
        old = diff.old
        if old and old.lock in _TOLD and change.new.closure:
            told = f"the lock of {old.label} {_TOLD[old.lock]}; look at the whole closure"
            subject = str(diff.against)
            yield change.at_lock(ID, told, "look at every package", Severity.WARNING, subject)
        elif old and old.closure and now is Lock.NONE:
            told = f"{old.label} had a lock; an artefact of this kind has none: what it brings "
            told += "along is no longer listed"
            fix = "review what is inside it: `assay sbom NAME`"
            yield change.at_lock(ID, told, fix, Severity.WARNING, str(diff.against))
