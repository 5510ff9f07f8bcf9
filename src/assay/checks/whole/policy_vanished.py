"""The policy is not deleted: what a registry forbade would be allowed again, by default.

Without ``assay.yaml`` the built-in defaults judge. They name no signer, no logins, no waivers with
their last day; nobody who looks at a pull request sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.registry.names import POLICY

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "policy-vanished"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    if any(one.path == POLICY and one.new is None for one in request.touched):
        told = "the policy was deleted, and the built-in defaults would judge"
        yield Finding(POLICY, 1, 1, ID, told, "put it back, and change what shall change")
