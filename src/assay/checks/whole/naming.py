"""What a file of an entry's past named: read without the schema, which may have changed since."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from assay.entry.document import parse

_VERSION = re.compile(rb"^version:[ ]*[\"']?([^\"'\s#]+)", re.MULTILINE)
_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Naming(NamedTuple):
    """``artefact`` is its sha256, for a remote server its address; ``lock`` the lock's sha256."""

    version: str
    revision: int
    artefact: str
    lock: str


def naming(raw: bytes) -> Naming | None:
    """What ``raw`` names; None for what is no entry at all."""
    document, _ = parse("", raw)
    if document is None:
        return None
    data: dict[str, Any] = document.data
    artefact = data.get("artefact")
    artefact = artefact if isinstance(artefact, dict) else {}
    lock = artefact.get("lock")
    revision = data.get("revision", 1)
    return Naming(
        version=_text(data.get("version")),
        revision=revision if isinstance(revision, int) else 1,
        artefact=_text(artefact.get("sha256")) or _text(data.get("url")),
        lock=_text(lock.get("sha256")) if isinstance(lock, dict) else "",
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def surely_agree(one: bytes, other: bytes) -> bool:
    """Whether two states of an entry can't contradict each other; False where a look is needed.

    Far quicker than parsing: a history has thousands of states. Sure is another version, each
    named once in plain form (a second such line could only stand where no key can), and the same
    digests in the same order.
    """
    if one == other:
        return True
    mine, theirs = _VERSION.findall(one), _VERSION.findall(other)
    if len(mine) == len(theirs) == 1 and mine != theirs:
        return True
    digests = _DIGEST.findall(one)
    return bool(digests) and mine == theirs and digests == _DIGEST.findall(other)
