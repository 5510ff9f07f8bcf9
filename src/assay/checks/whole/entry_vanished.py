"""An entry that goes away was deprecated before, so that nobody's server stops from one day on.

A rename is a removal, since the name is what people install: the old entry stays, deprecated and
with ``replaced_by``. What was revoked may go at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.revoked import hits
from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import REVOCATIONS, is_entry

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "entry-vanished"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    for one in request.touched:
        if one.old is None or one.new is not None or not is_entry(one.path):
            continue
        if not _may_go(request, one.path):
            name = one.path.partition("/")[2].removesuffix(".yaml")
            told = f"the entry {quoted(name)} vanishes without having been deprecated before"
            fix = (
                "put it back with `status: deprecated` and a status_reason (renamed: "
                "`replaced_by: NEW-NAME`), and delete it in a later pull request"
            )
            yield Finding(one.path, 1, 1, ID, told, fix)


def _may_go(request: Request, path: str) -> bool:
    reading = request.before.reading(path)
    if reading is None:
        return True  # it went on the base already
    if reading.entry is None:
        return False  # nobody knows what it was; an entry that is broken can be mended
    if reading.entry.status == "deprecated":
        return True
    raw = request.before.raw(REVOCATIONS)
    if raw is None:
        return False
    from assay.revocations import read

    revocations = read(raw).revocations
    return revocations is not None and any(hits(revocations, reading.entry, reading.raw))
