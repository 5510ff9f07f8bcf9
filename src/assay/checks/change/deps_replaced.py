"""One version has one set of bytes for ever: a package whose digest changed was replaced.

PyPI lets a release grow by files for further platforms: that alone is a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.compare import Kind
from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-replaced"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs:
        for one in diff.dependencies.of(Kind.REPLACED):
            told = f"{said(one.package)} has other bytes than in {_label(diff.old)}"
            fix = "find out who replaced it: a published version never changes"
            yield change.at_package(ID, one.package, told, fix)
        for one in diff.dependencies.of(Kind.EXTENDED):
            told = f"{said(one.package)} has further files beside those of {_label(diff.old)}"
            yield change.at_package(ID, one.package, told, "", Severity.NOTE)


def _label(side: object) -> str:
    return str(getattr(side, "label", "before"))
