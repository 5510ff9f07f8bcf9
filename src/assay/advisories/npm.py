"""Releases of npm, held against the advisories of a registry (its bulk endpoint).

The registry is asked once for all releases that it serves: that of a scope for the scope's, for
the names of internal packages are nobody else's business. What it says is read strictly before
npm sees it. Whatever the registry said and npm audit left out makes the package not audited.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urljoin

from assay import strict_json
from assay.advisories import npm_engine, ranges
from assay.advisories.model import (
    LEVELS,
    Advisory,
    Answer,
    BrokenAnswer,
    Release,
    nothing,
)
from assay.artefact.http import Body, Http, Limits, shown
from assay.errors import AssayError
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.npm import NpmSource

MOST_ANSWER = 16 << 20  # bytes
_MOST_PACKUMENT = 64 << 20
_MOST_EACH = 1000  # advisories on one package
_SHORT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
_GHSA = re.compile(r"GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


class _Wire(NamedTuple):
    """One advisory as the registry gave it."""

    id: str
    range: str
    sent: Mapping[str, Any]  # what of it npm is given


def audit(
    releases: Sequence[Release], source: NpmSource, *, url: str = "", limits: Limits
) -> Answer:
    """Audit ``releases``; ``url`` is the policy's registry for all, else each its own."""
    try:
        source.open()
    except AssayError as error:
        return nothing(tuple(releases), error.message)
    shared: dict[str, list[Release]] = defaultdict(list)
    for release in releases:
        registry = url or source.config.registry_of(release.name)
        shared[registry if registry.endswith("/") else f"{registry}/"].append(release)
    http = Http("npm", source.config.access, limits)
    found: dict[Release, tuple[Advisory, ...]] = {}
    gaps: dict[Release, str] = {}
    for registry, some in sorted(shared.items()):
        answer = _Registry(registry, http, source.environ).audit(tuple(some))
        found |= answer.found
        gaps |= answer.gaps
    return Answer(found, gaps)


class _Registry:
    def __init__(self, url: str, http: Http, environ: Mapping[str, str]) -> None:
        self.url = url
        self.http = http
        self.environ = environ
        self.published: dict[str, tuple[str, ...]] = {}

    def audit(self, releases: tuple[Release, ...]) -> Answer:
        asked: dict[str, list[str]] = defaultdict(list)
        for release in sorted(releases):
            asked[release.name].append(release.version)
        try:
            told, broken = read(self._ask(asked), asked)
            good = {name: versions for name, versions in asked.items() if name not in broken}
            sent = {name: [one.sent for one in wires] for name, wires in told.items()}
            engine = npm_engine.audit(good, sent, self._packument, self.environ) if good else {}
        except AssayError as error:
            return nothing(releases, error.message)
        except BrokenAnswer as error:
            return nothing(releases, f"npm: {shown(self.url)}: {error}")
        broken |= dict(_left_out(good, told, engine))
        found = {
            release: tuple(self._advisories(release, told.get(release.name, ()), engine))
            for release in releases
            if release.name not in broken
        }
        why = {name: f"npm: {shown(self.url)}: {text}" for name, text in broken.items()}
        gaps = {release: why[release.name] for release in releases if release.name in why}
        return Answer(found, gaps)

    def _ask(self, asked: Mapping[str, Sequence[str]]) -> bytes:
        body = gzip.compress(json.dumps(asked).encode(), 6, mtime=0)
        packed = Body(body, "application/json", "gzip")
        return self.http.post(urljoin(self.url, npm_engine.ENDPOINT), packed, size=MOST_ANSWER)

    def _packument(self, name: str) -> Mapping[str, Any] | None:
        """As much of a package's document as npm wants; without one it knows no other versions."""
        url = urljoin(self.url, quote(name, safe="@"))
        try:
            data = json.loads(self.http.get(url, accept=_SHORT, size=_MOST_PACKUMENT))
            versions = [one for one in data["versions"] if ranges.is_version(one)]
        except (AssayError, ValueError, KeyError, TypeError, RecursionError):
            return None
        self.published[name] = tuple(versions)
        kept = {one: {"name": name, "version": one} for one in versions}
        return {"name": name, "versions": kept, "dist-tags": {}}

    def _advisories(
        self,
        release: Release,
        wires: Sequence[_Wire],
        engine: Mapping[str, npm_engine.Told],
    ) -> Iterator[Advisory]:
        told = engine.get(release.name)
        if told is None or release.version not in told.versions:
            return
        hit = [wire for wire in wires if wire.id in told.advisories]
        exact = [wire for wire in hit if _may_hold(wire, release.version)]
        # The registry keeps a row for each branch that an advisory reaches: the gravest counts.
        told_of: dict[str, Advisory] = {}
        for wire in sorted(exact or hit, key=lambda wire: -LEVELS.index(wire.sent["severity"])):
            one = self._advisory(release, wire)
            told_of.setdefault(one.id, one)
        yield from told_of.values()

    def _advisory(self, release: Release, wire: _Wire) -> Advisory:
        url = str(wire.sent.get("url", ""))
        ghsa = _GHSA.search(url)
        published = self.published.get(release.name, ())
        return Advisory(
            id=f"GHSA{ghsa[0][4:].lower()}" if ghsa else wire.id,
            aliases=(wire.id,) if ghsa else (),
            title=str(wire.sent.get("title", "")),
            severity=str(wire.sent["severity"]),
            fixed=ranges.fixed(release.version, wire.range, published),
            url=url,
        )


def read(
    raw: bytes, asked: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[_Wire, ...]], dict[str, str]]:
    """The registry's advisories by name, and the names of which it says what can't be taken.

    BrokenAnswer for an answer that is none as a whole: not JSON, not by package, or of others.
    """
    try:
        data = strict_json.read_object(raw, limit=MOST_ANSWER)
    except ValueError as error:
        raise BrokenAnswer(f"does not answer with advisories in JSON ({error})") from error
    if strangers := sorted(data.keys() - asked.keys()):
        raise BrokenAnswer(f"answers about {quoted(strangers[0])}, which nobody asked about")
    told: dict[str, tuple[_Wire, ...]] = {}
    broken: dict[str, str] = {}
    for name, items in data.items():
        try:
            told[name] = tuple(_wires(name, items))
        except BrokenAnswer as error:
            broken[name] = str(error)
    return told, broken


def _wires(name: str, items: object) -> Iterable[_Wire]:
    if not isinstance(items, list) or len(items) > _MOST_EACH:
        raise BrokenAnswer("gives no list of advisories")
    found: dict[str, _Wire] = {}
    for item in items:
        wire = _wire(name, item)
        # npm would keep the first of two, whichever range that has.
        if found.setdefault(wire.id, wire) != wire:
            raise BrokenAnswer(f"gives two advisories the id {quoted(wire.id)}")
    return found.values()


def _wire(name: str, item: object) -> _Wire:
    if not isinstance(item, dict):
        raise BrokenAnswer("gives an advisory that is none")
    number = item.get("id")
    text = str(number) if isinstance(number, (int, str)) and not isinstance(number, bool) else ""
    if not _ID.fullmatch(text):
        raise BrokenAnswer("gives an advisory without an id")
    if item.get("name", name) != name:
        raise BrokenAnswer(f"gives the advisory {text} of {quoted(str(item['name']))}")
    severity, wanted = item.get("severity"), item.get("vulnerable_versions")
    if severity not in LEVELS:
        told = f"of severity {quoted(str(severity))}"
        raise BrokenAnswer(
            f"gives the advisory {text} {told}, which is none of {', '.join(LEVELS)}"
        )
    if not isinstance(wanted, str) or not wanted.strip():
        raise BrokenAnswer(f"gives the advisory {text} without a range of versions")
    texts = {key: item[key] for key in ("url", "title") if isinstance(item.get(key), str)}
    sent = {"id": number, "severity": severity, "vulnerable_versions": wanted, **texts}
    return _Wire(text, wanted, sent)


def _left_out(
    asked: Mapping[str, Sequence[str]],
    told: Mapping[str, Sequence[_Wire]],
    engine: Mapping[str, npm_engine.Told],
) -> Iterator[tuple[str, str]]:
    """Packages of which the registry says something that npm audit does not repeat."""
    for name, wires in told.items():
        seen = engine.get(name, npm_engine.Told(frozenset(), frozenset()))
        for wire in wires:
            wanted = ranges.parse(wire.range)
            hit = {one for one in asked.get(name, ()) if wanted and ranges.within(one, wanted)}
            unclear = wanted is None and wire.id not in seen.advisories
            if unclear or (hit and (wire.id not in seen.advisories or not hit <= seen.versions)):
                what = f"names the advisory {wire.id} for {quoted(wire.range)}"
                yield name, f"{what}, which npm audit leaves out"


def _may_hold(wire: _Wire, version: str) -> bool:
    wanted = ranges.parse(wire.range)
    return wanted is None or ranges.within(version, wanted)
