"""Of an entry that breaks a rule nobody can say which capability widened, and that is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "capability-not-compared"


def run(change: ChangeContext) -> Iterator[Finding]:
    if change.new.entry is None:
        told = "the entry breaks a rule, so no capability was compared"
        yield change.finding(ID, (), told, "`assay check` says which", subject="now")
        return
    for diff in change.diffs if change.changed else ():
        if diff.old and diff.old.entry is None:
            told = f"the entry of {diff.old.label} breaks a rule, so no capability was compared"
            fix = "read the whole entry as if it were new"
            yield change.finding(ID, (), told, fix, Severity.WARNING, str(diff.against))
