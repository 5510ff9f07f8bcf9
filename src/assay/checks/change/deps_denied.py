"""No closure holds a package that the policy denies, new or old."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.closure.versions import within

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding
    from assay.policy import Deny

ID = "deps-denied"


def run(change: ChangeContext) -> Iterator[Finding]:
    denied: dict[str, list[Deny]] = {}
    for deny in change.policy.dependencies.deny:
        denied.setdefault(deny.package, []).append(deny)
    for package in change.new.closure.packages if denied and change.new.closure else ():
        for deny in denied.get(package.purl.rpartition("@")[0], ()):
            if within(package.ecosystem, package.version, deny.versions):
                told = f"the policy denies {said(package)}: {deny.reason}"
                yield change.at_package(ID, package, told, "take a version without it")
