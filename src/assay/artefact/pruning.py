"""Keeping a store within bounds, and finding what rotted in it, beside whoever uses it.

The least recently used goes first. What was used within the last hour stays, whatever the bounds:
another process may have been told of it and be about to open it. Who has a file open keeps its
bytes, and what is gone is fetched anew, so nothing but time is ever lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from assay.artefact.store import Store

IN_USE = 3600.0  # seconds


class Kept(NamedTuple):
    """One file of a store: ``used`` in seconds since the epoch, ``size`` in bytes."""

    used: float
    path: Path
    size: int


class Pruned(NamedTuple):
    """What pruning came to: files and bytes that went, and that stay."""

    gone: int
    gone_bytes: int
    left: int
    left_bytes: int


def prune(
    store: Store,
    *,
    max_size: int | None = None,
    older_than: float | None = None,
    dry_run: bool = False,
    clock: Callable[[], float] = time.time,
) -> Pruned:
    """Remove what was not used for ``older_than`` seconds, then the oldest above ``max_size``.

    Sizes are bytes. Drafts of processes that are gone go too, and notes by their age alone.
    """
    now = clock()
    if not dry_run:
        store.sweep()
    files = sorted(_kept(store.contents()))
    total = sum(file.size for file in files)
    gone: list[Kept] = []
    for file in files:
        surplus = max_size is not None and total > max_size
        if not (surplus or _is_old(file, older_than, now)) or file.used > now - IN_USE:
            continue
        if dry_run or _removed(file, now):
            gone.append(file)
            total -= file.size
    for note in _kept(store.notes()):
        if _is_old(note, older_than, now) and not dry_run:
            _removed(note, now)
    size = sum(file.size for file in gone)
    return Pruned(len(gone), size, len(files) - len(gone), total)


def rotten(store: Store) -> Iterator[Path]:
    """Every file whose bytes are not what its name says, removed where that is allowed."""
    for path in sorted(store.contents()):
        with contextlib.suppress(FileNotFoundError):  # pruned meanwhile
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != path.name:
                with contextlib.suppress(OSError):
                    path.unlink()
                yield path


def _kept(paths: Iterator[Path]) -> Iterator[Kept]:
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            yield Kept(stat.st_mtime, path, stat.st_size)


def _is_old(file: Kept, older_than: float | None, now: float) -> bool:
    return older_than is not None and file.used < now - older_than


def _removed(file: Kept, now: float) -> bool:
    try:
        if file.path.stat().st_mtime > now - IN_USE:  # used since we looked
            return False
        file.path.unlink()
    except FileNotFoundError:
        pass
    return True
