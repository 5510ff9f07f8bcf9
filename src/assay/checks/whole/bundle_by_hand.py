"""Bundles come from publishing alone: a pull request may at most remove one that went stale.

Nobody signs by pull request, so a bundle in one is a hand's work: an old one put back beside old
bytes, or one taken away so that hosts refuse a good server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import BUNDLE_SUFFIX, owner
from assay.registry.stale import stale

if TYPE_CHECKING:
    from assay.checks.whole.context import Request, Whole

ID = "bundle-by-hand"


def run(whole: Whole, request: Request) -> Iterator[Finding]:
    for one in request.touched:
        entry = owner(one.path)
        if entry is None or not one.path.endswith(BUNDLE_SUFFIX):
            continue
        if one.new is not None:
            done = "added" if one.old is None else "edited"
            fix = "git rm it (git restore it, if the entry has not changed); publishing writes it"
        elif _was_good(whole, request, entry, one.path):
            done, fix = "deleted, though it signs the entry as it is", "put it back as it was"
        else:
            continue
        told = f"the bundle of {quoted(entry)} was {done}; publishing alone writes bundles"
        yield Finding(one.path, 1, 1, ID, told, fix)


def _was_good(whole: Whole, request: Request, entry: str, path: str) -> bool:
    """Whether the bundle that goes would still claim to sign the entry."""
    raw, bundle = whole.shelf.raw(entry), request.before.raw(path)
    return raw is not None and bundle is not None and not any(stale(entry, raw, bundle))
