"""One header block of a tar: POSIX.1-2017 (pax), "ustar Interchange Format", and GNU tar's own.

Stricter than any tar: what two readers take for two things is refused. Python's tarfile ends an
archive in silence at a header that it can't read, lets sizes be negative, and believes a pax size
that contradicts the header; each of these has hidden files from somebody.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from assay.artefact.unpack.bounds import refused
from assay.hidden import quoted

BLOCK = 512
ZEROS = bytes(BLOCK)

_FIELDS = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x")
_CHECKSUM = slice(148, 156)
_OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
_POSIX = re.compile(rb"ustar\0..", re.DOTALL)
_GNU = b"ustar  \0"
_OLD = bytes(8)  # of version 7
# Keys that say what an archive holds; all others say who, when and how, which nobody here uses.
_TELLING = frozenset({"path", "linkpath", "size"})
# Keys by which one reader unpacks other bytes than another.
_SPLITTING = re.compile(
    r"GNU\.(sparse|volume)\..*|SCHILY\.(realsize|filetype)|SUN\.holesdata|hdrcharset", re.DOTALL
)


class Header(NamedTuple):
    """``kind`` is the type flag, as one character; ``size`` the bytes that follow.

    ``path`` and ``target`` are surrogate-escaped: an extended header may stand for them, and then
    they are cut wherever the field ends. ``utf8`` holds those that count.
    """

    path: str
    kind: str
    size: int
    mode: int
    target: str


def parse(block: bytes, label: str) -> Header:
    """Read one header block that is not zeros. Refused: ARTEFACT_INVALID."""
    name, mode, _, _, size, _, checksum, kind, link, magic, *_, prefix = _FIELDS.unpack(block)
    told = _number(checksum, "checksum", label)
    if told != sum(block) - sum(block[_CHECKSUM]) + 8 * 0x20:
        raise refused(label, "has a header with a wrong checksum, where some readers stop")
    path = _ended(name)
    if _POSIX.fullmatch(magic):
        above = _ended(prefix)
        path = f"{above}/{path}" if above else path
    elif magic not in (_GNU, _OLD):
        raise refused(label, f"has a header of no known kind: {quoted(path)}")
    elif prefix[0]:
        # Python would put it before the name, GNU tar would not.
        raise refused(label, "has a name that readers would put together differently")
    return Header(
        path,
        kind.decode("latin-1"),
        _size(size, label),
        _number(mode, "mode", label),
        _ended(link),
    )


def text(raw: bytes, label: str) -> str:
    """A name of an archive, which must be UTF-8: in any other charset it has many readings."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(label, f"a name is not UTF-8: {raw[:80]!r}") from error


def pax(raw: bytes, label: str, *, decoded: Callable[[bytes, str], str] = text) -> dict[str, str]:
    """The records of an extended header that say what the next member is, each once.

    The keys that only some readers follow are refused.
    """
    told: dict[str, str] = {}
    for key, value in records(raw, label):
        if _SPLITTING.fullmatch(key):
            raise refused(label, f"has an extended header that not all readers know: {quoted(key)}")
        if key not in _TELLING:
            continue
        if key in told or not value or b"\0" in value:
            raise refused(label, f"has an extended header that readers read differently: {key}")
        told[key] = decoded(value, label)
    return told


def records(raw: bytes, label: str) -> Iterator[tuple[str, bytes]]:
    """Key and value of each ``length key=value\\n`` (pax, "Extended Header")."""
    at = 0
    while at < len(raw):
        key, value, at = _record(raw, at, label)
        yield key, value


def _record(raw: bytes, at: int, label: str) -> tuple[str, bytes, int]:
    space = raw.find(b" ", at, at + 8)
    digits = raw[at:space]
    if space < 0 or not digits.isdigit() or digits[:1] == b"0":
        raise refused(label, "has an extended header that can't be read")
    end = at + int(digits)
    key, mark, value = raw[space + 1 : end - 1].partition(b"=")
    if not mark or end > len(raw) or raw[end - 1 : end] != b"\n":
        raise refused(label, "has an extended header that can't be read")
    return key.decode("latin-1"), value, end


def utf8(escaped: str, label: str) -> str:
    """A name that was surrogate-escaped, proven to be UTF-8."""
    return escaped if escaped.isascii() else text(escaped.encode(errors="surrogateescape"), label)


def _ended(field: bytes) -> str:
    return field.partition(b"\0")[0].decode(errors="surrogateescape")


def _size(field: bytes, label: str) -> int:
    # GNU's base-256, for what octal can't hold: over 8 GiB, or below zero.
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    return _number(field, "size", label)


def _number(field: bytes, what: str, label: str) -> int:
    found = _OCTAL.fullmatch(field)
    if found is None:
        raise refused(label, f"has a header whose {what} is no number that all readers read alike")
    return int(found[1] or b"0", 8)
