"""The same artefact locked anew has a higher revision, and no revision goes back.

What a host runs is artefact and closure. With another lock under the same version and revision
nobody could say which of the two was reviewed, tagged or revoked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.registry.names import is_entry

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole
    from assay.entry import Entry
    from assay.finding import Finding

ID = "revision-raised"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    for one in request.touched:
        if one.old is None or one.new is None or not is_entry(one.path):
            continue
        old, new = request.before.entry(one.path), whole.shelf.entry(one.path)
        if old is None or new is None or old.version != new.version:
            continue
        where = ("revision",) if new.revision > 1 else ("version",)
        if new.revision < old.revision:
            told = f"the revision goes back from {old.revision} to {new.revision}"
        elif _lock(old) != _lock(new) and new.revision == old.revision:
            told = f"version {new.version} is locked anew under the same revision {new.revision}"
        else:
            continue
        fix = f"write `revision: {old.revision + 1}`"
        yield whole.shelf.finding(one.path, where, ID, told, fix)


def _lock(entry: Entry) -> str:
    lock = entry.artefact.lock if entry.artefact else None
    return lock.sha256 if lock else ""
