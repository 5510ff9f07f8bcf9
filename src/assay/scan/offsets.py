"""Which character of the file a character of the rewritten text stands for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


class Edit(NamedTuple):
    """``text[start:end]`` is replaced by ``new``."""

    start: int
    end: int
    new: str


class Edited(NamedTuple):
    """A text after edits, and the way back to the one before."""

    text: str
    edits: tuple[Edit, ...]
    starts: tuple[int, ...]  # of each edit's replacement, in the new text

    def before(self, offset: int) -> int:
        """The place in the old text of a place in the new."""
        number = bisect_right(self.starts, offset) - 1
        if number < 0:
            return offset
        edit, start = self.edits[number], self.starts[number]
        inside = offset - start
        if inside < len(edit.new):
            return min(edit.start + inside, max(edit.start, edit.end - 1))
        return edit.end + inside - len(edit.new)

    def after(self, offset: int) -> int:
        """The place in the new text of a place in the old that no edit replaced."""
        number = bisect_right(self.edits, offset, key=lambda edit: edit.start) - 1
        if number < 0:
            return offset
        edit = self.edits[number]
        return self.starts[number] + len(edit.new) + max(0, offset - edit.end)


def edited(text: str, edits: Sequence[Edit]) -> Edited:
    """Apply ``edits``, which are in order; one that overlaps the one before is left out."""
    parts: list[str] = []
    kept: list[Edit] = []
    starts: list[int] = []
    last = length = 0
    for edit in edits:
        if edit.start < last:
            continue
        parts += (text[last : edit.start], edit.new)
        length += edit.start - last
        kept.append(edit)
        starts.append(length)
        length += len(edit.new)
        last = edit.end
    parts.append(text[last:])
    return Edited("".join(parts), tuple(kept), tuple(starts))
