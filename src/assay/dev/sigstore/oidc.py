"""An OIDC issuer whose tokens look like those of GitHub Actions.

Claims: GitHub's "OpenID Connect reference". Nothing is checked of who asks, so that a trial can
play any workflow, the attacker's too: FOR TRIALS ALONE.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt

from assay.dev.sigstore.keys import Keys

# .invalid (RFC 2606) can't be anybody's, and unlike a loopback port it stays the same.
ISSUER = "https://issuer.trial.invalid"
AUDIENCE = "sigstore"
_LIFETIME = 600  # seconds, as long as a Fulcio certificate lives

CLAIMS: dict[str, str] = {
    "iss": ISSUER,
    "sub": "repo:acme/mcp-registry:ref:refs/heads/main",
    "event_name": "push",
    "ref": "refs/heads/main",
    "sha": "a" * 40,
    "repository": "acme/mcp-registry",
    "repository_id": "42",
    "repository_owner": "acme",
    "repository_owner_id": "7",
    "repository_visibility": "private",
    "workflow": "publish",
    "workflow_ref": "acme/mcp-registry/.github/workflows/publish.yml@refs/heads/main",
    "workflow_sha": "a" * 40,
    "job_workflow_ref": "acme/assay/.github/workflows/publish.yml@refs/tags/v1",
    "job_workflow_sha": "b" * 40,
    "runner_environment": "github-hosted",
    "run_id": "1",
    "run_attempt": "1",
}


class Issuer:
    """Mints and reads tokens. ``claims`` are those of the job that is played by default."""

    def __init__(self, keys: Keys, claims: Mapping[str, str]) -> None:
        unknown = sorted(set(claims) - set(CLAIMS))
        if unknown:
            raise ValueError(f"unknown claim {unknown[0]!r}; known are {', '.join(CLAIMS)}")
        self.claims = {**CLAIMS, **claims}
        self._key = keys.rsa("oidc")

    def token(self, audience: str = AUDIENCE, **claims: str) -> str:
        """A signed token, good for ten minutes; ``claims`` go over the defaults."""
        now = int(time.time())
        times = {"iat": now, "nbf": now, "exp": now + _LIFETIME, "jti": str(uuid.uuid4())}
        content = {**self.claims, **claims, **times, "aud": audience}
        return jwt.encode(content, self._key, "RS256", headers={"kid": "trial"})

    def read(self, token: str) -> dict[str, str]:
        """The claims of a token of ours; ``jwt.InvalidTokenError`` for anybody else's."""
        content: dict[str, Any] = jwt.decode(
            token, self._key.public_key(), ["RS256"], audience=AUDIENCE
        )
        return {name: str(content[name]) for name in CLAIMS}

    def jwks(self) -> dict[str, object]:
        """The public key as RFC 7517 says."""
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": "trial", "use": "sig", "alg": "RS256"}]}
