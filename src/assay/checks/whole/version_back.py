"""A version goes forward: whoever goes back brings back what was repaired since.

Going back is right where the newer version is revoked; revoke it first, then go back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.revoked import hits
from assay.closure.versions import key
from assay.hidden import quoted
from assay.registry.names import REVOCATIONS, is_entry

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole
    from assay.entry import Entry
    from assay.finding import Finding

ID = "version-back"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    for one in request.touched:
        if one.old is None or one.new is None or not is_entry(one.path):
            continue
        old, new = request.before.entry(one.path), whole.shelf.entry(one.path)
        if old and new and _lower(new, old) and not _revoked(request, old, one.path):
            told = f"the version goes back from {quoted(old.version)} to {quoted(new.version)}"
            fix = "name a newer version; or revoke the newer one first, in a pull request before"
            yield whole.shelf.finding(one.path, ("version",), ID, told, fix)


def _lower(new: Entry, old: Entry) -> bool:
    """By PEP 440 where both are of PyPI, else by SemVer; what can't be ordered goes nowhere."""
    if new.version == old.version:
        return False
    kinds = {one.artefact.reference.kind if one.artefact else "" for one in (new, old)}
    ecosystem = "pypi" if kinds == {"pypi"} else "npm"
    mine, theirs = key(ecosystem, new.version), key(ecosystem, old.version)
    return bool(mine[0] and theirs[0] and mine < theirs)


def _revoked(request: Request, old: Entry, path: str) -> bool:
    raw = request.before.raw(REVOCATIONS)
    reading = request.before.reading(path)
    if raw is None or reading is None:
        return False
    from assay.revocations import read

    revocations = read(raw).revocations
    return revocations is not None and any(hits(revocations, old, reading.raw))
