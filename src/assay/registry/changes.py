"""What changed, with the bytes of both sides, by a number of git processes that never grows.

One ``diff`` in raw form names each path with its two object ids; one ``cat-file --batch`` then
gives all the bytes by id. Looking a path up in a tree, once for each file, is what makes
GitPython two orders of magnitude slower than git here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from assay.errors import Undecided
from assay.reason import Reason
from assay.registry import git
from assay.registry.views import refuse_irregular

MAX_TOTAL = 512 * 1024 * 1024  # bytes of all the files of one change


class Change(NamedTuple):
    """One changed file. ``old`` is None when it was added, ``new`` when it was deleted.

    A rename is a deletion and an addition: an entry's name is its identity. ``path`` is relative
    to the registry, decoded as the file system's names are (PEP 383).
    """

    path: str
    old: bytes | None
    new: bytes | None


class Raw(NamedTuple):
    """One changed path with git's modes (``000000`` for none) and object ids of both sides."""

    path: str
    old_mode: str
    new_mode: str
    old: str | None
    new: str | None


def between(root: str, old_tree: str, new_tree: str, paths: tuple[str, ...]) -> list[Change]:
    """What differs under ``paths`` from one tree to another, sorted by path."""
    return _with_bytes(root, ("diff-tree", *_RAW, old_tree, new_tree, "--", *paths))


def staged(root: str, tree: str, paths: tuple[str, ...]) -> list[Change]:
    """What differs under ``paths`` from a tree to the index: what a commit would change."""
    return _with_bytes(root, ("diff-index", "--cached", *_RAW, tree, "--", *paths))


# --relative: paths as seen from the registry, which may lie below the repository's top.
_RAW = (
    *("-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--relative"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none"),
)


def raw_changes(root: str, old_tree: str, new_tree: str) -> list[Raw]:
    """What differs in the whole repository, links and submodules too, by paths from its top."""
    options = tuple(one for one in _RAW if one != "--relative")
    output = git.ask(root, "diff-tree", *options, "--no-relative", old_tree, new_tree)
    return sorted(_parse(output), key=lambda raw: raw.path)


def _with_bytes(root: str, command: tuple[str, ...]) -> list[Change]:
    output = git.ask(root, *command)
    found = sorted(map(_regular, _parse(output)), key=lambda raw: raw.path)
    wanted = dict.fromkeys(one for raw in found for one in (raw.old, raw.new) if one)
    with git.Objects(root) as objects:
        blobs = dict(zip(wanted, _bounded(objects.read_all(wanted)), strict=True))
    return [
        Change(raw.path, blobs[raw.old] if raw.old else None, blobs[raw.new] if raw.new else None)
        for raw in found
    ]


def _bounded(blobs: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for blob in blobs:
        total += len(blob)
        if total > MAX_TOTAL:
            raise Undecided(
                Reason.TOOL_FAILED,
                f"the change has more than {MAX_TOTAL} bytes; it is not read whole",
                hint="split it, or check a shorter range",
            )
        yield blob


def _parse(output: bytes) -> Iterator[Raw]:
    """``:MODE MODE ID ID STATUS NUL PATH NUL``, again and again (git-diff-tree, RAW OUTPUT)."""
    fields = output.split(b"\0")
    for head, path in zip(fields[0:-1:2], fields[1::2], strict=True):
        old_mode, new_mode, old, new, status = head.decode("ascii")[1:].split(" ")
        name = os.fsdecode(path)
        if status == "U":
            raise Undecided(Reason.TOOL_FAILED, f"{name} is not merged yet; finish the merge")
        there, here = old_mode != "000000", new_mode != "000000"
        yield Raw(name, old_mode, new_mode, old if there else None, new if here else None)


def _regular(raw: Raw) -> Raw:
    """``raw``, ``Refused`` for what is no regular file now.

    What was a link before has no bytes to compare with: the file counts as added.
    """
    if raw.new is not None:
        refuse_irregular(raw.path, raw.new_mode)
    return raw if raw.old_mode.startswith("100") else raw._replace(old=None)
