"""What a comparing check may look at: an entry now, and everything that it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from assay.finding import Finding, Severity

if TYPE_CHECKING:
    from assay.closure.model import Package
    from assay.diff.facts import Fact
    from assay.diff.model import Diff
    from assay.diff.side import Side
    from assay.policy import Policy
    from assay.registry.tags import Previous

_LOCK = ("artefact", "lock")


class ChangeContext(NamedTuple):
    """``diffs`` holds one comparison at least, the previous tagged version first.

    ``changed`` is whether the entry differs from the base: of one that nobody changed only what
    must not be there is told. ``policy`` is the present one and ``before`` the base's. ``facts``
    are what the registries say of the changed packages, by package URL; None where nobody asked.
    """

    new: Side
    diffs: tuple[Diff, ...]
    previous: Previous
    changed: bool
    policy: Policy
    before: Policy
    facts: Mapping[str, Fact] | None = None

    def finding(
        self,
        rule: str,
        where: tuple[str | int, ...],
        message: str,
        fix: str = "",
        severity: Severity = Severity.ERROR,
        subject: str = "",
    ) -> Finding:
        """A finding at a key of the entry."""
        document = self.new.document
        line, column = document.position(*where) if document else (1, 1)
        return Finding(self.new.path, line, column, rule, message, fix, severity, subject)

    def at_lock(
        self,
        rule: str,
        message: str,
        fix: str = "",
        severity: Severity = Severity.ERROR,
        subject: str = "",
    ) -> Finding:
        """A finding about the closure as a whole, or about what is no longer in it."""
        return self.finding(rule, _LOCK, message, fix, severity, subject)

    def at_package(
        self,
        rule: str,
        package: Package,
        message: str,
        fix: str = "",
        severity: Severity = Severity.ERROR,
        subject: str = "",
    ) -> Finding:
        """A finding at a package's line in the lock as it is."""
        told = subject or package.purl
        path = self.new.lock_path
        return Finding(path, package.line, 1, rule, message, fix, severity, told)


def said(package: Package) -> str:
    """A package as a message names it."""
    from assay.hidden import quoted

    return quoted(package.purl, 120)
