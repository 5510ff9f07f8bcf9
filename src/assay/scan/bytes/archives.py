"""Archives inside the archive: told, opened within bounds, and what they hold judged as well.

A payload two archives deep runs as well as one that lies open; a picture with a zip behind it is
a picture to whoever looks and an archive to whoever knows.
"""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from assay.finding import Severity
from assay.scan.bytes import (
    binaries,
    commands,
    credentials,
    encoded_payload,
    hosts,
    instructions,
    mining,
    shape,
)
from assay.scan.model import Hit, ScannedFile

ID = "archives"
INSIDE = "archive-inside"
HIDDEN = "hidden-archive"
LOCKED = "locked-archive"
UNREADABLE = "unread-archive"
_FIX = "Ship the files themselves, so that they are scanned and reviewed."
_MOST_MEMBERS = 2000
_MOST_BYTES = 64 << 20  # of one archive's members together
_MOST_MEMBER = 8 << 20
_DEEPEST = 3
_WITHIN = (commands, hosts, mining, credentials, instructions, encoded_payload, shape, binaries)
# What one expects to be an archive, by its name; everything else hides one.
_NAMED = (
    ".zip", ".whl", ".jar", ".egg", ".nupkg", ".vsix", ".mcpb", ".dxt", ".xpi", ".crx", ".apk", ".aar", ".war",
    ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".epub", ".npz", ".pth", ".pt", ".keras", ".sketch", ".kmz",
    ".gz", ".tgz", ".tar", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar", ".br", ".lzma", ".cab",
    ".svgz", ".dmg", ".asar", ".rds", ".rda", ".nii", ".a", ".lib", ".deb", ".ipa", ".pkg", ".potx", ".dotx", ".xlsm",
)  # fmt: skip


def run(file: ScannedFile) -> Iterator[Hit]:
    """One archive inside, if it is one."""
    kind = file.nested or _appended(file)
    if not kind:
        return
    named = file.name.lower().endswith(_NAMED) or "." not in file.name
    if not named:
        yield file.hit(
            HIDDEN,
            f"Is a {kind} archive as well as what its name says",
            family="binary",
            severity=Severity.ERROR,
            fix=_FIX,
        )
    else:
        yield file.hit(
            INSIDE, f"Holds a {kind} archive", family="binary", severity=Severity.NOTE, fix=_FIX
        )
    yield from _members(file, kind, _DEEPEST)


def _appended(file: ScannedFile) -> str:
    """A zip behind something else, with a comment after its end record."""
    if file.kind != "binary" and file.size > (4 << 20):
        return ""
    raw = file.raw
    tail = raw[-66_000:]
    end = tail.rfind(b"PK\5\6")
    if end >= 0 and b"PK\1\2" in raw and b"PK\3\4" in raw and len(tail) - end >= 22:
        return "zip"
    for start, what in ((b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z")):
        if (
            file.kind == "binary"
            and raw.find(start, 64) > 0
            and file.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".ico", ".bmp"))
        ):
            return what
    return ""


def _members(file: ScannedFile, kind: str, depth: int) -> Iterator[Hit]:
    try:
        if kind == "zip":
            yield from _zip(file, depth)
        elif kind in ("gzip", "bzip2", "xz", "tar"):
            yield from _squeezed(file, kind, depth)
        else:
            yield _unread(file, f"a {kind} archive, which this scan does not open")
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        lzma.LZMAError,
        OSError,
        EOFError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        KeyError,
    ) as error:
        yield _unread(file, f"a {kind} archive that can't be opened: {type(error).__name__}")


def _unread(file: ScannedFile, what: str) -> Hit:
    # A library of object code is an archive to its format alone.
    weight = Severity.NOTE if file.name.endswith((".a", ".lib")) else Severity.WARNING
    return file.hit(UNREADABLE, f"Holds {what}", family="binary", severity=weight, fix=_FIX)


def _zip(file: ScannedFile, depth: int) -> Iterator[Hit]:
    left = _MOST_BYTES
    with zipfile.ZipFile(io.BytesIO(file.raw)) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if any(one.flag_bits & 1 for one in members):
            yield file.hit(
                LOCKED,
                "Holds an archive under a password, which keeps everybody from looking inside",
                family="binary",
                severity=Severity.ERROR,
                fix=_FIX,
            )
            return
        for one in members[:_MOST_MEMBERS]:
            with archive.open(one) as stream:
                raw = stream.read(min(_MOST_MEMBER, left))
            left -= len(raw)
            if left <= 0:
                break
            yield from _member(file, one.filename, raw, depth)
    if left <= 0 or len(members) > _MOST_MEMBERS:
        yield _unread(file, "a zip archive that holds more than this scan opens")


def _squeezed(file: ScannedFile, kind: str, depth: int) -> Iterator[Hit]:
    raw = _unsqueezed(file.raw, kind)
    if raw[257:262] != b"ustar":
        yield from _member(file, file.name.rpartition(".")[0] or "content", raw, depth)
        return
    with tarfile.open(fileobj=io.BytesIO(raw), mode="r:") as archive:
        for index, one in enumerate(archive):
            stream = archive.extractfile(one) if one.isfile() else None
            if index >= _MOST_MEMBERS:
                yield _unread(file, "a tar archive that holds more than this scan opens")
                return
            if stream is not None:
                yield from _member(file, one.name, stream.read(_MOST_MEMBER), depth)


def _unsqueezed(raw: bytes, kind: str) -> bytes:
    if kind == "gzip":
        return zlib.decompressobj(31).decompress(raw, _MOST_BYTES)
    if kind == "bzip2":
        return bz2.BZ2Decompressor().decompress(raw, _MOST_BYTES)
    if kind == "xz":
        return lzma.LZMADecompressor(memlimit=64 << 20).decompress(raw, _MOST_BYTES)
    return raw


def _member(file: ScannedFile, name: str, raw: bytes, depth: int) -> Iterator[Hit]:
    """The checks over one member, told at the archive that holds it."""
    from assay.artefact.unpack.inventory import nested_kind
    from assay.scan import kind as kinds

    with tempfile.NamedTemporaryFile(prefix="assay-") as held:
        held.write(raw)
        held.flush()
        path = f"{file.path}!/{name}"
        nested = nested_kind(raw[:512], raw[-22:])
        inner = ScannedFile(
            path,
            kinds.of(name, raw[: kinds.HEAD]),
            0,
            len(raw),
            "",
            nested,
            Path(held.name),
            file.package,
        )
        for check in _WITHIN:
            yield from check.run(inner)
        if nested and depth > 1:
            yield from _members(inner, nested, depth - 1)
        elif nested:
            yield _unread(inner, "an archive deeper inside archives than this scan goes")
