"""``assay lock``: write the lock of an entry, or show that it is what resolving gives."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.cli import locking
from assay.cli.cache import open_sources
from assay.errors import Refused, UsageError
from assay.finding import Finding
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Registry, names
from assay.report.output import tell

if TYPE_CHECKING:
    import argparse

    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources
    from assay.entry import Document

HELP = (
    "Resolve what an artefact brings along and write it beside the entry; nothing of it is run. "
    "The entry's lock.sha256 and lock.resolved_at are set where they stand. With --check nothing "
    "is written: the lock is resolved anew at its recorded instant and compared."
)
_REGENERATED = "lock-regenerated"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", metavar="NAME", help="an entry's name, or its file")
    parser.add_argument("--all", action="store_true", help="every entry that has a lock")
    parser.add_argument("--at", metavar="INSTANT", help="as of then: 2026-11-22T20:30:00Z")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")


class _Target(NamedTuple):
    """An entry that may have no lock yet, so it is no whole ``Entry``."""

    path: str
    document: Document
    reference: Reference
    sha256: str
    lock: dict[str, Any]

    @property
    def lock_path(self) -> str:
        from assay.closure import lock_name

        name = Path(self.path).name.removesuffix(names.SUFFIX)
        return f"{names.FOLDER}/{lock_name(self.reference, name)}"


def run(args: argparse.Namespace) -> int:
    if args.check and args.at:
        raise UsageError("--check takes the recorded instant, so --at has no meaning with it")
    registry = Registry.find(Path(args.registry or "."))
    paths = _paths(registry, args.name, args.all)
    sources = open_sources()
    findings: list[Finding] = []
    for path in paths:
        target = _target(registry, path)
        if not target.lock and args.all:
            continue
        fetched = sources.fetch(target.reference, sha256=target.sha256)
        if args.check:
            findings += _check(registry, target, fetched, sources)
        else:
            findings += _write(registry, target, fetched, locking.instant(args.at), sources)
    outcome = Outcome(tuple(sorted(findings)))
    if findings or args.check:
        tell(outcome, len(paths), registry.read)
    return outcome.exit_code


def _paths(registry: Registry, given: list[str], every: bool) -> list[str]:
    if every == bool(given):
        raise UsageError("name one entry or more, or --all")
    if every:
        return registry.entry_paths()
    found = [name if name.endswith(names.SUFFIX) else names.entry_path(name) for name in given]
    paths = [registry.relative(Path(path)) if Path(path).exists() else path for path in found]
    for path in paths:
        if not names.is_entry(path) or not names.is_file_name(path.rpartition("/")[2]):
            raise UsageError(f"{path} is no entry", hint="name it as in servers/NAME.yaml")
    return paths


def _target(registry: Registry, path: str) -> _Target:
    from assay.entry.document import parse

    raw = registry.read(path)
    if raw is None:
        raise Refused(Reason.ENTRY_MISSING, f"there is no entry {path}", hint="see `assay new`")
    document, _ = parse(path, raw)
    artefact = document.data.get("artefact") if document else None
    if document is None or not isinstance(artefact, dict):
        raise Refused(Reason.ENTRY_INVALID, f"{path} names no artefact", hint="run `assay check`")
    reference = locking.reference_of(str(artefact.get("url", "")))
    lock = artefact.get("lock")
    sha256 = str(artefact.get("sha256", ""))
    return _Target(path, document, reference, sha256, lock if isinstance(lock, dict) else {})


def _write(
    registry: Registry, target: _Target, fetched: Fetched, at: datetime, sources: Sources
) -> list[Finding]:
    from assay.entry.edit import with_lock

    raw, findings = locking.make_lock(target.reference, fetched, at, target.lock_path, sources)
    if locking.wrong(findings):
        return findings
    values = {
        "file": Path(target.lock_path).name,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "resolved_at": at.strftime(locking.INSTANT),
    }
    try:
        text = with_lock(target.document, values)
    except ValueError as error:
        raise Refused(Reason.ENTRY_INVALID, f"{target.path}: {error}") from error
    # The lock first: an entry that names a lock which is not there yet would be the worse half.
    locking.write(registry.root, target.lock_path, raw)
    locking.write(registry.root, target.path, text.encode())
    print(f"{target.lock_path}: written, as of {values['resolved_at']}")
    return findings


def _check(
    registry: Registry, target: _Target, fetched: Fetched, sources: Sources
) -> list[Finding]:
    found = registry.read(target.lock_path)
    if found is None:
        raise Refused(Reason.LOCK_MISSING, f"there is no {target.lock_path}", hint="`assay lock`")
    recorded = target.lock.get("resolved_at")
    if not isinstance(recorded, str):
        raise Refused(Reason.ENTRY_INVALID, f"{target.path} records no resolved_at")
    at = locking.instant(recorded)
    raw, findings = locking.make_lock(target.reference, fetched, at, target.lock_path, sources)
    if raw == found:
        return findings
    return [*findings, *_differences(target, found, raw)]


def _differences(target: _Target, found: bytes, made: bytes) -> list[Finding]:
    """What resolving gives otherwise, at the lines of the lock that was supplied."""
    ours, theirs = made.split(b"\n"), found.split(b"\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False), 1) if a != b),
        min(len(ours), len(theirs)),
    )
    at = str(target.lock.get("resolved_at"))
    meant = ours[number - 1].decode("utf-8", "replace").strip() if number <= len(ours) else ""
    message = f"resolving at {at} gives another lock; here it has {meant!r}"
    fix = f"run `assay lock {Path(target.path).name.removesuffix(names.SUFFIX)}`"
    return [Finding(target.lock_path, number, 1, _REGENERATED, message, fix)]
