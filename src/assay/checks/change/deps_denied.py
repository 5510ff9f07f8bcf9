"""No closure holds a package that the policy denies, new or old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.versions import within

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-denied"


def run(change: ChangeContext) -> Iterator[Finding]:
    denied = change.policy.dependencies.deny
    for package in change.new.closure.packages if denied and change.new.closure else ():
        name = package.purl.rpartition("@")[0]
        for deny in denied:
            if deny.package != name or not within(
                package.ecosystem, package.version, deny.versions
            ):
                continue
            told = f"the policy denies {said(package)}: {deny.reason}"
            yield change.at_package(ID, package, told, "take a version without it")
