"""``revocations.yaml``: what is never to be launched again, by name, version or digest.

Append-only: a revocation that could be taken back would be taken back by whoever it stops. It is
read as strictly as an entry, for a line that is not understood would revoke nothing in silence.
Registries without the file pay nothing: nobody imports this module for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from assay.entry import capped, merged
from assay.entry.document import Document, parse
from assay.entry.schema import validate
from assay.finding import Finding, Severity
from assay.hidden import quoted

FILE = "revocations.yaml"
MAX_BYTES = 2 * 1024 * 1024  # it only ever grows: some 10,000 revocations
TWICE_RULE = "revocation-twice"
REMOVED_RULE = "revocation-removed"


class Revocation(NamedTuple):
    """One item. Either ``name`` (with ``version`` or for all of them) or ``digest``, else empty."""

    name: str
    version: str
    digest: str
    reason: str
    date: str  # YYYY-MM-DD

    @property
    def what(self) -> str:
        """What it revokes, in a word for people."""
        return self.digest or (f"{self.name} {self.version}" if self.version else self.name)


class Revocations(NamedTuple):
    """All that is revoked, in the order of the file."""

    items: tuple[Revocation, ...] = ()

    def of(self, name: str, version: str, digests: Mapping[str, str]) -> Iterator[Revocation]:
        """Those that hit a server's version; ``digests`` are the sha256 of all that it is made of
        (as keys; the values say what each is of)."""
        for one in self.items:
            if one.digest:
                hit = one.digest in digests
            else:
                hit = one.name == name and one.version in ("", version)
            if hit:
                yield one


class Reading(NamedTuple):
    """What became of the file; ``revocations`` is None when there is any error."""

    document: Document | None
    revocations: Revocations | None
    findings: tuple[Finding, ...]


def read(raw: bytes, path: str = FILE) -> Reading:
    """Read the file; never raises for bad input."""
    document, findings = parse(path, raw, limit=MAX_BYTES)
    if document is None:
        return Reading(None, None, capped(findings))
    findings = merged(findings, validate(document, "revocations"))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Reading(document, None, capped(findings))
    items = tuple(_item(one) for one in document.data["revocations"])
    findings += _twice(document, items)
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    return Reading(document, None if wrong else Revocations(items), capped(findings))


def _item(data: Mapping[str, Any]) -> Revocation:
    return Revocation(
        name=data.get("name", ""),
        version=data.get("version", ""),
        digest=data.get("digest", ""),
        reason=data["reason"],
        date=data["date"],
    )


def _twice(document: Document, items: tuple[Revocation, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, one in enumerate(items):
        if one.what in seen:
            line, column = document.position("revocations", number)
            told = f"{quoted(one.what)} is revoked already"
            fix = "delete the second one before it is merged"
            yield Finding(
                document.path, line, column, TWICE_RULE, told, fix, Severity.WARNING, one.what
            )
        seen.add(one.what)


def taken_back(old: Revocations, new: Revocations, document: Document | None) -> Iterator[Finding]:
    """A finding for each revocation of ``old`` that ``new`` lacks, changed or moved.

    The old list must be the new one's beginning: then nobody has to compare two orders.
    """
    for number, one in enumerate(old.items):
        if number < len(new.items) and new.items[number] == one:
            continue
        line, column = document.position("revocations", number) if document else (1, 1)
        done = "moved" if one in new.items else "edited or taken back"
        told = f"the revocation of {quoted(one.what)} was {done}"
        fix = "put it back as it was, in its place; new ones go to the end of the list"
        yield Finding(FILE, line, column, REMOVED_RULE, told, fix, subject=one.what)
