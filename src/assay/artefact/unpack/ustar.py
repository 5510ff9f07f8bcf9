"""The members of a layer's tar (POSIX.1-2017 pax, ustar, and GNU's long names), read strictly.

Not ``tarfile``: it applies global headers where container runtimes don't, follows a chain of
headers by recursion, and has hung on hostile ones (CVE-2024-6232, CVE-2025-8194). What two
readers could read differently is refused; what the specifications allow and runtimes unpack
alike is taken.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from assay.artefact.unpack import tarheader
from assay.artefact.unpack.bounds import refused
from assay.artefact.unpack.packing import Unpacked
from assay.artefact.unpack.tarheader import BLOCK, ZEROS, Header
from assay.hidden import quoted

_MOST_EXTENDED = 1 << 20  # bytes of one pax header or long name
_PAX, _PAX_FOR_ALL = "x", "g"
_LONG = {"L": "path", "K": "linkpath"}  # GNU's
KINDS = {
    "0": "file",
    "\0": "file",
    "7": "file",  # contiguous: a plain file to everybody
    "1": "hardlink",
    "2": "link",
    "3": "device",
    "4": "device",
    "5": "folder",
    "6": "fifo",
}


class Node(NamedTuple):
    """One member, its bytes next in the stream. Bytes that are no UTF-8 are surrogate-escaped."""

    name: str
    kind: str
    mode: int
    size: int
    target: str


def nodes(stream: Unpacked, *, label: str) -> Iterator[Node]:
    """Every member in order; what its reader leaves of a file's bytes is passed over."""
    pending: dict[str, Mapping[str, str]] = {}
    while (block := stream.read(BLOCK)) and block != ZEROS:
        header = tarheader.parse(block, label)
        if header.kind == _PAX or header.kind in _LONG:
            # One name from two headers: which of them wins depends on the reader.
            if header.kind in pending or (header.kind == _PAX and pending) or _PAX in pending:
                raise refused(label, "has a member with several extended headers")
            body = _body(stream, header.size, label)
            pending[header.kind] = _extended(header.kind, body, label)
        elif header.kind == _PAX_FOR_ALL:
            _hold_global(_body(stream, header.size, label), label)
        else:
            node = _node(header, ChainMap(*map(dict, pending.values())), label)
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
        self._padding = -size % BLOCK

    def skip(self, label: str) -> None:
        missing = self._end - self._stream.given
        for piece in self._stream.pieces(missing + self._padding):
            missing -= len(piece)
        if missing + self._padding:
            raise refused(label, "is cut off")


def _node(header: Header, more: Mapping[str, str], label: str) -> Node:
    if header.kind not in KINDS:
        raise refused(label, f"holds a member of a kind that is none: {quoted(header.kind)}")
    name = more.get("path", header.path)
    size = _size(more["size"], label) if "size" in more else header.size
    word = KINDS[header.kind]
    if word == "file" and name.endswith("/"):
        word = "folder"  # as V7 wrote them
    if size and word != "file":
        raise refused(label, f"gives a size to what has none: {quoted(name)}")
    target = more.get("linkpath", header.target) if word in ("link", "hardlink") else ""
    return Node(name, word, header.mode & 0o7777, size, target)


def _body(stream: Unpacked, size: int, label: str) -> bytes:
    if size > _MOST_EXTENDED:
        raise refused(label, f"has a header of over {_MOST_EXTENDED} bytes")
    body = stream.read(size + -size % BLOCK)
    if size and not body:
        raise refused(label, "is cut off")
    return body[:size]


def _extended(kind: str, body: bytes, label: str) -> Mapping[str, str]:
    if kind in _LONG:
        return {_LONG[kind]: _text(body.partition(b"\0")[0], label)}
    return tarheader.pax(body, label, decoded=_text)


def _text(raw: bytes, label: str) -> str:
    """A name in an image may be any bytes: it is told, and never laid."""
    return raw.decode("utf-8", "surrogateescape")


def _size(text: str, label: str) -> int:
    # Of a file over 8 GiB the header's own field holds nothing, and every runtime believes pax.
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise refused(label, "has a header with a number that is none")
    return int(text)


def _hold_global(body: bytes, label: str) -> None:
    """git archive writes the commit there, as a comment."""
    if any(key != "comment" for key, _ in tarheader.records(body, label)):
        raise refused(label, "has a global header: some readers apply it to all that follows")
