"""An append-only Merkle tree with inclusion proofs (RFC 6962 section 2.1)."""

from __future__ import annotations

import hashlib


class Tree:
    """Keeps the hash of every complete subtree, so that root and proof cost O(log n)."""

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]  # [h][i]: the subtree of 2**h leaves from i * 2**h

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> int:
        """Add a leaf and give its index."""
        level, node = 0, hashlib.sha256(b"\0" + leaf).digest()
        while True:
            self._levels[level].append(node)
            if len(self._levels[level]) % 2:
                return len(self) - 1
            node = _join(self._levels[level][-2], node)
            level += 1
            if level == len(self._levels):
                self._levels.append([])

    def root(self) -> bytes:
        """The hash of the whole tree; it must hold a leaf."""
        return self._hash(0, len(self))

    def proof(self, index: int) -> list[bytes]:
        """PATH(index, D[n]), from the leaf upwards."""
        start, size, path = 0, len(self), []
        while size > 1:
            left = _split(size)
            if index - start < left:
                path.append(self._hash(start + left, size - left))
                size = left
            else:
                path.append(self._hash(start, left))
                start, size = start + left, size - left
        return path[::-1]

    def _hash(self, start: int, size: int) -> bytes:
        level = size.bit_length() - 1
        if size == 1 << level:
            return self._levels[level][start >> level]
        left = _split(size)
        return _join(self._hash(start, left), self._hash(start + left, size - left))


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _join(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
