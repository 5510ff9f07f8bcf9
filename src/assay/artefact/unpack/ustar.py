"""The members of a layer's tar (POSIX.1-2017 pax, ustar, and GNU's long names), read strictly.

Not ``tarfile``: it applies global headers where container runtimes don't, follows a chain of
headers by recursion, and has hung on hostile ones (CVE-2024-6232, CVE-2025-8194). What two
readers could read differently is refused; what the specifications allow and runtimes unpack
alike is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from assay.artefact.unpack.bounds import refused
from assay.artefact.unpack.packing import Unpacked
from assay.hidden import quoted

_BLOCK = 512
_MOST_EXTENDED = 1 << 20  # bytes of one pax header or long name
_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_ZEROS = bytes(_BLOCK)
KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",  # contiguous: a plain file to everybody
    b"1": "hardlink",
    b"2": "link",
    b"3": "device",
    b"4": "device",
    b"5": "folder",
    b"6": "fifo",
}
_CHARSETS = ("ISO-IR 10646 2000 UTF-8", "BINARY")


class Node(NamedTuple):
    """One member, its bytes next in the stream. Bytes that are no UTF-8 are surrogate-escaped."""

    name: str
    kind: str
    mode: int
    size: int
    target: str


class _Extended(NamedTuple):
    """What headers before a member say of it: empty or -1 where they don't."""

    name: str = ""
    target: str = ""
    size: int = -1


def nodes(stream: Unpacked, *, label: str) -> Iterator[Node]:
    """Every member in order; what its reader leaves of a file's bytes is passed over."""
    pending: dict[bytes, _Extended] = {}
    while (block := stream.read(_BLOCK)) and block != _ZEROS:
        _check(block, label)
        kind, size = block[156:157], _number(block[124:136], label)
        if kind in (b"x", b"L", b"K"):
            # One name from two headers: which of them wins depends on the reader.
            if kind in pending or (kind == b"x" and pending) or b"x" in pending:
                raise refused(label, "has a member with several extended headers")
            pending[kind] = _extended(kind, _body(stream, size, label), label)
        elif kind == b"g":
            _hold_global(_records(_body(stream, size, label), label), label)
        else:
            node = _node(block, kind, size, _merged(pending), label)
            pending.clear()
            left = _Left(stream, node.size)
            yield node
            left.skip(label)
    if pending:
        raise refused(label, "ends in the header of a member that is not there")
    stream.rest()


class _Left:
    """Knows what of a member was read, by what the stream has given since."""

    def __init__(self, stream: Unpacked, size: int) -> None:
        self._stream = stream
        self._end = stream.given + size
        self._padding = -size % _BLOCK

    def skip(self, label: str) -> None:
        missing = self._end - self._stream.given
        for piece in self._stream.pieces(missing + self._padding):
            missing -= len(piece)
        if missing + self._padding:
            raise refused(label, "is cut off")


def _node(block: bytes, kind: bytes, size: int, more: _Extended, label: str) -> Node:
    if kind not in KINDS:
        raise refused(
            label, f"holds a member of a kind that is none: {quoted(kind.decode('latin-1'))}"
        )
    name = more.name or _name(block)
    size = size if more.size < 0 else more.size
    word = KINDS[kind]
    if word == "file" and name.endswith("/"):
        word = "folder"  # as V7 wrote them
    if size and word != "file":
        raise refused(label, f"gives a size to what has none: {quoted(name)}")
    target = (more.target or _text(block[157:257])) if word in ("link", "hardlink") else ""
    return Node(name, word, _number(block[100:108], label) & 0o7777, size, target)


def _name(block: bytes) -> str:
    # GNU's own magic has other things where ustar has a prefix.
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    name = _text(block[:100])
    return f"{prefix}/{name}" if prefix else name


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _check(block: bytes, label: str) -> None:
    told = _number(block[148:156], label)
    if told != sum(block) - sum(block[148:156]) + 8 * 0x20:
        raise refused(label, "has a header whose checksum is not its own")


def _number(raw: bytes, label: str) -> int:
    if raw[0] == 0x80:  # GNU's base 256, for what octal can't hold
        return int.from_bytes(raw[1:], "big")
    match = _OCTAL.fullmatch(raw)
    if match is None:
        raise refused(label, "has a header with a number that is none")
    return int(match[1] or b"0", 8)


def _body(stream: Unpacked, size: int, label: str) -> bytes:
    if size > _MOST_EXTENDED:
        raise refused(label, f"has a header of over {_MOST_EXTENDED} bytes")
    body = stream.read(size + -size % _BLOCK)
    if size and not body:
        raise refused(label, "is cut off")
    return body[:size]


def _extended(kind: bytes, body: bytes, label: str) -> _Extended:
    if kind == b"L":
        return _Extended(name=_text(body))
    if kind == b"K":
        return _Extended(target=_text(body))
    records = _records(body, label)
    if any(key.startswith("GNU.sparse") for key in records):
        raise refused(label, "holds a sparse file")
    if records.get("hdrcharset", "BINARY") not in _CHARSETS:
        raise refused(label, "has names in a character set of its own")
    size = records.get("size", "")
    if size and not (size.isascii() and size.isdecimal() and len(size) < 20):
        raise refused(label, "has a header with a number that is none")
    names = (records.get("path", ""), records.get("linkpath", ""))
    return _Extended(*names, size=int(size) if size else -1)


def _records(body: bytes, label: str) -> dict[str, str]:
    """``LENGTH KEY=VALUE\\n``, each length being that of its record (pax, extended header)."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body):
        space = body.find(b" ", at, at + 8)
        digits = body[at:space]
        end = at + int(digits) if space > 0 and digits.isdigit() else 0
        if not space < end <= len(body) or body[end - 1 : end] != b"\n":
            raise refused(label, "has an extended header that can't be read")
        key, mark, value = body[space + 1 : end - 1].partition(b"=")
        if not key or not mark:
            raise refused(label, "has an extended header that can't be read")
        name = key.decode("utf-8", "replace")
        # An attribute's value is any bytes; a name with a zero in it ends there for some.
        if b"\0" in value and name in ("path", "linkpath"):
            raise refused(label, "has a name with a zero byte")
        found[name] = value.decode("utf-8", "surrogateescape")
        at = end
    return found


def _hold_global(records: dict[str, str], label: str) -> None:
    if records.keys() - {"comment"}:  # git archive writes the commit there
        raise refused(label, "has a global header: some readers apply it to all that follows")


def _merged(pending: dict[bytes, _Extended]) -> _Extended:
    if b"x" in pending:
        return pending[b"x"]
    empty = _Extended()
    return _Extended(pending.get(b"L", empty).name, pending.get(b"K", empty).target)
