"""The lock is the file beside the entry that bears its name, and has the digest that is signed.

The name follows from the entry and the ecosystem, so one entry can't borrow another's lock and
the right tools recognise the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.entry import Lock
    from assay.finding import Finding

ID = "lock-named"
SUFFIXES = {"npm": ".package-lock.json", "pypi": ".requirements.txt"}


def run(context: Context) -> Iterator[Finding]:
    artefact = context.entry.artefact
    if artefact is None or artefact.lock is None:
        return
    suffix = SUFFIXES.get(artefact.reference.kind)
    if suffix is None:
        told = f"a lock has no meaning for {artefact.reference.kind}: its bytes hold everything"
        yield context.finding(ID, ("artefact", "lock"), told, "delete artefact.lock")
        return
    expected = context.entry.name + suffix
    if artefact.lock.file != expected:
        told = f"the lock is {quoted(artefact.lock.file)} and must be {quoted(expected)}"
        fix = "rename the file and this key, or write it anew with `assay lock`"
        yield context.finding(ID, ("artefact", "lock", "file"), told, fix)
    else:
        yield from _bytes(context, artefact.lock)


def _bytes(context: Context, lock: Lock) -> Iterator[Finding]:
    raw = context.siblings.read(lock.file)
    if raw is None:
        told = f"{quoted(lock.file)} is not beside the entry"
        fix = "add the file (git add), or write it with `assay lock`"
        yield context.finding(ID, ("artefact", "lock", "file"), told, fix)
        return
    import hashlib  # late: the hook assay-schema knows this module and never runs it

    digest = hashlib.sha256(raw).hexdigest()
    if digest != lock.sha256:
        told = f"the lock's sha256 is {digest}"
        fix = "restore the lock, or have the new one reviewed and write its digest here"
        yield context.finding(ID, ("artefact", "lock", "sha256"), told, fix)
