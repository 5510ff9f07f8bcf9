"""Text as a model takes it: escapes undone, compatibility forms folded, look-alike letters Latin,
blanks of no width gone. A model reads such text as it reads plain words; a pattern must too."""

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
    **dict(zip("ɑɩοօսցհոքⅼ", "aiooughnql", strict=True)),
}
_NO_WIDTH = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0100-\U000e01ef"
)
_GONE = re.compile(f"[{_NO_WIDTH}]")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})")
_OTHER = re.compile("[^\x00-\x7f]")


class Folded(NamedTuple):
    """``text`` folded; ``here`` are offsets in it from which ``there`` are those before folding."""

    text: str
    here: tuple[int, ...] = (0,)
    there: tuple[int, ...] = (0,)

    def origin(self, offset: int) -> int:
        """The offset in the text before folding."""
        index = bisect_right(self.here, offset) - 1
        return self.there[index] + offset - self.here[index]


def unescaped(lower: str) -> Folded:
    """A text in lower case with escapes undone and characters of no width left out."""
    if lower.isascii() and "\\u" not in lower and "\\x" not in lower:
        return Folded(lower)
    if not _says_something(lower):
        return Folded(lower)
    pattern = re.compile(f"{_ESCAPE.pattern}|[{_NO_WIDTH}]")
    parts: list[str] = []
    here, there, at, length = [0], [0], 0, 0
    for match in pattern.finditer(lower):
        char = _char(match)
        parts += (lower[at : match.start()], char)
        length += match.start() - at + len(char)
        at = match.end()
        here.append(length)
        there.append(at)
    parts.append(lower[at:])
    return Folded("".join(parts), tuple(here), tuple(there))


# Words written in escapes throughout, or blanks of no width among plain letters. (A letter here
# and there is for ``peel``, which judges such a literal by itself.)
_RUN = re.compile(r"(?:\\u[0-9a-f]{4}|\\x[4-7][0-9a-f]){3}")
_HIDDEN = re.compile(
    r"[a-z]\\u(?:\{)?(?:00ad|034f|180[b-f]|200[b-f]|202[a-e]|206[0-9a-f]|fe0[0-9a-f]|feff|e01)"
)


def _says_something(lower: str) -> bool:
    """Whether undoing escapes may bring forth words, or takes blanks of no width out."""
    if not lower.isascii() and _GONE.search(lower):
        return True
    return "\\" in lower and bool(_RUN.search(lower) or _HIDDEN.search(lower))


def _char(match: re.Match[str]) -> str:
    """What one escape stands for, as one character in lower case; nothing for one of no width."""
    code = match[1] or match[2] or match[3]
    if not code or int(code, 16) > 0x10FFFF or 0xD800 <= int(code, 16) < 0xE000:
        return "" if not code else " "
    char = chr(int(code, 16))
    if _GONE.match(char):
        return ""
    lower = char.lower()
    return lower if len(lower) == 1 and lower.isprintable() else " "


def latin(text: str) -> str:
    """The text with all letters Latin that look it; the same offsets."""
    if text.isascii():
        return text
    odd = "".join(sorted(char for char in set(_OTHER.findall(text)) if _folded(char) != char))
    if not odd:
        return text
    # Few characters fold: looking for those is faster than mapping all.
    return re.sub(f"[{re.escape(odd)}]", lambda match: _folded(match[0]), text)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    """One character for one, so that offsets hold."""
    if char in LOOKALIKES:
        return LOOKALIKES[char]
    if "\U000e0020" <= char <= "\U000e007e":
        return chr(ord(char) - 0xE0000).lower()
    plain = unicodedata.normalize("NFKC", char).lower()
    return plain if len(plain) == 1 else char
