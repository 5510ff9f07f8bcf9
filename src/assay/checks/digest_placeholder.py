"""A digest is a real one: a placeholder left in would be signed as if it had been looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "digest-placeholder"

_EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # of no bytes at all
_PERIODS = (*range(1, 13), 16, 32)


def run(context: Context) -> Iterator[Finding]:
    artefact = context.entry.artefact
    if artefact is None:
        return
    yield from _look(context, artefact.sha256, ("artefact", "sha256"))
    if artefact.lock is None:
        return
    where = ("artefact", "lock", "sha256")
    yield from _look(context, artefact.lock.sha256, where)
    if artefact.lock.sha256 == artefact.sha256:
        told = "the lock has the digest of the artefact"
        yield context.finding(ID, where, told, "`assay lock` writes the right one")


def _look(context: Context, digest: str, where: tuple[str, ...]) -> Iterator[Finding]:
    if digest == _EMPTY:
        told = "this is the sha256 of an empty file"
    elif is_placeholder(digest):
        told = "this is a placeholder, not a digest"
    else:
        return
    yield context.finding(ID, where, told, "write the sha256 of the real bytes; `assay new` does")


def is_placeholder(digest: str) -> bool:
    """Whether somebody typed it: one piece again and again, or fewer than 8 different digits.

    Either happens to a real digest with a probability below 2**-50.
    """
    repeats = any(digest[period:] == digest[:-period] for period in _PERIODS)
    return repeats or len(set(digest)) < 8
