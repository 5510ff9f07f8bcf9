"""``assay update NAME [VERSION]``: the entry in a newer version, ready to be reviewed anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli import believed, locking, target, writing
from assay.cli.cache import open_sources
from assay.cli.progress import Progress
from assay.errors import CLEAN, Refused, UsageError
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Registry, names
from assay.report.output import tell
from assay.report.plain import plain

if TYPE_CHECKING:
    import argparse

    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources
    from assay.cli.target import Target
    from assay.finding import Finding

HELP = (
    "Bring an entry to the newest version of its artefact, or to VERSION: reference, digest and "
    "lock are written anew, all of them or none, and the bundle is removed, for it signs the old "
    "version. Comments and the order of keys stay. Nobody has reviewed the new version yet: "
    "reviewed_at and reviewers are left for the person who does."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="an entry's name, or its file")
    parser.add_argument("version", metavar="VERSION", nargs="?", help="(default: the newest)")
    parser.add_argument("--url", metavar="REF", help="the new reference, where it does not follow")
    parser.add_argument("--at", metavar="INSTANT", help="lock as of then: 2026-11-22T20:30:00Z")


def run(args: argparse.Namespace) -> int:
    registry = Registry.find(Path(args.registry or "."))
    found = target.read(registry, target.path_of(registry, args.name))
    sources = open_sources(believed.policy_of(registry))
    version, reference = _wanted(found, args.version, args.url, sources)
    if reference == found.reference:
        print(f"{found.path}: is at {plain(version)} already")
        return CLEAN
    with Progress(f"fetching {reference.name} {version}"):
        fetched = sources.fetch(reference)
    values, lock, findings = _locked(found, reference, fetched, args.at, sources)
    text = _edited(found, reference, version, fetched.sha256, values)
    findings += locking.read_back(found.path, text)
    if not locking.wrong(findings):
        _write(registry, found, text, lock)
    told = _told(registry, found, version, text, lock, findings)
    if offered := locking.provenance(reference, sources):
        print(offered)
    return told


def _wanted(
    found: Target, version: str | None, url: str | None, sources: Sources
) -> tuple[str, Reference]:
    """The version to go to and its reference."""
    from assay.artefact import bump

    old = str(found.document.data.get("version", ""))
    if url is None and version is None:
        version = bump.newest(found.reference, sources)
        if bump.is_older(found.reference, version):
            # A `latest` that was moved back, or an entry that runs ahead: only a person goes back.
            print(f"{found.path}: is newer than {plain(version)}, which its registry calls newest")
            return old, found.reference
    if url is None:
        return version or old, bump.moved(found.reference, old, version or old, sources)
    reference = locking.reference_of(url)
    mine = (reference.kind, reference.host or reference.name)
    if mine != (found.reference.kind, found.reference.host or found.reference.name):
        raise UsageError(
            f"{reference.text} is another artefact than {found.reference.text}",
            hint="enter another artefact under a name of its own with `assay new`",
        )
    if reference.kind in ("npm", "pypi"):
        if version not in (None, reference.version):
            raise UsageError(f"{reference.text} is not version {version}")
        version = reference.version
    if not version:
        raise UsageError("an address says nothing of the version", hint="name the version too")
    return version, reference


def _locked(
    found: Target, reference: Reference, fetched: Fetched, at: str | None, sources: Sources
) -> tuple[dict[str, str], bytes, list[Finding]]:
    if not found.lock_path:
        return {}, b"", []
    instant = locking.instant(at)
    raw, findings = locking.make_lock(reference, fetched, instant, found.lock_path, sources)
    return locking.lock_values(found.lock_path, raw, instant), raw, findings


def _edited(
    found: Target, reference: Reference, version: str, sha256: str, lock: dict[str, str]
) -> str:
    from assay.entry.document import parse
    from assay.entry.edit import with_lock, with_values

    values: dict[tuple[str, ...], str | int] = {
        ("version",): version,
        ("artefact", "url"): reference.text,
        ("artefact", "sha256"): sha256,
    }
    if "revision" in found.document.data:
        values[("revision",)] = 1  # it counts the locks of one version
    try:
        text = with_values(found.document, values)
        document, _ = parse(found.path, text.encode())
        return with_lock(document, lock) if lock and document else text
    except ValueError as error:
        raise Refused(
            Reason.ENTRY_INVALID, f"{found.path}: {error}", hint="write it plainly, then again"
        ) from error


def _write(registry: Registry, found: Target, text: str, lock: bytes) -> None:
    """The bundle goes first and the entry comes last: killed in between, a second run ends it."""
    changes: dict[str, bytes | None] = {names.bundle_path(found.path): None}
    if lock:
        changes[found.lock_path] = lock
    writing.together(registry.root, {**changes, found.path: text.encode()})


def _told(
    registry: Registry,
    found: Target,
    version: str,
    text: str,
    lock: bytes,
    findings: list[Finding],
) -> int:
    outcome = Outcome(tuple(sorted(findings)))
    if findings:
        new = {found.path: text.encode(), found.lock_path: lock}
        tell(outcome, 1, lambda asked: new.get(asked) or registry.read(asked))
    if outcome.exit_code:
        print("nothing was changed")
        return outcome.exit_code
    data = found.document.data
    print(f"{found.path}: from {plain(str(data.get('version')))} to {plain(version)}")
    print(
        f"review it: reviewed_at ({plain(str(data.get('reviewed_at')))}) and reviewers still speak "
        "of the version before; it is unsigned until they are true again and CI signs it"
    )
    return outcome.exit_code
