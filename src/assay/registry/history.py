"""What git knows of a registry: revisions to commits, and the listings of commits and index.

Apart from ``assay.registry``, so that whoever reads files on disk starts no process and imports
none of what starting one takes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from assay.errors import AssayError, Undecided, UsageError
from assay.reason import Reason
from assay.registry import git
from assay.registry.names import BASELINE, FOLDER, POLICY, REVOCATIONS

PATHS = (FOLDER, POLICY, BASELINE, REVOCATIONS)
Listing = dict[str, tuple[str, str]]  # path → mode (six octal digits) and object id


def index_listing(root: str) -> Listing:
    """What the next commit would record."""
    listing: Listing = {}
    output = git.ask(root, "ls-files", "--stage", "-z", "--", *PATHS)
    for (mode, identifier, stage), path in records(output):
        if stage != "0":
            raise Undecided(Reason.TOOL_FAILED, f"{path} is not merged yet; finish the merge")
        listing[path] = (mode, identifier)
    return listing


def commit_listing(root: str, revision: str) -> Listing:
    """The files of a commit."""
    (identifier,) = resolve(root, revision)
    output = git.ask(root, "ls-tree", "-r", "-z", identifier, "--", *PATHS)
    return {path: (mode, identifier) for (mode, _, identifier), path in records(output)}


def records(output: bytes) -> Iterator[tuple[list[str], str]]:
    """``FIELD SP FIELD SP FIELD TAB PATH NUL``, again and again (git-ls-files, git-ls-tree)."""
    for record in output.split(b"\0")[:-1]:
        head, _, path = record.partition(b"\t")
        yield head.decode("ascii").split(), os.fsdecode(path)


def is_repository(root: str) -> bool:
    """Whether ``root`` lies in a git repository; no process is started for it."""
    folder = os.path.abspath(root)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def head(root: str) -> str:
    """The commit that HEAD is at; empty before the first one."""
    try:
        found = git.run(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except git.GitError:
        return ""
    return found.decode("ascii").strip()


def head_tree(root: str) -> str:
    """The tree that the next commit is compared with."""
    try:
        tree = git.run(root, "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
    except git.GitError:
        # No commit yet: everything is added. The empty tree, in this repository's hash.
        tree = git.ask(root, "hash-object", "-t", "tree", os.devnull)
    return tree.decode("ascii").strip()


def merge_base(root: str, revision: str) -> tuple[str, str]:
    """The commit where HEAD's history left that of ``revision``, and HEAD's."""
    theirs, ours = resolve(root, revision, "HEAD")
    try:
        base = git.run(root, "merge-base", theirs, ours)
    except git.GitError as error:
        raise Undecided(
            Reason.TOOL_FAILED,
            f"{revision!r} and HEAD have no common commit here",
            hint=depth_hint(root) or "compare with a revision of the same history",
        ) from error
    return base.decode("ascii").strip(), ours


def resolve(root: str, *revisions: str) -> list[str]:
    """Each revision's commit id. A leading ``-`` would be an option, so it is no revision."""
    for revision in revisions:
        if not revision or revision.startswith("-") or not revision.isprintable():
            raise UsageError(f"{revision!r} is no revision")
    asked = [f"{revision}^{{commit}}" for revision in revisions]
    try:
        found = git.run(root, "rev-parse", *asked).decode("ascii", "replace").split()
    except git.GitError as error:
        raise _unknown(root, revisions[0]) from error
    if len(found) != len(revisions) or not all(one.isalnum() for one in found):
        raise UsageError(f"{revisions[0]!r} does not name one commit")
    return found


def _unknown(root: str, revision: str) -> AssayError:
    if hint := depth_hint(root):  # which is also where "not a repository at all" is told
        return Undecided(Reason.TOOL_FAILED, f"{revision!r} is not in this clone", hint=hint)
    return UsageError(f"{revision!r} is no revision of {root}")


def depth_hint(root: str) -> str:
    """What to do about a clone without its whole history; empty where it has it."""
    if git.ask(root, "rev-parse", "--is-shallow-repository").strip() != b"true":
        return ""
    return "this clone is shallow: fetch the whole history (actions/checkout: fetch-depth: 0)"
