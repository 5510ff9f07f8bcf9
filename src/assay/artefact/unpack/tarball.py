"""Tarballs: npm's packages, and plain ones.

npm's: gzip, one top folder of any name, plain files. npm itself passes over links and devices in
a package; we refuse them, so that nobody reviews a package that unpacks differently from what they
read. A plain tarball may hold links that stay inside, for a repository's own archive does: they
are told and never laid.

Read by hand and strictly, block by block: see ``tarheader`` for what Python's tarfile lets pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from assay.artefact.unpack import links, tarheader
from assay.artefact.unpack.bounds import (
    MOST_MEMBERS,
    Found,
    Member,
    Meter,
    Paths,
    executable,
    refused,
)
from assay.artefact.unpack.squeezed import ANY, GZIP, Unsqueezed
from assay.artefact.unpack.tarheader import BLOCK, ZEROS, Header
from assay.errors import Refused
from assay.hidden import quoted

_MOST_EXTENDED = 1024**2  # bytes of one extended header
_CHUNK = 1 << 18
_SPECIAL = 0o7000  # setuid, setgid, sticky
_OLD_FILE, _HARDLINK, _LINK, _FOLDER = "\0", "1", "2", "5"
_FILE = frozenset({"0", _OLD_FILE})
_UNWANTED = {
    _HARDLINK: "a hard link, or one to what is not there",
    _LINK: "a link",
    "3": "a device",
    "4": "a device",
    "6": "a pipe",
    "S": "a sparse file",
}
_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_TARGET = "x", "g", "L", "K"


def members(archive: Path, *, label: str) -> Iterator[Member]:
    """The files of npm's tarball at ``archive``, without their first folder, in its order.

    ``label`` names the archive to a person. Refused: ARTEFACT_INVALID.
    """
    for found in package(archive, label=label):
        if found.stream is not None:
            yield Member(found.path, executable(found.mode), found.stream)


def package(archive: Path, *, label: str) -> Iterator[Found]:
    """All that npm's tarball at ``archive`` holds, without its first folder."""
    paths = Paths(label)
    for header, content in _headers(archive, label, GZIP):
        first, slash, path = header.path.partition("/")
        if header.kind == _FOLDER:
            if path:
                yield Found(paths.add_folder(path), "folder", header.mode & 0o7777)
            continue
        if header.kind not in _FILE:
            raise _unwanted(header, label)
        if not slash or not path or first in ("", ".", ".."):
            raise refused(label, f"has a file outside its top folder: {quoted(header.path)}")
        if path.startswith("node_modules/"):
            # They would come before the packages that the lock names.
            raise refused(label, f"brings packages that the lock does not name: {quoted(path)}")
        yield _file(paths.add(path), header, content, label)


def tree(archive: Path, *, label: str) -> Iterator[Found]:
    """All that a plain tarball holds: compressed by gzip, xz or bzip2, or not at all."""
    paths, inside, files = Paths(label), links.Links(label), set[str]()
    for header, content in _headers(archive, label, ANY):
        path = header.path.removeprefix("./")
        if header.kind == _FOLDER:
            if path not in ("", "."):
                yield Found(paths.add_folder(path), "folder", header.mode & 0o7777)
        elif header.kind in _FILE:
            yield _file(paths.add(path), header, content, label)
            files.add(path)
        elif header.kind == _LINK:
            inside.add(paths.add(path), header.target)
            yield Found(path, "link", header.mode & 0o777, target=header.target)
        elif header.kind == _HARDLINK and header.target.removeprefix("./") in files:
            yield Found(paths.add(path), "hardlink", header.mode & 0o777, target=header.target)
        else:
            raise _unwanted(header, label)
    inside.hold()


def _file(path: str, header: Header, content: _Content, label: str) -> Found:
    if header.mode & _SPECIAL:
        raise refused(label, f"holds a setuid, setgid or sticky file: {quoted(path)}")
    return Found(path, "file", header.mode & 0o777, header.size, stream=content)


def _unwanted(header: Header, label: str) -> Refused:
    what = _UNWANTED.get(header.kind, "something that is no file")
    return refused(label, f"holds {what}: {quoted(header.path)}")


def _headers(
    archive: Path, label: str, squeezed: Collection[str]
) -> Iterator[tuple[Header, _Content]]:
    with archive.open("rb") as file:
        source = Unsqueezed(file, Meter(label, archive.stat().st_size), squeezed)
        count = 0
        for header in _plain_headers(source, label):
            count += 1
            content = _Content(source, header.size, label)
            yield header, content
            content.finish()
    if not count:
        raise refused(label, "is no tar that can be read: it holds no file")


def _plain_headers(source: Unsqueezed, label: str) -> Iterator[Header]:
    """Each member's header, what extends it taken in; stops at the archive's proper end."""
    more, count = _Extension(label), 0
    while (block := _block(source, label)) != ZEROS:
        count += 1
        if count > 4 * MOST_MEMBERS:  # headers for all members hold no path that would be counted
            raise refused(label, "holds too many headers")
        header = tarheader.parse(block, label)
        if not more.take(header, source):
            yield _sound(more.apply(header), label)
            more = _Extension(label)
    if more.kinds:
        raise refused(label, "is cut off: it ends with an extended header")
    if _block(source, label) != ZEROS:
        raise refused(label, "goes on after a block of zeros, where some readers stop")
    while rest := source.read(_CHUNK):
        if rest.strip(b"\0"):
            raise refused(label, "has data after its end, which some readers unpack")


def _block(source: Unsqueezed, label: str) -> bytes:
    block = source.read(BLOCK)
    if len(block) != BLOCK:
        raise refused(label, "is no tar that can be read: it is cut off before its end")
    return block


def _sound(header: Header, label: str) -> Header:
    """A folder without its slash; nothing but files with bytes of their own."""
    path, kind = header.path, header.kind
    if path.endswith("/") and kind != _FOLDER:
        # Before POSIX this was how to write a folder. Of any other kind, readers differ.
        if kind != _OLD_FILE or header.size:
            raise refused(label, f"has a file that some take for a folder: {quoted(path)}")
        kind = _FOLDER
    if header.size and kind not in _FILE:
        raise refused(label, f"gives bytes to what is no file: {quoted(path)}")
    return header._replace(path=path.removesuffix("/"), kind=kind)


class _Extension:
    """What stands before a member's header and overrides it, each kind once."""

    def __init__(self, label: str) -> None:
        self._label = label
        self.kinds: set[str] = set()
        self._told: dict[str, str] = {}

    def take(self, header: Header, source: Unsqueezed) -> bool:
        """Read an extending header; False where ``header`` is a member's own."""
        if header.kind not in (_PAX, _PAX_FOR_ALL, _LONG_NAME, _LONG_TARGET):
            return False
        if header.kind in self.kinds:
            raise refused(self._label, "has two extended headers for one member")
        self.kinds.add(header.kind)
        raw = self._read(header, source)
        if header.kind == _PAX_FOR_ALL:
            if tarheader.pax(raw, self._label):
                raise refused(self._label, "has one name or size for all of its members")
            return True
        if header.kind == _PAX:
            found = tarheader.pax(raw, self._label)
        else:
            key = "path" if header.kind == _LONG_NAME else "linkpath"
            found = {key: tarheader.text(raw.removesuffix(b"\0"), self._label)}
        if not self._told.keys().isdisjoint(found):
            raise refused(self._label, "has two names for one member")
        self._told |= found
        return True

    def apply(self, header: Header) -> Header:
        size = self._told.get("size", str(header.size))
        if size != str(header.size):
            raise refused(self._label, f"has two sizes for one member: {quoted(header.path)}")
        path = self._told.get("path") or tarheader.utf8(header.path, self._label)
        target = self._told.get("linkpath") or tarheader.utf8(header.target, self._label)
        return header._replace(path=path, target=target)

    def _read(self, header: Header, source: Unsqueezed) -> bytes:
        if header.size > _MOST_EXTENDED:
            raise refused(self._label, f"has an extended header of {header.size} bytes")
        padded = source.read(-(-header.size // BLOCK) * BLOCK)
        if len(padded) < header.size:
            raise refused(self._label, "is cut off in an extended header")
        return padded[: header.size]


class _Content:
    """A member's bytes; ``finish`` reads what nobody read, and the padding."""

    def __init__(self, source: Unsqueezed, size: int, label: str) -> None:
        self._source = source
        self._left = size
        self._padding = -size % BLOCK
        self._label = label

    def read(self, size: int, /) -> bytes:
        size = min(size, self._left)
        if not size:
            return b""
        got = self._source.read(size)
        if len(got) < size:
            raise refused(self._label, "is cut off inside a file")
        self._left -= size
        return got

    def finish(self) -> None:
        while self.read(_CHUNK):
            pass
        if len(self._source.read(self._padding)) < self._padding:
            raise refused(self._label, "is cut off after a file")
