"""As many independent reviewers as the policy asks for the entry's data classification.

The policy can also name people of whom one must be among them; an entry may only add others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.reviewer_independent import independent, mailbox

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "review-quorum"


def run(context: Context) -> Iterator[Finding]:
    people = independent(context.entry)
    if not people:
        return  # reviewer-independent says it
    level = context.entry.data_classification
    asked = context.policy.reviews[level]
    if len(people) < asked.quorum:
        told = (
            f"{len(people)} reviewer(s) other than the maintainer; "
            f"the policy asks {asked.quorum} for {level} data"
        )
        yield context.finding(ID, ("reviewers",), told, "have more people review it")
    if asked.one_of and people.isdisjoint(map(mailbox, asked.one_of)):
        told = f"the policy asks one of certain reviewers for {level} data, and none is named"
        yield context.finding(ID, ("reviewers",), told, f"ask one of {', '.join(asked.one_of)}")
