"""An installed tree, held against its manifest before each start.

Every file is opened and hashed: not one byte of what will run is taken on trust from its time or
size. A file more or less, a link, another mode or another owner refuses (TREE_CHANGED).
One thread on purpose: for thousands of small files Python's threads wait for each other, and two
took half as long again as one.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path

from assay.client.manifest import Manifest
from assay.errors import Refused, Undecided
from assay.reason import Reason

FILE_MODE = 0o444
PROGRAM_MODE = 0o555
FOLDER_MODE = 0o555
_CHUNK = 1 << 20
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe in a file's place must not hang a launch
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def hold(root: Path, manifest: Manifest) -> None:
    """Return where the tree at ``root`` is what ``manifest`` says, else raise TREE_CHANGED."""
    try:
        found, folders = _walk(str(root))
        _same(root, "file", set(manifest.files), found)
        _same(root, "folder", _folders(manifest), folders)
        for path, (executable, size, sha256) in manifest.files.items():
            _hold_file(root, path, PROGRAM_MODE if executable else FILE_MODE, size, sha256)
    except OSError as error:
        # A link where a file was is ELOOP here.
        raise changed(root, str(error)) from error


def hold_surroundings(home: Path) -> None:
    """Nothing but tree and manifest lies in ``home``, and no packages on the way up the cache.

    Node.js looks for a package that the tree lacks, such as an optional one, in each folder above
    it: what lies there would run, and no manifest names it.
    """
    try:
        _same(home, "file", {"tree", "manifest.json"}, set(os.listdir(home)))
        for folder in (home.parent, home.parent.parent):
            if os.path.lexists(folder / "node_modules"):
                raise changed(folder, "a folder of packages was laid above the tree: node_modules")
    except OSError as error:
        raise changed(home, str(error)) from error


def hold_above(home: Path) -> None:
    """No packages anywhere above the cache either, such as a home folder's: Node.js goes up to the
    root, from where the tree really lies. For a server on Node.js alone."""
    for folder in home.resolve().parents:
        if os.path.lexists(folder / "node_modules"):
            raise Refused(
                Reason.SURROUNDINGS_UNSAFE,
                f"{folder / 'node_modules'} lies above the server, which would load packages of it",
                hint="move it away, or have client.toml name a cache with none above it",
            )


def changed(root: Path, what: str) -> Refused:
    """The error for an installed tree that is not what was verified."""
    return Refused(
        Reason.TREE_CHANGED,
        f"the installed files under {root} are not what was verified: {what}",
        hint="find out who changed them; assay launch --reinstall lays them anew",
    )


def _walk(root: str) -> tuple[set[str], set[str]]:
    """Paths of files (whatever is no folder) and of folders under ``root``, relative to it."""
    files: set[str] = set()
    folders: set[str] = set()
    pending = [("", root)]
    while pending:
        prefix, path = pending.pop()
        _hold_folder(path)
        with os.scandir(path) as inside:
            for item in inside:
                name = prefix + item.name
                if item.is_dir(follow_symlinks=False):
                    folders.add(name)
                    pending.append((name + "/", item.path))
                else:
                    files.add(name)
    return files, folders


def _hold_folder(path: str) -> None:
    found = os.lstat(path)
    if sys.platform != "win32" and (
        stat.S_IMODE(found.st_mode) != FOLDER_MODE or found.st_uid != os.getuid()
    ):
        raise OSError(f"the folder {path} has another mode or owner")


def _folders(manifest: Manifest) -> set[str]:
    folders: set[str] = set()
    for path in manifest.files:
        parent = path.rpartition("/")[0]
        while parent and parent not in folders:
            folders.add(parent)
            parent = parent.rpartition("/")[0]
    return folders


def _same(root: Path, kind: str, told: set[str], found: set[str]) -> None:
    if told != found:
        more, less = sorted(found - told), sorted(told - found)
        what = f"a {kind} too many: {more[0]}" if more else f"a {kind} is missing: {less[0]}"
        raise changed(root, what)


def _hold_file(root: Path, path: str, mode: int, size: int, sha256: str) -> None:
    descriptor = os.open(f"{root}/{path}", _OPEN)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            raise changed(root, f"{path} has another size or kind")
        if sys.platform != "win32" and (
            stat.S_IMODE(found.st_mode) != mode or found.st_uid != os.getuid()
        ):
            raise changed(root, f"{path} has another mode or owner")
        if _digest(descriptor, size) != sha256:
            raise changed(root, f"{path} has other bytes")
    finally:
        os.close(descriptor)


def _digest(descriptor: int, size: int) -> str:
    """sha256 of the open file, reading ``size`` bytes and not one more."""
    if size <= _CHUNK:
        return hashlib.sha256(os.read(descriptor, size)).hexdigest()
    running = hashlib.sha256()
    while size > 0:
        piece = os.read(descriptor, min(_CHUNK, size))
        if not piece:
            break
        size -= len(piece)
        running.update(piece)
    return running.hexdigest()


def unreadable(path: Path, error: OSError) -> Undecided:
    """The error for a cache that can't be used."""
    return Undecided(
        Reason.STORE_UNUSABLE,
        f"{path} can't be used: {error.strerror or error}",
        hint="see the disk's space and the folder's owner",
    )
