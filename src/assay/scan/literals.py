"""The pieces of text of which a regular expression needs one to match at all.

A piece is a fragment, found anywhere in a word, or with ``WHOLE`` before it a word by itself: in
``(?:\\w+\\.)?(?:sh|ps)$`` nothing stands beside ``sh`` that could be a letter, and two letters tell
something only then.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from re import _constants as codes  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]

WHOLE = "\0"
_SHORTEST = 3  # characters of a fragment: what is shorter stands everywhere
_MOST = 400  # alternatives
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_Item = tuple[Any, Any]


def literals(expression: str) -> frozenset[str]:
    """In lower case; empty where the expression may match without any that tells something."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = parser.parse(expression.replace("\\Z", "$"), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError):
        return frozenset()
    items = list(parsed)
    # A value that begins and ends where the expression does is a word of the program's text, or
    # a string in it; elsewhere there may be letters around.
    return _sequence(items, open_left=True, open_right=True) or frozenset()


def _sequence(items: list[_Item], *, open_left: bool, open_right: bool) -> frozenset[str] | None:
    """The best of what stands in a row: the set whose least telling member tells most."""
    best: frozenset[str] | None = None
    run, run_from = "", 0
    for number, (code, argument) in enumerate([*items, (None, None)]):
        if code is codes.LITERAL:
            run_from = number if not run else run_from
            run += chr(argument).lower()
            continue
        if run:
            left = _open(items[:run_from][::-1], open_left, last=True)
            right = _open(items[number:], open_right, last=False)
            best = _better(best, _literal(run, left, right))
            run = ""
        if code is not None:
            left = _open(items[:number][::-1], open_left, last=True)
            right = _open(items[number + 1 :], open_right, last=False)
            best = _better(best, _one(code, argument, left, right))
    return best if best and len(best) <= _MOST else None


def _literal(run: str, open_left: bool, open_right: bool) -> frozenset[str] | None:
    closed = not open_left and not open_right
    if closed and re.fullmatch(r"[a-z_$][\w$]*", run):
        return frozenset((WHOLE + run,))
    return frozenset((run,)) if len(run) >= _SHORTEST else None


def _one(code: Any, argument: Any, left: bool, right: bool) -> frozenset[str] | None:
    if code is codes.SUBPATTERN:
        return _sequence(list(argument[-1]), open_left=left, open_right=right)
    if code is codes.BRANCH:
        whole: frozenset[str] = frozenset()
        for branch in argument[1]:
            found = _sequence(list(branch), open_left=left, open_right=right)
            if found is None:
                return None
            whole |= found
        return whole
    if code in _REPEATS and argument[0] > 0:
        again = argument[1] != 1  # beside a repetition stands another one
        return _sequence(list(argument[2]), open_left=left or again, open_right=right or again)
    return None


def _open(items: list[_Item], beyond: bool, *, last: bool) -> bool:
    """Whether a letter may stand next to what comes before ``items`` (or after, with ``last``)."""
    for code, argument in items:
        if code is codes.AT:
            return False  # an anchor, or \b: beside a letter the other side is none
        if code is codes.LITERAL:
            return _lettered(chr(argument))
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            continue
        if code is codes.SUBPATTERN or code in _REPEATS:
            inside = list(argument[-1])
            optional = code in _REPEATS and argument[0] == 0
            if _open(inside[::-1] if last else inside, False, last=last):
                return True
            if not optional and inside:
                return False
            continue
        if code is codes.IN:
            return _set_lettered(argument)
        if code is codes.BRANCH:
            return True
        return True
    return beyond


def _set_lettered(members: list[_Item]) -> bool:
    for code, argument in members:
        if code is codes.LITERAL and not _lettered(chr(argument)):
            continue
        if code is codes.CATEGORY and argument is codes.CATEGORY_SPACE:
            continue
        return True
    return False


def _lettered(character: str) -> bool:
    return character.isalnum() or character in "_$"


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if not one or not other:
        return one or other
    return max(one, other, key=lambda found: (min(map(_telling, found)), -len(found)))


def _telling(piece: str) -> int:
    return len(piece) + 2 if piece.startswith(WHOLE) else len(piece)
