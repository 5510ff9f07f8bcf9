"""Zips, and MCP bundles: a zip with a ``manifest.json`` at its top.

What the directory promises (size, checksum) is held against the bytes as they come out, and no
more comes out than was promised. Links are told where they stay inside; an MCP bundle holds none.
"""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from assay.artefact.unpack import links
from assay.artefact.unpack.bounds import LONGEST_PATH, Found, Meter, Paths, refused
from assay.artefact.unpack.zipdirectory import (
    DEFLATED,
    END_MARK,
    MOST_TAIL,
    STORED,
    Record,
    last_end,
    reaching_ends,
    records,
)
from assay.errors import Refused
from assay.hidden import quoted

MANIFEST = "manifest.json"
_CHUNK = 1 << 18
_SPECIAL = 0o7000  # setuid, setgid, sticky
_SIGNATURE, _SIGNATURE_END = b"MCPB_SIG_V1", b"MCPB_SIG_END"


def tree(archive: Path, *, label: str) -> Iterator[Found]:
    """All that the zip at ``archive`` holds. Refused: ARTEFACT_INVALID."""
    with archive.open("rb") as file:
        yield from _tree(file, archive.stat().st_size, label, may_link=True)


def bundle(archive: Path, *, label: str) -> Iterator[Found]:
    """All that an MCP bundle holds; it must have a manifest, and no links."""
    has_manifest = False
    with archive.open("rb") as file:
        length = _unsigned(file, archive.stat().st_size)
        for found in _tree(file, length, label, may_link=False):
            has_manifest = has_manifest or found.path == MANIFEST
            yield found
    if not has_manifest:
        raise refused(label, f"is no MCP bundle: it has no {MANIFEST} at its top")


def _unsigned(file: BinaryIO, length: int) -> int:
    """Where the zip ends: ``mcpb sign`` writes a signature behind it.

    Newer versions declare it as the zip's comment, and then the zip ends with it. Whatever is not
    exactly the one or the other stays, and is refused as bytes behind a zip.
    """
    base = max(0, length - MOST_TAIL)
    file.seek(base)
    tail = file.read(length - base)
    at = tail.rfind(_SIGNATURE)
    body = at + len(_SIGNATURE) + 4
    size = int.from_bytes(tail[body - 4 : body], "little")
    is_whole = tail.endswith(_SIGNATURE_END) and body + size + len(_SIGNATURE_END) == len(tail)
    # The zip's end must be the one that every reader finds, whether it knows of signatures or not.
    is_plain = last_end(tail[:at]) >= 0 and END_MARK not in tail[at:] and not reaching_ends(tail)
    return base + at if at >= 0 and is_whole and is_plain else length


def _tree(file: BinaryIO, length: int, label: str, *, may_link: bool) -> Iterator[Found]:
    inside = links.Links(label)
    for found, record in contents(file, listed(file, length, label), label):
        if found.stream is None or not stat.S_ISLNK(record.mode):
            yield found
            continue
        if not may_link:
            raise refused(label, f"holds a link: {quoted(found.path)}")
        target = _target(found, label)
        inside.add(found.path, target)
        yield found._replace(kind="link", size=0, target=target, stream=None)
    inside.hold()


def _target(found: Found, label: str) -> str:
    raw = found.stream.read(LONGEST_PATH + 1) if found.stream else b""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(
            label, f"has a link whose target is not UTF-8: {quoted(found.path)}"
        ) from error


def listed(file: BinaryIO, length: int, label: str) -> list[Record]:
    """The records, their names and promised sizes held: a bomb is refused before it unpacks."""
    found = records(file, length, label)
    if not found:
        raise refused(label, "is no zip that can be read: it holds no file")
    meter, paths = Meter(label, length), Paths(label)
    for record in found:
        meter.count(record.size)
        _plain(record, paths, label)
    return found


def contents(file: BinaryIO, found: list[Record], label: str) -> Iterator[tuple[Found, Record]]:
    """Every record with its bytes, each proven whole before the next; links as files."""
    for record in found:
        mode = record.mode & 0o7777
        stream = Stream(file, record, label)
        if record.name.endswith("/"):
            stream.finish()  # some compress even nothing; that it is nothing must be seen
            yield Found(record.name.removesuffix("/"), "folder", mode), record
            continue
        yield Found(record.name, "file", mode, record.size, stream=stream), record
        stream.finish()


def reading(file: BinaryIO, by_name: Mapping[str, Record], name: str, label: str) -> Stream:
    """The bytes of one file, ahead of its turn."""
    if name not in by_name:
        raise refused(label, f"has no {quoted(name)}")
    return Stream(file, by_name[name], label)


def _plain(record: Record, paths: Paths, label: str) -> None:
    name, kind = record.name, stat.S_IFMT(record.mode)
    if name.endswith("/"):
        paths.add_folder(name.removesuffix("/"))
        if record.size or kind not in (0, stat.S_IFDIR):
            raise refused(label, f"has a file that some take for a folder: {quoted(name)}")
        return
    paths.add(name)
    if kind not in (0, stat.S_IFREG, stat.S_IFLNK):
        raise refused(label, f"holds a device or the like: {quoted(name)}")
    if record.mode & _SPECIAL:
        raise refused(label, f"holds a setuid, setgid or sticky file: {quoted(name)}")
    if record.method not in (STORED, DEFLATED):
        raise refused(label, f"compresses in a way that not all readers know: {quoted(name)}")


class Stream:
    """One record's bytes: never more than promised, and the last ones only once all are proven."""

    def __init__(self, file: BinaryIO, record: Record, label: str) -> None:
        self._file = file
        self._record = record
        self._label = label
        self._at = record.start
        self._packed = record.packed
        self._left = record.size
        self._crc = 0
        self._inflate = None if record.method == STORED else zlib.decompressobj(-zlib.MAX_WBITS)
        self._proven = False

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        got = b""
        while size and not got:
            got = self._stored(size) if self._inflate is None else self._inflated(size)
        self._left -= len(got)
        self._crc = zlib.crc32(got, self._crc)
        if not self._left and not self._proven:
            self._prove()
        return got

    def finish(self) -> None:
        """Read what nobody read."""
        while self.read(_CHUNK):
            pass

    def _stored(self, size: int) -> bytes:
        got = self._raw(size)
        if not got:
            raise self._broken("ends too early")
        return got

    def _inflated(self, size: int) -> bytes:
        inflate = self._inflate
        assert inflate is not None  # noqa: S101
        raw = inflate.unconsumed_tail or self._raw(_CHUNK)
        try:
            got = inflate.decompress(raw, size)
        except zlib.error as error:
            raise self._broken(str(error)) from error
        if not got and (inflate.eof or not raw):
            raise self._broken("ends too early")
        return got

    def _raw(self, size: int) -> bytes:
        self._file.seek(self._at)
        got = self._file.read(min(size, self._packed))
        self._at += len(got)
        self._packed -= len(got)
        return got

    def _prove(self) -> None:
        """Nothing is left on either side, and the checksum is the promised one."""
        self._proven = True
        if self._inflate is not None:
            self._end(self._inflate)
        if self._packed:
            raise self._broken("has more bytes than it unpacks to")
        if self._crc != self._record.crc:
            raise self._broken("has another checksum")

    def _end(self, inflate: zlib._Decompress) -> None:
        raw = inflate.unconsumed_tail
        while not inflate.eof and (raw := raw or self._raw(_CHUNK)):
            try:
                if inflate.decompress(raw, 1):
                    raise self._broken("unpacks to more than it says")
            except zlib.error as error:
                raise self._broken(str(error)) from error
            raw = inflate.unconsumed_tail
        if not inflate.eof or inflate.unused_data:
            raise self._broken("has no end, or bytes behind its end")

    def _broken(self, what: str) -> Refused:
        return refused(self._label, f"can't be read: {quoted(self._record.name)} {what}")
