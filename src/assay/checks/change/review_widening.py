"""A change that widens what the server may do has as many reviewers more as the policy asks.

The base's policy and the present one are both asked, and the stricter holds: a pull request that
lowers the number must not profit from it itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.reviewer_independent import independent
from assay.entry.capabilities import more_reviewers

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.diff.model import Diff
    from assay.finding import Finding
    from assay.policy import Policy

ID = "review-widening"


def run(change: ChangeContext) -> Iterator[Finding]:
    entry = change.new.entry
    if entry is None or not change.changed:
        return
    more, quorum = wanted(change, entry.data_classification)
    people = len(independent(entry))
    if more and people < quorum + more:
        told = f"{people} reviewer(s) other than the maintainer; the change widens what the server "
        told += f"may do, so the policy asks {quorum + more} ({quorum} and {more} more)"
        yield change.finding(ID, ("reviewers",), told, "have more people review it")


def wanted(change: ChangeContext, classification: str) -> tuple[int, int]:
    """How many reviewers more the widest comparison wants, and the quorum that it adds to."""
    policies = (change.policy, change.before)
    found = [_more(one, diff) for one in policies for diff in change.diffs]
    return max(found), max(one.reviews[classification].quorum for one in policies)


def _more(policy: Policy, diff: Diff) -> int:
    if diff.old is not None and diff.old.entry is None:
        return max(policy.widening.values(), default=0)  # nobody can say what widened
    return more_reviewers(policy, diff.capabilities)
