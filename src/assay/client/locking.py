"""One process at a time: an advisory lock on an open file, let go by the kernel if we die."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST_WAIT = 0.001  # seconds; doubled up to a tenth
_LAST_WAIT = 0.1


@contextmanager
def locked(descriptor: int, *, seconds: float) -> Iterator[None]:
    """Hold the lock on ``descriptor``; ``TimeoutError`` after ``seconds`` of waiting for it."""
    until = time.monotonic() + seconds
    wait = _FIRST_WAIT
    while not _try(descriptor):
        if time.monotonic() > until:
            raise TimeoutError(f"another process holds the lock for over {seconds:g} s")
        time.sleep(wait)
        wait = min(_LAST_WAIT, wait * 2)
    try:
        yield
    finally:
        _release(descriptor)


def _try(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 0, os.SEEK_SET)  # a lock is of bytes there, and of the first
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _release(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_UN)
