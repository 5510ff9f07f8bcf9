"""Wheels: the binary distribution format of PyPI, PEP 427 and its RECORD, PEP 376.

Each file must be in RECORD with the hash that its bytes have, and RECORD may name no other.
purelib and platlib land in the one site folder; scripts, headers and data are not laid, for
nothing that we start looks them up. A ``.pth`` file is refused: Python's ``site`` would execute
its lines at every start, before anything that was asked for.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from assay.artefact.unpack import zipped
from assay.artefact.unpack.bounds import Found, Member, Paths, Stream, executable, refused
from assay.artefact.unpack.zipdirectory import Record
from assay.hidden import quoted

_MOST_METADATA = 32 * 1024**2  # bytes of RECORD: torch's has 2 MB
_STRONG = ("sha256", "sha384", "sha512")
_UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_CHUNK = 1 << 18

_Told = dict[str, tuple[str, bytes, int]]  # path → hash's name, digest, size


def members(archive: Path, *, name: str, version: str, label: str) -> Iterator[Member]:
    """The files of the wheel at ``archive`` at their places in the site folder.

    ``name`` and ``version`` are those of the package, and the wheel must say the same. Refused:
    ARTEFACT_INVALID, at the latest when the last member was read.
    """
    for found, path in _placed(archive, (name, version), label):
        if path is not None and found.stream is not None:
            yield Member(path, executable(found.mode), found.stream)


def package(archive: Path, *, label: str, named: tuple[str, str] | None = None) -> Iterator[Found]:
    """All that the wheel at ``archive`` holds, where it holds it, each file held against RECORD.

    ``named`` is the package's name and version where they are known. Whatever would be refused
    when the wheel is laid is refused here.
    """
    for found, _ in _placed(archive, named, label):
        yield found


def _placed(
    archive: Path, named: tuple[str, str] | None, label: str
) -> Iterator[tuple[Found, str | None]]:
    """Each file with its place in the site folder, or None where it is not laid."""
    with archive.open("rb") as file:
        listed = zipped.listed(file, archive.stat().st_size, label)
        top = _metadata_folder(listed, named, label)
        by_name = {record.name: record for record in listed}
        small = {
            name: _small(zipped.reading(file, by_name, f"{top}/{name}", label), label)
            for name in ("WHEEL", "RECORD")
        }
        _understood(small["WHEEL"], label)
        told = _record(small["RECORD"], top, label)
        laid = Paths(label)
        for found, record in zipped.contents(file, listed, label):
            if found.stream is None:
                yield found, None
                continue
            if stat.S_ISLNK(record.mode):
                raise refused(label, f"holds a link: {quoted(found.path)}")
            path = _place(found.path, top, label)
            if path is not None:
                laid.add(path)
            stream = _Checked(found.stream, _expected(told, found.path, top, label), label)
            yield found._replace(stream=stream), path
            stream.finish(found.path)
    if told:
        raise refused(label, f"RECORD names a file that is not there: {quoted(next(iter(told)))}")


def _metadata_folder(listed: list[Record], named: tuple[str, str] | None, label: str) -> str:
    """The one ``NAME-VERSION.dist-info``, which says whose wheel this is."""
    tops = {record.name.partition("/")[0] for record in listed}
    # Python finds metadata under a name in capitals too, and under its older ending.
    found = sorted(top for top in tops if top.lower().endswith((".dist-info", ".egg-info")))
    if len(found) != 1 or not found[0].endswith(".dist-info"):
        raise refused(label, f"has {len(found)} folders of metadata instead of one .dist-info")
    told_name, _, told_version = found[0].removesuffix(".dist-info").rpartition("-")
    name, version = named or (told_name, told_version)
    if _normal(told_name) != _normal(name) or _release(told_version) != _release(version):
        told = f"calls itself {quoted(f'{told_name} {told_version}')}, not {name} {version}"
        raise refused(label, told)
    return found[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


def _release(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version.replace("_", "+", 1)))  # PEP 427 escapes the local part
    except InvalidVersion:
        return version


def _small(stream: zipped.Stream, label: str) -> bytes:
    raw = b""
    while chunk := stream.read(_MOST_METADATA):
        raw += chunk
        if len(raw) > _MOST_METADATA:
            raise refused(label, "has metadata that is too big")
    return raw


def _understood(raw: bytes, label: str) -> None:
    found = re.search(rb"^Wheel-Version:\s*1\.[0-9]+\s*$", raw, re.MULTILINE)
    if found is None:
        raise refused(label, "is not of wheel version 1")


def _record(raw: bytes, top: str, label: str) -> _Told:
    """What RECORD vouches for."""
    told: _Told = {}
    try:
        for row in csv.reader(io.StringIO(raw.decode("utf-8"), newline="")):
            if not row:
                continue
            path, digest, size = row[:3]
            if path in {f"{top}/{name}" for name in _UNHASHED}:
                continue
            how, _, value = digest.partition("=")
            if how not in _STRONG or path in told:
                what = f"RECORD has no strong hash for {quoted(path)}, or has it twice"
                raise refused(label, what)
            told[path] = (how, base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), int(size))
    except (ValueError, csv.Error) as error:
        raise refused(label, f"RECORD can't be read: {error}") from error
    return told


def _expected(told: _Told, path: str, top: str, label: str) -> tuple[str, bytes, int] | None:
    if path in told:
        return told.pop(path)
    if path in {f"{top}/{name}" for name in _UNHASHED}:
        return None
    raise refused(label, f"RECORD does not name {quoted(path)}")


def _place(path: str, top: str, label: str) -> str | None:
    """Where a file lands in the site folder; None for what is not laid."""
    first, _, rest = path.partition("/")
    if first == top.removesuffix(".dist-info") + ".data":
        scheme, _, path = rest.partition("/")
        if scheme not in ("purelib", "platlib"):
            return None
    elif first.endswith(".data") and rest.partition("/")[0] in ("purelib", "platlib"):
        raise refused(label, f"has a .data folder of another package: {quoted(first)}")
    if "/" not in path and path.lower().endswith(".pth"):
        raise refused(label, f"holds {quoted(path)}: a .pth file is code that runs at each start")
    # Compiled code that nobody can read against its source: the interpreter here makes its own.
    return None if "__pycache__" in path.split("/") else path


class _Checked:
    """A file's bytes, counted and held against RECORD as they are read."""

    def __init__(self, stream: Stream, expected: tuple[str, bytes, int] | None, label: str) -> None:
        self._label = label
        self._stream = stream
        self._expected = expected
        self._hash = hashlib.new(expected[0]) if expected else None
        self._size = 0

    def read(self, size: int, /) -> bytes:
        got = self._stream.read(size)
        self._size += len(got)
        if self._hash is not None:
            self._hash.update(got)
        return got

    def finish(self, path: str) -> None:
        """Read what nobody read, then hold the whole against RECORD."""
        while self.read(_CHUNK):
            pass
        if self._expected is None or self._hash is None:
            return
        _, digest, size = self._expected
        if size != self._size or digest != self._hash.digest():
            raise refused(self._label, f"{quoted(path)} is not the file that RECORD names")
