"""What a scan of these bytes, with these rules, came to before.

Kept in the machine's own store, never in a registry: what a registry says of a package is what is
being examined. A result is found by the package's digest and that of everything which decides it
(rules, engine, byte checks); it lies there under its own digest and is held against it when read.
A result with an error gap is not kept, for what could not be looked at must be tried again.
"""

from __future__ import annotations

import hashlib
import json

from assay.artefact.store import Store
from assay.errors import Undecided
from assay.finding import Severity
from assay.scan.model import Gap, Hit, Scanned

_FORM = 1


class Cache:
    """Results in ``store``; one that can't be read or written is no result."""

    def __init__(self, store: Store, rules: str) -> None:
        self._store = store
        self._rules = rules

    def get(self, label: str, sha256: str) -> Scanned | None:
        """The result for the package ``label`` of these bytes."""
        if not sha256:
            return None
        try:
            place = self._store.get(self._store.recall(self._key(label, sha256)))
            return None if place is None else _read(place.read_bytes())
        except (Undecided, OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, label: str, sha256: str, found: Scanned) -> None:
        """Keep a whole result."""
        if not sha256 or any(gap.severity is Severity.ERROR for gap in found.gaps):
            return
        try:
            digest = self._store.put([json.dumps([_FORM, found.hits, found.gaps]).encode()])
            self._store.remember(self._key(label, sha256), digest)
        except (Undecided, OSError):
            return  # a store to read alone

    def _key(self, label: str, sha256: str) -> str:
        whole = "\0".join(("scan", self._rules, sha256, label))
        return f"scan {hashlib.sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _read(raw: bytes) -> Scanned:
    form, hits, gaps = json.loads(raw)
    if form != _FORM:
        raise ValueError("of another form")
    return Scanned(
        tuple(Hit(*item)._replace(severity=Severity(item[8])) for item in hits),
        tuple(Gap(*item)._replace(severity=Severity(item[3])) for item in gaps),
    )
