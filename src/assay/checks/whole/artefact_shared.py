"""Two entries that launch the very same artefact say so to the reviewer.

Often it is meant, with other arguments; sometimes it is a way around what was said of the first:
a revoked or deprecated server under a new name, or a narrower scope for the same code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.whole.context import Shelf, Whole
    from assay.finding import Finding

ID = "artefact-shared"

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def run(whole: Whole) -> Iterator[Finding]:
    shelf = whole.shelf
    holders = _holders(shelf)
    for path in whole.concerned:
        for digest in _digests(shelf, path):
            others = [one for one in holders[digest] if one != path]
            if whole.request is None:
                others = [one for one in others if one < path]
            # Only now is anything parsed: the digest may be a lock's.
            if others and _artefact(shelf, path) == digest.decode():
                others = [one for one in others if _artefact(shelf, one) == digest.decode()]
                yield from (_told(shelf, path, other) for other in others[:1])


def _holders(shelf: Shelf) -> dict[bytes, list[str]]:
    found: dict[bytes, list[str]] = {}
    for path in shelf.raws():
        for digest in _digests(shelf, path):
            found.setdefault(digest, []).append(path)
    return found


def _digests(shelf: Shelf, path: str) -> set[bytes]:
    """What may be the artefact's; only an escape can write it so that it is not seen as it is."""
    raw = shelf.raws().get(path, b"")
    found = set(_DIGEST.findall(raw))
    return found | {_artefact(shelf, path).encode()} - {b""} if b"\\" in raw else found


def _artefact(shelf: Shelf, path: str) -> str:
    entry = shelf.entry(path)
    return entry.artefact.sha256 if entry and entry.artefact else ""


def _told(shelf: Shelf, path: str, other: str) -> Finding:
    entry = shelf.entry(other)
    told = f"{quoted(entry.name if entry else other)} is the same artefact under another name"
    fix = "say in both descriptions how they differ, or keep one of the two"
    where = ("artefact", "sha256")
    return shelf.finding(path, where, ID, told, fix, Severity.WARNING, other)
