"""The files of a registry as somebody has them: on disk, about to be committed, or in a commit.

Each view gives whole files by their path in the registry and lists ``servers/``. A symbolic link,
a submodule or anything else that is no regular file is refused: what a reviewer reads must be
what is signed, and a link shows one thing and is another.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from assay.errors import Refused, Undecided
from assay.reason import Reason
from assay.registry import names
from assay.registry.names import FOLDER

if TYPE_CHECKING:
    from assay.registry.git import Objects

MAX_FILE = 16 * 1024 * 1024  # bytes of one file of a registry; the largest real lock has 0.3 MB
_REGULAR = frozenset({"100644", "100755"})


class View(Protocol):
    """The registry's files, whole, by path relative to the registry with forward slashes."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None when there is none. ``Refused`` for what is no regular file."""

    def names(self) -> Collection[str]:
        """The names of what stands directly in ``servers/``, sorted."""


class Siblings:
    """The files beside an entry, by file name: what a check may read besides the entry."""

    def __init__(self, view: View) -> None:
        self._view = view

    def read(self, name: str) -> bytes | None:
        """The bytes of ``servers/NAME``; None when it is not there or no plain file name.

        ``name`` may be what a stranger wrote in an entry: it never leads out of ``servers/``.
        """
        return self._view.read(f"{FOLDER}/{name}") if names.is_file_name(name) else None


class WorkingTree:
    """The files on disk; whoever makes it has asked ``refuse_linked_folder`` once for all."""

    def __init__(self, root: str) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        return _read_file(self._root, path)

    def names(self) -> Collection[str]:
        refuse_linked_folder(self._root)
        try:
            return sorted(os.listdir(os.path.join(self._root, FOLDER)))
        except FileNotFoundError:
            return []


class Tracked:
    """The files on disk as far as git has them in its index.

    Git is asked once, and only when the answer depends on it: for a file that is not there it
    does not.
    """

    def __init__(self, root: str, index: Callable[[], Collection[str]]) -> None:
        self._root = root
        self._index = index
        self._known: Collection[str] | None = None

    def read(self, path: str) -> bytes | None:
        raw = read_regular(self._root, path)
        return raw if raw is not None and path in self._paths() else None

    def names(self) -> Collection[str]:
        return sorted(_direct(self._paths()))

    def _paths(self) -> Collection[str]:
        if self._known is None:
            self._known = self._index()
        return self._known


class Stored:
    """The files of a commit or of the index: a listing (path → mode and object id) and blobs."""

    def __init__(self, listing: dict[str, tuple[str, str]], objects: Objects) -> None:
        self._listing = listing
        self._objects = objects

    def read(self, path: str) -> bytes | None:
        found = self._listing.get(path)
        if found is None:
            return None
        mode, identifier = found
        refuse_irregular(path, mode)
        return self._objects.read(identifier)

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """As the function of that name; a file over ``MAX_FILE`` counts as none."""
        for some in _pieces(paths):
            found = {path: self._listing.get(path) for path in some}
            wanted = [one[1] for one in found.values() if one and one[0] in _REGULAR]
            unique = list(dict.fromkeys(wanted))
            try:
                blobs = dict(zip(unique, self._objects.read_all(unique), strict=True))
            except Refused:  # one of them is too large: then one by one
                blobs = {one: raw for one in unique if (raw := self._bounded(one)) is not None}
            for path, one in found.items():
                yield path, blobs.get(one[1]) if one and one[0] in _REGULAR else None

    def _bounded(self, identifier: str) -> bytes | None:
        try:
            return self._objects.read(identifier)
        except Refused:
            return None

    def names(self) -> Collection[str]:
        return sorted(_direct(self._listing))


def read_many(view: View, paths: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """Each file of ``paths`` with its bytes; None for none, and for what is no regular file.

    Out of a commit they come in bulk: one file after the other would wait for git each time.
    """
    if isinstance(view, Stored):
        yield from view.read_many(paths)
        return
    for path in paths:
        try:
            yield path, view.read(path)
        except Refused:
            yield path, None


_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)  # not on every system
_FLAGS = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _pieces(paths: Iterable[str]) -> Iterator[list[str]]:
    """A few hundred at a time, so that not all bytes of a registry are held at once."""
    every = list(paths)
    yield from (every[start : start + 512] for start in range(0, len(every), 512))


def _direct(paths: Collection[str]) -> set[str]:
    """What stands in ``servers/``: files, and folders by the files that lie below them."""
    start = f"{FOLDER}/"
    return {path[len(start) :].partition("/")[0] for path in paths if path.startswith(start)}


def refuse_irregular(path: str, mode: str) -> None:
    """``Refused`` unless git's ``mode`` (six octal digits) is that of a regular file."""
    if mode not in _REGULAR:
        kind = {"120000": "a symbolic link", "160000": "a submodule"}.get(mode, f"of mode {mode}")
        raise _irregular(path, kind)


def refuse_linked_folder(root: str) -> None:
    """``Refused`` when ``servers`` itself is a link: every path below it would lead elsewhere."""
    if os.path.islink(os.path.join(root, FOLDER)):
        raise _irregular(FOLDER, "a symbolic link")


def read_regular(root: str, path: str) -> bytes | None:
    """The bytes of a regular file on disk, at most ``MAX_FILE``; None when there is none."""
    refuse_linked_folder(root)
    return _read_file(root, path)


def _read_file(root: str, path: str) -> bytes | None:
    place = os.path.join(root, path)
    try:
        if not _NO_FOLLOW and os.path.islink(place):
            raise _irregular(path, "a symbolic link")
        descriptor = os.open(place, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if os.path.islink(place):
            raise _irregular(path, "a symbolic link") from error
        raise Undecided(Reason.UNEXPECTED, f"{path} can't be read: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise _irregular(path, "no regular file")
        if found.st_size > MAX_FILE:
            raise too_large(path, found.st_size)
        return _whole(descriptor, found.st_size)
    finally:
        os.close(descriptor)


def _whole(descriptor: int, size: int) -> bytes:
    """What the file holds, bounded though it may grow while it is read: a read of ``MAX_FILE``
    would first allocate so much."""
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(size + 1)


def _irregular(path: str, kind: str) -> Refused:
    return Refused(
        Reason.ENTRY_INVALID,
        f"{path} is {kind}; a registry holds regular files only",
        hint="replace it by the file itself, so that what is reviewed is what is signed",
    )


def too_large(what: str, size: int) -> Refused:
    """No file of a registry is this large; reading on would only fill the memory."""
    return Refused(
        Reason.ENTRY_INVALID,
        f"{what} has {size} bytes; a file of a registry has at most {MAX_FILE}",
    )
