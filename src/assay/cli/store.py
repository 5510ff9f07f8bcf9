"""``assay store``: hold what this machine fetched against its digests, and within bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assay.cli.cache import open_store
from assay.errors import CLEAN, FOUND, Undecided, UsageError
from assay.reason import Reason

if TYPE_CHECKING:
    import argparse

HELP = (
    "What this machine fetched, kept by digest in ASSAY_CACHE or the user's cache. Pruning is safe "
    "at any time: what is still wanted is fetched anew."
)
_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_AGES = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DEFAULT_SIZE = "2G"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("verify", help="hash every file; what rotted is removed (exit code 1)")
    prune = actions.add_parser("prune", help="remove what was not used for longest")
    prune.add_argument(
        "--max-size",
        metavar="SIZE",
        help=f"500M, 2G (default without --older-than: {_DEFAULT_SIZE})",
    )
    prune.add_argument("--older-than", metavar="AGE", help="90d, 12h: not used for that long")
    prune.add_argument("--dry-run", action="store_true", help="say what would go")


def run(args: argparse.Namespace) -> int:
    try:
        return _verify() if args.action == "verify" else _prune(args)
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE,
            f"the store can't be used: {error.filename or ''}: {error.strerror or error}",
            hint="run this as the user that the store belongs to",
        ) from error


def _verify() -> int:
    from assay.artefact.pruning import rotten

    store = open_store()
    found = list(rotten(store))
    for path in found:
        left = "; it can't be removed and is not served" if path.exists() else ", removed"
        print(f"{path}: its bytes are not what its name says{left}")
    print(f"{store.root}: {sum(1 for _ in store.contents())} files hold, {len(found)} did not")
    return FOUND if found else CLEAN


def _prune(args: argparse.Namespace) -> int:
    from assay.artefact.pruning import prune

    given = args.max_size or ("" if args.older_than else _DEFAULT_SIZE)
    store = open_store()
    done = prune(
        store,
        max_size=_amount(given, _SIZES, "--max-size", "2G") if given else None,
        older_than=_amount(args.older_than, _AGES, "--older-than", "90d")
        if args.older_than
        else None,
        dry_run=args.dry_run,
    )
    would = "would be removed" if args.dry_run else "removed"
    print(
        f"{store.root}: {done.gone} files ({done.gone_bytes >> 20} MiB) {would}, "
        f"{done.left} ({done.left_bytes >> 20} MiB) left"
    )
    return CLEAN


def _amount(text: str, units: Mapping[str, int], option: str, such_as: str) -> int:
    match = re.fullmatch(r"([0-9]{1,12})([A-Za-z]?)", text)
    unit = match[2] if match else "?"
    factor = units.get(unit, units.get(unit.upper()))
    if match is None or factor is None:
        raise UsageError(f"{option} {text} is no amount", hint=f"write it like {such_as}")
    return int(match[1]) * factor
