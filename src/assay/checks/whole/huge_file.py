"""No file in ``servers/`` is larger than anybody reads: git keeps it for ever, in every clone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.entry.text import MAX_BYTES as ENTRY_BYTES
from assay.finding import Finding
from assay.registry.names import BUNDLE_SUFFIX, LOCK_SUFFIXES, SUFFIX
from assay.registry.pull import sizes
from assay.registry.views import MAX_FILE
from assay.revocations import MAX_BYTES as REVOCATIONS_BYTES
from assay.trust.claim import SIZE_LIMIT as BUNDLE_BYTES

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "huge-file"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    here = [one.path for one in request.touched if one.new is not None]
    for path, size in sorted(sizes(whole.root, request.pull.head, here).items()):
        if size > (limit := _limit(path)):
            told = f"has {size:,} bytes; at most {limit:,} are read"
            fix = "take it out of the branch's commits, not only of the last one"
            yield Finding(path, 1, 1, ID, told, fix)


def _limit(path: str) -> int:
    if path.endswith(BUNDLE_SUFFIX):
        return BUNDLE_BYTES
    if path.endswith(LOCK_SUFFIXES):
        return MAX_FILE
    if path.endswith(SUFFIX) and "/" not in path:
        return REVOCATIONS_BYTES
    return ENTRY_BYTES
