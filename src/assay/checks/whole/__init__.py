"""Checks of the registry as a whole, and of a pull request as a whole.

As in ``assay.checks``: one file, one rule, one line in a list. ``WHOLE_CHECKS`` look at the files
of ``servers/`` side by side and at main's history; ``PULL_CHECKS`` at what a pull request makes of
the base. Both read through a ``Shelf``, which parses an entry once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from assay.checks.whole import (
    artefact_shared,
    base_moved,
    bundle_by_hand,
    entries_per_pull_request,
    entry_vanished,
    huge_file,
    irregular_file,
    mixed_change,
    name_collision,
    name_lookalike,
    orphan,
    path_form,
    policy_vanished,
    revision_raised,
    revocation_removed,
    version_back,
    version_reused,
)
from assay.checks.whole.context import Request, Whole
from assay.errors import Undecided
from assay.finding import Finding
from assay.outcome import Outcome, Unseen

__all__ = ["PULL_CHECKS", "WHOLE_CHECKS", "PullCheck", "Request", "Whole", "WholeCheck", "check"]


class WholeCheck(Protocol):
    """What a module here offers; ``ID`` is its file's name in kebab-case."""

    ID: str

    def run(self, whole: Whole) -> Iterator[Finding]: ...


class PullCheck(Protocol):
    """As ``WholeCheck``, for what only a pull request has."""

    ID: str

    def run(self, whole: Whole, request: Request) -> Iterator[Finding]: ...


# The files of servers/, side by side and over time.
WHOLE_CHECKS: tuple[WholeCheck, ...] = (
    orphan,
    path_form,
    irregular_file,
    name_collision,
    name_lookalike,
    artefact_shared,
    version_reused,
    revocation_removed,
)
# What a pull request does.
PULL_CHECKS: tuple[PullCheck, ...] = (
    mixed_change,
    policy_vanished,
    base_moved,
    entries_per_pull_request,
    entry_vanished,
    version_back,
    revision_raised,
    bundle_by_hand,
    huge_file,
)


class _Asked(NamedTuple):
    findings: list[Finding]
    unseen: list[Unseen]


def check(whole: Whole) -> Outcome:
    """Every check that applies; what one of them can't look at stops none of the others."""
    asked = _Asked([], [])
    for one in WHOLE_CHECKS:
        _ask(one.ID, one.run(whole), asked)
    if whole.request is not None:
        for other in PULL_CHECKS:
            _ask(other.ID, other.run(whole, whole.request), asked)
    return Outcome(tuple(sorted(asked.findings)), tuple(dict.fromkeys(asked.unseen)))


def _ask(name: str, found: Iterator[Finding], asked: _Asked) -> None:
    try:
        asked.findings.extend(found)
    except Undecided as undecided:
        told = Unseen(name, undecided.reason, undecided.message, undecided.hint)
        asked.unseen.append(told)
