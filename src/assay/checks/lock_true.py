"""The registry bears the lock out, package by package, and the artefact's own node is the artefact.

A lock can be consistent and still install a fake under a good name; only the registry's own
metadata for the real name and version says what the good one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.lock_format import locked
from assay.closure import hold
from assay.errors import Refused

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.checks import Context
    from assay.finding import Finding

ID = "lock-true"


def run(context: Context, sources: Sources) -> Iterator[Finding]:
    closure, _ = locked(context)
    artefact = context.entry.artefact
    if closure is None or artefact is None:
        return
    try:
        fetched = sources.fetch(artefact.reference, sha256=artefact.sha256)
    except Refused:  # said by artefact-digest
        fetched = None
    yield from hold(closure, sources, fetched)
