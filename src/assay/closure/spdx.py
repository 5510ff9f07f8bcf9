"""SPDX licence expressions against a policy's lists (SPDX 2.3, annex D).

Of an OR the taker chooses: it is allowed where one side is, and denied where both are. Of an AND
all parts bind. ``WITH`` only adds permissions: the licence alone decides, unless the whole is
listed itself. Spelling is made the list's own by ``packaging.licenses`` (PEP 639).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

MAX_TEXT = 400  # characters
_WORD = re.compile(r"\(|\)|[^\s()]+")
_GNU = re.compile(r"(?P<name>(?:A|L)?GPL-[0-9.]+|GFDL-[0-9.]+)(?P<plus>\+)?")


class Verdict(NamedTuple):
    """``allowed`` by the allow-list (all where there is none), ``denied`` by the other."""

    allowed: bool
    denied: bool


@lru_cache(1 << 12)
def canonical(text: str) -> str:
    """The expression in SPDX's own spelling. ``ValueError`` where it is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if len(text) > MAX_TEXT:
        raise ValueError("longer than any licence expression")
    try:
        return str(canonicalize_license_expression(text))
    except InvalidLicenseExpression as error:
        raise ValueError(str(error)) from error


def judge(text: str, allow: Collection[str], deny: Collection[str]) -> Verdict:
    """``ValueError`` where ``text`` is no SPDX expression. ``allow`` empty allows everything."""
    words = _WORD.findall(canonical(text))
    reader = _Reader(words, _plain(allow), _plain(deny))
    return reader.either()


def _plain(listed: Collection[str]) -> frozenset[str]:
    return frozenset(_modern(canonical(one)) for one in listed)


def _modern(licence: str) -> str:
    """GPL-2.0 and GPL-2.0+ as SPDX writes them since 3.0: -only and -or-later."""
    if match := _GNU.fullmatch(licence):
        return f"{match['name']}-{'or-later' if match['plus'] else 'only'}"
    return licence


class _Reader:
    """Recursive descent over an expression that packaging found sound."""

    def __init__(self, words: list[str], allow: frozenset[str], deny: frozenset[str]) -> None:
        self._words = words
        self._at = 0
        self._allow = allow
        self._deny = deny

    def either(self) -> Verdict:
        found = self._both()
        while self._take("OR"):
            other = self._both()
            found = Verdict(found.allowed or other.allowed, found.denied and other.denied)
        return found

    def _both(self) -> Verdict:
        found = self._one()
        while self._take("AND"):
            other = self._one()
            found = Verdict(found.allowed and other.allowed, found.denied or other.denied)
        return found

    def _one(self) -> Verdict:
        if self._take("("):
            found = self.either()
            self._take(")")
            return found
        names = {_modern(self._next())}
        if self._take("WITH"):
            names |= {f"{name} WITH {self._next()}" for name in list(names)}
        return Verdict(not self._allow or bool(names & self._allow), bool(names & self._deny))

    def _take(self, word: str) -> bool:
        if self._at < len(self._words) and self._words[self._at] == word:
            self._at += 1
            return True
        return False

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1]
