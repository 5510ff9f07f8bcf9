"""Sign keyless: an ephemeral key, bound for ten minutes to the identity of this job.

The key lives in memory alone. One signer serves a whole run: one certificate, one key, one call
to the log and to the timestamp authority for each file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import requests
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityError, IdentityToken, detect_credential
from sigstore.sign import Signer, SigningContext

from assay import strict_json
from assay.errors import AssayError, Undecided
from assay.reason import Reason
from assay.trust.root import SIZE_LIMIT

Answer = TypeVar("Answer")
_PATIENCE = 120.0  # seconds for one signature; sigstore-python itself would wait for ever


def ambient_token() -> str:
    """The identity token that this CI job may ask its forge for; reads the runner's environment.

    Undecided IDENTITY_UNAVAILABLE where there is none, UNREACHABLE where the forge doesn't answer.
    """
    try:
        token = _within(_PATIENCE, detect_credential)
    except IdentityError as error:
        raise _no_identity(f"the forge gave no identity token: {error}") from error
    except requests.RequestException as error:
        raise _unreachable(error) from error
    if token is None:
        raise _no_identity("this is no CI job that may ask for an identity token")
    return token


class EntrySigner:
    """Signs any number of files as one identity.

    ``trust_config`` is a ClientTrustConfig JSON, ``token`` an OIDC identity token for Sigstore.
    Raises Undecided TRUST_INVALID or IDENTITY_UNAVAILABLE.
    """

    def __init__(self, trust_config: bytes, token: str) -> None:
        self._context = _context(trust_config)
        self._signer: Signer | None = None
        try:
            self._token = IdentityToken(token)
        except IdentityError as error:
            raise _no_identity("the identity token is malformed or has expired") from error

    def sign(self, raw: bytes) -> bytes:
        """The bundle that signs ``raw``: JSON v0.3, one line.

        Undecided UNREACHABLE where the instance doesn't answer, SIGNING_FAILED where it won't.
        """
        try:
            return _within(_PATIENCE, lambda: self._sign(raw))
        except AssayError:
            raise
        except requests.RequestException as error:
            raise _unreachable(error) from error
        except Exception as error:  # sigstore-python lets errors of every layer through
            what = str(error).partition("\n")[0] or type(error).__name__
            raise Undecided(
                Reason.SIGNING_FAILED,
                f"the Sigstore instance did not sign: {what}",
                hint="see the instance's log; an identity token is good for a few minutes only",
            ) from error

    def _sign(self, raw: bytes) -> bytes:
        if self._signer is None:
            self._signer = Signer(self._token, self._context)
        return self._signer.sign_artifact(raw).to_json().encode() + b"\n"


def _context(trust_config: bytes) -> SigningContext:
    try:
        strict_json.read_object(trust_config, limit=SIZE_LIMIT)
        config = ClientTrustConfig.from_json(trust_config.decode())
        return SigningContext.from_trust_config(config)
    except Exception as error:
        what = str(error).partition("\n")[0]
        raise Undecided(
            Reason.TRUST_INVALID,
            f"the trust config can't be used: {what}",
            hint="a ClientTrustConfig JSON of your Sigstore instance is meant",
        ) from error


def _within(seconds: float, work: Callable[[], Answer]) -> Answer:
    """What ``work`` gives or raises; Undecided UNREACHABLE when it takes longer.

    A daemon thread, so that a peer which never answers can't keep the process from ending.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if answers:
        return answers[0]
    raise _unreachable(TimeoutError(f"no answer within {seconds:.0f} s"))


def _no_identity(what: str) -> Undecided:
    return Undecided(
        Reason.IDENTITY_UNAVAILABLE,
        what,
        hint="give the job `id-token: write`, or pass --identity-token",
    )


def _unreachable(error: Exception) -> Undecided:
    return Undecided(
        Reason.UNREACHABLE,
        f"the Sigstore instance or the forge does not answer: {error}",
        hint="check the network and the addresses in the trust config",
    )
