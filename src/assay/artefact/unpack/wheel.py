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
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from assay.artefact.unpack.bounds import MOST_MEMBERS, Member, Meter, Paths, readable, refused

_MOST_METADATA = 32 * 1024**2  # bytes of RECORD: torch's has 2 MB
_STRONG = ("sha256", "sha384", "sha512")
_UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")
_CHUNK = 1 << 18
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError)
_WHAT = "a wheel"


def members(archive: Path, *, name: str, version: str, label: str) -> Iterator[Member]:
    """The files of the wheel at ``archive`` at their places in the site folder.

    ``name`` and ``version`` are those of the package, and the wheel must say the same. Refused:
    ARTEFACT_INVALID, at the latest when the last member was read.
    """
    meter = Meter(label, archive.stat().st_size)
    with readable(label, _WHAT, *_BROKEN), zipfile.ZipFile(archive) as wheel:
        yield from _members(wheel, meter, name, version, label)


def _members(
    wheel: zipfile.ZipFile, meter: Meter, name: str, version: str, label: str
) -> Iterator[Member]:
    infos = [info for info in wheel.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise refused(label, f"holds over {MOST_MEMBERS} files")
    inside, laid = Paths(label), Paths(label)
    for info in infos:
        _plain(info, inside, label)
    top = _metadata_folder(infos, name, version, label)
    _understood(_small(wheel, f"{top}/WHEEL", label), label)
    record = _record(_small(wheel, f"{top}/RECORD", label), top, label)
    for info in infos:
        path = _place(info.filename, top, label)
        with wheel.open(info) as packed:
            stream = _Checked(packed, meter, _expected(record, info.filename, top, label), label)
            if path is not None:
                yield Member(laid.add(path), bool(info.external_attr >> 16 & 0o111), stream)
            stream.finish(info.filename)
    if record:
        raise refused(label, f"RECORD names a file that is not there: {next(iter(record))}")


def _plain(info: zipfile.ZipInfo, inside: Paths, label: str) -> None:
    inside.add(info.filename)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or info.flag_bits & 0x1:
        raise refused(label, f"holds a link, a device or an encrypted file: {info.filename}")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused(label, f"compresses in a way that wheels do not: {info.filename}")


def _metadata_folder(infos: list[zipfile.ZipInfo], name: str, version: str, label: str) -> str:
    """The one ``NAME-VERSION.dist-info``, which says whose wheel this is."""
    tops = {info.filename.partition("/")[0] for info in infos}
    found = sorted(top for top in tops if top.endswith(".dist-info"))
    if len(found) != 1:
        raise refused(label, f"has {len(found)} .dist-info folders instead of one")
    told_name, _, told_version = found[0].removesuffix(".dist-info").rpartition("-")
    if _normal(told_name) != _normal(name) or _release(told_version) != _release(version):
        raise refused(label, f"calls itself {told_name} {told_version}, not {name} {version}")
    return found[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


def _release(version: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version.replace("_", "+", 1)))  # PEP 427 escapes the local part
    except InvalidVersion:
        return version


def _small(wheel: zipfile.ZipFile, path: str, label: str) -> bytes:
    try:
        with wheel.open(path) as file:
            raw = file.read(_MOST_METADATA + 1)
    except KeyError as error:
        raise refused(label, f"has no {path}") from error
    if len(raw) > _MOST_METADATA:
        raise refused(label, f"{path} is too big")
    return raw


def _understood(raw: bytes, label: str) -> None:
    found = re.search(rb"^Wheel-Version:\s*1\.[0-9]+\s*$", raw, re.MULTILINE)
    if found is None:
        raise refused(label, "is not of wheel version 1")


def _record(raw: bytes, top: str, label: str) -> dict[str, tuple[str, bytes, int]]:
    """Path → hash's name, digest and size, for each file that RECORD vouches for."""
    told: dict[str, tuple[str, bytes, int]] = {}
    try:
        for row in csv.reader(io.StringIO(raw.decode("utf-8"), newline="")):
            if not row:
                continue
            path, digest, size = row[:3]
            if path in {f"{top}/{name}" for name in _UNHASHED}:
                continue
            how, _, value = digest.partition("=")
            if how not in _STRONG or path in told:
                raise refused(label, f"RECORD has no strong hash for {path}, or has it twice")
            told[path] = (how, base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), int(size))
    except (ValueError, csv.Error) as error:
        raise refused(label, f"RECORD can't be read: {error}") from error
    return told


def _expected(
    record: dict[str, tuple[str, bytes, int]], path: str, top: str, label: str
) -> tuple[str, bytes, int] | None:
    if path in {f"{top}/{name}" for name in _UNHASHED}:
        return None
    if path not in record:
        raise refused(label, f"RECORD does not name {path}")
    return record.pop(path)


def _place(path: str, top: str, label: str) -> str | None:
    """Where a file lands in the site folder; None for what is not laid."""
    first, _, rest = path.partition("/")
    if first == top.removesuffix(".dist-info") + ".data":
        scheme, _, path = rest.partition("/")
        if scheme not in ("purelib", "platlib"):
            return None
    elif first.endswith(".data") and rest.partition("/")[0] in ("purelib", "platlib"):
        raise refused(label, f"has a .data folder of another package: {first}")
    if "/" not in path and path.lower().endswith(".pth"):
        raise refused(label, f"holds {path}: a .pth file is code that runs at each start")
    # Compiled code that nobody can read against its source: the interpreter here makes its own.
    return None if "__pycache__" in path.split("/") else path


class _Checked:
    """A member's bytes, counted and held against RECORD as they are read."""

    def __init__(
        self,
        stream: IO[bytes],
        meter: Meter,
        expected: tuple[str, bytes, int] | None,
        label: str,
    ) -> None:
        self._label = label
        self._stream = stream
        self._meter = meter
        self._expected = expected
        self._hash = hashlib.new(expected[0]) if expected else None
        self._size = 0

    def read(self, size: int, /) -> bytes:
        with readable(self._label, _WHAT, *_BROKEN):
            got = self._stream.read(size)
        self._meter.count(len(got))
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
            raise refused(self._label, f"{path} is not the file that RECORD names")
