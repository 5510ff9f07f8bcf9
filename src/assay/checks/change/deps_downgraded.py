"""A package went back to an older version: what was repaired since may be open again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.compare import Kind
from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-downgraded"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs if change.changed else ():
        for one in diff.dependencies.of(Kind.DOWNGRADED):
            was = quoted(one.old.version) if one.old else ""
            told = f"{said(one.package)} is older than before ({was})"
            fix = "find out who wants the older one; lock again at a later instant"
            yield change.at_package(ID, one.package, told, fix, Severity.WARNING)
