"""Which of two versions is the older, and whether one lies in a range, by its ecosystem's rule.

SemVer 2.0 for npm, PEP 440 for Python. A range is one small grammar for both: comparisons
(``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``) joined by commas, all of which must hold. Neither
npm's carets nor PEP 440's wildcards are in it: a policy says plainly what it denies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

_COMPARISON = re.compile(r"(?P<sign>==|!=|<=|>=|<|>)\s*(?P<version>[0-9][0-9A-Za-z.+!-]*)")
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
Key = tuple[int, Any]


def key(ecosystem: str, version: str) -> Key:
    """What versions of one ecosystem are ordered by; what is no version comes before all others."""
    try:
        return 1, (_semver if ecosystem == "npm" else _pep440)(version)
    except ValueError:
        return 0, version


@lru_cache(1 << 14)
def _semver(version: str) -> Any:
    core, _, _ = version.partition("+")
    numbers, dash, rest = core.partition("-")
    three = tuple(map(int, numbers.split(".")))
    if len(three) != 3:
        raise ValueError("not SemVer")
    # Identifiers: numbers by value and below words; no pre-release above any (SemVer 2.0, 11).
    parts = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in rest.split("."))
    return three, not dash, parts if dash else ()


@lru_cache(1 << 14)
def _pep440(version: str) -> Any:
    from packaging.version import Version

    return Version(version)


def parse_range(text: str) -> tuple[tuple[str, str], ...]:
    """The comparisons of a range; ``ValueError`` says what is wrong with it. Empty: every one."""
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        match = _COMPARISON.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is no comparison such as >=1.2.0")
        found.append((match["sign"], match["version"]))
    return tuple(found)


def within(ecosystem: str, version: str, wanted: str) -> bool:
    """Whether ``version`` lies in the range; what can't be ordered lies in every range.

    A deny-list asks: what nobody can place must not slip past it.
    """
    ours = key(ecosystem, version)
    for sign, other in parse_range(wanted):
        theirs = key(ecosystem, other)
        if ours[0] and theirs[0] and not _SIGNS[sign](ours[1], theirs[1]):
            return False
    return True
