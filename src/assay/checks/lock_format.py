"""The lock is plain: every package from the registry, hashed, wanted, and no address anywhere.

Offline, so it runs on each commit; whether the registry bears the lock out is ``lock-true``.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join
from typing import TYPE_CHECKING

from assay.finding import Finding

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.closure import Closure

ID = "lock-format"


def run(context: Context) -> Iterator[Finding]:
    closure, findings = locked(context)
    yield from findings
    artefact = context.entry.artefact
    if closure is None or artefact is None or closure.ecosystem != "pypi":
        return
    # npm's sha512 can be held against the sha256 only with the bytes at hand: see lock-true.
    if closure.root.integrity != (f"sha256:{artefact.sha256}",):
        told = f"{closure.root.name} is locked with another digest than artefact.sha256"
        fix = "run `assay lock NAME`"
        yield Finding(closure.path, closure.root.line, 1, ID, told, fix)


def locked(context: Context) -> tuple[Closure | None, list[Finding]]:
    """The entry's closure; None without findings where there is no lock to read."""
    artefact = context.entry.artefact
    if artefact is None or artefact.lock is None:
        return None, []
    from assay.closure import LOCK_SUFFIX, parse  # nothing that an entry without a lock needs

    if artefact.reference.kind not in LOCK_SUFFIX:
        return None, []
    raw = context.siblings.read(artefact.lock.file)
    if raw is None:  # said by lock-named
        return None, []
    return parse(artefact.reference, raw, join(dirname(context.path), artefact.lock.file))
