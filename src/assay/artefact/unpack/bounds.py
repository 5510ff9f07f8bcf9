"""What an archive may hold: the one set of limits and path rules for every format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from assay.artefact.unpack.lookalike import disguised, keys
from assay.errors import Refused
from assay.hidden import is_hidden, quoted
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
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9\xb9\xb2\xb3]) *(\..*)?", re.IGNORECASE
)
# What nearly every path is: letters, digits and a little more, no name of a device and none that
# ends in a dot. One look instead of one for each name and rule.
_PLAIN_NAME = (
    r"(?!(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|\Z))[A-Za-z0-9_@+.-]*[A-Za-z0-9_@+-]"
)
_PLAIN = re.compile(rf"(?:{_PLAIN_NAME}/)*{_PLAIN_NAME}")


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


class Found(NamedTuple):
    """Whatever an archive holds, in the archive's order.

    ``kind`` is file, folder, link or hardlink. ``mode`` are the permission bits that the archive
    gives. ``size`` in bytes and ``stream`` are those of a file; the stream is good until the next
    one is asked for. ``target`` is where a link points, as written.
    """

    path: str
    kind: str
    mode: int
    size: int = 0
    target: str = ""
    stream: Stream | None = None


def refused(archive: str, what: str) -> Refused:
    """The error for an archive that we would not unpack; ``archive`` is how a person knows it."""
    return Refused(
        Reason.ARTEFACT_INVALID, f"{archive}: {what}", hint="tell the maintainer of the package"
    )


def executable(mode: int) -> bool:
    """Whether anybody may execute a file of this mode."""
    return bool(mode & 0o111)


def safe_path(archive: str, path: str) -> str:
    """``path`` where it is relative, plain and stays inside; else ``Refused``."""
    if len(path) <= LONGEST_NAME and path.count("/") < MOST_DEPTH and _PLAIN.fullmatch(path):
        return path
    parts = path.split("/")
    if len(path) > LONGEST_PATH or len(parts) > MOST_DEPTH:
        raise refused(archive, f"a path is too long or too deep: {quoted(path)}")
    for part in parts:
        if wrong := _wrong(part):
            raise refused(archive, f"{wrong}: {quoted(path, 200)}")
    return path


def _wrong(part: str) -> str:
    """What is wrong with one part of a path, or empty."""
    if part in ("", ".", ".."):
        return "a path leads outside or is not plain"
    if _FOREIGN.search(part) or _DEVICE.fullmatch(part) or part[-1] in ". ":
        return "a path means something else on another system"
    if not part.isascii():
        if any(map(is_hidden, part)):  # a lone surrogate too, which no UTF-8 has
            return "a name holds a character that nobody sees, or that reorders what is seen"
        if disguised(part):
            return "a name passes for another: it mixes letters that look alike"
    return "a name is too long" if len(part.encode()) > LONGEST_NAME else ""


@dataclass(slots=True)
class Paths:
    """The paths seen so far; two that some system or some reader takes for one refuse the archive.

    Case and Unicode form are folded, for macOS and Windows fold them: the file that wins there
    need not be the one that was reviewed here. A folder has one spelling for the same reason.
    """

    archive: str
    _files: set[str] = field(default_factory=set)
    _folders: dict[str, str] = field(default_factory=dict)  # key → spelling
    _known: set[str] = field(default_factory=set)  # folders, as spelt
    _count: int = 0

    def add(self, path: str) -> str:
        """Take in the path of a file or a link, once proven safe."""
        self._count_one()
        safe_path(self.archive, path)
        for key in keys(path):
            if key in self._files:
                raise self._twice(path)
            if key in self._folders:
                raise refused(self.archive, f"has a file in the place of a folder: {quoted(path)}")
        self._folder(path.rpartition("/")[0])
        self._files.update(keys(path))
        return path

    def add_folder(self, path: str) -> str:
        """Take in a folder that the archive names; it may be named again, or hold files already."""
        self._count_one()
        safe_path(self.archive, path)
        self._folder(path)
        return path

    def _folder(self, path: str) -> None:
        while path and path not in self._known:
            for key in keys(path):
                if key in self._files:
                    raise refused(
                        self.archive, f"has a file in the place of a folder: {quoted(path)}"
                    )
                if self._folders.setdefault(key, path) != path:
                    raise self._twice(path)
            self._known.add(path)
            path = path.rpartition("/")[0]

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MOST_MEMBERS:
            raise refused(self.archive, f"holds over {MOST_MEMBERS} files and folders")

    def _twice(self, path: str) -> Refused:
        told = f"holds twice what some systems or readers take for one: {quoted(path, 200)}"
        return refused(self.archive, told)


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
