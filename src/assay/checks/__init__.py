"""Every check that runs, in the order in which a reader meets what they are about.

A check is a module: one file, one rule, one line in a list. It sees one entry, the policy and
the files beside the entry, and yields findings; it never prints, exits or fetches. What needs a
source of artefacts stands in ``assay.checks.network``, which a commit hook never imports.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol

from assay.checks import (
    allowed_source,
    bundle_stale,
    digest_placeholder,
    egress_form,
    launch_environment,
    launch_parameters,
    lock_format,
    lock_named,
    lock_unnamed,
    name_matches_file,
    review_date,
    review_quorum,
    reviewer_independent,
    revoked,
    successor_exists,
    version_exact,
)
from assay.entry import Document, Entry
from assay.finding import Finding, Severity
from assay.policy import Policy

if TYPE_CHECKING:
    from assay.revocations import Revocations


class Siblings(Protocol):
    """The files beside an entry: in the working tree, in the index, or at a commit."""

    def read(self, name: str) -> bytes | None:
        """The bytes of the file ``name`` in the entry's folder, None where there is none."""
        ...


class Context(NamedTuple):
    """All that a check may look at. ``raw`` are the entry's bytes; ``today`` is the clock.

    ``revocations`` is None in a registry that has none.
    """

    entry: Entry
    document: Document
    path: str
    raw: bytes
    policy: Policy
    today: date
    siblings: Siblings
    revocations: Revocations | None = None

    def finding(
        self,
        rule: str,
        where: tuple[str | int, ...],
        message: str,
        fix: str = "",
        severity: Severity = Severity.ERROR,
        subject: str = "",
    ) -> Finding:
        """A finding at the key or list item ``where``."""
        line, column = self.document.position(*where)
        return Finding(self.path, line, column, rule, message, fix, severity, subject)


class Check(Protocol):
    """What a module under ``assay.checks`` offers; ``ID`` is its file's name in kebab-case."""

    ID: str

    def run(self, context: Context) -> Iterator[Finding]: ...


# What an entry says by itself, with the policy and its neighbours' names.
ENTRY_CHECKS: tuple[Check, ...] = (
    name_matches_file,
    version_exact,
    reviewer_independent,
    review_quorum,
    review_date,
    revoked,
    successor_exists,
    allowed_source,
    digest_placeholder,
    launch_environment,
    launch_parameters,
    egress_form,
)
# What lies beside it. The bundle's check has a module to itself and needs no parsed entry.
LOCK_CHECKS: tuple[Check, ...] = (lock_named, lock_format, lock_unnamed)
CHECKS: tuple[Check, ...] = (*ENTRY_CHECKS, *LOCK_CHECKS, bundle_stale)
