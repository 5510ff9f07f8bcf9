"""Closures: resolve without executing anything, read strictly, hold against the registry.

One module an ecosystem does the resolving and one the reading; this file only says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from assay.artefact.reference import Reference
from assay.closure.model import Closure, Package
from assay.errors import Undecided
from assay.finding import Finding
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Fetched, Sources

__all__ = ["LOCK_SUFFIX", "Closure", "Package", "hold", "lock_name", "parse", "resolve"]

# Kind of artefact → how its lock's file name ends. A kind that is not here has no closure.
LOCK_SUFFIX = {"npm": ".package-lock.json", "pypi": ".requirements.txt"}


def lock_name(reference: Reference, name: str) -> str:
    """The lock's file name beside ``NAME.yaml``, or empty for an artefact without a closure."""
    suffix = LOCK_SUFFIX.get(reference.kind)
    return f"{name}{suffix}" if suffix else ""


def parse(reference: Reference, raw: bytes, path: str) -> tuple[Closure | None, list[Finding]]:
    """Read a lock, offline and strictly; the closure is None when there is an error."""
    if reference.kind == "npm":
        from assay.closure import package_lock

        return package_lock.parse(reference, raw, path)
    if reference.kind == "pypi":
        from assay.closure import requirements

        return requirements.parse(reference, raw, path)
    raise _no_closure(reference)


def resolve(reference: Reference, *, resolved_at: datetime, sources: Sources) -> bytes:
    """The lock's bytes, as the registry stood at ``resolved_at`` (UTC). Executes nothing of it.

    Refused: NOT_FOUND for a package or version that is not there, LOCK_UNTRUE for a closure that
    can't be had without building or running something. Undecided: UNREACHABLE, TOOL_FAILED.
    """
    if reference.kind == "npm":
        from assay.closure import npm

        return npm.resolve(reference, resolved_at=resolved_at, sources=sources)
    if reference.kind == "pypi":
        from assay.closure import python

        return python.resolve(reference, resolved_at=resolved_at, sources=sources)
    raise _no_closure(reference)


def hold(
    closure: Closure,
    sources: Sources,
    fetched: Fetched | None = None,
    *,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Iterator[Finding]:
    """Everything in the lock that the registry does not bear out; see ``assay.closure.holding``."""
    from assay.closure import holding

    return holding.hold(closure, sources, fetched, progress=progress)


def _no_closure(reference: Reference) -> Undecided:
    return Undecided(
        Reason.ARTEFACT_UNSUPPORTED, f"artefacts of kind {reference.kind} have no lock yet"
    )
