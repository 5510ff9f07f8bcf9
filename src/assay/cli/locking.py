"""What `assay new`, `assay lock` and `assay update` share: resolve, read back and hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assay.cli.progress import Progress
from assay.errors import UsageError
from assay.finding import Finding, Severity

if TYPE_CHECKING:
    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources

INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def instant(text: str | None) -> datetime:
    """An RFC 3339 instant in UTC, whole seconds; now without ``text``."""
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = datetime.strptime(text, INSTANT).replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(
            f"{text} is no instant in UTC", hint="write it like 2026-11-22T20:30:00Z"
        ) from error
    if found > datetime.now(UTC) + timedelta(minutes=5):
        # What is published until then would change what the lock should be.
        raise UsageError(f"{text} lies in the future", hint="lock as of now or earlier")
    return found


def reference_of(text: str) -> Reference:
    """The reference that a person gave."""
    from assay.artefact.reference import parse

    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(f"{text} {error}", hint="such as pkg:npm/%40scope/name@1.2.3") from error


def make_lock(
    reference: Reference, fetched: Fetched, at: datetime, path: str, sources: Sources
) -> tuple[bytes, list[Finding]]:
    """The lock's bytes, and what speaks against them, as ``path``: nothing is written yet."""
    from assay.closure import hold, parse, resolve

    with Progress(f"resolving {reference.name} {reference.version}"):
        raw = resolve(reference, resolved_at=at, sources=sources)
    closure, findings = parse(reference, raw, path)
    if closure is not None:
        with Progress("holding the lock against the registry") as progress:
            findings += hold(closure, sources, fetched, progress=progress)
    return raw, sorted(findings)


def provenance(reference: Reference, sources: Sources) -> str:
    """What the registry offers as evidence of how the artefact was built; empty where nothing.

    npm's attestations and PEP 740's provenance object are told of and not verified, which is said.
    """
    if reference.kind == "npm":
        offered = sources.npm.manifest(reference.name, reference.version).attested
    elif reference.kind == "pypi":
        offered = sources.pypi.choose(reference).attested
    else:
        return ""
    if not offered:
        return ""
    return f"{reference.text}: its registry offers provenance attestations; they are not verified"


def read_back(path: str, text: str) -> list[Finding]:
    """What our own reader says of an entry before it is written."""
    from assay.entry import read
    from assay.run import latest_day

    return list(read(path, text.encode(), today=latest_day(datetime.now(UTC))).findings)


def lock_values(path: str, raw: bytes, at: datetime) -> dict[str, str]:
    """What the entry says of its lock."""
    return {
        "file": path.rpartition("/")[2],
        "sha256": hashlib.sha256(raw).hexdigest(),
        "resolved_at": at.strftime(INSTANT),
    }


def wrong(findings: Sequence[Finding]) -> bool:
    """Whether any of them refuses."""
    return any(finding.severity is Severity.ERROR for finding in findings)
