"""When two names look alike: how they are folded, and what is one letter away.

The fold is after Unicode's confusables (UTS 39), as far as ASCII and the alphabets that copy it
go. It is coarse on purpose: it is asked of the names of one registry, not of a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

# Cyrillic and Greek small letters, and the Latin ones that they are drawn like.
_DRAWN_ALIKE = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁԛԝһвмнктг", "aeopcyxijsdqwhbmhktr", strict=True)),
        **dict(zip("οανιρτυχκ", "oaviptuxk", strict=True)),
    }
)
_DIGITS = str.maketrans("015", "ols")
_PAIRS = (("rn", "m"), ("vv", "w"))
_SEPARATOR = re.compile(r"(?<![0-9])[-_. ]+|[-_. ]+(?![0-9])")
LONG = 8  # letters, from which on one letter more or less is overlooked


def skeleton(name: str) -> str:
    """What ``name`` looks like: names with the same skeleton are taken for one another.

    A separator between two digits stays, for ``v1-1`` is not ``v11``.
    """
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = _SEPARATOR.sub("", text.translate(_DRAWN_ALIKE))
    text = text.translate(_DIGITS)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def neighbours(
    names: Iterable[str], among: Iterable[str] | None = None
) -> Iterator[tuple[str, str]]:
    """Pairs of long names one edit apart: a letter more, less, other, or two swapped.

    The first of each pair is one of ``names``; without ``among`` it is the later one in order.
    Names that differ in digits alone are a series, not a trap. The time is that of one look-up
    for each letter, not of comparing each with each (deletion neighbourhoods, SymSpell's idea).
    """
    asked = sorted(set(names))
    others = asked if among is None else sorted(set(among))
    index: dict[str, list[str]] = {}
    for mask, first in _masked(asked).items():
        for variant in _variants(mask):
            index.setdefault(variant, []).append(first)
    told: set[tuple[str, str]] = set()
    for mask, other in _masked(others).items():
        near = {one for variant in _variants(mask) for one in index.get(variant, ())}
        for one in sorted(near):
            if one == other or (among is None and one < other) or (one, other) in told:
                continue
            if _apart(_mask(one), mask) == 1:
                told.add((one, other))
                yield one, other


def _masked(names: Iterable[str]) -> dict[str, str]:
    """One name for each shape: the names of a series differ in digits alone."""
    found: dict[str, str] = {}
    for name in names:
        mask = _mask(name)
        if len(mask) >= LONG:
            found.setdefault(mask, name)
    return found


def _mask(name: str) -> str:
    return re.sub(r"[-_.]*[0-9][-_.0-9]*$|[0-9]+", "", name.casefold())


def _variants(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _apart(one: str, other: str) -> int:
    """0 for the same, 1 for one edit (optimal string alignment), 2 for more."""
    if one == other:
        return 0
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), None)
    start = len(short) if start is None else start
    a, b = short[start:], long[start:]
    if len(long) - len(short) == 1:
        return 1 if a == b[1:] else 2
    if len(long) != len(short):
        return 2
    swapped = len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:]
    return 1 if a[1:] == b[1:] or swapped else 2
