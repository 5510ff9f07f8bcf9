"""Text as a model takes it: compatibility forms folded, look-alike letters Latin, blanks of no
width gone. A model reads `ｉｇｎоrе` as it reads `ignore`; a pattern must too."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

# Letters of other scripts that look like Latin ones (from the look of common type faces).
LOOKALIKES = {
    **dict(zip("аеорсухіјѕԁһӏгкмнтвԛԝѵɡ", "aeopcyxijsdhlrkmhtbqwvg", strict=True)),
    **dict(zip("АВЕЅІЈКМНОРСТХУԌ", "abesijkmhopctxyg", strict=True)),
    **dict(zip("αεικνορτυχωγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeiknoptuxwynabezhikmnoptyx", strict=True)),
    **dict(zip("ɑɩοօսցհոքⅼ", "aiooughnqpl"[:10], strict=True)),
}
_NO_WIDTH = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0100-\U000e01ef]"
)
_OTHER = re.compile("[^\x00-\x7f]")


class Folded(NamedTuple):
    """``text`` in lower case and Latin letters; ``gone`` are the offsets of what was left out."""

    text: str
    gone: list[int]

    def origin(self, offset: int) -> int:
        """The offset in the text before folding."""
        shifted = [place - index for index, place in enumerate(self.gone)]
        return offset + bisect_right(shifted, offset)


def fold(lower: str) -> Folded:
    """The folded form of a text in lower case."""
    if lower.isascii():
        return Folded(lower, [])
    gone = [match.start() for match in _NO_WIDTH.finditer(lower)]
    text = _NO_WIDTH.sub("", lower) if gone else lower
    odd = "".join(sorted(char for char in set(_OTHER.findall(text)) if _folded(char) != char))
    if odd:
        # Few characters fold: looking for those is faster than mapping all.
        text = re.sub(f"[{re.escape(odd)}]", lambda match: _folded(match[0]), text)
    return Folded(text, gone)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """One character for one, so that offsets hold."""
    if char in LOOKALIKES:
        return LOOKALIKES[char]
    if "\U000e0020" <= char <= "\U000e007e":
        return chr(ord(char) - 0xE0000).lower()
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char
