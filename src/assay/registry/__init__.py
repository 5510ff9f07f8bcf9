"""The registry: a git repository with ``servers/NAME.yaml``, what stands beside them, a policy.

A registry is found by its files, so that a folder without git can be checked; only what asks for
history, the index or a commit needs git, and says so when there is none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assay.errors import Undecided, UsageError
from assay.reason import Reason
from assay.registry import changes, git, names
from assay.registry.changes import Change
from assay.registry.names import FOLDER, POLICY
from assay.registry.views import (
    Siblings,
    Stored,
    View,
    WorkingTree,
    read_regular,
    refuse_linked_folder,
)

__all__ = ["Change", "Registry", "Siblings", "View"]

_PATHS = (FOLDER, POLICY)


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry's folder: the one that holds ``servers/`` and ``assay.yaml``."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Registry:
        """The nearest folder, from ``start`` upwards, with ``servers/`` or ``assay.yaml``.

        The search ends at the top of the git repository, for beyond it nobody vouches for the
        files. ``UsageError`` when there is none.
        """
        first = Path(os.path.abspath(start))
        for folder in (first, *first.parents):
            if (folder / FOLDER).is_dir() or (folder / POLICY).is_file():
                return cls(folder)
            if (folder / ".git").exists():
                break
        raise UsageError(
            f"no registry at {first} or above it",
            hint=f"a registry has a folder {FOLDER}/; name it with --registry DIR",
        )

    def entry_paths(self) -> list[str]:
        """``servers/NAME.yaml`` for each entry on disk, sorted; ``[]`` without ``servers/``."""
        found = (f"{FOLDER}/{name}" for name in self.working_tree().names())
        return [path for path in found if names.is_entry(path)]

    def read(self, path: str) -> bytes | None:
        """The bytes of one file on disk; None when there is none.

        ``Refused`` when it is a link, no regular file or over ``git.MAX_FILE`` bytes.
        """
        return read_regular(self.root, path)

    def relative(self, given: Path) -> str:
        """A path from a command line as the registry names it; ``UsageError`` outside of it."""
        try:
            # Of the file's folder alone, for the file itself may be a link: that is refused later.
            folder = given.parent.resolve(strict=True)
            return (folder / given.name).relative_to(self.root.resolve()).as_posix()
        except (OSError, ValueError) as error:
            raise UsageError(f"{given} is no file of the registry at {self.root}") from error

    def working_tree(self) -> View:
        """The files on disk."""
        refuse_linked_folder(self.root)
        return WorkingTree(self.root)

    def tracked(self) -> View:
        """The files on disk as far as git tracks them: what a hook looks at.

        pre-commit stashes what is not staged, so that the bytes on disk are those to be
        committed; but it leaves untracked files where they are. A lock that was written and
        never added must not count, or the commit would lack it.
        """
        return WorkingTree(self.root, self._index())

    @contextmanager
    def index(self) -> Iterator[View]:
        """The files as a commit would record them now."""
        with git.Objects(self.root) as objects:
            yield Stored(self._index(), objects)

    @contextmanager
    def commit(self, revision: str = "HEAD") -> Iterator[View]:
        """The files of a commit."""
        (identifier,) = self._resolve(revision)
        output = git.ask(self.root, "ls-tree", "-r", "-z", identifier, "--", *_PATHS)
        with git.Objects(self.root) as objects:
            yield Stored(_tree_listing(output), objects)

    def changed_since(self, revision: str) -> list[Change]:
        """What the commits on HEAD changed in ``servers/`` and ``assay.yaml``, sorted by path.

        As ``git diff REVISION...HEAD``: from the merge base, so that what was merged meanwhile
        on the other side is not taken for a change of this one. Changes that are not committed
        are not seen. ``UsageError`` for an unknown revision, ``Undecided`` when a shallow clone
        or an unrelated history leaves the merge base unknown.
        """
        base, head = self._merge_base(revision)
        return changes.between(self.root, base, head, _PATHS)

    def staged(self) -> list[Change]:
        """What a commit would change now, deletions included, sorted by path."""
        return changes.staged(self.root, self._head_tree(), _PATHS)

    def _index(self) -> dict[str, tuple[str, str]]:
        listing: dict[str, tuple[str, str]] = {}
        for record in git.ask(self.root, "ls-files", "--stage", "-z", "--", *_PATHS).split(b"\0")[
            :-1
        ]:
            head, _, path = record.partition(b"\t")
            mode, identifier, stage = head.decode("ascii").split(" ")
            if stage != "0":
                raise Undecided(
                    Reason.TOOL_FAILED, f"{os.fsdecode(path)} is not merged yet; finish the merge"
                )
            listing[os.fsdecode(path)] = (mode, identifier)
        return listing

    def _head_tree(self) -> str:
        try:
            tree = git.run(self.root, "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
        except git.GitError:
            # No commit yet: everything is added. The empty tree, in this repository's hash.
            tree = git.ask(self.root, "hash-object", "-t", "tree", os.devnull)
        return tree.decode("ascii").strip()

    def _merge_base(self, revision: str) -> tuple[str, str]:
        theirs, ours = self._resolve(revision, "HEAD")
        try:
            base = git.run(self.root, "merge-base", theirs, ours)
        except git.GitError as error:
            raise Undecided(
                Reason.TOOL_FAILED,
                f"{revision!r} and HEAD have no common commit here",
                hint=self._depth_hint() or "compare with a revision of the same history",
            ) from error
        return base.decode("ascii").strip(), ours

    def _resolve(self, *revisions: str) -> list[str]:
        """Each revision's commit id. A leading ``-`` would be an option, so it is no revision."""
        for revision in revisions:
            if not revision or revision.startswith("-") or not revision.isprintable():
                raise UsageError(f"{revision!r} is no revision")
        asked = [f"{revision}^{{commit}}" for revision in revisions]
        try:
            found = git.run(self.root, "rev-parse", *asked).decode("ascii").split()
        except git.GitError as error:
            raise self._unknown(revisions, error) from error
        if len(found) != len(revisions) or not all(one.isalnum() for one in found):
            raise UsageError(f"{revisions[0]!r} does not name one commit")
        return found

    def _unknown(self, revisions: tuple[str, ...], error: git.GitError) -> Exception:
        git.ask(
            self.root, "rev-parse", "--git-dir"
        )  # not a repository at all is the plainer message
        missing = next((one for one in revisions if repr(one)[1:-1] in error.words), revisions[0])
        if hint := self._depth_hint():
            return Undecided(Reason.TOOL_FAILED, f"{missing!r} is not in this clone", hint=hint)
        return UsageError(f"{missing!r} is no revision of {self.root}")

    def _depth_hint(self) -> str:
        if git.ask(self.root, "rev-parse", "--is-shallow-repository").strip() != b"true":
            return ""
        return "this clone is shallow: fetch the whole history (actions/checkout: fetch-depth: 0)"


def _tree_listing(output: bytes) -> dict[str, tuple[str, str]]:
    """``MODE SP TYPE SP ID TAB PATH NUL``, again and again (git-ls-tree, OUTPUT FORMAT)."""
    listing: dict[str, tuple[str, str]] = {}
    for record in output.split(b"\0")[:-1]:
        head, _, path = record.partition(b"\t")
        mode, _, identifier = head.decode("ascii").split(" ")
        listing[os.fsdecode(path)] = (mode, identifier)
    return listing
