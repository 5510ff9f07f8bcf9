"""A certificate authority that answers as Fulcio v2 does, with its certificate transparency log.

The extensions are those of fulcio's docs/oid-info.md; the signed certificate timestamp (SCT) is
that of RFC 6962 section 3.2, embedded in the leaf.
"""

from __future__ import annotations

import hashlib
import struct
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from assay.dev.sigstore import authority, der
from assay.dev.sigstore.keys import Keys, spki
from assay.dev.sigstore.oidc import Issuer

_LIFETIME = timedelta(minutes=10)
_ARC = "1.3.6.1.4.1.57264.1"
_SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_FORGE = "https://github.com"


class Fulcio:
    """Turns an identity token and a proof of possession into a ten-minute certificate.

    ``transparent`` False leaves the SCT out, as a CA would that hides what it issues.
    """

    def __init__(self, keys: Keys, issuer: Issuer) -> None:
        self.certificate = authority.certificate_authority(keys, "fulcio")
        self.ct_key = keys.ecdsa("ct")
        self.transparent = True
        self._key = authority.authority_key(keys, "fulcio")
        self._issuer = issuer

    def issue(self, token: str, request: Mapping[str, Any]) -> dict[str, object]:
        """``POST /api/v2/signingCert``; ValueError where the proof of possession is false."""
        claims = self._issuer.read(token)
        proof = x509.load_pem_x509_csr(b64decode(request["certificateSigningRequest"]))
        key = proof.public_key()
        if not (proof.is_signature_valid and isinstance(key, ec.EllipticCurvePublicKey)):
            raise ValueError("the request proves no possession of an ECDSA key")
        leaf = self._leaf(key, claims, authority.now())
        chain = [_pem(leaf), _pem(self.certificate)]
        return {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}

    def _leaf(
        self, key: ec.EllipticCurvePublicKey, claims: Mapping[str, str], at: datetime
    ) -> x509.Certificate:
        builder = _leaf_builder(key, self.certificate, claims, at)
        leaf = builder.sign(self._key, hashes.SHA384())
        if not self.transparent:
            return leaf
        # Without the SCT, which goes last, the leaf's TBS is exactly the precertificate's.
        sct_list = self._sct_list(leaf.tbs_certificate_bytes, at)
        extension = x509.UnrecognizedExtension(_SCT_LIST, der.octets(sct_list))
        return builder.add_extension(extension, critical=False).sign(self._key, hashes.SHA384())

    def _sct_list(self, tbs: bytes, at: datetime) -> bytes:
        milliseconds = int(at.timestamp() * 1000)
        issuer_key = hashlib.sha256(spki(self._key)).digest()
        entry = issuer_key + len(tbs).to_bytes(3, "big") + tbs + b"\0\0"  # no extensions
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry
        signature = self.ct_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        head = b"\0" + ct_log_id(self.ct_key) + struct.pack("!QH", milliseconds, 0)
        return _sized(_sized(head + b"\x04\x03" + _sized(signature)))  # sha256, ecdsa


def ct_log_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    """RFC 6962 section 3.2: the SHA-256 of the log's public key."""
    return hashlib.sha256(spki(key)).digest()


def _leaf_builder(
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Certificate,
    claims: Mapping[str, str],
    at: datetime,
) -> x509.CertificateBuilder:
    san = x509.UniformResourceIdentifier(f"{_FORGE}/{claims['job_workflow_ref']}")
    builder = (
        authority.begin(key, issuer, x509.Name([]))
        .not_valid_before(at)
        .not_valid_after(at + _LIFETIME)
        .add_extension(authority.usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectAlternativeName([san]), critical=True)
    )
    for extension in _extensions(claims):
        builder = builder.add_extension(extension, critical=False)
    return builder


def _extensions(claims: Mapping[str, str]) -> list[x509.UnrecognizedExtension]:
    """The first six hold the bare text, for old verifiers; the rest DER's UTF8String."""
    plain = [(number, text.encode()) for number, text in _old_claims(claims).items()]
    typed = [(number, der.utf8(text)) for number, text in _claims(claims).items()]
    return [
        x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{_ARC}.{number}"), value)
        for number, value in (*plain, *typed)
    ]


def _old_claims(claims: Mapping[str, str]) -> dict[int, str]:
    names = ("iss", "event_name", "sha", "workflow", "repository", "ref")
    return {number: claims[name] for number, name in enumerate(names, start=1)}


def _claims(claims: Mapping[str, str]) -> dict[int, str]:
    repository = f"{_FORGE}/{claims['repository']}"
    run = f"{repository}/actions/runs/{claims['run_id']}/attempts/{claims['run_attempt']}"
    return {
        8: claims["iss"],
        9: f"{_FORGE}/{claims['job_workflow_ref']}",
        10: claims["job_workflow_sha"],
        11: claims["runner_environment"],
        12: repository,
        13: claims["sha"],
        14: claims["ref"],
        15: claims["repository_id"],
        16: f"{_FORGE}/{claims['repository_owner']}",
        17: claims["repository_owner_id"],
        18: f"{_FORGE}/{claims['workflow_ref']}",
        19: claims["workflow_sha"],
        20: claims["event_name"],
        21: run,
        22: claims["repository_visibility"],
    }


def _sized(content: bytes) -> bytes:
    """TLS's opaque<0..2^16-1>."""
    return struct.pack("!H", len(content)) + content


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
