"""Who may sign: every claim of the signer's certificate that a host pins, each a clause.

A certificate's subject alternative name is never enough: for a reusable workflow it names the
workflow that signs, so another caller of it, a pull request's branch, a manual dispatch or a
self-hosted runner has the same one. The claims are Fulcio's (fulcio docs/oid-info.md), set from
the forge's identity token, which the job cannot choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from assay.errors import Refused
from assay.reason import Reason

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

RUNNERS = ("github-hosted", "self-hosted")
_LISTS = ("signer_digests", "trigger")
_ARC = "1.3.6.1.4.1.57264.1"
_TEXT_LIMIT = 1024  # characters of one value of the identity


@dataclass(frozen=True, slots=True)
class SignerIdentity:
    """The one job that may sign. The keys of ``signer:`` and ``[identity]`` are the same."""

    issuer: str  # the forge's OIDC issuer
    signer_workflow: str  # URI with @ref; the SAN and the build signer URI
    signer_digests: tuple[str, ...]  # its commits, for a tag moves; two during an upgrade
    source_repository: str  # URI
    source_repository_id: str  # numeric: a name can be given up and taken by another
    source_owner_id: str  # numeric
    caller_workflow: str  # URI with @ref; the build config URI
    ref: str
    runner: str  # github-hosted or self-hosted
    trigger: tuple[str, ...]  # push for entries


def identity_from(mapping: Mapping[str, object]) -> SignerIdentity:
    """The identity that settings give; ValueError names the key that is missing or wrong.

    Numeric ids may be written as integers; ``signer_digests`` and ``trigger`` are lists.
    """
    known = [field.name for field in fields(SignerIdentity)]
    for key in mapping:
        if key not in known:
            raise ValueError(f"{key}: no such key; known are {', '.join(known)}")
    for key in known:
        if key not in mapping:
            raise ValueError(f"{key}: missing; every claim of the signer is pinned")
    texts = {key: _text(key, mapping[key]) for key in known if key not in _LISTS}
    lists = {key: _texts(key, mapping[key]) for key in _LISTS}
    if texts["runner"] not in RUNNERS:
        raise ValueError(f"runner: {texts['runner']!r}; write one of {', '.join(RUNNERS)}")
    return SignerIdentity(**texts, **lists)  # type: ignore[arg-type]


def _text(key: str, value: object) -> str:
    if key.endswith("_id") and type(value) is int:
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT:
        raise ValueError(f"{key}: write a text of 1 to {_TEXT_LIMIT} characters")
    if key.endswith("_id") and not (value.isascii() and value.isdigit()):
        raise ValueError(f"{key}: {value!r} is no number; the forge's numeric id is meant")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError(f"{key}: write a list of at least one text")
    return tuple(_text(key, item) for item in value)


@dataclass(frozen=True, slots=True)
class Clause:
    """One claim: where the certificate holds it, and what is accepted."""

    key: str  # of SignerIdentity
    claim: str  # as Fulcio names it
    read: Callable[[Certificate], str]
    accepted: tuple[str, ...]

    def hold(self, certificate: Certificate) -> str:
        """The value found; Refused IDENTITY_MISMATCH where it is none of the accepted."""
        found = self.read(certificate)
        if not found or found not in self.accepted:
            expected = " or ".join(repr(value) for value in self.accepted)
            raise Refused(
                Reason.IDENTITY_MISMATCH,
                f"{self.key}: the signer's {self.claim} is {found or 'absent'!r}, not {expected}",
                hint="signed by another job than the one pinned, or the pinned one has changed",
            )
        return found


def clauses(identity: SignerIdentity) -> tuple[Clause, ...]:
    """Everything that is held against a certificate, in this order; nothing else is."""

    def exactly(key: str, claim: str, number: int, *accepted: str) -> Clause:
        return Clause(key, claim, _extension(number), accepted)

    return (
        exactly("issuer", "OIDC issuer", 8, identity.issuer),
        Clause(
            "signer_workflow", "subject alternative name", subject_uri, (identity.signer_workflow,)
        ),
        exactly("signer_workflow", "build signer URI", 9, identity.signer_workflow),
        exactly("signer_digests", "build signer digest", 10, *identity.signer_digests),
        exactly("source_repository", "source repository URI", 12, identity.source_repository),
        exactly("source_repository_id", "source repository id", 15, identity.source_repository_id),
        exactly("source_owner_id", "source repository owner id", 17, identity.source_owner_id),
        exactly("caller_workflow", "build config URI", 18, identity.caller_workflow),
        exactly("ref", "source repository ref", 14, identity.ref),
        exactly("runner", "runner environment", 11, identity.runner),
        exactly("trigger", "build trigger", 20, *identity.trigger),
    )


def subject_uri(certificate: Certificate) -> str:
    """The one URI of the subject alternative name; empty where there is another or none."""
    from cryptography.x509 import (
        ExtensionNotFound,
        SubjectAlternativeName,
        UniformResourceIdentifier,
    )

    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return ""
    one = next(iter(names)) if len(names) == 1 else None
    return one.value if isinstance(one, UniformResourceIdentifier) else ""


def source_digest(certificate: Certificate) -> str:
    """The commit that was signed from (source repository digest); empty where it is not told."""
    return _extension(13)(certificate)


def run_uri(certificate: Certificate) -> str:
    """The run of the workflow that signed (run invocation URI); empty where it is not told."""
    return _extension(21)(certificate)


def _extension(number: int) -> Callable[[Certificate], str]:
    """Reads Fulcio's extension ``number``, a DER UTF8String; empty where it is not there."""

    def read(certificate: Certificate) -> str:
        from cryptography.hazmat import asn1
        from cryptography.x509 import ExtensionNotFound, ObjectIdentifier, UnrecognizedExtension

        oid = ObjectIdentifier(f"{_ARC}.{number}")
        try:
            value = certificate.extensions.get_extension_for_oid(oid).value
        except ExtensionNotFound:
            return ""
        return asn1.decode_der(str, value.value) if isinstance(value, UnrecognizedExtension) else ""

    return read
