"""No file was changed on both sides: a merge would make bytes of it that nobody has seen.

Git merges texts line by line. What comes out was in no pull request, no reviewer read it and no
check looked at it; for a file whose exact bytes are signed that is no merge but a new file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "base-moved"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    for path in request.pull.moved:
        told = f"{quoted(path)} was changed on the base too since this branch left it"
        fix = "merge the base into the branch, or rebase it, and say in one file what shall hold"
        yield Finding(path, 1, 1, ID, told, fix, subject=path)
