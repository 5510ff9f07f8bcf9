"""Archives byte by byte, so that a test can lie in any field of them. Nothing here is a fixture
on disk: each file is made when it is wanted."""

from __future__ import annotations

import base64
import gzip
import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

BLOCK = 512
END = bytes(2 * BLOCK)
POSIX, GNU = b"ustar\x0000", b"ustar  \0"


def tar_header(
    name: bytes | str,
    size: int = 0,
    *,
    kind: bytes = b"0",
    mode: int = 0o644,
    link: bytes | str = b"",
    magic: bytes = POSIX,
    prefix: bytes = b"",
    size_field: bytes = b"",
    mode_field: bytes = b"",
    checksum: bytes = b"",
) -> bytes:
    block = b"".join(
        [
            _raw(name).ljust(100, b"\0"),
            mode_field or b"%07o\0" % mode,
            b"0000000\0" * 2,
            size_field or b"%011o\0" % size,
            b"00000000000\0",
            b" " * 8,
            kind,
            _raw(link).ljust(100, b"\0"),
            magic,
            bytes(64 + 16),
            prefix.ljust(155, b"\0"),
            bytes(12),
        ]
    )
    assert len(block) == BLOCK
    checksum = checksum or b"%06o\0 " % sum(block)
    return block[:148] + checksum + block[156:]


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % BLOCK)


def tar_file(
    name: bytes | str,
    data: bytes = b"",
    mode: int = 0o644,
    *,
    magic: bytes = POSIX,
    prefix: bytes = b"",
) -> bytes:
    return tar_header(name, len(data), mode=mode, magic=magic, prefix=prefix) + padded(data)


def tar_special(name: str, kind: bytes, link: bytes | str = b"", *, magic: bytes = POSIX) -> bytes:
    return tar_header(name, kind=kind, link=link, magic=magic)


def pax(records: Mapping[str, str | bytes], kind: bytes = b"x") -> bytes:
    body = b"".join(_record(key.encode(), _raw(value)) for key, value in records.items())
    return tar_header("PaxHeader", len(body), kind=kind) + padded(body)


def long_name(name: str, kind: bytes = b"L") -> bytes:
    body = name.encode() + b"\0"
    return tar_header("././@LongLink", len(body), kind=kind, magic=GNU) + padded(body)


def tgz(*parts: bytes, end: bytes = END) -> bytes:
    return gzip.compress(b"".join(parts) + end, 6, mtime=0)


def npm(*parts: bytes) -> bytes:
    """A package with a manifest, and ``parts`` after it."""
    return tgz(tar_file("package/package.json", b"{}"), *parts)


@dataclass(frozen=True)
class Packed:
    """One file of a zip. ``local`` and ``central`` override what its two headers say."""

    name: str | bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    stream: bytes | None = None  # the packed bytes, where they are not those of ``data``
    local: Mapping[str, int | bytes] = field(default_factory=dict)
    central: Mapping[str, int | bytes] = field(default_factory=dict)
    behind: bytes = b""

    def packed(self) -> bytes:
        if self.stream is not None:
            return self.stream
        return deflated(self.data) if self.method == 8 else self.data

    def told(self) -> dict[str, int | bytes]:
        name = _raw(self.name)
        return {
            "name": name,
            "flags": self.flags if name.isascii() else self.flags | 0x800,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "packed": len(self.packed()),
            "size": len(self.data),
            "extra": b"",
            "offset": 0,
            "attributes": self.mode << 16,
        }


def local_header(told: Mapping[str, int | bytes]) -> bytes:
    name, extra = told["name"], told["extra"]
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    fields = (told[key] for key in ("flags", "method"))
    sizes = (told[key] for key in ("crc", "packed", "size"))
    head = struct.pack("<4s5H3L2H", b"PK\3\4", 20, *fields, 0, 33, *sizes, len(name), len(extra))
    return head + name + extra


def central_header(told: Mapping[str, int | bytes]) -> bytes:
    name, extra = told["name"], told["extra"]
    assert isinstance(name, bytes)
    assert isinstance(extra, bytes)
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 0x314, 20, told["flags"], told["method"], 0, 33, told["crc"],
        told["packed"], told["size"], len(name), len(extra), 0, 0, 0, told["attributes"],
        told["offset"],
    )  # fmt: skip
    return head + name + extra


def zip_end(
    count: int, size: int, offset: int, *, comment: bytes = b"", here: int | None = None
) -> bytes:
    here = count if here is None else here
    return (
        struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, here, count, size, offset, len(comment)) + comment
    )


def zip64_end(count: int, size: int, offset: int, at: int) -> bytes:
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    return record + struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)


def zipped(*files: Packed, before: bytes = b"", after: bytes = b"", comment: bytes = b"") -> bytes:
    """A zip of ``files``; ``before`` stands at its start and is counted in its offsets."""
    body, directory = zip_parts(*files, before=before)
    return (
        body + directory + zip_end(len(files), len(directory), len(body), comment=comment) + after
    )


def zip_parts(*files: Packed, before: bytes = b"") -> tuple[bytes, bytes]:
    body, directory = before, b""
    for file in files:
        told = file.told()
        directory += central_header(told | {"offset": len(body)} | dict(file.central))
        body += local_header(told | dict(file.local)) + file.packed() + file.behind
    return body, directory


def deflated(data: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush()


def zip64_extra(*values: int) -> bytes:
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
TOP = "demo-1.0.dist-info"


def hashed(data: bytes) -> str:
    """As RECORD writes it, with the size."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"


def wheel(
    files: Mapping[str, bytes], *more: Packed, record: str | None = None, top: str = TOP
) -> bytes:
    """The wheel ``demo 1.0``; ``more`` are packed as they stand, and RECORD names them all."""
    packed = [Packed(name, data) for name, data in files.items()]
    packed += [*more, Packed(f"{top}/WHEEL", WHEEL)]
    if record is None:
        rows = [f"{_raw(one.name).decode()},{hashed(one.data)}\n" for one in packed]
        record = "".join(rows) + f"{top}/RECORD,,\n"
    return zipped(*packed, Packed(f"{top}/RECORD", record.encode()))


def _record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


def _raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
