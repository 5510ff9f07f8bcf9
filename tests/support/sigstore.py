"""The embedded Sigstore, once a session, and bundles signed by it.

Every test has it as the fixture ``sigstore``, which tests/conftest.py starts when first wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from assay.dev.sigstore import TrialSigstore
from assay.trust.identity import SignerIdentity
from assay.trust.root import TrustRoot, load_trusted_root
from assay.trust.sign import EntrySigner


@dataclass(frozen=True)
class Trial:
    """A running instance and what verifies its bundles."""

    instance: TrialSigstore
    trusted_root: bytes
    identity: SignerIdentity

    def trust_config(self, rekor: int = 2) -> bytes:
        """ClientTrustConfig for ``assay sign``."""
        return self.instance.trust_config(rekor)

    def token(self, **claims: str) -> str:
        """An identity token with ``claims`` over the pinned job's."""
        return self.instance.token(**claims)

    def signer(self, *, rekor: int = 2, **claims: str) -> EntrySigner:
        """A signer that is the pinned job, but for ``claims``."""
        return EntrySigner(self.trust_config(rekor), self.token(**claims))

    def sign(self, raw: bytes, *, rekor: int = 2, **claims: str) -> bytes:
        """A bundle over ``raw``, by the pinned job but for ``claims``."""
        return self.signer(rekor=rekor, **claims).sign(raw)

    def root(self) -> TrustRoot:
        """The trust root, read."""
        return _root(self.trusted_root)


@cache
def _root(raw: bytes) -> TrustRoot:
    return load_trusted_root(raw)


@contextmanager
def running() -> Iterator[Trial]:
    """An embedded Sigstore that plays the pinned job unless told otherwise."""
    with TrialSigstore() as instance:
        yield Trial(instance, instance.trusted_root(), instance.identity())
