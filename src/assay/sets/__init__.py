"""The sets of checks, by the names that ``assay check --only`` and ``--skip`` take.

``usual`` runs where nobody says which: what the plain installation has and what tells a person
something to repair at once. A diff is for the reviewer (``assay diff`` shows it whole), an audit
and a scan want an extra each and the whole closure, so a person asks for them. CI runs every set,
and says of one that it could not run that it did not look.
"""

from __future__ import annotations

from typing import NamedTuple

from assay.errors import UsageError


class Set(NamedTuple):
    """``usual`` runs unasked, ``fetches`` needs a network, ``extra`` an extra of the package."""

    says: str
    usual: bool = True
    fetches: bool = False
    extra: str = ""


SETS: dict[str, Set] = {
    "schema": Set("entries, policy and revocations by themselves"),
    "lock": Set("what lies beside an entry: lock and bundle"),
    "whole": Set("the registry's files side by side and over time, and a pull request's scope"),
    "network": Set("artefact and lock held against their sources", fetches=True),
    "deps": Set("what came into a closure and went wider, since the last tag and the base", False),
    "audit": Set("known vulnerabilities", False, True, "audit"),
    "scan": Set("malicious patterns in artefact and closure", False, True, "scan"),
}
EVERY = "all"


def chosen(only: str | None, skip: str | None, *, offline: bool) -> tuple[str, ...]:
    """The names of the sets to run, in the table's order; ``UsageError`` for an unknown one."""
    left_out = set(_words(skip))
    if only is None:
        wanted = {name for name, one in SETS.items() if one.usual}
    else:
        wanted = set(_words(only))
    if offline:
        left_out.update(name for name, one in SETS.items() if one.fetches)
    if not wanted - left_out:
        hint = f"there are: {', '.join(SETS)}" + ("; some need a network" if offline else "")
        raise UsageError("no set of checks is left to run", hint=hint)
    return tuple(name for name in SETS if name in wanted - left_out)


def _words(text: str | None) -> tuple[str, ...]:
    words = tuple(word.strip() for word in (text or "").split(",") if word.strip())
    if EVERY in words:
        return tuple(SETS)
    for word in words:
        if word not in SETS:
            known = ", ".join((*SETS, EVERY))
            raise UsageError(f"there is no set of checks {word!r}", hint=f"there are: {known}")
    return words
