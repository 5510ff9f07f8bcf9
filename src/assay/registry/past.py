"""What a file was at each commit of a branch's own history: its first parents, newest first.

Main's first-parent history is what was in force, one state after the other; what a merged branch
went through on its own was not. One ``git log`` for however many files, whose configuration has
no say: no signature is checked by a program that the repository names, no rename is followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from assay.errors import Undecided
from assay.reason import Reason
from assay.registry import git, history


class Past(NamedTuple):
    """A file as a commit left it. ``path`` is relative to the registry, ``blob`` an object id."""

    commit: str
    path: str
    blob: str


_LOG = (
    *("log", "--first-parent", "--diff-merges=first-parent", "--format=tformat:%H", "-z", "--raw"),
    *("--no-abbrev", "--no-renames", "--no-follow", "--relative", "--no-show-signature"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--no-decorate", "--no-notes"),
    *("--root", "--no-color"),
)
# Git holds each file of each tree against each path: from some on, one walk of the folder is
# cheaper (200 paths: 13 s for 2,000 commits, the folder: 0.5 s).
MANY = 16


def versions(root: str, revision: str, paths: Sequence[str]) -> Iterator[Past]:
    """Each state that the files at ``paths`` had in the first-parent history of ``revision``.

    Deletions and what was no regular file are left out. ``Undecided`` in a shallow clone.
    """
    if not paths:
        return
    whole_history(root)
    wanted = set(paths)
    asked = sorted(wanted) if len(wanted) <= MANY else list(history.PATHS)
    output = git.ask(root, *_LOG, "--end-of-options", revision, "--", *asked)
    yield from (one for one in _parse(output) if one.path in wanted)


def whole_history(root: str) -> None:
    """``Undecided`` in a shallow clone: what is not there can't have been looked at."""
    if hint := history.depth_hint(root):
        raise Undecided(
            Reason.TOOL_FAILED, "the history of this clone breaks off; it is shallow", hint=hint
        )


def _parse(output: bytes) -> Iterator[Past]:
    """``ID NUL`` or ``[LF]:MODE MODE ID ID STATUS NUL PATH NUL``, again and again."""
    commit = ""
    fields = iter(output.split(b"\0")[:-1])
    for field in fields:
        head = field.lstrip(b"\n")
        if not head.startswith(b":"):
            commit = head.decode("ascii")
            continue
        path = os.fsdecode(next(fields))
        _, mode, _, blob, _ = head.decode("ascii")[1:].split(" ")
        if mode.startswith("100"):
            yield Past(commit, path, blob)
