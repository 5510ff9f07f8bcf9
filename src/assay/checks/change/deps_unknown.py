"""What nobody says of the changed packages, told once: unknown is not unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-unknown"


def run(change: ChangeContext) -> Iterator[Finding]:
    moved = {
        one.new.purl
        for diff in change.diffs
        for one in diff.dependencies.changes
        if one.old and one.new
    }
    if not moved or not change.changed:
        return
    if change.facts is None:
        told = f"publishers and provenance of {len(moved)} changed packages were not asked for"
        fix = "`assay diff NAME --online` asks the registry"
        yield change.at_lock(ID, told, fix, Severity.NOTE, "not asked")
        return
    silent = [purl for purl in moved if not _says(change, purl)]
    if silent:
        told = f"of {len(silent)} changed packages the registry does not say who published them"
        fix = "compare with the project's own releases where it matters"
        yield change.at_lock(ID, told, fix, Severity.NOTE, "publisher")


def _says(change: ChangeContext, purl: str) -> bool:
    fact = (change.facts or {}).get(purl)
    return bool(fact and (fact.publisher or fact.maintainers or fact.attested))
