"""The archive of a commit: the same bytes from the same commit, whoever makes it, whenever.

``git archive`` is not used, for the repository's own attributes (export-ignore, export-subst)
would decide what is in it. The rule, which docs/artefacts.md gives as well:

- Every file and symbolic link of the commit's tree, with the very bytes that git stores; no
  folders, no filter, no line-end or encoding conversion, no submodule, no LFS object.
- In the order of their paths' bytes.
- A ustar header each (POSIX.1-1988): type ``0`` and mode 0644 or 0755, or type ``2`` and mode
  0777; mtime, uid, gid and device numbers 0, no names of owners, the prefix field unused.
- Where path or link target are longer than 100 bytes or not ASCII, a pax header (POSIX.1-2001)
  before it, named ``././@PaxHeader``, mode 0644, with ``linkpath`` and then ``path``, of those
  that need it; the ustar fields then hold the first 100 bytes.
- Zeros at the end: two blocks of 512 bytes, then up to a multiple of 10240 bytes.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from assay.artefact.gitrun import Bare
from assay.artefact.store import Draft
from assay.artefact.unpack.bounds import MOST_BYTES, MOST_MEMBERS, Paths, refused
from assay.artefact.unpack.links import Links
from assay.errors import Undecided
from assay.hidden import quoted
from assay.reason import Reason

_BLOCK = 512
_RECORD = 20 * _BLOCK
_CHUNK = 1 << 18
_LONGEST_RECORD = 8192  # bytes of one line of git ls-tree
_FIELD = 100  # bytes
_POINTER = 1024  # bytes: no LFS pointer is longer (git-lfs, docs/spec.md)
_LFS = re.compile(rb"version https?://(?:git-lfs|hawser)\.github\.com/spec/.*^oid ", re.S | re.M)
_ITEM = re.compile(rb"([0-7]{6}) (blob|tree|commit) ([0-9a-f]{40}) +([0-9]+|-)\t(.+)", re.S)
_FILES = {b"100644": 0o644, b"100664": 0o644, b"100755": 0o755}
_LINK = b"120000"


class _Blob(NamedTuple):
    """A file or link of the tree. ``size`` in bytes."""

    path: str
    mode: bytes
    object_id: bytes
    size: int


def write(repository: Bare, commit: str, draft: Draft, *, label: str) -> None:
    """Write the archive of ``commit``. Refused: ARTEFACT_INVALID; GitFailed."""
    blobs = sorted(_tree(repository, commit, label), key=lambda blob: blob.path.encode())
    if not blobs:
        raise refused(label, "holds no file")
    if sum(blob.size for blob in blobs) > MOST_BYTES:
        raise refused(label, f"holds over {MOST_BYTES // 1024**2} MiB")
    links = Links(label)
    with tempfile.TemporaryFile() as asked:
        asked.writelines(blob.object_id + b"\n" for blob in blobs)
        asked.seek(0)
        with repository.reading("cat-file", "--batch", stdin=asked) as answers:
            for blob in blobs:
                _write_one(blob, answers, draft, links, label)
    links.hold()
    draft.write(bytes(_padding(draft.size + 2 * _BLOCK, _RECORD) + 2 * _BLOCK))


def _tree(repository: Bare, commit: str, label: str) -> Iterator[_Blob]:
    paths, folders = Paths(label), {""}
    # -t names folders too: trees that hold each other ten times over, and no file, end as well.
    with repository.reading("ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit) as stream:
        for number, line in enumerate(_lines(stream, label)):
            if number > MOST_MEMBERS:
                raise refused(label, f"holds over {MOST_MEMBERS} files and folders")
            if blob := _item(line, paths, folders, label):
                yield blob


def _lines(stream: IO[bytes], label: str) -> Iterator[bytes]:
    left = b""
    while chunk := stream.read(1 << 16):
        *whole, left = (left + chunk).split(b"\0")
        yield from whole
        if len(left) > _LONGEST_RECORD:
            raise refused(label, "a path is too long or too deep")


def _item(line: bytes, paths: Paths, folders: set[str], label: str) -> _Blob | None:
    match = _ITEM.fullmatch(line)
    if match is None:
        raise refused(label, f"has a tree that can't be read: {line[:80]!r}")
    mode, kind, object_id, size, raw = match.groups()
    try:
        path = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(label, f"a path is not UTF-8: {raw[:80]!r}") from error
    _hold_name(path, label)
    if path.rpartition("/")[0] not in folders:
        raise refused(label, f"has a name with a slash in it: {quoted(path)}")
    if kind == b"tree":
        folders.add(path)
        if path.count("/") >= 64:
            raise refused(label, f"a path is too long or too deep: {quoted(path[:80])}")
        return None
    if kind == b"commit":
        told = f"holds a submodule, whose files are in another repository: {quoted(path)}"
        raise refused(label, told)
    if mode not in _FILES and mode != _LINK:
        raise refused(label, f"has a file of mode {mode.decode()}: {quoted(path)}")
    paths.add(path)
    return _Blob(path, mode, object_id, int(size))


def _hold_name(path: str, label: str) -> None:
    """Laid in a folder, ``.git`` would be configuration that each git command there obeys."""
    for part in path.split("/"):
        if part.casefold().rstrip(". ") in (".git", "git~1"):
            raise refused(label, f"holds what git takes for a repository: {quoted(path)}")


def _write_one(blob: _Blob, answers: IO[bytes], draft: Draft, links: Links, label: str) -> None:
    header = b"%s blob %d\n" % (blob.object_id, blob.size)
    if answers.read(len(header)) != header:
        raise Undecided(Reason.TOOL_FAILED, f"{label}: git has no bytes of {quoted(blob.path)}")
    if blob.mode == _LINK:
        if blob.size > _LONGEST_RECORD:
            raise refused(label, f"has a link that is too long: {quoted(blob.path)}")
        target = _target(answers.read(blob.size), blob.path, label)
        links.add(blob.path, target)
        draft.write(_headers(blob.path, 0o777, 0, b"2", target))
    else:
        draft.write(_headers(blob.path, _FILES[blob.mode], blob.size, b"0", ""))
        _copy(blob, answers, draft, label)
    answers.read(1)  # the line feed after each object


def _target(raw: bytes, path: str, label: str) -> str:
    try:
        target = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(label, f"a link's target is not UTF-8: {quoted(path)}") from error
    _hold_name(target, label)
    return target


def _copy(blob: _Blob, answers: IO[bytes], draft: Draft, label: str) -> None:
    left = blob.size
    while left:
        chunk = answers.read(min(left, _CHUNK))
        if not chunk:
            raise Undecided(Reason.TOOL_FAILED, f"{label}: git broke off in {quoted(blob.path)}")
        if blob.size <= _POINTER and _LFS.match(chunk):
            told = f"holds a pointer to a file that git-lfs keeps elsewhere: {quoted(blob.path)}"
            raise refused(label, told)
        draft.write(chunk)
        left -= len(chunk)
    draft.write(bytes(_padding(blob.size, _BLOCK)))


def _headers(path: str, mode: int, size: int, kind: bytes, target: str) -> bytes:
    wanted = {"linkpath": target.encode(), "path": path.encode()}
    records = b"".join(
        _record(key, value)
        for key, value in wanted.items()
        if len(value) > _FIELD or not value.isascii()
    )
    before = b""
    if records:
        before = _header(b"././@PaxHeader", 0o644, len(records), b"x", b"")
        before += records + bytes(_padding(len(records), _BLOCK))
    return before + _header(wanted["path"], mode, size, kind, wanted["linkpath"])


def _header(name: bytes, mode: int, size: int, kind: bytes, target: bytes) -> bytes:
    number = b"%07o\0"
    head = name[:_FIELD].ljust(_FIELD, b"\0") + number % mode + number % 0 + number % 0
    head += b"%011o\0%011o\0" % (size, 0)
    tail = kind + target[:_FIELD].ljust(_FIELD, b"\0") + b"ustar\x0000" + bytes(64)
    tail = (tail + number % 0 + number % 0).ljust(_BLOCK - 156, b"\0")
    return head + b"%06o\0 " % (sum(head) + sum(tail) + 8 * 0x20) + tail


def _record(key: str, value: bytes) -> bytes:
    """``LENGTH KEY=VALUE`` and a line feed; the length counts its own digits."""
    rest = b" %s=%s\n" % (key.encode(), value)
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return b"%d%s" % (length, rest)


def _padding(size: int, unit: int) -> int:
    return -size % unit
