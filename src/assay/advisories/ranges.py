"""An advisory's range on npm: ``>=1.0.0 <1.2.3 || <0.9.0``, and the version that is free of it.

Comparisons alone, as the registry writes them. A caret, a hyphen or anything else is not guessed
at: then it is npm's own word which versions lie in it, and no fixed version is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import eq, ge, gt, le, lt

from assay.closure.versions import Key, key

_NUMBER = r"[0-9]{1,15}"  # npm takes no greater one than 2^53
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_SIGN = re.compile(r"(<=|>=|<|>|=)\s+")
_COMPARISON = re.compile(rf"(<=|>=|<|>|=|)v?({_VERSION.pattern})")
_SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "": eq}
_MOST = 4096  # characters

Range = tuple[tuple[tuple[str, str], ...], ...]  # any of these, of each all


def parse(text: str) -> Range | None:
    """The comparisons of ``text``; None for what is not made of them."""
    if len(text) > _MOST:
        return None
    found: list[tuple[tuple[str, str], ...]] = []
    for alternative in text.split("||"):
        words = _SIGN.sub(r"\1", alternative.replace(",", " ")).split()
        matches = [_COMPARISON.fullmatch(word) for word in words if word != "*"]
        if not all(matches):
            return None
        found.append(tuple((match[1], match[2]) for match in matches if match))
    return tuple(found)


def is_version(text: object) -> bool:
    """Whether ``text`` is a version of SemVer 2.0, near enough to be ordered."""
    return isinstance(text, str) and len(text) <= 256 and bool(_VERSION.fullmatch(text))


def within(version: str, wanted: Range) -> bool:
    """Whether ``version`` lies in the range, a pre-release by its precedence, as for npm."""
    return any(_holds(_key(version), alternative) for alternative in wanted)


def fixed(version: str, text: str, published: Iterable[str] = ()) -> str:
    """The lowest version above ``version`` that is outside of the range ``text``, or empty.

    The bounds of the range say it, or else a version that is ``published``.
    """
    wanted = parse(text)
    if wanted is None:
        return ""
    own = _key(version)
    bounds = {bound for part in wanted for sign, bound in part if sign == "<"}
    plain = {one for one in published if _VERSION.fullmatch(one) and "-" not in one}
    for candidates in (bounds, plain):
        free = [one for one in candidates if _key(one) > own and not within(one, wanted)]
        if free:
            return min(free, key=_key)
    return ""


def _holds(own: Key, comparisons: Iterable[tuple[str, str]]) -> bool:
    return all(_SIGNS[sign](own, _key(bound)) for sign, bound in comparisons)


def _key(version: str) -> Key:
    return key("npm", version)
