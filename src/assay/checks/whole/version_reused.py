"""A version names one artefact, and a version with its revision one lock, for ever.

Whoever reviewed 1.2.0, pinned it or wrote its digest down must never get other bytes under that
name. What counts is the base's own history, its first parents: what was once merged, signed or
not, through a removal and a coming back too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.whole.naming import Naming, may_be_of, naming
from assay.hidden import quoted
from assay.registry import git
from assay.registry.past import Past, versions

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole
    from assay.finding import Finding

ID = "version-reused"


def run(whole: Whole) -> Iterator[Finding]:
    if not whole.past:
        return
    seen: dict[str, dict[str, str]] = {path: {} for path in whole.concerned}
    for past in versions(whole.root, whole.past, whole.concerned):
        seen[past.path].setdefault(past.blob, past.commit)
    with git.Objects(whole.root) as objects:
        for path, blobs in seen.items():
            raw = whole.shelf.raw(path)
            if raw is not None and blobs:
                olds = zip(blobs.items(), objects.read_all(blobs), strict=True)
                states = [(Past(commit, path, blob), old) for (blob, commit), old in olds]
                yield from _one(whole, path, raw, states)


def _one(
    whole: Whole, path: str, raw: bytes, states: list[tuple[Past, bytes]]
) -> Iterator[Finding]:
    """At most one finding for the artefact and one for the lock, of the newest that differs."""
    now: Naming | None = None
    told: set[str] = set()
    for past, old in states:
        if old == raw:
            continue
        now = now or naming(raw)
        if now is None:
            return  # no entry at all, which is told as such
        then = naming(old) if may_be_of(now.version, old) else None
        if then is None or then.version != now.version:
            continue
        if then.artefact != now.artefact and "artefact" not in told:
            told.add("artefact")
            yield _artefact(whole, past, now, then)
        elif then[1] == now[1] and then.lock != now.lock and "lock" not in told:
            told.add("lock")
            yield _lock(whole, past, now)


def _artefact(whole: Whole, past: Past, now: Naming, then: Naming) -> Finding:
    told = (
        f"version {quoted(now.version)} named another artefact at commit {past.commit[:12]}: "
        f"{quoted(then.artefact or 'none', 80)}"
    )
    fix = "give what is new a version of its own; a version never comes to mean other bytes"
    reading = whole.shelf.reading(past.path)
    remote = reading is not None and reading.document and "artefact" not in reading.document.data
    where = ("url",) if remote else ("artefact", "sha256")
    subject = f"{now.version} artefact"
    return whole.shelf.finding(past.path, where, ID, told, fix, subject=subject)


def _lock(whole: Whole, past: Past, now: Naming) -> Finding:
    told = (
        f"version {quoted(now.version)} revision {now.revision} had another lock at commit "
        f"{past.commit[:12]}"
    )
    fix = "write the next revision: that is what a lock made anew is called"
    where = ("artefact", "lock", "sha256")
    subject = f"{now.version} lock"
    return whole.shelf.finding(past.path, where, ID, told, fix, subject=subject)
