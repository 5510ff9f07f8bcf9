"""Does this bundle sign these bytes, by the one job that may, with keys that were good then?

sigstore-python judges chain, certificate log, transparency log and timestamp. Around it stands
what it leaves open: the bounds and the strictness of the JSON, the periods of the trust root, and
the whole identity. Whatever goes wrong on the way is a refusal. Takes bytes and gives a decision:
no file, no network, no environment, no clock.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate

from assay import strict_json
from assay.errors import Refused
from assay.reason import Reason
from assay.trust.identity import Clause, SignerIdentity, clauses, run_uri, source_digest
from assay.trust.judge import Bundle
from assay.trust.root import TrustRoot

SIZE_LIMIT = 128 << 10  # bytes; a bundle with a full proof has about 10 KiB
MEDIA_TYPES = (
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
)
_MESSAGE_LIMIT = 300  # characters of somebody else's words


@dataclass(frozen=True, slots=True)
class Verified:
    """What is proven of a signature. Log indices are not in it: nobody signs those of a v2 log."""

    sha256: str  # of the bytes that were signed, in hex
    signed_at: datetime  # UTC, from the timestamp authority or Rekor v1's promise
    signer_digest: str  # the signing workflow's commit
    trigger: str
    source_digest: str  # the registry's commit that was signed from; empty if not told
    run_uri: str  # the run that signed; empty if not told


class Verifier:
    """Holds bundles against one trust root and one identity; made once, used often.

    ``clauses`` is the identity's whole policy.
    """

    def __init__(self, root: TrustRoot, identity: SignerIdentity) -> None:
        self.clauses: tuple[Clause, ...] = clauses(identity)
        self._root = root

    def verify(self, raw: bytes, bundle: bytes) -> Verified:
        """What ``bundle`` proves of ``raw``, or Refused.

        BUNDLE_MALFORMED, SIGNATURE_MISMATCH, SIGNATURE_UNTRUSTED, TRUST_EXPIRED or
        IDENTITY_MISMATCH, the first that is found.
        """
        try:
            return self._verify(raw, bundle)
        except Refused:
            raise
        except Exception as error:  # parsers of hostile bytes raise anything: deny
            raise _untrusted(error) from error

    def _verify(self, raw: bytes, bundle: bytes) -> Verified:
        read = _read(bundle)
        _hold_signature(raw, read)
        times = _signed_times(read)
        policy = _Policy(self.clauses)
        try:
            self._root.judge_at(times).verify_artifact(raw, read, policy)
        except Refused:
            raise
        except Exception as error:
            raise self._refusal(raw, read, times[0]) from error
        return _verified(raw, read.signing_certificate, times[0], policy.found)

    def _refusal(self, raw: bytes, read: Bundle, signed_at: datetime) -> Refused:
        """Why it does not hold: TRUST_EXPIRED where only the root's periods stand in the way."""
        try:
            self._root.judge_at(()).verify_artifact(raw, read, _Policy(self.clauses))
        except Refused as refused:
            return refused
        except Exception as error:
            return _untrusted(error)
        return Refused(
            Reason.TRUST_EXPIRED,
            f"signed at {signed_at:%Y-%m-%dT%H:%M:%SZ}, when an authority or a log of the trust "
            "root was not valid",
            hint="sign again with the instance's present keys, or renew the trust root",
        )


class _Policy:
    """The clauses, as sigstore-python calls a policy; ``found`` stays empty if it never does."""

    def __init__(self, held: Sequence[Clause]) -> None:
        self._clauses = held
        self.found: dict[str, str] | None = None

    def verify(self, cert: Certificate) -> None:
        self.found = {clause.key: clause.hold(cert) for clause in self._clauses}


def _read(raw: bytes) -> Bundle:
    try:
        content = strict_json.read_object(raw, limit=SIZE_LIMIT)
        if content.get("mediaType") not in MEDIA_TYPES:
            raise ValueError(f"mediaType is {content.get('mediaType')!r}, not bundle v0.3")
        if "messageSignature" not in content:
            raise ValueError("it holds no message signature over a file's bytes")
        return Bundle.from_json(raw)
    except Exception as error:
        raise _malformed(str(error)) from error


def _hold_signature(raw: bytes, bundle: Bundle) -> None:
    """The signature itself, first: whoever edited a file is told that, and nothing else."""
    key = bundle.signing_certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _malformed("its key is not of ECDSA")
    claimed = _canonical(bundle)["messageSignature"].get("messageDigest")
    if claimed and b64decode(claimed["digest"]) != hashlib.sha256(raw).digest():
        raise _mismatch()
    try:
        key.verify(bundle.signature, raw, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise _mismatch() from error


def _signed_times(bundle: Bundle) -> list[datetime]:
    """The times that the bundle claims; the first is one without which nothing verifies.

    sigstore-python verifies Rekor v1's promise wherever there is one, and a timestamp wherever
    there is no promise. It may pass over a false timestamp beside a good promise, so every time
    narrows what is trusted, and only the first is told.
    """
    material = bundle.verification_material.timestamp_verification_data
    stamps = [stamp.tst_info.gen_time for stamp in material.rfc3161_timestamps] if material else []
    if len(stamps) > 1:
        raise _malformed("it holds more than one timestamp")
    entry = _canonical(bundle)["verificationMaterial"]["tlogEntries"][0]
    integrated = int(entry.get("integratedTime", "0"))
    if integrated and entry.get("inclusionPromise"):
        stamps.insert(0, datetime.fromtimestamp(integrated, UTC))
    if not stamps:
        raise _malformed("it holds no signed time")
    return stamps


def _canonical(bundle: Bundle) -> dict[str, Any]:
    """The bundle as sigstore-python has understood it: never a second reading of the bytes."""
    content: dict[str, Any] = json.loads(bundle.to_json())
    return content


def _verified(
    raw: bytes, certificate: Certificate, signed_at: datetime, found: dict[str, str] | None
) -> Verified:
    if found is None:
        raise Refused(Reason.UNEXPECTED, "the identity was never asked for")
    return Verified(
        sha256=hashlib.sha256(raw).hexdigest(),
        signed_at=signed_at,
        signer_digest=found.get("signer_digests", ""),
        trigger=found.get("trigger", ""),
        source_digest=source_digest(certificate),
        run_uri=run_uri(certificate),
    )


def _malformed(what: str) -> Refused:
    return Refused(
        Reason.BUNDLE_MALFORMED,
        f"not a Sigstore bundle v0.3 of a signed file: {_brief(what)}",
        hint="sign the entry again",
    )


def _mismatch() -> Refused:
    return Refused(
        Reason.SIGNATURE_MISMATCH,
        "the bundle signs other bytes",
        hint="the file was changed after it was signed, or the bundle is of another file",
    )


def _untrusted(error: Exception) -> Refused:
    return Refused(
        Reason.SIGNATURE_UNTRUSTED,
        f"not vouched for by the trust root: {_brief(str(error)) or type(error).__name__}",
        hint="signed with another Sigstore instance, or the bundle was tampered with",
    )


def _brief(text: str) -> str:
    return " ".join(text.split())[:_MESSAGE_LIMIT]
