"""A pull request: what it changes in the whole repository, and the registry that it would make.

Three commits decide: the base's tip, whose policy judges; the fork, where the branch left the
base; and the head. What was changed is the way from the fork to the head. What would be merged is
the base's tip with those files put in place of its own: so an entry that came to the base meanwhile
is seen beside the new one, and an old branch is judged by today's policy.

Where both sides changed one file, a merge would mix bytes that nobody has seen, so that is told
and nothing is guessed. Files are listed from the repository's top, beyond the registry's folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import Undecided, UsageError
from assay.reason import Reason
from assay.registry import git, history
from assay.registry.changes import raw_changes
from assay.registry.history import Listing
from assay.registry.past import MANY


class File(NamedTuple):
    """A file in a commit: git's mode (six octal digits) and the object's id."""

    mode: str
    identifier: str


class Touched(NamedTuple):
    """One changed path; a side is None where there was or is nothing. A rename is two of them."""

    path: str
    old: File | None
    new: File | None


class Pull(NamedTuple):
    """``prefix`` leads from the repository's top to the registry: ``""`` or ``FOLDER/``.

    ``touched`` has the paths of the whole repository, sorted. ``before`` and ``after`` list the
    registry's own files, at the base's tip and as they would be after the merge; ``moved`` are
    those that both sides changed.
    """

    base: str
    fork: str
    head: str
    prefix: str
    touched: tuple[Touched, ...]
    before: Listing
    after: Listing
    moved: tuple[str, ...]

    @property
    def inside(self) -> tuple[Touched, ...]:
        """What is touched of the registry's own files, by their paths in the registry."""
        cut = [
            one._replace(path=one.path[len(self.prefix) :])
            for one in self.touched
            if one.path.startswith(self.prefix)
        ]
        return tuple(one for one in cut if _is_own(one.path))


def _is_own(path: str) -> bool:
    return path.partition("/")[0] in history.PATHS


def read(root: str, base: str, head: str = "HEAD") -> Pull:
    """The pull request of ``head`` against ``base``, two revisions of the repository at ``root``.

    ``UsageError`` for an unknown revision; ``Undecided`` when it is not plain where they forked:
    a shallow clone, histories that never met, or that met in several places.
    """
    if base and not base.strip("0"):
        raise UsageError(
            f"{base} names no commit: the forge writes it for a branch that is new or was forced",
            hint="name the branch that it goes to, such as --base origin/main",
        )
    refuse_tag(root, base)
    tip, ours = history.resolve(root, base, head)
    fork = _fork(root, base, tip, ours)
    prefix = os.fsdecode(git.ask(root, "rev-parse", "--show-prefix").removesuffix(b"\n"))
    touched = tuple(
        Touched(raw.path, _file(raw.old_mode, raw.old), _file(raw.new_mode, raw.new))
        for raw in raw_changes(root, fork, ours)
    )
    before = history.commit_listing(root, tip)
    pull = Pull(tip, fork, ours, prefix, touched, before, before, ())
    at_fork = before if fork == tip else history.commit_listing(root, fork)
    moved = tuple(
        one.path
        for one in pull.inside
        if before.get(one.path) not in (at_fork.get(one.path), one.new)
    )
    return pull._replace(after=_merged(pull), moved=moved)


def refuse_tag(root: str, base: str) -> None:
    """A tag wins over a branch of its name (gitrevisions), ``origin/main`` too, and clones fetch
    all tags: whoever may push one would choose the policy by which he is judged."""
    name = re.split(r"[~^@:]", base, maxsplit=1)[0]
    if not name or name.startswith("-") or re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", name):
        return
    try:
        git.run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/tags/{name}")
    except git.GitError:
        return
    raise UsageError(
        f"{name!r} is the name of a tag here, so it does not say which branch is the base",
        hint=f"name the branch in full (refs/heads/{name}) once the tag is gone, or a commit's id",
    )


def _fork(root: str, base: str, tip: str, ours: str) -> str:
    try:
        forks = git.run(root, "merge-base", "--all", tip, ours).decode("ascii").split()
    except git.GitError as error:
        raise Undecided(
            Reason.TOOL_FAILED,
            f"{base!r} and the head have no common commit here",
            hint=history.depth_hint(root) or "rebase the branch on what it shall be merged into",
        ) from error
    if len(forks) != 1:
        raise Undecided(
            Reason.TOOL_FAILED,
            f"{base!r} and the head have {len(forks)} merge bases: what the branch changes depends "
            "on which one is taken",
            hint="merge the base into the branch, or rebase it, and check again",
        )
    if hint := history.depth_hint(root):
        # A grafted root may make a commit look like the fork that is none.
        raise Undecided(Reason.TOOL_FAILED, "the history of this clone breaks off", hint=hint)
    return forks[0]


def _file(mode: str, identifier: str | None) -> File | None:
    return File(mode, identifier) if identifier else None


def _merged(pull: Pull) -> Listing:
    """The registry's files as they would be after the merge."""
    after = dict(pull.before)
    for one in pull.inside:
        if one.new is None:
            after.pop(one.path, None)
        else:
            after[one.path] = (one.new.mode, one.new.identifier)
    return after


def sizes(root: str, commit: str, paths: Sequence[str]) -> dict[str, int]:
    """Bytes of each regular file of ``commit`` among ``paths``, without reading one of them."""
    if not paths:
        return {}
    asked = paths if len(paths) <= MANY else list(history.PATHS)
    output = git.ask(root, "ls-tree", "-r", "-l", "-z", commit, "--", *asked)
    found = {path: fields[3] for fields, path in history.records(output)}
    return {path: int(found[path]) for path in paths if found.get(path, "-") != "-"}
