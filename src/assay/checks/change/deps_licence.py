"""Every package comes under a licence that the policy allows, and a changed licence is told.

What the lock and the registry do not say is not allowed in silence: it is told once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure import spdx
from assay.finding import Finding, Severity
from assay.hidden import quoted
from assay.policy import FILE

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.closure.model import Package

ID = "deps-licence"


def run(change: ChangeContext) -> Iterator[Finding]:
    yield from _changed(change)
    dependencies = change.policy.dependencies
    if not (dependencies.licences or dependencies.denied_licences):
        return
    wrong = list(_wrong(change))
    yield from wrong
    if not wrong:
        yield from _held(change)


def _changed(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs if change.changed else ():
        for one in diff.dependencies.changes:
            if one.old is None or one.new is None:
                continue
            was, now = _licence(change, one.old), _licence(change, one.new)
            if was and now and was != now:
                told = f"{said(one.new)} comes under {quoted(now)}; before under {quoted(was)}"
                yield change.at_package(
                    ID, one.new, told, "", Severity.NOTE, f"{one.new.purl} changed"
                )


def _wrong(change: ChangeContext) -> Iterator[Finding]:
    """What the policy itself lists and is no licence of SPDX's: it would match nothing."""
    dependencies = change.policy.dependencies
    for licence in (*dependencies.licences, *dependencies.denied_licences):
        try:
            spdx.canonical(licence)
        except ValueError:
            told = f"dependencies.licences: {quoted(licence)} is no SPDX licence"
            yield Finding(FILE, 1, 1, ID, told, "see the SPDX licence list", subject=licence)


def _held(change: ChangeContext) -> Iterator[Finding]:
    dependencies = change.policy.dependencies
    unknown = 0
    for package in change.new.closure.packages if change.new.closure else ():
        licence = _licence(change, package)
        try:
            verdict = spdx.judge(licence, dependencies.licences, dependencies.denied_licences)
        except ValueError:
            unknown += 1
            continue
        if verdict.denied or not verdict.allowed:
            what = "denies" if verdict.denied else "does not allow"
            told = f"the policy {what} {quoted(licence)}, the licence of {said(package)}"
            yield change.at_package(ID, package, told, "take another package, or ask for it")
    if unknown:
        told = f"of {unknown} packages no licence is known, so the policy could not be held"
        fix = "look at them: `assay diff NAME --online` asks the registry"
        yield change.at_lock(ID, told, fix, Severity.WARNING, "unknown")


def _licence(change: ChangeContext, package: Package) -> str:
    fact = (change.facts or {}).get(package.purl)
    return package.licence or (fact.licence if fact else "")
