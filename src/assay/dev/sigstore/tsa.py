"""A time-stamp authority (RFC 3161): signs that some digest existed at this time.

The token is CMS SignedData (RFC 5652) around a TSTInfo, with the signing certificate bound by
SigningCertificateV2 (RFC 5035).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from assay.dev.sigstore import authority, der
from assay.dev.sigstore.keys import Keys

_POLICY = der.oid("1.3.6.1.4.1.57264.2")
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME, _SIGNING_CERTIFICATE_V2 = (
    "1.2.840.113549.1.9.3",
    "1.2.840.113549.1.9.4",
    "1.2.840.113549.1.9.5",
    "1.2.840.113549.1.9.16.2.47",
)
_GRANTED = der.sequence(der.integer(0))
_DIRECTORY_NAME = 4  # GeneralName's [4]


class Tsa:
    """``chain`` is its leaf and its root, in this order."""

    def __init__(self, keys: Keys) -> None:
        root = authority.certificate_authority(keys, "tsa-root")
        self._leaf = authority.timestamping_certificate(keys, "tsa", "tsa-root")
        self._key = keys.ecdsa("tsa")
        self.chain = (self._leaf, root)

    def answer(self, query: bytes) -> bytes:
        """A TimeStampResp for a TimeStampReq, both DER; ValueError where it is none."""
        fields = list(der.children(der.first(query).value))
        imprint = fields[1].encoded
        nonce = next((field.encoded for field in fields[2:] if field.tag == der.INTEGER), b"")
        at = authority.now()
        info = der.sequence(
            der.integer(1),
            _POLICY,
            imprint,
            der.integer(x509.random_serial_number()),
            der.element(der.GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode()),
            der.sequence(der.integer(1)),  # accurate to a second
            nonce,
        )
        signed = der.sequence(_SIGNED_DATA, der.context(0, self._signed_data(info, at)))
        return der.sequence(_GRANTED, signed)

    def _signed_data(self, info: bytes, at: datetime) -> bytes:
        return der.sequence(
            der.integer(3),
            der.set_of(_SHA256),
            der.sequence(_TST_INFO, der.context(0, der.octets(info))),
            der.context(0, self._leaf.public_bytes(Encoding.DER)),
            der.set_of(self._signer_info(info, at)),
        )

    def _signer_info(self, info: bytes, at: datetime) -> bytes:
        attributes = self._attributes(info, at)
        signature = self._key.sign(der.set_of(*attributes), ec.ECDSA(hashes.SHA256()))
        serial = der.integer(self._leaf.serial_number)
        return der.sequence(
            der.integer(1),
            der.sequence(self._leaf.issuer.public_bytes(), serial),
            _SHA256,
            der.context(0, *sorted(attributes)),
            _ECDSA_SHA256,
            der.octets(signature),
        )

    def _attributes(self, info: bytes, at: datetime) -> list[bytes]:
        time = der.element(der.UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode())
        digest = der.octets(hashlib.sha256(info).digest())
        return [
            _attribute(_CONTENT_TYPE, _TST_INFO),
            _attribute(_SIGNING_TIME, time),
            _attribute(_MESSAGE_DIGEST, digest),
            _attribute(_SIGNING_CERTIFICATE_V2, self._bound_certificate()),
        ]

    def _bound_certificate(self) -> bytes:
        digest = hashlib.sha256(self._leaf.public_bytes(Encoding.DER)).digest()
        issuer = der.context(_DIRECTORY_NAME, self._leaf.issuer.public_bytes())
        serial = der.integer(self._leaf.serial_number)
        certificate = der.sequence(der.octets(digest), der.sequence(der.sequence(issuer), serial))
        return der.sequence(der.sequence(certificate))


def _attribute(kind: str, value: bytes) -> bytes:
    return der.sequence(der.oid(kind), der.set_of(value))
