"""Reason codes: why something was refused or could not be decided.

A code is part of the interface: audit events carry it, tests assert it, people search for it.
Codes are added, never renamed.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A stable code; the comment beside it says what was found."""

    # The entry and what lies beside it
    ENTRY_MISSING = "entry-missing"  # no such entry in the registry
    ENTRY_INVALID = "entry-invalid"  # the YAML breaks a rule of the schema or of a check
    VERSION_MISMATCH = "version-mismatch"  # NAME@VERSION asked for another version
    REVIEW_EXPIRED = "review-expired"  # review_expires has passed
    # The signature
    BUNDLE_MISSING = "bundle-missing"  # NAME.yaml.sigstore.json is not there
    BUNDLE_MALFORMED = "bundle-malformed"  # not a Sigstore bundle v0.3 of a message signature
    SIGNATURE_MISMATCH = "signature-mismatch"  # the bundle does not sign these bytes
    SIGNATURE_UNTRUSTED = "signature-untrusted"  # chain, log or timestamp not of the trust root
    TRUST_EXPIRED = "trust-expired"  # signed outside the validity of a CA or a log's key
    IDENTITY_MISMATCH = "identity-mismatch"  # signed, but by somebody else
    # The artefact and its closure
    DIGEST_MISMATCH = "digest-mismatch"  # bytes differ from the digest that was reviewed
    LOCK_MISSING = "lock-missing"
    LOCK_MISMATCH = "lock-mismatch"  # the lock's bytes differ from artefact.lock.sha256
    LOCK_UNTRUE = "lock-untrue"  # names what the registry does not have, or a forbidden node
    ARTEFACT_INVALID = "artefact-invalid"  # not an archive that we would unpack
    ARTEFACT_UNSUPPORTED = "artefact-unsupported"  # a kind that this command can't handle yet
    NOT_FOUND = "not-found"  # the source says that it has no such artefact
    UNREACHABLE = "unreachable"  # network, server error, time-out, credentials refused
    TREE_CHANGED = "tree-changed"  # the installed files differ from the verified archives
    # The host
    CONFIG_MISSING = "config-missing"  # no client.toml
    CONFIG_INVALID = "config-invalid"
    CONFIG_WRITABLE = "config-writable"  # the user could have written client.toml or trust root
    TRUST_INVALID = "trust-invalid"  # the trust root can't be read
    PARAMETER_MISSING = "parameter-missing"  # the entry wants a value that this person never gave
    PARAMETER_INVALID = "parameter-invalid"  # a value that does not fit its declaration
    ENVIRONMENT_MISSING = "environment-missing"  # a required variable is not set
    INTERPRETER_MISSING = "interpreter-missing"
    SURROUNDINGS_UNSAFE = "surroundings-unsafe"  # PYTHONPATH and the like reached assay itself
    AUDIT_UNWRITABLE = "audit-unwritable"  # no event, no launch
    STORE_UNUSABLE = "store-unusable"  # disk full, not writable
    # Signing
    IDENTITY_UNAVAILABLE = "identity-unavailable"  # no ambient OIDC identity, no token
    SIGNING_FAILED = "signing-failed"  # the Sigstore instance did not sign
    TOOL_FAILED = "tool-failed"  # git, npm or uv failed where it should not
    UNEXPECTED = "unexpected"  # a fault of ours: never a pass
