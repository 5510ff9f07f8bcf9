"""At most as many entries in one pull request as ``assay.yaml`` allows.

``entries_per_pull_request: 1`` has every entry reviewed for itself. Without the key any number is
allowed. An entry counts with its lock and its bundle as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.registry.names import owner

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "entries-per-pull-request"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    allowed = whole.policy.entries_per_pull_request
    owners = sorted({found for one in request.touched if (found := owner(one.path))})
    if allowed and len(owners) > allowed:
        told = f"the pull request touches {len(owners)} entries; the policy allows {allowed}"
        fix = "split it: a pull request for each"
        yield Finding(owners[allowed], 1, 1, ID, told, fix)
