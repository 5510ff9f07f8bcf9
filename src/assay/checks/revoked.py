"""An entry that is revoked, by its name, version or digest, is not taken in and not kept.

``revocations.yaml`` says so. The finding stands where the entry says what was revoked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.entry import Entry
    from assay.finding import Finding
    from assay.revocations import Revocation, Revocations

ID = "revoked"

_PLACES: dict[str, tuple[str, ...]] = {
    "artefact": ("artefact", "sha256"),
    "lock": ("artefact", "lock", "sha256"),
    "version": ("version",),
    "name": ("name",),
}


def run(context: Context) -> Iterator[Finding]:
    if context.revocations is None:  # there is no such file, or it says what is wrong with it
        return
    for one, part in hits(context.revocations, context.entry, context.raw):
        told = f"{quoted(one.what, 80)} was revoked on {one.date}: {quoted(one.reason, 200)}"
        fix = _FIXES["name" if part == "name" else "version"]
        where = _PLACES.get(part, ("name",))
        yield context.finding(ID, where, told, fix, subject=one.what)


_FIXES = {
    "name": "this name is not to be used again; bring what is sound under another one",
    "version": "name a version that is not revoked (assay update NAME), or remove the entry",
}


def hits(revocations: Revocations, entry: Entry, raw: bytes) -> Iterator[tuple[Revocation, str]]:
    """Each revocation that concerns ``entry``, and what of it: a key of ``_PLACES`` or ``yaml``."""
    from hashlib import sha256  # only where a registry has revocations

    digests = {sha256(raw).hexdigest(): "yaml"}
    if entry.artefact:
        digests[entry.artefact.sha256] = "artefact"
        if entry.artefact.lock:
            digests[entry.artefact.lock.sha256] = "lock"
    for one in revocations.of(entry.name, entry.version, digests):
        part = digests[one.digest] if one.digest else ("version" if one.version else "name")
        yield one, part
