"""A zip's directory, believed only where the whole file bears it out (PKWARE APPNOTE 6.3).

A zip says everything twice: in the central directory at its end, which most readers follow, and
in a header before each file, which streaming readers follow. Here both must say the same, and the
records must lie one after the other from the first byte to the directory, without a gap, an
overlap, or anything before or behind: so there is no second archive in the file, no hidden bytes,
and no file whose bytes are counted twice.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

from assay.artefact.unpack.bounds import MOST_MEMBERS, refused
from assay.hidden import quoted

STORED, DEFLATED = 0, 8

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
END_MARK = b"PK\5\6"
_MOST_COMMENT = 0xFFFF
MOST_TAIL = _MOST_COMMENT + _END.size  # bytes in which a zip's end may stand
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
# Flags that change what is read: encrypted, sizes behind the data, patched, strongly encrypted,
# UTF-8, header masked. The others are about how well it was compressed.
_TELLING = 0x1 | 0x8 | 0x20 | 0x40 | 0x800 | 0x2000
_ENCRYPTED = 0x1 | 0x20 | 0x40 | 0x2000
_DESCRIBED, _UTF8 = 0x8, 0x800
_MOST_DIRECTORY = 128 * 1024**2  # bytes


class Record(NamedTuple):
    """One file of a zip. ``start`` is where its ``packed`` bytes begin, ``mode`` as Unix has it."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    start: int


class _Central(NamedTuple):
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    offset: int


class _Ends(NamedTuple):
    files: int
    size: int
    offset: int


def records(file: BinaryIO, length: int, label: str) -> list[Record]:
    """The records of the zip that is the first ``length`` bytes of ``file``, as they lie there."""
    ends = _ends(file, length, label)
    centrals = sorted(_centrals(file, ends, label), key=lambda one: one.offset)
    found = []
    at = 0
    for number, central in enumerate(centrals):
        following = centrals[number + 1].offset if number + 1 < len(centrals) else ends.offset
        if central.offset != at or following == at:
            raise refused(label, "has bytes between its files, or files that overlap")
        found.append(_record(file, central, following, label))
        at = following
    return found


def _ends(file: BinaryIO, length: int, label: str) -> _Ends:
    base = max(0, length - MOST_TAIL - _LOCATOR.size - _END_64.size)
    tail = _read(file, base, length - base)
    at = last_end(tail)
    if at < 0:
        raise refused(label, "is no zip that can be read: it does not end as one, or ends twice")
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack_from(tail, at)
    told, end = _Ends(count, size, offset), base + at
    if at >= _LOCATOR.size and tail[at - _LOCATOR.size :].startswith(b"PK\6\7"):
        told, end = _ends_64(tail, at, base, told, label)
    elif _FULL_16 in (here, count) or _FULL_32 in (size, offset):
        raise refused(label, "leaves its sizes to a zip64 record that is not there")
    if here != count or disk or first_disk or told.offset + told.size != end:
        raise refused(label, "has a directory that is not where its end says")
    if told.files > MOST_MEMBERS or told.size > _MOST_DIRECTORY:
        raise refused(label, f"holds over {MOST_MEMBERS} files and folders")
    return told


def last_end(tail: bytes) -> int:
    """Where in ``tail``, the end of a file, the one end record stands that reaches its last byte.

    -1 where there is none, or another that some reader would take: many take the last mark of
    one, wherever in a comment it stands; some take the first whose length fits.
    """
    reaching = reaching_ends(tail)
    return reaching[0] if reaching == [tail.rfind(END_MARK)] else -1


def reaching_ends(tail: bytes) -> list[int]:
    """Where end records stand in ``tail`` whose comment ends with its last byte."""
    found, at = [], tail.find(END_MARK)
    while at >= 0:
        if _reaches_end(tail, at):
            found.append(at)
        at = tail.find(END_MARK, at + 1)
    return found


def _reaches_end(tail: bytes, at: int) -> bool:
    if len(tail) - at < _END.size:
        return False
    comment = _END.unpack_from(tail, at)[-1]
    return at + _END.size + int(comment) == len(tail)


def _ends_64(tail: bytes, at: int, base: int, short: _Ends, label: str) -> tuple[_Ends, int]:
    """What the zip64 record says; it must lie right before its locator, and contradict nothing."""
    _, disk, place, disks = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
    start = at - _LOCATOR.size - _END_64.size
    if start < 0 or place != base + start or disk or disks > 1:
        raise refused(label, "has a zip64 record that is not where it should be")
    mark, size, _, _, here_disk, first_disk, here, *long = _END_64.unpack_from(tail, start)
    told = _Ends(*long)
    sound = mark == b"PK\6\6" and size == _END_64.size - 12 and not here_disk | first_disk
    for value, full, limit in zip(short, told, (_FULL_16, _FULL_32, _FULL_32), strict=True):
        sound = sound and value in (full, limit)
    if not sound or here != told.files:
        raise refused(label, "has a zip64 record that contradicts the rest")
    return told, base + start


def _centrals(file: BinaryIO, ends: _Ends, label: str) -> list[_Central]:
    raw = _read(file, ends.offset, ends.size)
    found, at = [], 0
    for _ in range(ends.files):
        if len(raw) - at < _CENTRAL.size or raw[at : at + 4] != b"PK\1\2":
            raise refused(label, "has a directory that can't be read")
        (
            _, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment_size,
            disk, _, attributes, offset,
        ) = _CENTRAL.unpack_from(raw, at)  # fmt: skip
        at += _CENTRAL.size
        name = raw[at : at + name_size]
        extra = _extra(raw[at + name_size : at + name_size + extra_size], name, label)
        at += name_size + extra_size + comment_size
        size, packed, offset = _wide((size, packed, offset), extra, label)
        if at > len(raw) or disk:
            raise refused(label, "has a directory that can't be read")
        found.append(_Central(name, flags, method, crc, packed, size, attributes >> 16, offset))
    if at != len(raw):
        raise refused(label, "has a directory with more in it than files")
    return found


def _extra(raw: bytes, name: bytes, label: str) -> bytes:
    """The zip64 part of an extra field, or empty; ``Refused`` where a second name hides in it."""
    found, at = b"", 0
    while at < len(raw):
        if len(raw) - at < 4:
            raise refused(label, f"has an extra field that can't be read: {name[:80]!r}")
        kind, size = struct.unpack_from("<2H", raw, at)
        body = raw[at + 4 : at + 4 + size]
        at += 4 + size
        if at > len(raw) or (kind == _ZIP64 and found):
            raise refused(label, f"has an extra field that can't be read: {name[:80]!r}")
        if kind == _UNICODE_PATH and body[5:] != name:
            raise refused(label, f"has two names for one file: {name[:80]!r}")
        if kind == _ZIP64:
            found = body
    return found


def _wide(values: tuple[int, ...], extra: bytes, label: str) -> tuple[int, ...]:
    """``values`` with those that are full taken from the zip64 field, in its order.

    Bazel's wheels repeat there what was told already: whoever reads it reads the same.
    """
    wide = []
    for value in values:
        told = int.from_bytes(extra[:8], "little")
        if len(extra) >= 8 and value in (_FULL_32, told):
            value, extra = told, extra[8:]
        wide.append(value)
    if extra:
        raise refused(label, "has a zip64 field that contradicts the rest")
    return tuple(wide)


def _record(file: BinaryIO, central: _Central, following: int, label: str) -> Record:
    """Hold the header before the file, and what stands behind it, against the directory."""
    name = _name(central, label)
    head = _read(file, central.offset, min(_LOCAL.size, following - central.offset))
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        raise refused(label, f"has no header before the file: {quoted(name)}")
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(head)
    rest = _read(file, central.offset + _LOCAL.size, name_size + extra_size)
    extra = _extra(rest[name_size:], central.raw_name, label)
    size, packed = _wide((size, packed), extra, label)
    told = (rest[:name_size], flags & _TELLING, method)
    if told != (central.raw_name, central.flags & _TELLING, central.method):
        raise refused(
            label, f"says two things of one file, before it and at its end: {quoted(name)}"
        )
    for here, there in ((crc, central.crc), (packed, central.packed), (size, central.size)):
        if here != there and (here or not flags & _DESCRIBED):
            raise refused(label, f"has two sizes or checksums for one file: {quoted(name)}")
    if flags & _ENCRYPTED:
        raise refused(label, f"holds an encrypted file: {quoted(name)}")
    start = central.offset + _LOCAL.size + name_size + extra_size
    behind = following - start - central.packed
    if behind != 0 and not (flags & _DESCRIBED and _described(file, central, following, behind)):
        raise refused(label, "has bytes between its files, or files that overlap")
    return Record(
        name, central.method, central.crc, central.packed, central.size, central.mode, start
    )


def _described(file: BinaryIO, central: _Central, following: int, behind: int) -> bool:
    """Whether the ``behind`` bytes are the data descriptor of this very file, and no more."""
    told = (central.crc, central.packed, central.size)
    if behind not in (12, 16, 20, 24):
        return False
    raw = _read(file, following - behind, behind)
    layout = "<L2Q" if behind in (20, 24) else "<3L"
    if behind in (16, 24):
        if raw[:4] != b"PK\7\x08":
            return False
        raw = raw[4:]
    return struct.unpack(layout, raw) == told


def _name(central: _Central, label: str) -> str:
    raw = central.raw_name
    try:
        return raw.decode("utf-8" if central.flags & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        what = "is not UTF-8" if central.flags & _UTF8 else "is neither ASCII nor marked as UTF-8"
        raise refused(label, f"a name {what}: {raw[:80]!r}") from error


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    file.seek(start)
    return file.read(size)
