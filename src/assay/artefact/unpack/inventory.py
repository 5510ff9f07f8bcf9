"""What an artefact holds: every path with its kind, size, mode and sha256, from its bytes alone.

Nothing is laid and nothing is run. Archives inside the archive are told as such and not opened:
whoever must look inside takes their inventory in turn, within the same bounds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from assay.artefact.unpack import tarball, wheel, zipped
from assay.artefact.unpack.bounds import Found, Member, Stream, executable, refused
from assay.errors import Undecided
from assay.hidden import quoted
from assay.reason import Reason

# Form → what reads it strictly. ``unpack.form_of`` says which form an artefact has.
FORMS: dict[str, Callable[..., Iterator[Found]]] = {
    "npm-tgz": tarball.package,
    "wheel": wheel.package,
    "tar": tarball.tree,
    "zip": zipped.tree,
    "mcpb": zipped.bundle,
}
MOST_KEPT = 16 << 20  # bytes of one file that is kept to be read
MOST_KEPT_TOTAL = 64 << 20
_CHUNK = 1 << 18  # bytes
_HEAD = 512  # bytes, as far as a tar's mark
_TAIL = 22  # bytes, a zip's end without a comment
# What a file is by how it starts, whatever it is called.
_NESTED = (
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"!<arch>\n", "ar"),
    (b"MSCF", "cab"),
)


class Item(NamedTuple):
    """One thing in an archive.

    ``kind`` is file, folder, link or hardlink. ``size`` (bytes) and ``sha256`` (hex) are those of
    a file, ``target`` is a link's, as written. ``mode`` are the permission bits that the archive
    gives, 0 where it gives none. ``nested`` says what archive a file is (zip, gzip, tar, …), or
    is empty.
    """

    path: str
    kind: str
    size: int
    mode: int
    sha256: str = ""
    target: str = ""
    nested: str = ""


class Inventory(NamedTuple):
    """All that an archive holds, ordered by path."""

    items: tuple[Item, ...]

    @property
    def nested(self) -> tuple[Item, ...]:
        """The archives inside."""
        return tuple(item for item in self.items if item.nested)


def take(
    archive: Path,
    *,
    form: str,
    label: str,
    named: tuple[str, str] | None = None,
    sink: Callable[[str], BinaryIO] | None = None,
) -> Inventory:
    """The inventory of the archive at ``archive``; ``label`` names it to a person.

    ``named`` are a wheel's name and version, where they are known: it must say the same. Refused:
    ARTEFACT_INVALID for an archive that is broken, hostile, or would be unpacked differently by
    two systems. Undecided: STORE_UNUSABLE where the file can't be read. ``sink`` is asked for a
    place for each file's bytes, by its path, and the place is closed when they are written.
    """
    items = [_item(found, sink) for found in _found(archive, form, label, named)]
    return Inventory(tuple(sorted(items)))


def members(
    archive: Path, *, form: str, label: str, named: tuple[str, str] | None = None
) -> Iterator[Member]:
    """The files with their bytes, in the archive's order; errors as ``take``.

    Refuses links as well: whoever lays files would leave out what the links stand for.
    """
    for found in _found(archive, form, label, named):
        if found.kind in ("link", "hardlink"):
            raise refused(label, f"holds a link, which is not laid: {quoted(found.path)}")
        if found.stream is not None:
            yield Member(found.path, executable(found.mode), found.stream)


def selected(
    archive: Path, *, form: str, label: str, wanted: Callable[[str], bool]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The bytes of the files that are ``wanted``, by path, and the paths that were too large.

    A file may have 16 MiB and all of them together 64 MiB; errors as ``take``.
    """
    files: dict[str, bytes] = {}
    over: list[str] = []
    left = MOST_KEPT_TOTAL
    for found in _found(archive, form, label, None):
        if not wanted(found.path) or found.kind == "folder":
            continue
        stream = found.stream
        if stream is None or found.size > min(MOST_KEPT, left):
            over.append(found.path)
            continue
        files[found.path] = b"".join(iter(partial(stream.read, _CHUNK), b""))
        left -= found.size
    return files, tuple(sorted(over))


def _found(archive: Path, form: str, label: str, named: tuple[str, str] | None) -> Iterator[Found]:
    more = {"named": named} if form == "wheel" else {}
    try:
        yield from FORMS[form](archive, label=label, **more)
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE,
            f"{label}: {archive} can't be read: {error.strerror or error}",
            hint="see the store's folder and its owner",
        ) from error


def _item(found: Found, sink: Callable[[str], BinaryIO] | None) -> Item:
    if found.stream is None:
        return Item(found.path, found.kind, 0, found.mode, target=found.target)
    if sink is None:
        size, sha256, nested = _read(found.stream, lambda chunk: None)
    else:
        with sink(found.path) as file:
            size, sha256, nested = _read(found.stream, file.write)
    return Item(found.path, found.kind, size, found.mode, sha256, nested=nested)


def _read(stream: Stream, keep: Callable[[bytes], object]) -> tuple[int, str, str]:
    digest, size, head, tail = hashlib.sha256(), 0, b"", b""
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        keep(chunk)
        size += len(chunk)
        head = head if len(head) >= _HEAD else head + chunk[:_HEAD]
        tail = chunk[-_TAIL:] if len(chunk) >= _TAIL else (tail + chunk)[-_TAIL:]
    return size, digest.hexdigest(), nested_kind(head, tail)


def nested_kind(head: bytes, tail: bytes) -> str:
    """What archive a file is by its first ``_HEAD`` and last ``_TAIL`` bytes; empty for none."""
    for start, what in _NESTED:
        if head.startswith(start):
            return what
    if head[257:262] == b"ustar":
        return "tar"
    # A zip may stand behind anything: self-extracting programs, pictures that are zips as well.
    return "zip" if tail.startswith(b"PK\5\6") and len(tail) == _TAIL else ""
