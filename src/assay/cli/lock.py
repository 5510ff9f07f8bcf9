"""``assay lock``: write the lock of an entry, or show that it is what resolving gives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli import believed, locking, target, writing
from assay.cli.cache import open_sources
from assay.errors import Refused, UsageError
from assay.finding import Finding
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Registry
from assay.report.output import tell

if TYPE_CHECKING:
    import argparse

    from assay.artefact.source import Fetched, Sources
    from assay.cli.target import Target

HELP = (
    "Resolve what an artefact brings along and write it beside the entry; nothing of it is run. "
    "The entry's lock.sha256 and lock.resolved_at are set where they stand. With --check nothing "
    "is written: the lock is resolved anew at its recorded instant and compared."
)
_WITHOUT = "an artefact of kind {} has no lock: its bytes hold everything"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", metavar="NAME", help="an entry's name, or its file")
    parser.add_argument("--all", action="store_true", help="every entry that has a lock")
    parser.add_argument("--at", metavar="INSTANT", help="as of then: 2026-11-22T20:30:00Z")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")


def run(args: argparse.Namespace) -> int:
    if args.check and args.at:
        raise UsageError("--check takes the recorded instant, so --at has no meaning with it")
    registry = Registry.find(Path(args.registry or "."))
    paths = target.paths_of(registry, args.name, args.all)
    sources = open_sources(believed.policy_of(registry))
    findings: list[Finding] = []
    for path in paths:
        found = target.read(registry, path)
        if not found.lock_path:
            if not args.all:
                print(f"{path}: {_WITHOUT.format(found.reference.kind)}")
            continue
        if not found.lock and args.all:
            continue
        fetched = sources.fetch(found.reference, sha256=found.sha256)
        if args.check:
            findings += _check(registry, found, fetched, sources)
        else:
            findings += _write(registry, found, fetched, locking.instant(args.at), sources)
    outcome = Outcome(tuple(sorted(findings)))
    if findings or args.check:
        tell(outcome, len(paths), registry.read)
    return outcome.exit_code


def _write(
    registry: Registry, found: Target, fetched: Fetched, at: datetime, sources: Sources
) -> list[Finding]:
    from assay.entry.edit import with_lock

    raw, findings = locking.make_lock(found.reference, fetched, at, found.lock_path, sources)
    if locking.wrong(findings):
        return findings
    values = locking.lock_values(found.lock_path, raw, at)
    try:
        text = with_lock(found.document, values)
    except ValueError as error:
        raise Refused(Reason.ENTRY_INVALID, f"{found.path}: {error}") from error
    writing.together(registry.root, {found.lock_path: raw, found.path: text.encode()})
    print(f"{found.lock_path}: written, as of {values['resolved_at']}")
    return findings


def _check(registry: Registry, found: Target, fetched: Fetched, sources: Sources) -> list[Finding]:
    from assay.closure.regenerating import difference

    lock = registry.read(found.lock_path)
    if lock is None:
        raise Refused(Reason.LOCK_MISSING, f"there is no {found.lock_path}", hint="`assay lock`")
    recorded = found.lock.get("resolved_at")
    if not isinstance(recorded, str):
        raise Refused(Reason.ENTRY_INVALID, f"{found.path} records no resolved_at")
    at = locking.instant(recorded)
    made, findings = locking.make_lock(found.reference, fetched, at, found.lock_path, sources)
    if made == lock:
        return findings
    return [*findings, difference(made, lock, found.lock_path, at)]
