"""npm's tarballs: gzip, one top folder of any name, plain files.

npm itself passes over links and devices in a package; we refuse them, so that nobody reviews a
package that unpacks differently from what they read.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from assay.artefact.unpack.bounds import MOST_MEMBERS, Member, Meter, Paths, readable, refused

_BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError)
_WHAT = "a gzipped tar"


def members(archive: Path, *, label: str) -> Iterator[Member]:
    """The files of the tarball at ``archive``, without their first folder, in the archive's order.

    ``label`` names the archive to a person. Refused: ARTEFACT_INVALID.
    """
    meter = Meter(label, archive.stat().st_size)
    paths = Paths(label)
    number = -1
    with readable(label, _WHAT, *_BROKEN), gzip.open(archive) as plain:
        # r| reads forward alone, so every byte passes the meter once, headers included.
        metered = cast("BinaryIO", _Metered(cast("BinaryIO", plain), meter))
        with tarfile.open(fileobj=metered, mode="r|", errors="strict") as tar:
            for number, info in enumerate(tar):
                if number > MOST_MEMBERS:  # folders count too: tarfile keeps each header
                    raise refused(label, f"holds over {MOST_MEMBERS} files and folders")
                member = _member(tar, info, paths, label)
                if member is not None:
                    yield member
    if number < 0:
        raise refused(label, "holds no file")


def _member(tar: tarfile.TarFile, info: tarfile.TarInfo, paths: Paths, label: str) -> Member | None:
    if info.isdir():
        return None
    if not info.isreg() or info.issparse():
        raise refused(label, f"holds a link, a device or the like: {info.name}")
    first, _, path = info.name.partition("/")
    if not path or first in ("", ".", ".."):
        raise refused(label, f"has a file outside its top folder: {info.name}")
    stream = tar.extractfile(info)
    assert stream is not None  # noqa: S101  a regular file has one
    return Member(paths.add(path), bool(info.mode & 0o111), _Content(stream, label))


class _Metered:
    """What ``tarfile`` reads from: counts before it hands on, in pieces that stay small."""

    def __init__(self, stream: BinaryIO, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int) -> bytes:
        got = self._stream.read(size)
        self._meter.count(len(got))
        return got


class _Content:
    """A member's bytes, for a reader that knows nothing of archives."""

    def __init__(self, stream: IO[bytes], label: str) -> None:
        self._stream = stream
        self._label = label

    def read(self, size: int, /) -> bytes:
        with readable(self._label, _WHAT, *_BROKEN):
            return self._stream.read(size)
