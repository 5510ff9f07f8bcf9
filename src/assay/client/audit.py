"""The audit log: one JSON line for each fetch and each attempt to launch, refused ones too.

No event, no launch: ``AuditLog.write`` returns once the line is on the disk, or raises. A line is
one ``write`` under a lock on a file opened for appending, so lines of launches that run at once
never mix, and a disk that fills up leaves no half line behind. ``fdatasync`` costs 0.1 to a few
milliseconds and is paid each time: a record that a power cut takes back is none.

JSON escapes every control and non-ASCII character, so a hostile name can't forge a second line.
The shape is schema/audit-event.schema.json.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from assay.client.locking import locked
from assay.errors import Undecided
from assay.reason import Reason

SCHEMA = 1
HOLDS = "verified"  # the reason of an event that was allowed
_WAIT = 5.0  # seconds for the lock: a write takes well under a millisecond
_LONGEST = {"server_name": 200, "version": 200, "detail": 600}  # characters kept


class Kind(StrEnum):
    """What was attempted: archives brought into the store, or a server's start."""

    FETCH = "fetch"
    LAUNCH = "launch"


class Outcome(StrEnum):
    """How it ended. A server is started after ``allowed`` was written, and only then."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Event:
    """One attempt. ``digests`` maps entry, artefact, lock to sha256 in hex, as far as known.

    ``version`` is the entry's, or what was asked for until the entry is verified. ``reason`` is a
    code of ``assay.reason`` or ``verified``; ``detail`` is the sentence that the person saw.
    """

    kind: Kind
    server_name: str
    version: str
    outcome: Outcome
    reason: str
    detail: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)


class AuditLog:
    """The log at ``path``; made with mode 0600 where it is not there, never through a link."""

    def __init__(self, path: Path, *, user_id: str, trial: bool) -> None:
        self.path = path
        self._user_id = user_id
        self._trial = trial

    def write(self, event: Event, *, now: datetime | None = None) -> None:
        """Append ``event`` and see it on the disk; ``Undecided`` AUDIT_UNWRITABLE otherwise."""
        line = self._line(event, datetime.now(UTC) if now is None else now)
        try:
            self._append(line)
        except OSError as error:
            raise Undecided(
                Reason.AUDIT_UNWRITABLE,
                f"{self.path}: the audit event can't be written: {error.strerror or error}",
                hint="nothing is launched without a record; see the file, its folder and the disk",
            ) from error

    def _line(self, event: Event, now: datetime) -> bytes:
        told = {
            "schema": SCHEMA,
            "time": now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "kind": event.kind,
            "user_id": self._user_id,
            "server_name": _short(event, "server_name"),
            "version": _short(event, "version"),
            "outcome": event.outcome,
            "reason": event.reason,
            "detail": _short(event, "detail"),
            "digests": dict(event.digests),
            "host": os.uname().nodename if sys.platform != "win32" else _windows_host(),
            "pid": os.getpid(),
            "trial": self._trial,
            "replay_protected": False,  # until the registry has an index
        }
        return json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"

    def _append(self, line: bytes) -> None:
        descriptor = self._open()
        try:
            with locked(descriptor, seconds=_WAIT):
                _add(descriptor, line)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        # A pipe laid in the log's place would hang us, or take the record to its reader.
        descriptor = os.open(self.path, flags | getattr(os, "O_NONBLOCK", 0), 0o600)
        try:
            _plain(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def _plain(descriptor: int) -> None:
    """A regular file of one name; ours, where it is a person's own log."""
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise OSError("it is not a regular file")
    if found.st_nlink > 1:
        raise OSError("it is a hard link to some other file")
    if sys.platform != "win32" and found.st_uid == os.getuid() and found.st_mode & 0o077:
        os.fchmod(descriptor, 0o600)


def _add(descriptor: int, line: bytes) -> None:
    end = os.fstat(descriptor).st_size
    os.lseek(descriptor, max(0, end - 1), os.SEEK_SET)  # writes go to the end all the same
    if end and os.read(descriptor, 1) != b"\n":
        # The machine stopped within a line: that one is lost, ours must not be lost with it.
        line = b"\n" + line
    try:
        if os.write(descriptor, line) != len(line):
            raise OSError("the disk took only a part of the line")
        getattr(os, "fdatasync", os.fsync)(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise


def _short(event: Event, name: str) -> str:
    value: str = getattr(event, name)
    most = _LONGEST[name]
    return value if len(value) <= most else value[: most - 1] + "…"


def _windows_host() -> str:
    import platform

    return platform.node()
