"""Who could have written a file that the whole launch rests on.

client.toml and the trust root say whom to believe. They come from the operating system's
configuration channel, so wherever the launching user could have put them, or moved any folder
on the way to them, they say nothing.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

_MOST_LINKS = 40  # Linux's own limit (path_resolution(7))


def writable_step(path: Path, *, user: int | None = None) -> Path | None:
    """The first step on the way to ``path`` that ``user`` could have written, else None.

    Every folder from the root down counts, and with a symbolic link also every step to where it
    leads. ``user`` is a POSIX user id, by default who runs this. Raises ``OSError`` where a step
    can't be looked at or links go in circles.
    """
    if sys.platform == "win32":
        return next((step for step in (path, *path.parents) if _windows_grants(step)), None)
    who = os.getuid() if user is None else user
    return next((step for step in _steps(path.absolute()) if _could_write(step, who)), None)


def _steps(path: Path) -> Iterator[Path]:
    """Each file system object that is visited to reach ``path``, symbolic links among them."""
    here = Path(path.anchor)
    pending = list(reversed(path.parts[1:]))
    links = 0
    yield here
    while pending:
        part = pending.pop()
        if part == "..":
            here = here.parent
            continue
        here = here / part
        yield here
        if here.is_symlink():
            links += 1
            if links > _MOST_LINKS:
                raise OSError(f"too many symbolic links on the way to {path}")
            target = here.readlink()
            here = Path(target.anchor) if target.is_absolute() else here.parent
            pending.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))


def _could_write(step: Path, user: int) -> bool:
    """Whether ``user`` could change ``step``: by owning it, or by its group and other bits.

    The group's bit counts whoever is in the group: with POSIX ACLs it is the mask of what any
    named user was granted. A link's own bits mean nothing; its folder's do, and come before it.
    A sticky folder is no exception: nobody lays a trust root in /tmp.
    """
    found = os.lstat(step)
    owned = found.st_uid != 0 and (user == 0 or found.st_uid == user)
    if stat.S_ISLNK(found.st_mode):
        return owned
    return owned or bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _windows_grants(step: Path) -> bool:
    """Whether Windows would let this process write ``step``: asked by opening it, changing nothing.

    The access asked for: write data or add a file, delete, change the access list, take over.
    """
    import ctypes

    create = ctypes.CDLL("kernel32").CreateFileW
    create.restype = ctypes.c_void_p
    for right in (0x2, 0x4, 0x40, 0x10000, 0x40000, 0x80000):
        handle = create(str(step), right, 0x7, None, 3, 0x02000000, None)
        if handle not in (None, ctypes.c_void_p(-1).value):
            ctypes.CDLL("kernel32").CloseHandle(ctypes.c_void_p(handle))
            # A volume's root lets everybody add a folder; only what is under it is judged so.
            if not (step == step.parent and right in (0x2, 0x4)):
                return True
    return False
