"""A registry's JSON metadata, parsed within bounds: some of what it holds is a stranger's.

Three bytes of ``[],`` take 64 to hold, so the size of an answer says little of the memory that
parsing it takes: its values are counted first. Large answers are parsed one after another, since
a lock asks for many at once.
"""

from __future__ import annotations

import json
import threading

MOST_VALUES = 4_000_000  # some 400 MB once parsed; the largest real documents have under 1.5
_LARGE = 4 << 20  # bytes
_ONE_AT_A_TIME = threading.Lock()


def parse(body: bytes) -> object:
    """The value in ``body``; ValueError says why there is none that would be held."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise ValueError(f"more than {MOST_VALUES} values")
    try:
        if len(body) < _LARGE:
            return json.loads(body)
        with _ONE_AT_A_TIME:
            return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
