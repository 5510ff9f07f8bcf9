"""Where long runs of characters of one class stand, found faster than by a pattern.

A text is mapped to one byte a character, and a long literal is looked for: the search leaps by
the length of what it looks for, and no text makes it go back.
"""

from __future__ import annotations

from collections.abc import Iterator


class Alphabet:
    """A class of ASCII characters."""

    def __init__(self, chars: str) -> None:
        self._table = bytes(120 if code < 128 and chr(code) in chars else 32 for code in range(256))

    def runs(self, text: str, least: int) -> Iterator[tuple[int, int]]:
        """Start and end of each run of at least ``least`` characters, in order."""
        mapped = text.encode("latin-1", "replace").translate(self._table)
        needle, at = b"x" * least, 0
        while (start := mapped.find(needle, at)) >= 0:
            end = mapped.find(b" ", start + least)
            at = len(mapped) if end < 0 else end
            yield start, at
