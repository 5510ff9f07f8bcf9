"""``assay sign``: sign what lacks a valid bundle, keyless, as the job that runs.

Nothing is signed unless every entry asked for passes the registry's checks, and no bundle is left
that this registry's own policy would refuse: a signature by the wrong job is caught here, not on
a thousand hosts.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.checks import CHECKS, bundle_stale
from assay.cli import believed
from assay.cli.cache import open_sources
from assay.cli.progress import Progress
from assay.cli.verify import verify_entry
from assay.errors import CLEAN, Refused
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Registry, Siblings, View, names
from assay.report.output import tell
from assay.report.plain import plain
from assay.run import Rules, check_paths, latest_day

if TYPE_CHECKING:
    from assay.policy import Policy
    from assay.trust.sign import EntrySigner
    from assay.trust.verify import Verified, Verifier

HELP = """\
Sign entries that lack a valid bundle, keyless: with the identity that this CI job gets from its
forge, or with --identity-token. Each is checked first and verified after. Exit codes: 0 all are
signed, 1 a finding or a refusal, 2 usage, 3 could not be decided."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``assay sign``."""
    parser.add_argument(
        "entries", nargs="*", metavar="NAME|FILE", help="entries to sign (default: all)"
    )
    parser.add_argument(
        "--identity-token",
        metavar="TOKEN",
        help="an OIDC token to sign with; - reads it from stdin, where no process list shows it",
    )
    parser.add_argument(
        "--trust-config",
        metavar="FILE",
        type=Path,
        help="ClientTrustConfig JSON of the Sigstore instance (default: the one of assay.yaml)",
    )
    believed.add_options(parser)


def run(args: argparse.Namespace) -> int:
    """0 all are signed, 1 a finding, 3 something could not be looked at; a refusal is raised."""
    registry = believed.registry_of(args)
    policy = believed.policy_of(registry)
    paths = believed.entries_of(registry, args.entries)
    config = _trust_config(args, registry, policy)
    root = believed.trusted_root_of(registry, policy, args.trusted_root)
    verifier = believed.verifier_of(
        believed.identity_of(policy), root or believed.root_within(config)
    )
    unsigned = [path for path in paths if not _is_signed(registry, verifier, path)]
    view = _Once(registry.working_tree())
    outcome = _checked(view, policy, unsigned)
    if outcome.exit_code != CLEAN:
        tell(outcome, len(unsigned), registry.read)
        print("assay: nothing is signed until every entry passes", file=sys.stderr)
        return outcome.exit_code
    for path in sorted(set(paths) - set(unsigned)):
        print(f"{plain(path)}: already signed")
    if unsigned:
        signer = _signer(config, args.identity_token)
        with Progress("signing") as progress:
            for number, path in enumerate(unsigned):
                progress(number, len(unsigned))
                held = _sign(registry, signer, verifier, path, view.read(path) or b"")
                at = f"{held.signed_at:%Y-%m-%dT%H:%M:%SZ}"
                print(f"{plain(path)}: signed and verified, {at}")
    return CLEAN


class _Once:
    """The files as they were when first read: what was checked is what is signed."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._read: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        if path not in self._read:
            self._read[path] = self._view.read(path)
        return self._read[path]

    def names(self) -> Collection[str]:
        return self._view.names()


def _checked(view: View, policy: Policy, paths: Sequence[str]) -> Outcome:
    """Hold what is to be signed against every rule, its bytes fetched and its lock held anew."""
    # A bundle that no longer fits is no fault here: it is about to be replaced.
    checks = tuple(check for check in CHECKS if check is not bundle_stale)
    rules = Rules(policy, latest_day(datetime.now(UTC)), open_sources(policy), checks)
    return check_paths(paths, view, Siblings(view), rules)


def _trust_config(args: argparse.Namespace, registry: Registry, policy: Policy) -> bytes:
    config = believed.trust_config_of(registry, policy, args.trust_config)
    if config is None:
        raise Refused(
            Reason.CONFIG_MISSING,
            "assay.yaml names no `sigstore: trust_config`, and --trust-config is not given",
            hint="`assay dev sigstore DIR` makes one for trials",
        )
    return config


def _signer(config: bytes, given: str | None) -> EntrySigner:
    from assay.trust.sign import EntrySigner, ambient_token

    token = sys.stdin.readline().strip() if given == "-" else given
    return EntrySigner(config, token or ambient_token())


def _is_signed(registry: Registry, verifier: Verifier, path: str) -> bool:
    try:
        verify_entry(registry, verifier, path)
    except Refused:
        return False
    return True


def _sign(
    registry: Registry, signer: EntrySigner, verifier: Verifier, path: str, raw: bytes
) -> Verified:
    """Sign ``raw``, verify, write, and verify again what then lies on disk."""
    bundle = signer.sign(raw)
    try:
        verifier.verify(raw, bundle)
    except Refused as error:
        raise Refused(
            error.reason,
            f"{path} was signed, but the bundle does not hold and is thrown away: {error.message}",
            hint="run this as the job that assay.yaml pins, or correct `signer:` there",
        ) from error
    target = registry.root / names.bundle_path(path)
    _write(target, bundle)
    try:
        return verify_entry(registry, verifier, path)
    except Refused:  # the entry was changed meanwhile
        target.unlink(missing_ok=True)
        raise


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all: a killed run leaves the old bundle, or none."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
