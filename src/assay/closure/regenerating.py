"""A lock is what resolving gives at its recorded instant, and nothing else.

Every package in a lock can be true and still be unwanted, or older than what resolving takes. For
npm the lock's own graph tells some of that; an index of Python packages says nothing of what
wants what. So a lock is never believed because somebody supplied it: it is resolved anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from assay.closure import resolve
from assay.finding import Finding
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.reference import Reference
    from assay.artefact.source import Sources

RULE = "lock-regenerates"
_MAX_SHOWN = 160  # characters of a line


def compare(
    reference: Reference, lock: bytes, path: str, *, resolved_at: datetime, sources: Sources
) -> list[Finding]:
    """What resolving gives otherwise than ``lock`` has it; errors as ``resolve``."""
    made = resolve(reference, resolved_at=resolved_at, sources=sources)
    return [] if made == lock else [difference(made, lock, path, resolved_at)]


def difference(made: bytes, lock: bytes, path: str, at: datetime) -> Finding:
    """The first line at which ``lock`` is not what was ``made``."""
    ours, theirs = made.split(b"\n"), lock.split(b"\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b),
        min(len(ours), len(theirs)),
    )
    meant = quoted(ours[number - 1].decode("utf-8", "replace").strip(), _MAX_SHOWN)
    told = f"resolving at {at:%Y-%m-%dT%H:%M:%SZ} gives another lock; here it has {meant}"
    fix = "run `assay lock NAME`, and find out where this lock came from"
    return Finding(path, number, 1, RULE, told, fix)
