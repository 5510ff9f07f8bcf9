"""A pull request that brings an entry brings nothing that judges it.

Policy, workflows, owners, hooks and code decide what an entry must be and who has to agree: a
change of those goes alone, first, and past its own reviewers. What counts as what is one table:
``assay.registry.kinds``. Revocations go alone as well: they must neither wait for the review of a
successor nor hide behind it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.registry.kinds import HARMLESS, Kind, kind

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "mixed-change"

_MANY = 20


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    prefix = request.pull.prefix
    kinds = {one.path: kind(one.path, prefix) for one in request.pull.touched}
    if Kind.ENTRY not in kinds.values():
        return
    others = [path for path, found in kinds.items() if found not in HARMLESS]
    for number, path in enumerate(others[: _MANY + 1]):
        if number == _MANY:
            told = f"{len(others) - _MANY} more files that do not go together with an entry"
        else:
            told = f"a pull request that touches an entry must not touch {_called(kinds[path])}"
        fix = "make it a pull request of its own, and merge that first"
        where = posixpath.relpath(path, prefix) if prefix else path
        yield Finding(where, 1, 1, ID, told, fix, subject=path)


def _called(found: Kind) -> str:
    return {
        Kind.POLICY: "the policy",
        Kind.WORKFLOW: "a workflow",
        Kind.OWNERS: "who owns files (CODEOWNERS)",
        Kind.SETTINGS: "settings of git, hooks or agents",
    }.get(found, "code")
