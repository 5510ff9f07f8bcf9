"""Whom the registry's own commands believe, and which entries they were asked for.

Options go first, then ``assay.yaml``. A host never asks here: its trust comes with its own
client.toml (``assay.client.settings``), for a registry must not choose who vouches for it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import Refused, Undecided, UsageError
from assay.reason import Reason
from assay.registry import Registry, names

if TYPE_CHECKING:
    from assay.policy import Policy
    from assay.trust.identity import SignerIdentity
    from assay.trust.verify import Verifier

FILE_LIMIT = 1 << 20  # bytes of a trust file or a client.toml


def registry_of(args: argparse.Namespace) -> Registry:
    """The registry that ``--registry`` names, or the nearest one."""
    return Registry.find(Path(getattr(args, "registry", None) or "."))


def policy_of(registry: Registry) -> Policy:
    """assay.yaml, or the defaults where there is none. Refused CONFIG_INVALID where it is wrong."""
    from assay import policy

    raw = registry.read(names.POLICY)
    if raw is None:
        return policy.Policy()
    reading = policy.read(names.POLICY, raw)
    if reading.policy is None:
        first = reading.findings[0]
        raise Refused(
            Reason.CONFIG_INVALID,
            f"{first.path}:{first.line}:{first.column}: {first.message}",
            hint=first.fix or "`assay check` shows everything that is wrong with it",
        )
    return reading.policy


def entries_of(registry: Registry, asked: Sequence[str]) -> list[str]:
    """``servers/NAME.yaml`` for each name or file that was asked for; all of them for none.

    A file may be the entry itself or what stands beside it. Refused ENTRY_MISSING for no entry.
    """
    if not asked:
        return registry.entry_paths()
    found = dict.fromkeys(_entry(registry, word) for word in asked)
    for path in found:
        if registry.read(path) is None:
            raise Refused(Reason.ENTRY_MISSING, f"there is no {path}", hint="see servers/")
    return list(found)


def _entry(registry: Registry, word: str) -> str:
    if "/" not in word and not word.endswith((names.SUFFIX, names.BUNDLE_SUFFIX)):
        if not names.is_file_name(word):
            raise UsageError(f"{word!r} is no entry's name")
        return names.entry_path(word)
    path = registry.relative(Path(word))
    owner = names.owner(path)
    if owner is None:
        raise UsageError(f"{path} belongs to no entry", hint="entries are servers/NAME.yaml")
    return owner


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``verifier_of`` reads."""
    parser.add_argument(
        "--trusted-root",
        metavar="FILE",
        type=Path,
        help="TrustedRoot JSON to believe (default: the one that assay.yaml names)",
    )


def verifier_of(identity: SignerIdentity, trusted_root: bytes) -> Verifier:
    """A verifier; sigstore is imported here and not before."""
    from assay.trust.root import load_trusted_root
    from assay.trust.verify import Verifier

    return Verifier(load_trusted_root(trusted_root), identity)


def identity_of(policy: Policy) -> SignerIdentity:
    """The signer that assay.yaml pins. Refused CONFIG_MISSING or CONFIG_INVALID."""
    if policy.signer is None:
        raise _missing("assay.yaml names no `signer:`, so nobody's signature can be believed")
    return read_identity(policy.signer, "assay.yaml: signer")


def read_identity(mapping: object, where: str) -> SignerIdentity:
    """A pinned signer out of settings; ``where`` begins the message when it is wrong."""
    from assay.trust.identity import identity_from

    try:
        return identity_from(mapping if isinstance(mapping, dict) else {})
    except ValueError as error:
        raise Refused(Reason.CONFIG_INVALID, f"{where}: {error}") from error


def trusted_root_of(registry: Registry, policy: Policy, given: Path | None) -> bytes | None:
    """The trust root to verify with, None where neither option nor policy names one."""
    if given is not None:
        return read_file(given)
    if _is_public(policy) and not (policy.sigstore and policy.sigstore.trusted_root):
        return root_within(_public_config())
    return _of_registry(registry, policy.sigstore.trusted_root if policy.sigstore else "")


def trust_config_of(registry: Registry, policy: Policy, given: Path | None) -> bytes | None:
    """The ClientTrustConfig to sign with, None where neither option nor policy names one."""
    if given is not None:
        return read_file(given)
    if _is_public(policy) and not (policy.sigstore and policy.sigstore.trust_config):
        return _public_config()
    return _of_registry(registry, policy.sigstore.trust_config if policy.sigstore else "")


def root_within(config: bytes) -> bytes:
    """The trust root that a ClientTrustConfig carries. Undecided TRUST_INVALID."""
    from assay import strict_json

    try:
        content = strict_json.read_object(config, limit=FILE_LIMIT)
        return json.dumps(content["trustedRoot"]).encode()
    except (ValueError, KeyError) as error:
        raise Undecided(Reason.TRUST_INVALID, f"the trust config can't be read: {error}") from error


def _is_public(policy: Policy) -> bool:
    return policy.sigstore is not None and policy.sigstore.instance == "public"


@cache
def _public_config() -> bytes:
    from assay.trust import public

    return public.trust_config()


def missing_root() -> Refused:
    """What to say where no trust root is named."""
    return _missing("assay.yaml names no `sigstore: trusted_root`, and --trusted-root is not given")


def read_file(path: Path) -> bytes:
    """A file that an option names. Undecided CONFIG_MISSING where it can't be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(FILE_LIMIT + 1)
    except OSError as error:
        what = f"{path} can't be read: {error.strerror}"
        raise Undecided(Reason.CONFIG_MISSING, what) from error
    if len(raw) > FILE_LIMIT:
        raise Refused(Reason.CONFIG_INVALID, f"{path} has more than {FILE_LIMIT >> 10} KiB")
    return raw


def _of_registry(registry: Registry, path: str) -> bytes | None:
    if not path:
        return None
    raw = registry.read(path)
    if raw is None:
        raise Refused(
            Reason.CONFIG_MISSING,
            f"assay.yaml names {path}, which is not there",
            hint="lay the file there, or correct its path, which counts from the registry's root",
        )
    return raw


def _missing(what: str) -> Refused:
    return Refused(
        Reason.CONFIG_MISSING,
        what,
        hint="add it to assay.yaml, or verify as a host does with --client-config client.toml",
    )
