"""``assay sbom NAME``: what an entry brings along, as CycloneDX."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli import believed, target
from assay.cli.cache import open_sources
from assay.errors import CLEAN, FOUND, UNDECIDED, Refused, UsageError
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Registry, names
from assay.report.output import tell

if TYPE_CHECKING:
    import argparse

    from assay.closure import Closure
    from assay.closure.installed import Found
    from assay.entry import Entry
    from assay.entry.model import Artefact
    from assay.finding import Finding

HELP = (
    "Export the artefact and its closure as CycloneDX 1.6 in JSON. A package's comes from the "
    "entry and its lock alone; an image, a bundle or a tree is fetched and read for the software "
    "in it. The same files give the same bytes; SOURCE_DATE_EPOCH sets the time, which else is "
    "that at which the lock was resolved."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an entry's name, or its file")
    parser.add_argument("-o", "--output", metavar="FILE", help="(default: standard output)")


def run(args: argparse.Namespace) -> int:
    from assay.closure import sbom

    registry = Registry.find(Path(args.registry or "."))
    path = target.path_of(registry, args.name)
    raw = registry.read(path)
    if raw is None:
        raise Refused(Reason.ENTRY_MISSING, f"there is no entry {path}", hint="see `assay new`")
    entry, findings = _entry(path, raw)
    closure, more = _closure(registry, entry) if entry else (None, [])
    if entry is None or entry.artefact is None or more:
        tell(Outcome(tuple(sorted([*findings, *more]))), 1, registry.read)
        return FOUND
    packages = closure.packages if closure else ()
    inside = _inside(registry, entry.artefact)
    document = sbom.cyclonedx(
        *(entry, entry.artefact, raw, packages, _instant(entry)), inside=inside or sbom.NOTHING
    )
    _put(args.output, document)
    if inside and inside.unread:
        print(f"{path}: {len(inside.unread)} files could not be read", file=sys.stderr)
        return UNDECIDED
    return CLEAN


def _inside(registry: Registry, artefact: Artefact) -> Found | None:
    """The software that the artefact itself holds; None for a package, whose lock says it."""
    from assay.closure import inside

    if artefact.reference.kind not in inside.KINDS:
        return None
    sources = open_sources(believed.policy_of(registry))
    fetched = sources.fetch(artefact.reference, sha256=artefact.sha256)
    return inside.look(artefact.reference, fetched, sources)


def _entry(path: str, raw: bytes) -> tuple[Entry | None, list[Finding]]:
    from assay.entry import read
    from assay.run import latest_day

    reading = read(path, raw, today=latest_day(datetime.now(UTC)))
    if reading.entry and reading.entry.artefact is None:
        raise UsageError(
            f"{path} is a remote server, which brings nothing along that could be named"
        )
    return reading.entry, list(reading.findings)


def _closure(registry: Registry, entry: Entry) -> tuple[Closure | None, list[Finding]]:
    """The lock as the entry names it, its bytes those that the entry's digest covers."""
    from assay.closure import parse

    artefact = entry.artefact
    if artefact is None or artefact.lock is None:
        return None, []
    path = f"{names.FOLDER}/{artefact.lock.file}"
    lock = registry.read(path)
    if lock is None:
        raise Refused(Reason.LOCK_MISSING, f"there is no {path}", hint="run `assay lock`")
    if hashlib.sha256(lock).hexdigest() != artefact.lock.sha256:
        raise Refused(
            Reason.LOCK_MISMATCH,
            f"{path} has another digest than the entry names",
            hint="restore it, or run `assay lock`",
        )
    return parse(artefact.reference, lock, path)


def _instant(entry: Entry) -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        try:
            return datetime.fromtimestamp(int(epoch), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, no number of seconds") from error
    if entry.artefact and entry.artefact.lock:
        return entry.artefact.lock.resolved_at
    return datetime.combine(entry.reviewed_at, time(), UTC)


def _put(output: str | None, content: bytes) -> None:
    if not output:
        sys.stdout.write(content.decode())
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{output} can't be written: {error.strerror or error}") from error
