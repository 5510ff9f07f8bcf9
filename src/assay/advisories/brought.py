"""What an entry brings along, as far as somebody wrote it down: its lock, or its own metadata.

Whatever keeps us from knowing is a finding: an entry that can't be read, a lock that is not the
one that was reviewed, an image of Debian packages that neither engine has advisories on.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from posixpath import dirname, join
from typing import TYPE_CHECKING, NamedTuple, Protocol

from assay.advisories.model import Release
from assay.closure.model import Closure
from assay.errors import AssayError
from assay.finding import Finding
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.closure.installed import Software
    from assay.closure.model import Package
    from assay.entry import Document, Entry
    from assay.entry.model import Artefact

NOT_AUDITED_ID = "not-audited"
NO_ENGINE_ID = "audit-no-engine"
_ENGINES = frozenset({"npm", "pypi"})
_KINDS = {"deb": "Debian", "apk": "Alpine"}
_WAIVE = "have it scanned by what knows its packages, and waive this with the result as the reason"


class View(Protocol):
    """The registry's files by path (``assay.run.View``)."""

    def read(self, path: str) -> bytes | None: ...


class Item(NamedTuple):
    """One release that an entry brings along, where the registry names it, and what from."""

    release: Release
    path: str
    line: int
    column: int
    package: Package | None = None  # of the lock
    places: tuple[str, ...] = ()  # inside the artefact


class Brought(NamedTuple):
    """All that an entry brings along; ``place`` is where it names its artefact."""

    path: str
    name: str
    place: tuple[int, int]
    items: tuple[Item, ...] = ()
    closure: Closure | None = None
    findings: tuple[Finding, ...] = ()


def look(path: str, view: View, today: date, sources: Sources) -> Brought:
    """What the entry at ``path`` brings along; never raises for what can't be looked at."""
    from assay.entry import read

    name = path.rpartition("/")[2].removesuffix(".yaml")
    nothing = Brought(path, name, (1, 1))
    try:
        raw = view.read(path)
        if raw is None:
            return _blind(nothing, "there is no such file")
        reading = read(path, raw, today=today)
        if reading.entry is None or reading.document is None:
            return _blind(nothing, "the entry breaks its schema", "run `assay check`")
        place = reading.document.position("artefact", "url")
        known = nothing._replace(place=place)
        return _of(known, reading.entry, reading.document, view, sources)
    except AssayError as error:
        return _blind(nothing, error.message, error.hint)


def _of(known: Brought, entry: Entry, document: Document, view: View, sources: Sources) -> Brought:
    artefact = entry.artefact
    if artefact is None:
        return known  # a remote server, whose hallmark covers its address alone
    try:
        if artefact.lock is None:
            return _inside(known, artefact, sources)
        where = document.position("artefact", "lock")
        return _locked(known._replace(place=where), artefact, view)
    except AssayError as error:
        return _blind(known, error.message, error.hint)


def _locked(known: Brought, artefact: Artefact, view: View) -> Brought:
    from assay.closure import parse

    lock = artefact.lock
    assert lock is not None  # noqa: S101  the caller saw it
    path = join(dirname(known.path), lock.file)
    raw = view.read(path)
    if raw is None:
        return _blind(known, f"there is no {path}", "run `assay lock`")
    if hashlib.sha256(raw).hexdigest() != lock.sha256:
        return _blind(known, f"{path} is not the lock that the entry names", "run `assay lock`")
    closure, findings = parse(artefact.reference, raw, path)
    if closure is None:
        first = findings[0].message if findings else "it holds nothing"
        return _blind(known, f"{path} is no lock that can be read: {first}", "run `assay lock`")
    column = 5 if closure.ecosystem == "npm" else 1
    items = tuple(
        Item(_release(one.ecosystem, one.name, one.version), path, one.line, column, package=one)
        for one in closure.packages
    )
    return known._replace(items=items, closure=closure)


def _inside(known: Brought, artefact: Artefact, sources: Sources) -> Brought:
    from assay.closure import inside

    if artefact.reference.kind not in inside.KINDS:
        return _blind(known, "the entry names no lock", "run `assay lock`")
    fetched = sources.fetch(artefact.reference, sha256=artefact.sha256)
    found = inside.look(artefact.reference, fetched, sources)
    served = [one for one in found.software if one.ecosystem in _ENGINES]
    items = tuple(
        Item(
            _release(one.ecosystem, one.name, one.version),
            known.path,
            *known.place,
            None,
            one.paths,
        )
        for one in served
    )
    findings = [*_unserved(known, found.software), *_unread(known, found.unread)]
    if not found.software and not found.unread:
        told = "the artefact names nothing of what it is made of, so there is nothing to audit"
        findings.append(_missing(known, NO_ENGINE_ID, told, _WAIVE, "nothing-named"))
    return known._replace(items=items, findings=tuple(findings))


def _unserved(known: Brought, software: tuple[Software, ...]) -> Iterator[Finding]:
    counts = Counter(one.ecosystem for one in software if one.ecosystem not in _ENGINES)
    for kind, number in sorted(counts.items()):
        are = "package is" if number == 1 else "packages are"
        told = f"{number} {_KINDS.get(kind, kind)} {are} not audited"
        why = "npm audit and pip-audit have no advisories on them"
        yield _missing(known, NO_ENGINE_ID, f"{told}: {why}", _WAIVE, kind)


def _unread(known: Brought, unread: tuple[str, ...]) -> Iterator[Finding]:
    if unread:
        more = f" and {len(unread) - 1} more" if len(unread) > 1 else ""
        message = f"not audited: what {quoted(unread[0], 200)}{more} names, which can't be read"
        yield _missing(known, NOT_AUDITED_ID, message, "ask the artefact's maintainer", "unread")


def _release(ecosystem: str, name: str, version: str) -> Release:
    """As the advisories' databases write it (PEP 503, PEP 440); npm's stand as they are."""
    if ecosystem != "pypi":
        return Release(ecosystem, name, version)
    from packaging.version import InvalidVersion, Version

    name = re.sub(r"[-_.]+", "-", name).lower()
    try:
        return Release(ecosystem, name, str(Version(version)))
    except InvalidVersion:
        return Release(ecosystem, name, version)  # no service knows it: see ``check``


def _blind(known: Brought, why: str, fix: str = "") -> Brought:
    message = f"nothing of this entry is audited: {why}"
    finding = _missing(known, NOT_AUDITED_ID, message, fix, "entry")
    return known._replace(items=(), findings=(finding,))


def _missing(known: Brought, rule: str, message: str, fix: str, subject: str) -> Finding:
    return Finding(known.path, *known.place, rule, message, fix, subject=subject)
