"""The root file system of an image, merged from its layers in memory (image-spec v1.1, layer.md).

Nothing is laid on disk. Images hold links, devices and setuid files by right: they are recorded,
and a link is followed only to find the folder that a path leads through, never beyond the root.
Each layer must unpack to the digest that the image's configuration gives it, as every runtime
demands, so that what is read here is what a host would run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from assay.artefact.image import Layer
from assay.artefact.unpack.bounds import MOST_RATIO, refused
from assay.artefact.unpack.inventory import MOST_KEPT, MOST_KEPT_TOTAL
from assay.artefact.unpack.packing import Unpacked
from assay.artefact.unpack.ustar import Node, nodes
from assay.errors import Refused
from assay.hidden import quoted
from assay.reason import Reason

MOST_NODES = 500_000  # members of all layers together
MOST_TEXT = 256 << 20  # characters of all their paths and targets
MOST_BYTES = 24 << 30  # unpacked, of all layers together
RATIO_FROM = 256 << 20  # bytes of a layer, below which the ratio says nothing
MOST_STEPS = 30_000_000  # names looked up and entries taken away, some 10 s
MOST_DEPTH = 256
LONGEST_PATH = 4096  # bytes, Linux's own
LONGEST_NAME = 255
_MOST_FOLLOWED = 40  # links on one path, Linux's own
_MOST_TOLD = 100  # paths that are listed for a person
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


class Item(NamedTuple):
    """One thing in the merged file system; ``path`` without a leading slash.

    ``kind`` is file, link, folder, device or fifo; a hard link is a file like any other. ``size``
    in bytes and ``sha256`` (hex) are those of a file, ``target`` is a link's, as written. Bytes of
    a name that are no UTF-8 are surrogate-escaped.
    """

    path: str
    kind: str
    size: int
    mode: int
    sha256: str
    target: str


class Filesystem(NamedTuple):
    """The merged file system, ordered by path.

    ``files`` are the bytes of what was ``wanted``; ``unread`` what was, and is no plain file or
    too large. ``through_links`` are paths that layers name through a link: engines disagree
    whether to follow it or to replace it; here it is followed. Both lists end at 100.
    """

    items: tuple[Item, ...]
    files: Mapping[str, bytes]
    unread: tuple[str, ...]
    through_links: tuple[str, ...]


def merged(
    layers: Iterable[Layer], *, label: str, wanted: Callable[[str], bool] = lambda path: False
) -> Filesystem:
    """Merge ``layers``, the lowest first; ``wanted`` says which small files to keep.

    Refused: ARTEFACT_INVALID for a layer that is hostile or broken, DIGEST_MISMATCH for one that
    does not unpack to its ``diff_id``. Undecided: ARTEFACT_UNSUPPORTED for zstd without a library.
    """
    merge = _Merge(label, wanted)
    for number, layer in enumerate(layers):
        merge.apply(number, layer)
    return merge.result()


@dataclass(slots=True)
class _Entry:
    kind: str
    layer: int
    mode: int = 0o755
    size: int = 0
    sha256: str = ""
    target: str = ""
    content: bytes | None = None
    children: dict[str, _Entry] = field(default_factory=dict)


@dataclass(slots=True)
class _Meter:
    """Counts what comes out of one layer; ``before`` is what came out of those below."""

    archive: str
    packed: int
    before: int
    unpacked: int = 0

    def count(self, size: int) -> None:
        self.unpacked += size
        if self.before + self.unpacked > MOST_BYTES:
            raise refused(self.archive, f"unpacks to over {MOST_BYTES >> 30} GiB")
        if self.unpacked > max(RATIO_FROM, self.packed * MOST_RATIO):
            raise refused(self.archive, f"has a layer of over {MOST_RATIO} times its packed size")


class _Merge:
    def __init__(self, label: str, wanted: Callable[[str], bool]) -> None:
        self._label = label
        self._wanted = wanted
        self._root = _Entry("folder", 0)
        self._layer = 0
        self._count = 0
        self._steps = 0
        self._text = 0
        self._kept = 0
        self._bytes = 0
        self._through_links: dict[str, None] = {}

    def apply(self, number: int, layer: Layer) -> None:
        self._layer = number
        with layer.path.open("rb") as file:
            meter = _Meter(self._label, layer.path.stat().st_size, self._bytes)
            stream = Unpacked(file, layer.packing, meter)
            for node in nodes(stream, label=self._label):
                self._count_one()
                self._take(node, stream)
        self._bytes += meter.unpacked
        if stream.sha256 != layer.diff_id:
            raise Refused(
                Reason.DIGEST_MISMATCH,
                f"{self._label}: a layer unpacks to sha256 {stream.sha256},"
                f" wanted is {layer.diff_id}",
                hint="the image's configuration belies it; no runtime would start it",
            )

    def result(self) -> Filesystem:
        items = []
        files: dict[str, bytes] = {}
        unread: list[str] = []
        for path, entry in _walk(self._root):
            items.append(Item(path, entry.kind, entry.size, entry.mode, entry.sha256, entry.target))
            if entry.kind != "folder" and self._wanted(path):
                if entry.content is not None:
                    files[path] = entry.content
                else:
                    unread.append(path)
        items.sort()
        return Filesystem(
            tuple(items), files, tuple(sorted(unread)[:_MOST_TOLD]), tuple(self._through_links)
        )

    def _take(self, node: Node, stream: Unpacked) -> None:
        parts = self._parts(node.name)
        if not parts:
            if node.kind != "folder":
                raise refused(self._label, "replaces its own root")
            self._root.mode = node.mode
            return
        *above, name = parts
        if any(part.startswith(_WHITEOUT) for part in above):
            raise refused(self._label, f"has a folder named like a whiteout: {quoted(node.name)}")
        if name.startswith(_WHITEOUT):
            self._whiteout(node, above, name)
            return
        parent, place = self._folder(above, make=True)
        assert parent is not None  # noqa: S101  it was made
        if place != above:
            self._note_link(node.name)
        path = "/".join((*place, name))
        # Short names behind links, or deep in one folder, come to gigabytes where they are listed.
        self._text += len(path) + len(node.target)
        if len(node.target) > LONGEST_PATH or self._text > MOST_TEXT:
            raise refused(self._label, f"has too long a path or target: {quoted(path)}")
        entry = self._entry(node, path, stream)
        old = parent.children.get(name)
        if old is not None and old.kind == entry.kind == "folder":
            entry.children = old.children
        parent.children[name] = entry

    def _entry(self, node: Node, path: str, stream: Unpacked) -> _Entry:
        if node.kind == "hardlink":
            return self._hardlink(node)
        entry = _Entry(node.kind, self._layer, node.mode, node.size, target=node.target)
        if node.kind == "file":
            entry.sha256, entry.content = self._read(path, node.size, stream)
        return entry

    def _read(self, path: str, size: int, stream: Unpacked) -> tuple[str, bytes | None]:
        digest = hashlib.sha256()
        keep = self._wanted(path) and size <= MOST_KEPT and self._kept + size <= MOST_KEPT_TOTAL
        kept: list[bytes] = []
        for piece in stream.pieces(size):
            digest.update(piece)
            if keep:
                kept.append(bytes(piece))
        self._kept += size if keep else 0
        return digest.hexdigest(), b"".join(kept) if keep else None

    def _hardlink(self, node: Node) -> _Entry:
        parts = self._parts(node.target)
        parent = self._folder(parts[:-1], make=False)[0] if parts else None
        found = parent.children.get(parts[-1]) if parent else None
        if found is None or found.kind == "folder":
            raise refused(self._label, f"links to a file that is not there: {quoted(node.name)}")
        return _Entry(
            found.kind,
            self._layer,
            found.mode,
            found.size,
            found.sha256,
            found.target,
            found.content,
        )

    def _whiteout(self, node: Node, above: list[str], name: str) -> None:
        """Take away what lies below (layer.md, "Whiteouts"); what this layer laid stays."""
        gone = name.removeprefix(_WHITEOUT)
        opaque = name == _OPAQUE
        if node.kind != "file" or gone in ("", ".", "..") or (gone[:4] == ".wh." and not opaque):
            raise refused(self._label, f"has a whiteout that is none: {quoted(node.name)}")
        parent, _ = self._folder(above, make=False)
        if parent is None:
            return
        for child in [*parent.children] if opaque else [gone]:
            if child in parent.children and not self._is_new(parent.children[child]):
                del parent.children[child]

    def _is_new(self, top: _Entry) -> bool:
        """Whether this layer laid it or something below it; what lies lower is taken away."""
        pending = [top]
        order = []
        while pending:
            entry = pending.pop()
            self._step()
            order.append(entry)
            pending.extend(entry.children.values())
        kept: set[int] = set()
        for entry in reversed(order):
            entry.children = {k: v for k, v in entry.children.items() if id(v) in kept}
            if entry.layer == self._layer or entry.children:
                kept.add(id(entry))
        return id(top) in kept

    def _parts(self, path: str) -> list[str]:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if len(path) > LONGEST_PATH or len(parts) > MOST_DEPTH:
            raise refused(self._label, f"has a path that is too long or too deep: {quoted(path)}")
        for part in parts:
            if part == "..":
                raise refused(self._label, f"has a path that leads outside: {quoted(path)}")
            if len(part.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
                raise refused(self._label, f"has a name that is too long: {quoted(path)}")
        return parts

    def _folder(self, path: Sequence[str], *, make: bool) -> tuple[_Entry | None, list[str]]:
        """The folder at ``path`` with its real place, through links and never above the root."""
        ahead = [*reversed(path)]
        trail = [self._root]
        place: list[str] = []
        followed = 0
        while ahead:
            name = ahead.pop()
            self._step()
            if name in ("", ".", ".."):
                if name == ".." and place:
                    place.pop()
                    trail.pop()
                continue
            entry = trail[-1].children.get(name)
            if entry is None:
                if not make:
                    return None, place
                entry = trail[-1].children[name] = _Entry("folder", self._layer)
                self._count_one()
            if entry.kind == "link":
                followed += 1
                if followed > _MOST_FOLLOWED or len(ahead) > LONGEST_PATH:
                    raise refused(self._label, f"has links in a circle: {quoted('/'.join(path))}")
                if entry.target.startswith("/"):
                    place, trail = [], [self._root]
                ahead.extend(reversed(entry.target.split("/")))
            elif entry.kind == "folder":
                place.append(name)
                trail.append(entry)
                if len(place) > MOST_DEPTH:
                    raise refused(self._label, f"has links too deep: {quoted('/'.join(path))}")
            elif make:
                told = quoted("/".join(path))
                raise refused(self._label, f"has a file in the place of a folder: {told}")
            else:
                return None, place
        return trail[-1], place

    def _count_one(self) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            raise refused(self._label, f"holds over {MOST_NODES} files")

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise refused(self._label, "has links or whiteouts too entangled to follow")

    def _note_link(self, path: str) -> None:
        if len(self._through_links) < _MOST_TOLD:
            self._through_links[path] = None


def _walk(root: _Entry) -> Iterator[tuple[str, _Entry]]:
    pending = [(name, entry) for name, entry in root.children.items()]
    while pending:
        path, entry = pending.pop()
        yield path, entry
        pending.extend((f"{path}/{name}", child) for name, child in entry.children.items())
