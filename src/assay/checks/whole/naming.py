"""What a file of an entry's past named: read without the schema, which may have changed since."""

from __future__ import annotations

from typing import Any, NamedTuple

from assay.entry.document import parse


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


def may_be_of(version: str, raw: bytes) -> bool:
    """Whether ``raw`` can be a state of ``version``; far quicker than parsing, and never wrong.

    A history has thousands of states. Only an escape can write a version without its letters;
    whoever looked for the line ``version:`` would find one that stands inside of a text.
    """
    return version.encode() in raw or b"\\" in raw
