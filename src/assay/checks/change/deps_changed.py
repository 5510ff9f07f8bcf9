"""How many packages came, went and moved, in one note; `assay diff NAME` lists them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.diff.model import Diff
    from assay.finding import Finding

ID = "deps-changed"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs if change.changed else ():
        if change.new.closure is None:
            continue
        if diff.old is None:
            number = len(diff.dependencies.changes)
            told = f"{next(diff.notices())}; {number} packages come with it"
        elif diff.dependencies.changes:
            told = f"since {diff.old.label}: {counted(diff)}"
        else:
            continue
        fix = f"`assay diff {change.new.name}` lists them"
        yield change.at_lock(ID, told, fix, Severity.NOTE, str(diff.against))


def counted(diff: Diff) -> str:
    """``2 added, 1 removed, 5 upgraded``."""
    counts = Counter(change.kind for change in diff.dependencies.changes)
    return ", ".join(f"{number} {kind}" for kind, number in counts.items())
