"""Bundles that no honest signer makes, by the trial instance's own keys."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.bundles import Json
from tests.support.sigstore import Trial


def sign_without_transparency(trial: Trial, raw: bytes) -> bytes:
    """As the pinned job, with a certificate that its CA hides from the certificate log."""
    fulcio = trial.instance.fulcio
    fulcio.transparent = False
    try:
        return sign_by_hand(trial, raw)
    finally:
        fulcio.transparent = True


def sign_by_hand(trial: Trial, raw: bytes, *, rekor: int = 2) -> bytes:
    """A bundle of one's own making: no check of any client library comes between."""
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _certificate(trial, key)
    signature = key.sign(raw, ec.ECDSA(hashes.SHA256()))
    entry = _logged(trial, raw, signature, leaf)
    material = {
        "certificate": {"rawBytes": _b64(leaf.public_bytes(Encoding.DER))},
        "tlogEntries": [entry],
        "timestampVerificationData": {
            "rfc3161Timestamps": [{"signedTimestamp": _b64(_stamp(trial, signature))}]
        },
    }
    bundle = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material,
        "messageSignature": {
            "messageDigest": {"algorithm": "SHA2_256", "digest": _b64(_sha256(raw))},
            "signature": _b64(signature),
        },
    }
    return json.dumps(bundle).encode()


def self_signed() -> str:
    """A certificate over an Ed25519 key, in base64."""
    key = ed25519.Ed25519PrivateKey.generate()
    nobody = x509.Name([])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(nobody, nobody, key.public_key(), 1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(minutes=10))
    )
    return _b64(builder.sign(key, None).public_bytes(Encoding.DER))


def _certificate(trial: Trial, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    proof = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    pem = proof.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    request = {"certificateSigningRequest": _b64(pem)}
    answer: Json = trial.instance.fulcio.issue(trial.token(), request)
    chain = answer["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    return x509.load_pem_x509_certificate(chain[0].encode())


def _logged(trial: Trial, raw: bytes, signature: bytes, leaf: x509.Certificate) -> Json:
    verifier = {
        "x509Certificate": {"rawBytes": _b64(leaf.public_bytes(Encoding.DER))},
        "keyDetails": "PKIX_ECDSA_P256_SHA_256",
    }
    request = {
        "digest": _b64(_sha256(raw)),
        "signature": {"content": _b64(signature), "verifier": verifier},
    }
    return trial.instance.rekor_v2.add({"hashedRekordRequestV002": request})


def _stamp(trial: Trial, signature: bytes) -> bytes:
    builder = rfc3161_client.TimestampRequestBuilder().data(signature)
    algorithm = rfc3161_client.HashAlgorithm.SHA256
    return trial.instance.tsa.answer(builder.hash_algorithm(algorithm).build().as_bytes())


def _sha256(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()
