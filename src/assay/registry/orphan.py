"""Nothing stands in ``servers/`` that belongs to no entry.

A lock or a bundle without its entry is left over from a deletion or a rename, and would come to
life again with the next entry of that name; a file of no known kind is one that no check reads.
About the folder, not about one entry: so it is called beside the loop over the checks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import BUNDLE_SUFFIX, FOLDER, LOCK_SUFFIXES, WELCOME, owner

ID = "orphan"


def everything(names: Collection[str]) -> Iterator[Finding]:
    """All that follows, of the file names in ``servers/``."""
    yield from locks(names)
    yield from bundles(names)
    yield from strangers(names)


def locks(names: Collection[str]) -> Iterator[Finding]:
    """Each lock without an entry, of the file names in ``servers/``."""
    return _left_over(names, LOCK_SUFFIXES, "lock")


def bundles(names: Collection[str]) -> Iterator[Finding]:
    """Each bundle without an entry."""
    return _left_over(names, (BUNDLE_SUFFIX,), "bundle")


def strangers(names: Collection[str]) -> Iterator[Finding]:
    """Each file that is neither entry nor lock nor bundle."""
    for name in names:
        path = f"{FOLDER}/{name}"
        if owner(path) is None and name not in WELCOME:
            told = f"{quoted(name)} is neither an entry (NAME.yaml) nor a lock nor a bundle"
            yield Finding(path, 1, 1, ID, told, "rename it, or move it out of servers/")


def _left_over(names: Collection[str], suffixes: tuple[str, ...], kind: str) -> Iterator[Finding]:
    present = set(names)
    for name in names:
        path = f"{FOLDER}/{name}"
        entry = owner(path)
        if not name.endswith(suffixes) or entry is None:
            continue
        if entry.rpartition("/")[2] not in present:
            import shlex

            told = f"a {kind} without its entry {quoted(entry)}"
            yield Finding(path, 1, 1, ID, told, f"git rm {shlex.quote(path)}")
