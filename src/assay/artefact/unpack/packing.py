"""How an image's layers are packed: plain, gzip or zstd; read forward, in pieces that stay small.

Unlike a package's tarball a layer may be several streams one after another (RFC 1952 section 2.2,
RFC 8878 section 3.1): lazily loaded images are built so, and every runtime reads them all. The
sha256 of what comes out is what the image's configuration promises, so two readers can't part.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, BinaryIO, Protocol

from assay.artefact.unpack.bounds import refused
from assay.errors import Undecided
from assay.reason import Reason

_CHUNK = 1 << 17  # bytes read
_PIECE = 1 << 18  # bytes unpacked at once
_MOST_STREAMS = 200_000  # in one layer: a lazily loaded one has a stream for each file
_WINDOW = 27  # log2 of the most memory for zstd, 128 MiB: what its own tool allows


class Metered(Protocol):
    """What counts the bytes that come out, and refuses when they are too many."""

    archive: str

    def count(self, size: int) -> None: ...


class Unpacked:
    """The tar inside a layer; ``read`` gives as many bytes as were asked for, or it is cut off."""

    def __init__(self, file: BinaryIO, packing: str, meter: Metered) -> None:
        self._pieces = _PACKINGS[packing](file, meter.archive)
        self._meter = meter
        self._sha256 = hashlib.sha256()
        self._ready = memoryview(b"")
        self.given = 0  # bytes handed on

    @property
    def sha256(self) -> str:
        """Hex, of all that came out so far; of the whole once ``rest`` has run."""
        return self._sha256.hexdigest()

    def read(self, size: int) -> bytes:
        """``size`` bytes, or none at the very end; Refused where it ends in between."""
        found = b"".join(self.pieces(size))
        if found and len(found) != size:
            raise refused(self._meter.archive, "is cut off")
        return found

    def pieces(self, size: int) -> Iterator[memoryview]:
        """Up to ``size`` bytes, as they come."""
        while size > 0 and (self._ready or self._refill()):
            piece = self._ready[:size]
            self._ready = self._ready[len(piece) :]
            size -= len(piece)
            self.given += len(piece)
            yield piece

    def rest(self) -> None:
        """Read to the end, where nothing but zeros may follow: nobody would unpack it."""
        while self._ready or self._refill():
            if any(self._ready):
                raise refused(self._meter.archive, "has more after its end, which nobody unpacks")
            self._ready = memoryview(b"")

    def _refill(self) -> bool:
        for piece in self._pieces:
            self._meter.count(len(piece))
            self._sha256.update(piece)
            self._ready = memoryview(piece)
            return True
        return False


def zstd() -> Any:
    """Python's own library for zstd, or the same for older ones; None where neither is there."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _plain(file: BinaryIO, label: str) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _gzip(file: BinaryIO, label: str) -> Iterator[bytes]:
    inner = None
    streams = 0
    while data := file.read(_CHUNK):
        while data:
            if inner is None:
                inner = zlib.decompressobj(16 + zlib.MAX_WBITS)  # gzip alone, its CRC held
                streams = _counted(streams, label)
            try:
                yield from _inflated(inner, data)
            except zlib.error as error:
                raise refused(label, f"is broken: {error}") from error
            data = inner.unused_data
            inner = None if inner.eof else inner
    if inner is not None or not streams:
        raise refused(label, "is cut off: its compressed stream does not end")


def _inflated(inner: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    while True:
        piece = inner.decompress(data, _PIECE)
        if piece:
            yield piece
        data = inner.unconsumed_tail
        # With the limit reached, zlib may hold more than the input it has not looked at.
        if not data and len(piece) < _PIECE:
            return


def _zstd(file: BinaryIO, label: str) -> Iterator[bytes]:
    library = zstd()
    if library is None:
        raise Undecided(
            Reason.ARTEFACT_UNSUPPORTED,
            f"{label} is packed with zstd, which this Python can't read",
            hint="install backports.zstd, or use Python 3.14",
        )
    options = {library.DecompressionParameter.window_log_max: _WINDOW}
    inner = None
    streams = 0
    while data := file.read(_CHUNK):
        while data:
            if inner is None:
                inner = library.ZstdDecompressor(options=options)
                streams = _counted(streams, label)
            try:
                yield from _unpacked(inner, data)
            except library.ZstdError as error:
                raise refused(label, f"is broken: {error}") from error
            data = inner.unused_data
            inner = None if inner.eof else inner
    if inner is not None or not streams:
        raise refused(label, "is cut off: its compressed stream does not end")


def _counted(streams: int, label: str) -> int:
    """One more. A stream of nothing takes 20 bytes or fewer, and some work."""
    if streams >= _MOST_STREAMS:
        raise refused(label, f"has a layer of over {_MOST_STREAMS} compressed streams")
    return streams + 1


def _unpacked(inner: Any, data: bytes) -> Iterator[bytes]:
    while not inner.eof:
        if piece := inner.decompress(data, _PIECE):
            yield piece
        data = b""
        if inner.needs_input:
            return


_PACKINGS: dict[str, Callable[[BinaryIO, str], Iterator[bytes]]] = {
    "tar": _plain,
    "gzip": _gzip,
    "zstd": _zstd,
}
