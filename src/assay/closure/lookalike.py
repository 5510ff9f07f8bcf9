"""Names that look like another package's: a popular one, or one of the organisation's own.

The commonest way into a closure is a name that a person or a model mistypes, and that somebody has
registered meanwhile. A name that is itself well known never looks like another; the lists in
``popular/`` are ours, compact, and no statement about any package. Judged are only names that
come new, so what a registry has lived with raises no alarm. Kinds, the surest first: the same but
for separators, letters that look alike, another scope, one letter's distance, an added word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

# Shorter names are one letter from everything.
_SHORTEST = 6
_SEPARATORS = re.compile(r"[-_.]+")
# Pairs that one glance takes for the other, each to what it is read as.
_GLYPHS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("5", "s"), ("3", "e"))
_AFFIXES = {
    "npm": (
        r"(?:node|nodejs|js|npm)[-_.]?(.+)",
        r"(.+?)[-_.]?(?:js|node|nodejs|npm|official|latest)",
    ),
    "pypi": (r"(?:python3|python|py)-?(.+)", r"(.+?)-?(?:python3|python|py|official|latest)"),
}


class Likeness(NamedTuple):
    """``other`` is the name that it may be taken for, ``how`` completes "differs by …"."""

    other: str
    how: str
    internal: bool


def likeness(ecosystem: str, name: str, internal: Collection[str] = ()) -> Likeness | None:
    """What ``name`` may be taken for, or None. ``internal`` are the policy's names and patterns."""
    if any(_matches(name, pattern) for pattern in internal):
        return None
    for pattern in internal:
        if how := _like_internal(name, pattern):
            return Likeness(pattern, how, True)
    known = _known(ecosystem)
    if name in known.names:
        return None
    for other, how in _near(ecosystem, name, known):
        return Likeness(other, how, False)
    return None


class _Known(NamedTuple):
    names: frozenset[str]  # that look like nothing but themselves
    popular: frozenset[str]
    compact: dict[str, str]  # without separators → the name
    glyphs: dict[str, str]  # as read at a glance → the name
    cores: dict[str, str]  # without what anybody may add → the name
    flat: dict[str, str]  # @scope/name as scope-name → the name
    scopes: frozenset[str]
    pieces: dict[str, list[str]]  # with one letter left out → the names


@lru_cache
def _known(ecosystem: str) -> _Known:
    popular = frozenset(_words(f"{ecosystem}.txt"))
    names = popular | frozenset(_words(f"{ecosystem}-known.txt"))
    pieces: dict[str, list[str]] = {}
    for name in sorted(popular):
        for piece in _pieces(name):
            pieces.setdefault(piece, []).append(name)
    return _Known(
        names,
        popular,
        {_compact(name): name for name in sorted(popular)},
        {_glance(name): name for name in sorted(popular)},
        {_core(ecosystem, name): name for name in sorted(popular) if name[0] != "@"},
        {_compact(_flat(name)): name for name in sorted(popular) if name.startswith("@")},
        frozenset(name.partition("/")[0] for name in names if name.startswith("@")),
        pieces,
    )


def _words(file: str) -> list[str]:
    place = Path(__file__).with_name("popular") / file
    return place.read_text(encoding="utf-8").split()


def _near(ecosystem: str, name: str, known: _Known) -> Iterator[tuple[str, str]]:
    if found := known.compact.get(_compact(name)):
        yield found, "its separators alone"
    if len(name) >= _SHORTEST and (found := known.glyphs.get(_glance(name))):
        yield found, "letters that look alike"
    yield from _scoped(name, known)
    if name.startswith("@"):
        return  # nobody publishes under a scope that is not his
    if len(name) >= _SHORTEST - 1:
        for other in sorted(_within_one(name, known.pieces)):
            if not _numbered(name, other):
                yield other, "one letter"
    core = _core(ecosystem, name)
    found = known.cores.get(core)
    if found and len(core) >= _SHORTEST:
        yield found, "a word that anybody may add"


def _core(ecosystem: str, name: str) -> str:
    for pattern in _AFFIXES[ecosystem]:
        if match := re.fullmatch(pattern, name):
            name = match[1]
    return name


def _scoped(name: str, known: _Known) -> Iterator[tuple[str, str]]:
    """``types-node`` for ``@types/node``, and ``@typos/node``."""
    if found := known.flat.get(_compact(_flat(name))):
        yield found, "its scope"
    scope, slash, bare = name.partition("/")
    if not slash or scope in known.scopes:
        return
    for other in sorted(known.scopes):
        alike = _compact(scope) == _compact(other) or _glance(scope) == _glance(other)
        same = f"{other}/{bare}" in known.popular
        if alike or ((len(other) > _SHORTEST or same) and _distance_one(scope, other)):
            yield f"{other}/{bare}", "its scope"


def _like_internal(name: str, pattern: str) -> str:
    """How ``name``, which is none of them, looks like the internal names of ``pattern``."""
    stem = pattern.removesuffix("*")
    wild = stem != pattern
    if wild and _dashed(name).startswith(_dashed(stem)):
        return "its scope or separators"
    if not wild and _compact(_flat(name)) == _compact(_flat(stem)):
        return "its scope or separators"
    if not stem.startswith("@") and _matches(name.rpartition("/")[2], pattern):
        return "its scope"
    if _starts(_glance(name), _glance(stem), wild):
        return "letters that look alike"
    if len(stem) < _SHORTEST - 1:
        return ""
    size = len(stem)
    cuts = [name[:end] for end in (size - 1, size, size + 1)] if wild else [name]
    # A star may stand for anything, so the stem's last sign must be there, or its scope ends there.
    cuts = [cut for cut in cuts if not wild or cut[-1:] == stem[-1:] or stem[-1:] == "/"]
    return "one letter" if any(_distance_one(cut, stem) for cut in cuts) else ""


def _starts(text: str, stem: str, wild: bool) -> bool:
    return text.startswith(stem) if wild else text == stem


def _matches(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _compact(name: str) -> str:
    return _SEPARATORS.sub("", name.lower())


def _dashed(name: str) -> str:
    """As somebody would write it without a scope: ``@acme/x`` and ``acme_x`` are ``acme-x``."""
    return _SEPARATORS.sub("-", _flat(name).lower())


def _flat(name: str) -> str:
    return name.removeprefix("@").replace("/", "-")


def _glance(name: str) -> str:
    for written, read in _GLYPHS:
        name = name.replace(written, read)
    return name.replace("i", "l")


def _numbered(name: str, other: str) -> bool:
    """Whether one is the other with a number: ``vue2`` and the like are names of their own."""
    one, two = re.sub(r"[0-9]", "", name), re.sub(r"[0-9]", "", other)
    return one == two and (one in (name, other) or len(one) < _SHORTEST)


def _pieces(name: str) -> set[str]:
    return {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}


def _within_one(name: str, pieces: dict[str, list[str]]) -> set[str]:
    found = {other for piece in _pieces(name) for other in pieces.get(piece, ())}
    # Of the shorter words only two letters that changed places: they are one letter from too much.
    return {
        other
        for other in found
        if _distance_one(name, other)
        and (max(len(name), len(other)) >= _SHORTEST or sorted(name) == sorted(other))
    }


def _distance_one(one: str, two: str) -> bool:
    """Whether one letter was added, lost or changed, or two neighbours changed places."""
    if abs(len(one) - len(two)) > 1 or one == two:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    left, right = one[start:], two[start:]
    if left[1:] == right[1:] or left[1:] == right or left == right[1:]:
        return True
    return left[:2] == right[1::-1] and left[2:] == right[2:]
