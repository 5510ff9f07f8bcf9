"""A package comes from an address, a folder or another package, where it did not before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-source"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs:
        for package in diff.dependencies.sources:
            told = f"{said(package)} newly comes from elsewhere than the registry: "
            told += quoted(package.source, 120)
            fix = "take it from the registry: run `assay lock NAME`"
            yield change.at_package(ID, package, told, fix)
