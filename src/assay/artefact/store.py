"""The content-addressed store: bytes are kept under the sha256 that they have, or not at all.

A file appears under its final name only when it is whole (written beside, synced, renamed), so a
killed process or a full disk leaves nothing that could be taken for content. Several processes
may write the same thing at once: the last rename wins, and both wrote the same bytes. Whatever is
read is hashed first; a file that rotted is dropped, so that it is fetched anew.

A store that this user may only read serves what it has; what is not there can't be fetched into
it, and the error says so. A file's time of change is that of its last use, to ten minutes:
``assay.artefact.pruning`` goes by it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path

from assay.errors import Undecided
from assay.reason import Reason

try:
    import fcntl
except ImportError:  # Windows: stale files are told by their age alone
    fcntl = None  # type: ignore[assignment]

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_NOTE = 1024  # characters
_GRACE = 60.0  # seconds that a file may lie unlocked between its creation and its lock
_ABANDONED = 86_400.0  # seconds after which a file is stale where locks can't be asked
_USED = 600.0  # seconds: a use is noted no more often


class Draft:
    """Bytes on their way in: hashed while they are written, gone unless they are kept."""

    def __init__(self, path: Path, file: FileIO) -> None:
        self.path = path
        self._file = file
        self.restart()

    def restart(self) -> None:
        """Forget what was written, for a second attempt at the same download."""
        with _usable(self.path):
            self._file.seek(0)
            self._file.truncate()
        self.size = 0
        self._sha256 = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        with _usable(self.path):
            rest = memoryview(chunk)
            while rest:  # a raw file may take less than it was given
                rest = rest[self._file.write(rest) :]
        self.size += len(chunk)
        self._sha256.update(chunk)

    @property
    def sha256(self) -> str:
        """Hex."""
        return self._sha256.hexdigest()

    @property
    def sha512(self) -> str:
        """As npm writes it: ``sha512-`` and base64 (W3C Subresource Integrity).

        Read back, for only npm asks, and a large wheel would pay for it.
        """
        return file_integrity(self.path, "sha512")

    def settle(self) -> None:
        """On the disk, and read-only from now on."""
        os.fsync(self._file.fileno())
        os.chmod(self.path, 0o444)


class Store:
    """Files under ``root`` by their sha256. Any ``OSError`` becomes Undecided(STORE_UNUSABLE)."""

    def __init__(self, root: Path, *, grace: float = _GRACE) -> None:
        self.root = root
        self._grace = grace
        self._swept = False

    @contextlib.contextmanager
    def draft(self) -> Iterator[Draft]:
        """A place to write to; ``keep`` it before the block ends, or nothing stays."""
        with _usable(self.root):
            (self.root / "drafts").mkdir(parents=True, exist_ok=True)
            self._sweep_once()
            path, file = self._claimed()
        try:
            yield Draft(path, file)
        finally:
            file.close()
            path.unlink(missing_ok=True)

    def _claimed(self) -> tuple[Path, FileIO]:
        """A new file that is ours. One that a sweep took between its making and our lock is
        left to the sweep: nobody would find its bytes."""
        while True:
            path = self.root / "drafts" / f"{os.getpid()}-{secrets.token_hex(8)}"
            file = FileIO(path, "x")
            with contextlib.suppress(BlockingIOError):
                _lock(file)
                if os.fstat(file.fileno()).st_nlink:
                    return path, file
            file.close()

    def keep(self, draft: Draft) -> Path:
        """Move a whole draft to its place; the path is where its bytes now lie."""
        with _usable(self.root):
            place = self._place(draft.sha256)
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.settle()
            os.replace(draft.path, place)
            return place

    def put(self, chunks: Iterable[bytes]) -> str:
        """Store a stream; the answer is its sha256 in hex."""
        with self.draft() as draft:
            for chunk in chunks:
                draft.write(chunk)
            self.keep(draft)
            return draft.sha256

    def get(self, sha256: str) -> Path | None:
        """The file with these bytes, hashed just now; None when there is none that is whole."""
        if not _SHA256.fullmatch(sha256):
            return None
        place = self._place(sha256)
        with _usable(self.root):
            if _digest(place, "sha256") == sha256:
                _note_use(place)
                return place
        # Not what its name says: rotten bytes are worse than none, they would stay for ever.
        with contextlib.suppress(OSError):  # in a store to read alone they do, and are not served
            place.unlink(missing_ok=True)
        return None

    def got(self, origin: str, sha256: str) -> Path | None:
        """``get``, for bytes that came from ``origin`` before.

        The right bytes under the wrong name are another artefact: an entry that names one package
        with the digest of another must not pass because that other one lies here already.
        """
        return self.get(sha256) if self.recall(_origin(origin, sha256)) else None

    def note_origin(self, origin: str, sha256: str) -> None:
        """Note that a source served these bytes as ``origin``."""
        self.remember(_origin(origin, sha256), "here")

    def remember(self, key: str, value: str) -> None:
        """Note what ``key`` led to: the sha256 behind an npm integrity, a file's name.

        A note is a hint: whoever follows it holds what it finds against what it looks for.
        """
        with _usable(self.root):
            place = self._note(key)
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{place.name}.{os.getpid()}-{secrets.token_hex(4)}")
            try:
                beside.write_text(value, encoding="utf-8")
                os.replace(beside, place)
            finally:
                beside.unlink(missing_ok=True)

    def recall(self, key: str) -> str:
        """What was noted for ``key``, or empty."""
        try:
            with self._note(key).open(encoding="utf-8") as file:
                _note_use(self._note(key))
                return file.read(_MAX_NOTE)
        except (OSError, ValueError):
            return ""

    def contents(self) -> Iterator[Path]:
        """Every file that is kept; its name is the sha256 that it should have."""
        return (p for p in (self.root / "sha256").glob("*/*") if _SHA256.fullmatch(p.name))

    def notes(self) -> Iterator[Path]:
        """Every note."""
        return (self.root / "notes").glob("*/*")

    def sweep(self) -> None:
        """Remove drafts whose writers are gone. The kernel drops a lock with its process."""
        for path in (self.root / "drafts").glob("*"):
            with contextlib.suppress(OSError):
                if _abandoned(path, self._grace):
                    path.unlink()

    def _place(self, sha256: str) -> Path:
        return self.root / "sha256" / sha256[:2] / sha256

    def _note(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self.root / "notes" / name[:2] / name

    def _sweep_once(self) -> None:
        if not self._swept:
            self._swept = True
            self.sweep()


@contextlib.contextmanager
def _usable(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        alone = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        what = "can only be read, and this is not in it" if alone else "can't be used"
        raise Undecided(
            Reason.STORE_UNUSABLE,
            f"the store {what}: {place}: {error.strerror or error}",
            hint="name a folder of your own with ASSAY_CACHE"
            if alone
            else "free some space, or name another folder with ASSAY_CACHE",
        ) from error


def _note_use(place: Path) -> None:
    with contextlib.suppress(OSError):  # somebody else's, or read-only: its owner prunes by age
        if time.time() - place.stat().st_mtime > _USED:
            os.utime(place)


def _origin(origin: str, sha256: str) -> str:
    return f"origin {origin} {sha256}"


def file_integrity(path: Path, algorithm: str) -> str:
    """The file's digest as npm writes it, ``sha512-…``, with any algorithm of hashlib's."""
    return integrity(algorithm, _digest(path, algorithm))


def integrity(algorithm: str, digest: str) -> str:
    """A hex digest as W3C Subresource Integrity writes it; ValueError when it is not hex."""
    return f"{algorithm}-{b64encode(bytes.fromhex(digest)).decode()}"


def _digest(path: Path, algorithm: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, algorithm).hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return ""


def _lock(file: FileIO) -> None:
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _abandoned(path: Path, grace: float) -> bool:
    age = time.time() - path.stat().st_mtime
    if fcntl is None:
        return age > _ABANDONED
    if age < grace:
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
