"""A review ages: it holds until the policy's greatest age, or until the entry's own last day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "review-date"
_FIX = "review it again, then write the day into reviewed_at"


def run(context: Context) -> Iterator[Finding]:
    entry, today = context.entry, context.today
    greatest = context.policy.review_max_age_days
    age = (today - entry.reviewed_at).days
    if age > greatest:
        told = f"the review is {age} days old; the policy allows {greatest}"
        yield context.finding(ID, ("reviewed_at",), told, _FIX)
    expires = entry.review_expires
    if expires is None:
        return
    if expires < entry.reviewed_at:
        told = f"review_expires {expires} lies before reviewed_at {entry.reviewed_at}"
        yield context.finding(ID, ("review_expires",), told, "correct one of the two")
    elif expires < today:
        told = f"the review expired after {expires}"
        yield context.finding(ID, ("review_expires",), told, _FIX)
