"""A changed entry keeps no bundle that no longer matches: a stale hallmark marks nothing.

The bundle is not verified here, only held against its own claim, for a commit hook must be fast
and offline. Signing is CI's: a pull request brings an entry without a bundle, or with the one
that still fits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import bundle_path

if TYPE_CHECKING:
    from assay.checks import Context

ID = "bundle-stale"


def run(context: Context) -> Iterator[Finding]:
    bundle = context.siblings.read(bundle_path(context.path).rpartition("/")[2])
    if bundle is not None:
        yield from stale(context.path, context.raw, bundle)


def stale(path: str, raw: bytes, bundle: bytes) -> Iterator[Finding]:
    """Whether ``bundle`` claims to sign other bytes than ``raw``, or is none of ours.

    Needs no parsed entry: an entry with an error must not keep a stale bundle either.
    """
    import shlex  # the name may be a stranger's, and the line below is there to be copied

    from assay.trust.claim import claimed_digest

    beside = bundle_path(path)
    try:
        matches = claimed_digest(bundle) == hashlib.sha256(raw).digest()
        told = f"it signs other bytes than those of {quoted(path)}"
    except ValueError as error:
        matches, told = False, f"not a Sigstore bundle v0.3 of a message signature: {error}"
    if not matches:
        fix = f"git rm {shlex.quote(beside)}; CI signs the entry after it is merged"
        yield Finding(beside, 1, 1, ID, told, fix)
