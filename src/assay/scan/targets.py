"""From an archive, a folder or an image to a target: its bytes laid in a scratch folder of ours.

Names are ours (numbers), so that nothing which an artefact calls its files has a say; each path
was proven by the unpacker, within its bounds.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from assay.artefact.image import Image
from assay.artefact.unpack import inventory, layer
from assay.artefact.unpack.inventory import Inventory, Item
from assay.errors import Refused
from assay.reason import Reason
from assay.scan import kind
from assay.scan.model import Package, ScannedFile, Target

MOST_FILES = 100_000  # of a folder that somebody names
MOST_BYTES = 1 << 30
_ECOSYSTEMS = {"npm-tgz": "npm", "wheel": "pypi", "mcpb": "npm"}
# What an image's maker took from elsewhere: the interpreters' own libraries and the
# distribution's. Told as not looked at, for a file there could be anything.
_BASE = (
    *("lib/", "usr/lib/", "usr/share/", "usr/libexec/", "opt/yarn-", "var/lib/", "etc/", "bin/"),
    *("sbin/", "usr/bin/", "usr/sbin/", "usr/local/include/", "usr/local/share/"),
    *("usr/local/lib/node_modules/npm/", "usr/local/lib/node_modules/corepack/"),
)
_STANDARD_LIBRARY = ("usr/local/lib/python3",)


def of_archive(
    archive: Path,
    folder: Path,
    *,
    form: str,
    label: str,
    sha256: str,
    named: tuple[str, str] | None = None,
) -> Target:
    """Unpack ``archive`` (``form`` of ``unpack.form_of``) into ``folder``; errors as ``take``."""
    places: dict[str, Path] = {}

    def sink(path: str) -> BinaryIO:
        places[path] = folder / f"{len(places):06}"
        return places[path].open("xb")

    taken = inventory.take(archive, form=form, label=label, named=named, sink=sink)
    return Target(label, _ECOSYSTEMS.get(form, ""), folder, taken, sha256, places)


def of_folder(root: Path, *, label: str) -> Target:
    """A folder as it lies there; links are listed, not followed. Refused: ARTEFACT_INVALID."""
    items: list[Item] = []
    places: dict[str, Path] = {}
    total = 0
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted([*files, *(n for n in folders if (Path(folder) / n).is_symlink())]):
            path = Path(folder) / name
            relative = path.relative_to(root).as_posix()
            state = path.lstat()
            if stat.S_ISLNK(state.st_mode):
                items.append(Item(relative, "link", 0, 0o777, target=os.readlink(path)))
            elif stat.S_ISREG(state.st_mode):
                total += state.st_size
                items.append(_item(path, relative, state))
                places[relative] = path
            if len(items) > MOST_FILES or total > MOST_BYTES:
                told = f"{label} holds over {MOST_FILES} files or {MOST_BYTES >> 20} MiB"
                raise Refused(Reason.ARTEFACT_INVALID, told, hint="name a folder in it")
    return Target(label, "", root, Inventory(tuple(sorted(items))), "", places)


def _item(path: Path, relative: str, state: os.stat_result) -> Item:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Item(relative, "file", state.st_size, stat.S_IMODE(state.st_mode), digest)


def of_image(image: Image, folder: Path, *, label: str) -> tuple[Target, list[str], int]:
    """One platform of an image: the target of what its maker put in, what there is too large to
    read, and how many files of the base were left out."""
    merged = layer.merged(image.layers, label=label, wanted=_own)
    places: dict[str, Path] = {}
    for path, raw in sorted(merged.files.items()):
        places[path] = folder / f"{len(places):06}"
        places[path].write_bytes(raw)
    files = [item for item in merged.items if item.kind == "file"]
    items = [
        Item(i.path, i.kind, i.size, i.mode, i.sha256, i.target) for i in files if i.path in places
    ]
    base = sum(1 for item in files if not _own(item.path))
    target = Target(label, "", folder, Inventory(tuple(sorted(items))), image.sha256, places)
    return target, list(merged.unread), base


def _own(path: str) -> bool:
    if path.startswith(_STANDARD_LIBRARY):
        return "/site-packages/" in path and "/site-packages/pip/" not in path
    return not path.startswith(_BASE)


def package(target: Target) -> Package:
    """The target's files as checks see them."""
    found = Package(target.label, target.ecosystem, target.inventory)
    for item in target.inventory.items:
        if item.kind == "file" and item.path in target.places:
            found.files[item.path] = _file(item, target.places, found)
    return found


def _file(item: Item, places: Mapping[str, Path], owner: Package) -> ScannedFile:
    place = places[item.path]
    with place.open("rb") as file:
        head = file.read(kind.HEAD)
    what = kind.of(item.path, head)
    return ScannedFile(
        *(item.path, what, item.mode, item.size, item.sha256, item.nested, place, owner)
    )
