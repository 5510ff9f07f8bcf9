"""Folders to work in, beside the store: gone when the work is done, or when its process is.

A process that is killed can't tidy up; the kernel drops its lock, and the next one to come by
takes the folder away.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from assay.errors import Undecided
from assay.reason import Reason

try:
    import fcntl
except ImportError:  # Windows: stale folders are told by their age alone
    fcntl = None  # type: ignore[assignment]

_GRACE = 60.0  # seconds that a folder may lie unlocked between its creation and its lock
_ABANDONED = 86_400.0  # seconds after which a folder is stale where locks can't be asked
_LOCK = "lock"


@contextlib.contextmanager
def folder(root: Path, *, grace: float = _GRACE) -> Iterator[Path]:
    """An empty folder below ``root`` for the block. Undecided(STORE_UNUSABLE)."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        sweep(root, grace=grace)
        made = Path(tempfile.mkdtemp(dir=root))
        lock = (made / _LOCK).open("xb")
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE,
            f"the store can't be used: {root}: {error.strerror or error}",
            hint="free some space, or name another folder with ASSAY_CACHE",
        ) from error
    try:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        place = made / "work"
        place.mkdir()
        yield place
    finally:
        lock.close()
        shutil.rmtree(made, ignore_errors=True)


def sweep(root: Path, *, grace: float = _GRACE) -> None:
    """Remove what processes left behind that are no more."""
    for left in root.iterdir():
        with contextlib.suppress(OSError):
            if _abandoned(left, grace):
                shutil.rmtree(left, ignore_errors=True)


def _abandoned(left: Path, grace: float) -> bool:
    age = time.time() - left.stat().st_mtime
    if fcntl is None:
        return age > _ABANDONED
    if age < grace:
        return False
    try:
        lock = (left / _LOCK).open("rb")
    except FileNotFoundError:
        return True
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
