"""Tags of this entry can't be verified, so the base stands in for the previous tagged version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "tag-unverified"


def run(change: ChangeContext) -> Iterator[Finding]:
    why = change.previous.unverified
    if why:
        told = f"no tag of this entry can be verified, so none counts: {why}"
        fix = "name `signer` and `sigstore` in assay.yaml, and have the policy on main"
        yield change.finding(ID, ("version",), told, fix, Severity.WARNING, "tags")
