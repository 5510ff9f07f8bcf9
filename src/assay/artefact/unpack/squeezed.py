"""One compressed stream, read forward: gzip, xz, bzip2, or plain bytes.

Exactly one stream, whole, and nothing after it. gzip lets members follow each other (RFC 1952,
section 2.2) and many readers stop at the first: two readers would unpack two archives. Every byte
passes the meter before anybody sees it, and no decompressor gets memory without a limit.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection
from typing import BinaryIO, Protocol

from assay.artefact.unpack.bounds import Meter, refused

_CHUNK = 1 << 16  # bytes read
_PIECE = 1 << 18  # bytes unpacked at once
_XZ_MEMORY = 256 * 1024**2  # bytes; xz -9 asks for 65 MiB
_CUT = "is cut off: its compressed stream does not end"


class _Decompressor(Protocol):
    """What bz2 and lzma offer, and ``_Zlib`` for gzip."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Unsqueezed:
    """The bytes inside ``file``; ``read`` gives as many as were asked for, except at the end.

    ``kinds`` are those that may be inside: ``GZIP`` or ``ANY``.
    """

    def __init__(self, file: BinaryIO, meter: Meter, kinds: Collection[str]) -> None:
        self._file = file
        self._meter = meter
        self._ready = b""
        self._at = 0
        self._decompressor = self._opened(kinds)

    def read(self, size: int, /) -> bytes:
        end = self._at + size
        if end <= len(self._ready):
            piece = self._ready[self._at : end]
            self._at = end
            return piece
        return self._more(size)

    def _more(self, size: int) -> bytes:
        pieces = [self._ready[self._at :]]
        missing = size - len(pieces[0])
        self._ready, self._at = b"", 0
        while missing > 0 and (chunk := self._next()):
            pieces.append(chunk[:missing])
            if len(chunk) > missing:
                self._ready, self._at = chunk, missing
            missing -= len(chunk)
        return b"".join(pieces)

    def _opened(self, kinds: Collection[str]) -> _Decompressor | None:
        magic = self._file.read(6)
        self._file.seek(0)
        for kind in kinds:
            start, make = _KINDS[kind]
            if magic.startswith(start):
                return make() if make else None
        raise refused(self._meter.archive, f"is not of the kind {' or '.join(kinds)}")

    def _next(self) -> bytes:
        """Some bytes more, or none at the end of a stream that is whole."""
        if self._decompressor is None:
            got = self._file.read(_PIECE)
        else:
            got = self._decompressed(self._decompressor)
        self._meter.count(len(got))
        return got

    def _decompressed(self, decompressor: _Decompressor) -> bytes:
        label = self._meter.archive
        while not decompressor.eof:
            packed = self._file.read(_CHUNK) if decompressor.needs_input else b""
            if not packed and decompressor.needs_input:
                raise refused(label, _CUT)
            try:
                if got := decompressor.decompress(packed, _PIECE):
                    return got
            except Exception as error:  # zlib.error, LZMAError, bz2's OSError: broken all the same
                raise refused(label, f"its compressed stream is broken: {error}") from error
        if decompressor.unused_data or self._file.read(1):
            raise refused(label, "has more after its compressed stream, which some readers skip")
        return b""


class _Zlib:
    """zlib's way to say what bz2 and lzma say otherwise."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)  # gzip alone, its CRC held
        self.eof = False
        self.needs_input = True

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        got = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.eof = self._inner.eof
        # With the limit reached, zlib may hold more than the input it has not looked at.
        self.needs_input = not self._inner.unconsumed_tail and len(got) < max_length
        return got


def _bz2() -> _Decompressor:
    import bz2

    return bz2.BZ2Decompressor()  # at most 4 MB, by its format


def _xz() -> _Decompressor:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


# By how they start.
_KINDS: dict[str, tuple[bytes, Callable[[], _Decompressor] | None]] = {
    "gzip": (b"\x1f\x8b", _Zlib),
    "bzip2": (b"BZh", _bz2),
    "xz": (b"\xfd7zXZ\0", _xz),
    "tar": (b"", None),
}
GZIP = ("gzip",)
ANY = tuple(_KINDS)
