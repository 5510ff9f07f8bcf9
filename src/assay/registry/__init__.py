"""The registry: a git repository with ``servers/NAME.yaml``, what stands beside them, a policy.

A registry is found by its files, so that a folder without git can be checked; only what asks for
history, the index or a commit needs git, and says so when there is none. Only then is imported
what it takes to run git: a commit hook is judged by its start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.registry import names
from assay.registry.names import FOLDER, POLICY
from assay.registry.views import (
    Siblings,
    Stored,
    Tracked,
    View,
    WorkingTree,
    read_regular,
    refuse_linked_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from assay.registry.changes import Change

__all__ = ["Registry", "Siblings", "View"]


class Registry:
    """A registry's folder: the one that holds ``servers/`` and ``assay.yaml``."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = os.fspath(root)

    @property
    def root(self) -> Path:
        from pathlib import Path  # 10 ms of a hook's 20: whoever needs one pays for it

        return Path(self._root)

    @classmethod
    def find(cls, start: str | os.PathLike[str]) -> Registry:
        """The nearest folder, from ``start`` upwards, with ``servers/`` or ``assay.yaml``.

        The search ends at the top of the git repository, for beyond it nobody vouches for the
        files. ``UsageError`` when there is none.
        """
        first = folder = os.path.abspath(start)
        if not os.path.isdir(first):
            raise UsageError(f"there is no folder {first}")
        while not cls.is_at(folder):
            above = os.path.dirname(folder)
            if above == folder or os.path.exists(os.path.join(folder, ".git")):
                raise UsageError(
                    f"no registry at {first} or above it",
                    hint=f"a registry has a folder {FOLDER}/: make it, or name another place with "
                    "--registry DIR after the command",
                )
            folder = above
        return cls(folder)

    @staticmethod
    def is_at(folder: str) -> bool:
        """Whether ``folder`` itself is a registry's."""
        return os.path.isdir(os.path.join(folder, FOLDER)) or os.path.isfile(
            os.path.join(folder, POLICY)
        )

    @property
    def prefix(self) -> str:
        """From the top of the git repository to here, ``""`` or ``FOLDER/``: forges name files
        from there. Without git it is empty."""
        top = folder = os.path.realpath(self._root)
        while not os.path.lexists(os.path.join(top, ".git")):
            above = os.path.dirname(top)
            if above == top:
                return ""
            top = above
        inside = os.path.relpath(folder, top).replace(os.sep, "/")
        return "" if inside == "." else f"{inside}/"

    def entry_paths(self) -> list[str]:
        """``servers/NAME.yaml`` for each entry on disk, sorted; ``[]`` without ``servers/``."""
        found = (f"{FOLDER}/{name}" for name in self.working_tree().names())
        return [path for path in found if names.is_entry(path)]

    def read(self, path: str) -> bytes | None:
        """The bytes of one file on disk; None when there is none.

        ``Refused`` when it is a link, no regular file or over ``views.MAX_FILE`` bytes.
        """
        return read_regular(self._root, path)

    def relative(self, given: str | os.PathLike[str]) -> str:
        """A path from a command line as the registry names it; ``UsageError`` outside of it."""
        # Of the file's folder alone, for the file itself may be a link: that is refused later.
        folder, name = os.path.split(os.path.abspath(given))
        path = os.path.relpath(
            os.path.join(os.path.realpath(folder), name), os.path.realpath(self._root)
        ).replace(os.sep, "/")
        if path.startswith("../") or os.path.isabs(path):
            raise UsageError(f"{os.fspath(given)} is no file of the registry at {self._root}")
        return path

    def working_tree(self) -> View:
        """The files on disk."""
        refuse_linked_folder(self._root)
        return WorkingTree(self._root)

    def tracked(self) -> View:
        """The files on disk as far as git tracks them: what a hook looks at.

        pre-commit stashes what is not staged, so that the bytes on disk are those to be
        committed; but it leaves untracked files where they are. A lock that was written and
        never added must not count, or the commit would lack it.
        """
        return Tracked(self._root, self._index)

    @contextmanager
    def staging(self) -> Iterator[View]:
        """The files as a commit would record them now."""
        from assay.registry import git

        with git.Objects(self._root) as objects:
            yield Stored(self._index(), objects)

    @contextmanager
    def commit(self, revision: str = "HEAD") -> Iterator[View]:
        """The files of a commit."""
        from assay.registry import git, history

        with git.Objects(self._root) as objects:
            yield Stored(history.commit_listing(self._root, revision), objects)

    def changed_since(self, revision: str) -> list[Change]:
        """What the commits on HEAD changed in ``servers/`` and ``assay.yaml``, sorted by path.

        As ``git diff REVISION...HEAD``: from the merge base, so that what was merged meanwhile
        on the other side is not taken for a change of this one. Changes that are not committed
        are not seen. ``UsageError`` for an unknown revision, ``Undecided`` when a shallow clone
        or an unrelated history leaves the merge base unknown.
        """
        from assay.registry import changes, history

        base, head = history.merge_base(self._root, revision)
        return changes.between(self._root, base, head, history.PATHS)

    def staged(self) -> list[Change]:
        """What a commit would change now, deletions included, sorted by path."""
        from assay.registry import changes, history

        return changes.staged(self._root, history.head_tree(self._root), history.PATHS)

    def _index(self) -> dict[str, tuple[str, str]]:
        from assay.registry import history

        return history.index_listing(self._root)
