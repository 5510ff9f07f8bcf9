"""``servers/NAME.yaml``: bytes in, a typed entry or findings out.

The edge: parsed once, here. Beyond it everybody handles ``Entry`` and the bytes that were read.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from assay.entry.build import build
from assay.entry.document import Document, parse
from assay.entry.model import Artefact, Entry, Launch, Lock, Parameter, Variable
from assay.entry.schema import validate
from assay.finding import Finding, Severity

__all__ = [
    "SUFFIX",
    "Artefact",
    "Document",
    "Entry",
    "Launch",
    "Lock",
    "Parameter",
    "Reading",
    "Variable",
    "read",
]

SUFFIX = ".yaml"

# A file of 64 KiB can hold thousands of faults; nobody reads more than this, and the first ones
# say what kind of file it is.
MAX_FINDINGS = 50


class Reading(NamedTuple):
    """What became of one file. ``entry`` is None when there is any error; ``document`` is None
    when the bytes are not a YAML mapping at all. ``raw`` are the bytes that are signed."""

    path: str
    raw: bytes
    document: Document | None
    entry: Entry | None
    findings: tuple[Finding, ...]


def read(path: str, raw: bytes, *, today: date) -> Reading:
    """Read one entry; never raises for bad input.

    ``path`` is relative to the registry, with forward slashes. ``today`` is the day after which
    ``reviewed_at`` lies in the future: the latest one on Earth (``assay.run.latest_day``), for
    whoever reviewed in the east is not ahead of time.
    """
    document, findings = parse(path, raw)
    if document is None:
        return Reading(path, raw, None, None, capped(findings))
    findings = merged(findings, validate(document, "server"))
    entry = None
    if not any(finding.severity is Severity.ERROR for finding in findings):
        entry, wrong = build(document, today)
        findings += wrong
    return Reading(path, raw, document, entry, capped(findings))


def merged(told: list[Finding], further: list[Finding]) -> list[Finding]:
    """Both, but one at each place: what is wrong in the YAML explains what the schema misses."""
    places = {(finding.line, finding.column) for finding in told}
    return told + [one for one in further if (one.line, one.column) not in places]


def capped(findings: list[Finding]) -> tuple[Finding, ...]:
    """In order of place, and no more than a person reads."""
    ordered = sorted(findings)
    if len(ordered) <= MAX_FINDINGS:
        return tuple(ordered)
    first = ordered[0]
    more = len(ordered) - MAX_FINDINGS
    rest = Finding(first.path, 1, 1, "more-findings", f"{more} more findings are not listed")
    return (*ordered[:MAX_FINDINGS], rest)
