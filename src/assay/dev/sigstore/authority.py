"""The certificates of the trial instance's own authorities: Fulcio's CA and the TSA's chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from assay.dev.sigstore.keys import Keys

ORGANISATION = "assay trial, not for trust"
_LIFETIME = timedelta(days=3650)
_BACKDATED = timedelta(hours=1)  # so that clocks that differ a little don't spoil a trial


def now() -> datetime:
    """The time in UTC, in whole seconds, as certificates count."""
    return datetime.now(UTC).replace(microsecond=0)


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """Key usage of a CA, or of a leaf that signs data."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def certificate_authority(keys: Keys, name: str) -> x509.Certificate:
    """The self-signed CA certificate that goes with ECDSA key ``name``; kept with the keys."""
    return _kept(keys, name, lambda: _self_signed(authority_key(keys, name), name))


def timestamping_certificate(keys: Keys, name: str, issuer: str) -> x509.Certificate:
    """The TSA's leaf under CA ``issuer`` (RFC 3161 section 2.3: one critical key purpose)."""
    return _kept(keys, name, lambda: _timestamping(keys, name, issuer))


def authority_key(keys: Keys, name: str) -> ec.EllipticCurvePrivateKey:
    """A CA's key, on P-384 as Fulcio's is."""
    return keys.ecdsa(name, ec.SECP384R1())


def begin(
    key: ec.EllipticCurvePublicKey, issuer: x509.Certificate | None, subject: x509.Name
) -> x509.CertificateBuilder:
    """What every certificate here has: names, serial, identifiers. None: signed by itself."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    if issuer is None:
        return builder
    issuer_key = issuer.public_key()
    assert isinstance(issuer_key, ec.EllipticCurvePublicKey)  # noqa: S101 - ours, see above
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return builder.add_extension(identifier, critical=False)


def subject(name: str) -> x509.Name:
    """A subject that says what it is for."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _self_signed(key: ec.EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    return (
        _for_years(begin(key.public_key(), None, subject(name)))
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA384())
    )


def _timestamping(keys: Keys, name: str, issuer: str) -> x509.Certificate:
    key = keys.ecdsa(name).public_key()
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return (
        _for_years(begin(key, certificate_authority(keys, issuer), subject(name)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(purpose, critical=True)
        .sign(authority_key(keys, issuer), hashes.SHA384())
    )


def _for_years(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    start = now() - _BACKDATED
    return builder.not_valid_before(start).not_valid_after(start + _LIFETIME)


def _kept(keys: Keys, name: str, make: Callable[[], x509.Certificate]) -> x509.Certificate:
    raw = keys.document(f"{name}.crt", lambda: make().public_bytes(Encoding.PEM))
    return x509.load_pem_x509_certificate(raw)
