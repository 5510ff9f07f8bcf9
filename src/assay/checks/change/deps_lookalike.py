"""A package that came new has a name that may be taken for a popular or an internal one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.compare import Kind
from assay.closure.lookalike import likeness
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-lookalike"


def run(change: ChangeContext) -> Iterator[Finding]:
    internal = change.policy.dependencies.internal_names
    for diff in change.diffs:
        held = diff.old.closure.packages if diff.old and diff.old.closure else ()
        names = {(package.ecosystem, package.name) for package in held}
        for one in diff.dependencies.of(Kind.ADDED):
            package = one.package
            if (package.ecosystem, package.name) in names:
                continue
            found = likeness(package.ecosystem, package.name, internal)
            if found is None:
                continue
            whose = "an internal name" if found.internal else "a popular package"
            told = f"{said(package)} is new and differs from {whose}, {quoted(found.other)}, by "
            told += found.how
            fix = f"make sure that it is not {found.other} that is meant; else waive it"
            yield change.at_package(ID, package, told, fix)
