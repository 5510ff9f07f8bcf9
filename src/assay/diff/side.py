"""One side of a comparison: an entry and its lock, as somebody has them somewhere.

What is compared may be old, foreign or broken: an entry that breaks a rule of today still has a
lock, and a lock that the strict reader refuses still brings packages in. So each part is read as
far as it goes, and ``lock`` says how far that was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.closure import LOCK_SUFFIX, lock_name, loose, parse
from assay.entry import Document, Entry, read
from assay.errors import Refused
from assay.registry import names

if TYPE_CHECKING:
    from assay.artefact.reference import Reference
    from assay.closure import Closure

Reader = Callable[[str], bytes | None]  # a path of the registry → its bytes there


class Lock(StrEnum):
    """How far a lock could be read."""

    READ = "read"
    NONE = "none"  # an artefact of this kind has none, or there is no artefact
    MISSING = "missing"
    REFUSED = "refused"  # against a rule of its form: read as far as it goes
    UNREADABLE = "unreadable"


class Side(NamedTuple):
    """``label`` says in a few words where this is; ``entry`` is None where it breaks a rule."""

    label: str
    path: str
    raw: bytes
    document: Document | None
    entry: Entry | None
    reference: Reference | None
    lock: Lock
    lock_path: str
    lock_raw: bytes | None
    closure: Closure | None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(names.SUFFIX)

    @property
    def version(self) -> str:
        """The version with its revision, as people say it; a stranger's words."""
        data = self.document.data if self.document else {}
        revision = data.get("revision", 1)
        return str(data.get("version", "?")) + (f" revision {revision}" if revision != 1 else "")

    def same(self, other: Side) -> bool:
        """Whether both are the same bytes."""
        return self.raw == other.raw and self.lock_raw == other.lock_raw


def side(label: str, path: str, raw: bytes, reader: Reader) -> Side:
    """Read the entry ``raw`` at ``path``; ``reader`` gives the lock beside it."""
    reading = read(path, raw, today=date.max)
    data = reading.document.data if reading.document else {}
    reference = _reference(reading.entry, data)
    found = Side(
        label, path, raw, reading.document, reading.entry, reference, Lock.NONE, "", None, None
    )
    return found if reference is None else _locked(found, reference, reader)


def _reference(entry: Entry | None, data: dict[str, Any]) -> Reference | None:
    if entry is not None:
        return entry.artefact.reference if entry.artefact else None
    artefact = data.get("artefact")
    from assay.artefact.reference import parse as reference_of

    try:
        return reference_of(str(artefact["url"])) if isinstance(artefact, dict) else None
    except (ValueError, KeyError):
        return None


def _locked(found: Side, reference: Reference, reader: Reader) -> Side:
    if reference.kind not in LOCK_SUFFIX:
        return found
    path = f"{names.FOLDER}/{lock_name(reference, found.name)}"
    try:
        raw = reader(path)
    except Refused:  # a link, or larger than any file of a registry: another check says so
        return found._replace(lock=Lock.UNREADABLE, lock_path=path)
    if raw is None:
        return found._replace(lock=Lock.MISSING, lock_path=path)
    closure, _ = parse(reference, raw, path)
    state = Lock.READ
    if closure is None:
        closure = loose.read(reference, raw, path)
        state = Lock.REFUSED if closure else Lock.UNREADABLE
    return found._replace(lock=state, lock_path=path, lock_raw=raw, closure=closure)
