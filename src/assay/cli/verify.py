"""``assay verify``: hold entries against their bundles, as a host would before it launches.

One line an entry, with the reason code where it is refused. Offline: everything that is needed
lies in the bundle and the trust root.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli import believed
from assay.errors import CLEAN, FOUND, UNDECIDED, Refused, Undecided, UsageError
from assay.reason import Reason
from assay.registry import Registry, names
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.trust.verify import Verified, Verifier

HELP = """\
Verify entries and their bundles, offline, as a host does before it launches. Believes the signer
and the trust root that assay.yaml names, or a host's with --client-config. Exit codes: 0 all hold,
1 one is refused, 2 usage, 3 one could not be decided."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry; ``reason`` is empty where it holds."""

    path: str
    outcome: str  # verified, refused, undecided
    reason: str
    message: str
    sha256: str
    signed_at: str  # RFC 3339, UTC
    source_digest: str  # the registry's commit that was signed from


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``assay verify``."""
    parser.add_argument("entries", nargs="*", metavar="NAME|FILE", help="entries to verify")
    parser.add_argument("--all", action="store_true", help="every entry of the registry")
    parser.add_argument("--json", action="store_true", help="a JSON list instead of lines")
    believed.add_options(parser)
    parser.add_argument(
        "--client-config",
        metavar="FILE",
        type=Path,
        help="believe as a host does: signer and trust root of this client.toml",
    )


def run(args: argparse.Namespace) -> int:
    """0 all hold, 1 one is refused, 3 one could not be decided."""
    if bool(args.entries) == args.all:
        raise UsageError("name the entries to verify, or ask for --all")
    registry = believed.registry_of(args)
    paths = believed.entries_of(registry, args.entries)
    verifier = _verifier(args, registry)
    outcomes = list(_outcomes(registry, verifier, paths))
    print(_as_json(outcomes) if args.json else _as_lines(outcomes))
    kinds = {outcome.outcome for outcome in outcomes}
    return UNDECIDED if "undecided" in kinds else FOUND if "refused" in kinds else CLEAN


def verify_entry(registry: Registry, verifier: Verifier, path: str) -> Verified:
    """What the bundle beside ``path`` proves of it, both as they lie on disk now.

    Refused ENTRY_MISSING, BUNDLE_MISSING, what the verifier says, and what a host holds besides:
    ENTRY_INVALID for an entry under another's name, LOCK_MISSING, LOCK_MISMATCH.
    """
    raw = registry.read(path)
    if raw is None:
        raise Refused(Reason.ENTRY_MISSING, f"there is no {path}")
    bundle = registry.read(names.bundle_path(path))
    if bundle is None:
        raise Refused(Reason.BUNDLE_MISSING, "it is not signed: there is no bundle beside it")
    held = verifier.verify(raw, bundle)
    _hold_place(registry, path, raw)
    return held


def _hold_place(registry: Registry, path: str, raw: bytes) -> None:
    """The signature says nothing of where the entry lies, and covers the lock by a digest alone."""
    from datetime import date

    from assay.entry import read

    entry = read(path, raw, today=date.max).entry
    if entry is None:
        raise Refused(Reason.ENTRY_INVALID, "it is signed, and breaks a rule: see `assay check`")
    if names.entry_path(entry.name) != path:
        raise Refused(Reason.ENTRY_INVALID, f"it is the entry of {entry.name}, under another name")
    lock = entry.artefact.lock if entry.artefact else None
    if lock is None:
        return
    beside = registry.read(f"{names.FOLDER}/{lock.file}")
    if beside is None:
        raise Refused(Reason.LOCK_MISSING, f"its lock {lock.file} is not beside it")
    if hashlib.sha256(beside).hexdigest() != lock.sha256:
        raise Refused(Reason.LOCK_MISMATCH, f"{lock.file} is not the lock that it names")


def _verifier(args: argparse.Namespace, registry: Registry) -> Verifier:
    if args.client_config is not None:
        return _as_host(args.client_config, args.trusted_root)
    policy = believed.policy_of(registry)
    root = believed.trusted_root_of(registry, policy, args.trusted_root)
    if root is None:
        raise believed.missing_root()
    return believed.verifier_of(believed.identity_of(policy), root)


def _as_host(path: Path, trusted_root: Path | None) -> Verifier:
    """A host's own settings, read for this one answer; ``assay launch`` asks who may write them."""
    from assay.client.places import places
    from assay.client.settings import load

    told = load(path, places(), trial=True)
    identity = believed.read_identity(told.identity, f"{path}: identity")
    root = believed.read_file(trusted_root) if trusted_root else told.trusted_root
    return believed.verifier_of(identity, root)


def _outcomes(registry: Registry, verifier: Verifier, paths: Sequence[str]) -> Iterator[Outcome]:
    for path in paths:
        try:
            held = verify_entry(registry, verifier, path)
        except (Refused, Undecided) as error:
            kind = "refused" if isinstance(error, Refused) else "undecided"
            yield Outcome(path, kind, error.reason, error.message, "", "", "")
        else:
            at = f"{held.signed_at:%Y-%m-%dT%H:%M:%SZ}"
            yield Outcome(path, "verified", "", "", held.sha256, at, held.source_digest)


def _as_json(outcomes: Sequence[Outcome]) -> str:
    told = json.dumps([asdict(outcome) for outcome in outcomes], indent=2)
    return told.replace("##[", "#\\u0023[")  # a forge's runner would take it for a command


def _as_lines(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        print("assay: the registry has no entries", file=sys.stderr)
    return "\n".join(_line(outcome) for outcome in outcomes)


def _line(outcome: Outcome) -> str:
    if outcome.outcome == "verified":
        commit = f" from commit {plain(outcome.source_digest)}" if outcome.source_digest else ""
        return f"{plain(outcome.path)}: verified: signed {outcome.signed_at}{commit}"
    told = f"{outcome.outcome} [{outcome.reason}]: {plain(outcome.message)}"
    return f"{plain(outcome.path)}: {told}"
