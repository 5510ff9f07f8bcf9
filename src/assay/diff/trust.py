"""Whose signature holds for tags: the signer and the trust root that the base's policy names.

Never those of what is being looked at, or a pull request would bring the key to its own lock.
sigstore is imported when the first bundle is verified, and not before.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from assay.errors import Refused, Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.policy import Policy
    from assay.registry.tags import Verify

_LIMIT = 1 << 20  # bytes of a trust file
_HINT = "name `signer` and `sigstore` in assay.yaml, on main"


def verifier(policy: Policy, read: Callable[[str], bytes | None], *, offline: bool) -> Verify:
    """What verifies bundles by ``policy``; ``read`` gives a file of the same commit.

    Refused CONFIG_MISSING or CONFIG_INVALID where the policy names no trust, Undecided where its
    trust root can't be had (the public instance's comes from the network, unless ``offline``).
    """
    if policy.signer is None or policy.sigstore is None:
        missing = "signer" if policy.signer is None else "sigstore"
        raise Refused(
            Reason.CONFIG_MISSING, f"the base's assay.yaml names no {missing}", hint=_HINT
        )
    root = _root(policy, read, offline=offline)
    from assay.trust.identity import identity_from
    from assay.trust.root import load_trusted_root
    from assay.trust.verify import Verifier

    try:
        identity = identity_from(policy.signer)
    except ValueError as error:
        raise Refused(Reason.CONFIG_INVALID, f"the base's assay.yaml: signer: {error}") from error
    return Verifier(load_trusted_root(root), identity).verify


def _root(policy: Policy, read: Callable[[str], bytes | None], *, offline: bool) -> bytes:
    assert policy.sigstore  # noqa: S101 - asked before
    path = policy.sigstore.trusted_root
    if not path and policy.sigstore.instance == "public":
        return _public(offline=offline)
    raw = read(path) if path else None
    if raw is None or len(raw) > _LIMIT:
        raise Refused(
            Reason.CONFIG_MISSING, f"the base has no trust root at {path or 'trusted_root'}"
        )
    return raw


def _public(*, offline: bool) -> bytes:
    """The public instance's root: what was fetched last, else by TUF."""
    from assay import strict_json
    from assay.trust import public

    try:
        config = public.trust_config(offline=True)
    except Undecided:
        if offline:
            raise
        config = public.trust_config()
    try:
        return json.dumps(strict_json.read_object(config, limit=_LIMIT)["trustedRoot"]).encode()
    except (ValueError, KeyError) as error:
        raise Undecided(Reason.TRUST_INVALID, f"the trust config can't be read: {error}") from error
