"""Whether a bundle beside an entry still claims to sign it; cheap, offline, proving nothing.

Needs no parsed entry: an entry with an error must not keep a stale bundle either, and the hook
that asks this parses no YAML.
"""

from __future__ import annotations

from collections.abc import Iterator

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import bundle_path

ID = "bundle-stale"


def stale(path: str, raw: bytes, bundle: bytes) -> Iterator[Finding]:
    """A finding if ``bundle`` claims to sign other bytes than ``raw``, or is no bundle of ours."""
    import hashlib  # late, all three: most entries of a pull request have no bundle
    import shlex

    from assay.trust.claim import claimed_digest

    beside = bundle_path(path)
    try:
        matches = claimed_digest(bundle) == hashlib.sha256(raw).digest()
        told = f"it signs other bytes than those of {quoted(path)}"
    except ValueError as error:
        matches, told = False, f"not a Sigstore bundle v0.3 of a message signature: {error}"
    if not matches:
        # Quoted for a shell: the name may be a stranger's, and the line is there to be copied.
        fix = f"git rm {shlex.quote(beside)}; CI signs the entry after it is merged"
        yield Finding(beside, 1, 1, ID, told, fix)
