"""An embedded Sigstore for trials: OIDC, Fulcio, CT, Rekor v1 and v2 and a TSA on loopback.

FOR TRIALS ALONE. It signs for whoever asks, as whoever they say they are, with keys that lie on
disk. A host that trusts its root trusts everybody who can read that folder. Its use is to run
the real commands, whole, without an account, a network or a secret.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from assay.dev.sigstore import documents
from assay.dev.sigstore.fulcio import Fulcio
from assay.dev.sigstore.keys import Keys
from assay.dev.sigstore.oidc import Issuer
from assay.dev.sigstore.rekor import RekorV1, RekorV2
from assay.dev.sigstore.server import Server, Services
from assay.dev.sigstore.tsa import Tsa
from assay.trust.identity import SignerIdentity

WARNING = "FOR TRIALS ALONE: this Sigstore signs for whoever asks, as whoever they say they are"


class TrialSigstore:
    """The whole instance, answering on ``url`` until ``close``.

    ``folder`` keeps the keys over a restart; None keeps them in memory. ``claims`` are those of
    the workflow that the token endpoint plays; ``token`` overrides them one by one.
    """

    def __init__(
        self, folder: Path | None = None, *, port: int = 0, claims: Mapping[str, str] | None = None
    ) -> None:
        keys = Keys(folder)
        self.issuer = Issuer(keys, claims or {})
        self.fulcio = Fulcio(keys, self.issuer)
        self.rekor_v1, self.rekor_v2, self.tsa = RekorV1(keys), RekorV2(keys), Tsa(keys)
        secret = keys.document("request-token", lambda: secrets.token_urlsafe(32).encode())
        self._secret = secret.decode()
        self._server = Server(port)
        self.url = self._server.url
        self._server.begin(
            Services(self.issuer, self.fulcio, self.rekor_v1, self.rekor_v2, self.tsa, self._secret)
        )

    def __enter__(self) -> TrialSigstore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, **claims: str) -> str:
        """An identity token of the job that is played, with ``claims`` over its own."""
        return self.issuer.token(**claims)

    def identity(self) -> SignerIdentity:
        """The identity that pins the job that is played."""
        return documents.signer_identity(self.issuer.claims)

    def trusted_root(self) -> bytes:
        """TrustedRoot JSON: for verifiers."""
        return _text(self._trusted_root())

    def trust_config(self, rekor: int = 2) -> bytes:
        """ClientTrustConfig JSON: for signers; ``rekor`` is 1 or 2."""
        root, issuer = self._trusted_root(), f"{self.url}/oidc"
        return _text(documents.trust_config(root, self.url, issuer, rekor))

    def environment(self) -> dict[str, str]:
        """What a GitHub runner sets where a job may ask for an identity token."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/oidc/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self._secret,
        }

    def _trusted_root(self) -> documents.Json:
        return documents.trusted_root(self.url, self.fulcio, self.rekor_v1, self.rekor_v2, self.tsa)


def _text(document: documents.Json) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"
