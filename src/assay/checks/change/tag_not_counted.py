"""A tag of this entry is not what it claims to be, so nothing is compared with it.

Whoever can push a tag could choose what a reviewer's diff is made against. A tag that only stands
on another branch is told as a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "tag-not-counted"


def run(change: ChangeContext) -> Iterator[Finding]:
    for one in change.previous.discounted:
        told = f"the tag {quoted(one.tag, 100)} does not count: {one.why}"
        severity = Severity.WARNING if one.forged else Severity.NOTE
        fix = "find out who set it; delete it where it is wrong" if one.forged else ""
        yield change.finding(ID, ("version",), told, fix, severity, one.tag)
