"""What an archive may hold: the one set of limits and path rules for every format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from assay.errors import Refused
from assay.reason import Reason

MOST_MEMBERS = 100_000
MOST_BYTES = 1024**3  # of an archive, unpacked
MOST_RATIO = 200  # unpacked to packed; gzip's own limit is 1032
RATIO_FROM = 32 * 1024**2  # bytes unpacked, below which the ratio says nothing
MOST_DEPTH = 48  # folders on the way to a file
LONGEST_PATH = 1024  # characters
LONGEST_NAME = 255  # bytes, what common file systems hold

# Windows reads these as devices, drives, streams or other names; a tree must mean the same there.
_FOREIGN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class Stream(Protocol):
    """A member's bytes. ``read`` raises ``Refused`` where the archive turns out to be broken."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One file: its path inside the tree, whether it may be executed, and its bytes to be read.

    ``stream`` is good until the next member is asked for.
    """

    path: str
    executable: bool
    stream: Stream


def refused(archive: str, what: str) -> Refused:
    """The error for an archive that we would not unpack; ``archive`` is how a person knows it."""
    return Refused(
        Reason.ARTEFACT_INVALID, f"{archive}: {what}", hint="tell the maintainer of the package"
    )


def safe_path(archive: str, path: str) -> str:
    """``path`` where it is relative, plain and stays inside; else ``Refused``."""
    parts = path.split("/")
    if len(path) > LONGEST_PATH or len(parts) > MOST_DEPTH:
        raise refused(archive, f"a path is too long or too deep: {path[:80]}…")
    for part in parts:
        if part in ("", ".", ".."):
            raise refused(archive, f"a path leads outside or is not plain: {path}")
        if _FOREIGN.search(part) or _DEVICE.fullmatch(part) or part[-1] in ". ":
            raise refused(archive, f"a path means something else on another system: {path}")
        try:
            too_long = len(part.encode("utf-8")) > LONGEST_NAME
        except UnicodeEncodeError as error:
            raise refused(archive, f"a path is not UTF-8: {path}") from error
        if too_long:
            raise refused(archive, f"a name is too long: {part[:80]}…")
    return path


@dataclass(slots=True)
class Paths:
    """The paths seen so far; two that some file system takes for one refuse the archive.

    Case and Unicode form are folded, for macOS and Windows fold them: the file that wins there
    need not be the one that was reviewed here.
    """

    archive: str
    _files: set[str] = field(default_factory=set)
    _folders: set[str] = field(default_factory=set)

    def add(self, path: str) -> str:
        """Take ``path`` in, once proven safe."""
        safe_path(self.archive, path)
        folded = unicodedata.normalize("NFC", path).casefold()
        if folded in self._files or folded in self._folders:
            raise refused(self.archive, f"holds twice what some systems take for one file: {path}")
        if len(self._files) >= MOST_MEMBERS:
            raise refused(self.archive, f"holds over {MOST_MEMBERS} files")
        self._files.add(folded)
        parent = folded.rpartition("/")[0]
        while parent and parent not in self._folders:
            if parent in self._files:
                raise refused(self.archive, f"has a file in the place of a folder: {path}")
            self._folders.add(parent)
            parent = parent.rpartition("/")[0]
        return path


@dataclass(slots=True)
class Meter:
    """Counts the bytes that come out of an archive of ``packed`` bytes."""

    archive: str
    packed: int
    unpacked: int = 0

    def count(self, size: int) -> None:
        """Note ``size`` more bytes; ``Refused`` where they are too many."""
        self.unpacked += size
        if self.unpacked > MOST_BYTES:
            raise refused(self.archive, f"unpacks to over {MOST_BYTES // 1024**2} MiB")
        if self.unpacked > max(RATIO_FROM, self.packed * MOST_RATIO):
            raise refused(self.archive, f"unpacks to over {MOST_RATIO} times its size")


@contextmanager
def readable(archive: str, what: str, *errors: type[Exception]) -> Iterator[None]:
    """Turn a reader's ``errors`` into the one that says which archive is not ``what``."""
    try:
        yield
    except errors as error:
        raise refused(archive, f"is not {what} that can be read: {error}") from error
