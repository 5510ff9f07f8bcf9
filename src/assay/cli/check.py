"""``assay check``: hold entries against every rule and say at which line what is wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.cache import open_sources
from assay.errors import Refused, UsageError
from assay.outcome import Outcome
from assay.registry import Registry, Siblings, names, orphan
from assay.report.output import tell
from assay.run import Rules, check_paths, latest_day, read_policy

if TYPE_CHECKING:
    import argparse

HELP = (
    "Hold entries against every rule. Without names, --all or --since: all entries. "
    "Exit code 0: clean; 1: findings; 2: usage; 3: something could not be looked at."
)


def configure(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "files", nargs="*", default=[], metavar="NAME|FILE", help="entries, by name or file"
    )
    which.add_argument("--all", action="store_true", help="every entry of the registry")
    which.add_argument("--since", "--base", metavar="REV", help="entries touched since REV")
    parser.add_argument("--offline", action="store_true", help="fetch nothing: rules alone")
    parser.add_argument("--format", choices=("text", "github"), default="text")


def run(args: argparse.Namespace) -> int:
    registry = Registry.find(args.registry or os.curdir)
    view = registry.working_tree()
    policy, findings = read_policy(view)
    today = latest_day(datetime.now(UTC))
    rules = Rules(policy, today, None if args.offline else open_sources(policy))
    paths = _paths(registry, args.files, args.since)
    outcome = check_paths(paths, view, Siblings(view), rules, workers=os.cpu_count() or 1)
    around = () if args.files else orphan.everything(view.names())
    whole = Outcome((*findings, *around, *outcome.findings), outcome.unseen)
    tell(whole, len(paths), registry.read, form=args.format)
    if args.offline:
        print("offline: no artefact was fetched, no digest and no lock was held against a source")
    return whole.exit_code


def _paths(registry: Registry, files: Sequence[str], since: str | None) -> list[str]:
    named: set[str] = set()
    if files:
        named = {_named(registry, word) for word in files}
    elif since is not None:
        named = {change.path for change in registry.changed_since(since)}
    if names.POLICY in named or not (files or since):
        return registry.entry_paths()  # another policy is another question to every entry
    if files:
        return sorted({_entry(path) for path in named})
    touched = {names.owner(path) for path in named}
    present = registry.entry_paths()
    gone = [path for path in named.difference(present) if names.is_entry(path)]
    return [path for path in present if path in touched or _names_one(registry, path, gone)]


def _names_one(registry: Registry, path: str, gone: Sequence[str]) -> bool:
    """Whether the entry may name one that is gone as its successor: then it has changed too."""
    if not gone:
        return False
    try:
        raw = registry.read(path) or b""
    except Refused:
        return True  # which is told as of any other
    stems = (name.removeprefix(f"{names.FOLDER}/").removesuffix(names.SUFFIX) for name in gone)
    return b"replaced_by" in raw and any(os.fsencode(stem) in raw for stem in stems)


def _named(registry: Registry, word: str) -> str:
    """The path of a file, or of the entry whose name was given."""
    is_name = "/" not in word and "." not in word and not os.path.exists(word)
    return names.entry_path(word) if is_name else registry.relative(word)


def _entry(path: str) -> str:
    owner = names.owner(path)
    if owner is None:
        raise UsageError(
            f"{path} is no entry", hint=f"entries are {names.FOLDER}/NAME{names.SUFFIX}"
        )
    return owner
