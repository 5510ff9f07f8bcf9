"""The lock is what resolving gives at its recorded instant: nobody's word is taken for it.

A lock of true packages may still hold one that the artefact does not want, or an older release
with a known hole; only resolving anew tells. It takes npm or uv, and without them it is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join
from typing import TYPE_CHECKING

from assay.checks.lock_format import locked
from assay.errors import Refused
from assay.finding import Finding

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.checks import Context

ID = "lock-regenerates"


def run(context: Context, sources: Sources) -> Iterator[Finding]:
    closure, _ = locked(context)
    artefact = context.entry.artefact
    if closure is None or artefact is None or artefact.lock is None:
        return
    at = artefact.lock.resolved_at
    if at.date() > context.today:
        # What is published until then would change what the lock should be.
        where = ("artefact", "lock", "resolved_at")
        yield context.finding(ID, where, "lies in the future", "run `assay lock NAME`")
        return
    from assay.closure.regenerating import compare

    path = join(dirname(context.path), artefact.lock.file)
    raw = context.siblings.read(artefact.lock.file) or b""
    try:
        yield from compare(artefact.reference, raw, path, resolved_at=at, sources=sources)
    except Refused as error:
        yield Finding(path, 1, 1, ID, error.message, error.hint)
