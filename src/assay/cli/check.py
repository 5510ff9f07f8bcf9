"""``assay check``: hold entries against every rule and say at which line what is wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.errors import UsageError
from assay.outcome import Outcome
from assay.registry import Registry, Siblings, names, orphan
from assay.report.output import tell
from assay.run import Rules, check_paths, latest_day, read_policy

if TYPE_CHECKING:
    import argparse

    from assay.artefact.source import Sources

HELP = (
    "Hold entries against every rule. Without FILES, --all or --since: all entries. "
    "Exit code 0: clean; 1: findings; 2: usage; 3: something could not be looked at."
)


def configure(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("files", nargs="*", default=[], metavar="FILE", help="servers/NAME.yaml")
    which.add_argument("--all", action="store_true", help="every entry of the registry")
    which.add_argument("--since", "--base", metavar="REV", help="entries touched since REV")
    parser.add_argument("--offline", action="store_true", help="fetch nothing: rules alone")
    parser.add_argument("--format", choices=("text", "github"), default="text")


def run(args: argparse.Namespace) -> int:
    registry = Registry.find(Path(getattr(args, "registry", None) or "."))
    view = registry.working_tree()
    policy, findings = read_policy(view)
    today = latest_day(datetime.now(UTC))
    rules = Rules(policy, today, None if args.offline else _sources())
    paths = _paths(registry, args.files, args.since)
    outcome = check_paths(paths, view, Siblings(view), rules, workers=os.cpu_count() or 1)
    around = () if args.files else orphan.everything(view.names())
    whole = Outcome((*findings, *around, *outcome.findings), outcome.unseen)
    tell(whole, len(paths), registry.read, form=args.format)
    if args.offline:
        print("offline: no artefact was fetched, no digest and no lock was held against a source")
    return whole.exit_code


def _paths(registry: Registry, files: Sequence[str], since: str | None) -> list[str]:
    if files:
        return sorted({_entry(registry, Path(file)) for file in files})
    if since is None:
        return registry.entry_paths()
    changed = {change.path for change in registry.changed_since(since)}
    present = registry.entry_paths()
    if names.POLICY in changed:
        return present  # another policy is another question to every entry
    touched = {names.owner(path) for path in changed}
    return [path for path in present if path in touched]


def _entry(registry: Registry, file: Path) -> str:
    path = registry.relative(file)
    owner = names.owner(path)
    if owner is None:
        raise UsageError(
            f"{file} is no entry", hint=f"entries are {names.FOLDER}/NAME{names.SUFFIX}"
        )
    return owner


def _sources() -> Sources:
    """The one place where this command looks at the environment for its store."""
    from platformdirs import user_cache_path

    from assay.artefact.source import open_sources
    from assay.artefact.store import Store

    cache = os.environ.get("ASSAY_CACHE")
    return open_sources(Store((Path(cache) if cache else user_cache_path("assay")) / "store"))
