"""JSON from a stranger: bounded, and saying each thing once.

Of two equal keys parsers take the first, the last or either, so that two programs may read two
documents from the same bytes; RFC 8259 section 4 leaves it open. Both are refused here.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn


def read_object(raw: bytes, *, limit: int) -> dict[str, Any]:
    """The object in ``raw``, of at most ``limit`` bytes of UTF-8; ValueError says what is wrong."""
    if len(raw) > limit:
        raise ValueError(f"{len(raw)} bytes, more than {limit}")
    try:
        found = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_not_a_number
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"key {key!r} stands twice in one object")
        found[key] = value
    return found


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
