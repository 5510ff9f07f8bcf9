"""Bundles taken apart and put together again, as an attacker would."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def edited(bundle: bytes, edit: Callable[[Json], object]) -> bytes:
    """The bundle after ``edit`` changed its JSON."""
    content: Json = json.loads(bundle)
    edit(content)
    return json.dumps(content).encode()


def entry_of(content: Json) -> Json:
    """The one transparency log entry."""
    entry: Json = content["verificationMaterial"]["tlogEntries"][0]
    return entry


def flipped(text: str, at: int = -1) -> str:
    """Base64 of the same bytes with one bit changed."""
    raw = bytearray(b64decode(text))
    raw[at] ^= 1
    return b64encode(raw).decode()


def flip(holder: Json, key: str, at: int = -1) -> None:
    """Change one bit of the base64 at ``key``."""
    holder[key] = flipped(holder[key], at)
