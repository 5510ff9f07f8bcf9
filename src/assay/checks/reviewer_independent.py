"""At least one reviewer is somebody else than the maintainer: nobody assays his own metal.

The maintainer may stand among the reviewers, and does not count. Neither does a second spelling
of the same mailbox: capitals, or a tag after a plus sign (RFC 5233).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.entry import Entry
    from assay.finding import Finding

ID = "reviewer-independent"


def run(context: Context) -> Iterator[Finding]:
    if not independent(context.entry):
        told = "the maintainer is the only reviewer"
        yield context.finding(ID, ("reviewers",), told, "have somebody else review it too")


def independent(entry: Entry) -> frozenset[str]:
    """The people among the reviewers other than the maintainer, each once, as mailboxes."""
    return frozenset(map(mailbox, entry.reviewers)) - {mailbox(entry.maintainer)}


def mailbox(address: str) -> str:
    """``address`` without what does not make it another person's."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
