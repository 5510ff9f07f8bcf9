"""What a bundle claims to sign: its own words, believed by nobody, and cheap to read.

A Sigstore bundle of a message signature carries the digest of what it signs (protobuf-specs,
``sigstore_bundle.proto`` and ``MessageSignature.message_digest``, there only to find mismatches
early). That is enough to tell a maintainer at commit time that an edited entry keeps an old
bundle, without the half second that sigstore takes to import. Trust is decided by
``assay.trust.verify`` alone: whoever forges the claim gets past this, and no further.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from typing import Any

from assay import strict_json

SIZE_LIMIT = 128 << 10  # bytes; a bundle with a full proof has about 10 KiB
MEDIA_TYPES = (
    "application/vnd.dev.sigstore.bundle.v0.3+json",
    "application/vnd.dev.sigstore.bundle+json;version=0.3",
)
_WHOLE = ("mediaType", "verificationMaterial", "messageSignature")


def claimed_digest(bundle: bytes) -> bytes:
    """The SHA-256 that ``bundle`` says its signed bytes have, as 32 bytes.

    ValueError says why it is no bundle v0.3 of a message signature.
    """
    found = strict_json.read_object(bundle, limit=SIZE_LIMIT)
    if "dsseEnvelope" in found:
        raise ValueError("it signs a statement (DSSE); an entry's bundle signs the file's bytes")
    if missing := [key for key in _WHOLE if key not in found]:
        raise ValueError(f"{missing[0]} is missing")
    if found["mediaType"] not in MEDIA_TYPES:
        raise ValueError("mediaType is not that of a Sigstore bundle v0.3")
    return _digest(found["messageSignature"])


def _digest(signature: Any) -> bytes:
    claimed = signature.get("messageDigest") if isinstance(signature, dict) else None
    if not isinstance(claimed, dict) or claimed.get("algorithm") != "SHA2_256":
        raise ValueError("messageSignature.messageDigest gives no SHA2_256 digest")
    text = claimed.get("digest")
    try:
        digest = b64decode(text, validate=True) if isinstance(text, str) else b""
    except (Error, ValueError) as error:
        raise ValueError("messageSignature.messageDigest.digest is no base64") from error
    if len(digest) != 32:
        raise ValueError("messageSignature.messageDigest.digest has not 32 bytes")
    return digest
