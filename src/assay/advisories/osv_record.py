"""One record of the OSV schema 1.x (ossf.github.io/osv-schema), as far as an audit needs it.

A stranger wrote it. What decides is read strictly: its id, whether it was withdrawn, and that it
is about the package at all. Of the rest what is not understood is left out: without a severity it
counts as grave, without a fixed version none is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from assay.advisories import cvss
from assay.advisories.model import LEVELS, Advisory, BrokenAnswer, Release
from assay.hidden import quoted

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]{0,99}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z")
_WORDS = {"MEDIUM": "moderate", **{word.upper(): word for word in LEVELS}}
_MOST = 1000  # of anything in one record
# A malicious package (github.com/ossf/malicious-packages): no score, and nothing graver.
_MALICIOUS = "MAL-"


class Record(NamedTuple):
    """``fixed`` are versions that the record calls free of it, in no order."""

    id: str
    aliases: tuple[str, ...]
    title: str
    severity: str
    fixed: tuple[str, ...]
    withdrawn: str

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.id, *self.aliases)


def read(item: object, release: Release, now: datetime) -> Record:
    """The record of an answer about ``release``. BrokenAnswer."""
    if not isinstance(item, dict):
        raise BrokenAnswer("gives an advisory that is none")
    number = item.get("id")
    if not isinstance(number, str) or not _ID.fullmatch(number):
        raise BrokenAnswer("gives an advisory without an id")
    version = item.get("schema_version", "1.0.0")
    if not isinstance(version, str) or not version.startswith("1."):
        raise BrokenAnswer(f"gives the advisory {number} in a schema that is not known")
    affected = [one for one in _dicts(item.get("affected")) if _about(one, release)]
    if not affected:
        raise BrokenAnswer(f"gives the advisory {number}, which is about another package")
    aliases = [one for one in _strings(item.get("aliases")) if _ID.fullmatch(one)]
    return Record(
        id=number,
        aliases=tuple(dict.fromkeys(aliases)),
        title=_title(item),
        severity=_severity(item, affected, number),
        fixed=tuple(dict.fromkeys(_fixed(affected))),
        withdrawn=_withdrawn(item, now),
    )


def answer(records: Sequence[Record]) -> dict[str, Any]:
    """The records as one page of OSV's, with what pip-audit reads of them and no more."""
    return {"vulns": [_plain(record) for record in records]} if records else {}


def _plain(record: Record) -> dict[str, Any]:
    withdrawn = {"withdrawn": record.withdrawn} if record.withdrawn else {}
    return {"id": record.id, "aliases": list(record.aliases), "affected": [], **withdrawn}


def grouped(records: Iterable[Record]) -> list[list[Record]]:
    """Records that share an id, through others too, in one group; the order is kept."""
    groups: list[tuple[set[str], list[Record]]] = []
    for record in records:
        names = {name.upper() for name in record.ids}
        members = [record]
        apart = []
        for other, those in groups:
            if other & names:
                names |= other
                members = [*those, *members]
            else:
                apart.append((other, those))
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def advisory(release: Release, group: Sequence[Record]) -> Advisory:
    """What the records of one hole say together: the gravest severity, the last of the fixes."""
    first = min(group, key=lambda record: (_rank(record.id), record.id))
    names = [name for record in group for name in record.ids if name != first.id]
    severities = [record.severity for record in group if record.severity]
    fixes = [fix for record in group if (fix := _next(release.version, record.fixed))]
    return Advisory(
        id=first.id,
        aliases=tuple(sorted(set(names))),
        title=next((record.title for record in (first, *group) if record.title), ""),
        severity=max(severities, key=LEVELS.index, default=""),
        fixed=max(fixes, key=_version, default=""),
    )


def _rank(number: str) -> int:
    """Whose words are shown: malice before all, then GitHub's, which npm's are too."""
    order = (_MALICIOUS, "GHSA-", "PYSEC-", "CVE-")
    return next((place for place, start in enumerate(order) if number.startswith(start)), 9)


def _about(affected: Mapping[str, Any], release: Release) -> bool:
    package = affected.get("package")
    if not isinstance(package, dict) or package.get("ecosystem") != "PyPI":
        return False
    name = package.get("name")
    return isinstance(name, str) and re.sub(r"[-_.]+", "-", name).lower() == release.name


def _title(item: Mapping[str, Any]) -> str:
    text = item.get("summary") or item.get("details") or ""
    return " ".join(text.split())[:200] if isinstance(text, str) else ""


def _severity(item: Mapping[str, Any], affected: Sequence[Mapping[str, Any]], number: str) -> str:
    if number.startswith(_MALICIOUS):
        return "critical"
    found = []
    for part in (item, *affected):
        for key in ("database_specific", "ecosystem_specific"):
            told = part.get(key)
            word = told.get("severity") if isinstance(told, dict) else None
            found.append(_WORDS.get(word.upper(), "") if isinstance(word, str) else "")
        for one in _dicts(part.get("severity")):
            score = one.get("score")
            found.append(cvss.level(score) if isinstance(score, str) else "")
    return max(filter(None, found), key=LEVELS.index, default="")


def _withdrawn(item: Mapping[str, Any], now: datetime) -> str:
    """When it was withdrawn, or empty: only an instant that is past takes an advisory back."""
    if item.get("withdrawn") is None:
        return ""
    text = item["withdrawn"]
    told = f"gives the advisory {item['id']}, withdrawn at"
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise BrokenAnswer(f"{told} {quoted(str(text))}, which is no instant")
    try:
        at = datetime.fromisoformat(f"{text[:19]}+00:00")
    except ValueError as error:
        raise BrokenAnswer(f"{told} {quoted(text)}, which is no instant") from error
    if at > now:
        raise BrokenAnswer(f"{told} {quoted(text)}, which is yet to come")
    return text


def _fixed(affected: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for part in affected:
        for span in _dicts(part.get("ranges")):
            if span.get("type") == "ECOSYSTEM":
                for event in _dicts(span.get("events")):
                    fix = event.get("fixed")
                    if isinstance(fix, str) and _VERSION.fullmatch(fix):
                        yield fix


def _next(version: str, fixed: Sequence[str]) -> str:
    """The lowest of ``fixed`` above ``version``, or empty."""
    own = _version(version)
    above = [one for one in fixed if _version(one) > own]
    return min(above, key=_version, default="")


def _version(text: str) -> Any:
    from assay.closure.versions import key

    return key("pypi", text)


def _dicts(value: object) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else []
    return [item for item in found[:_MOST] if isinstance(item, dict)]


def _strings(value: object) -> list[str]:
    found = value if isinstance(value, list) else []
    return [item for item in found[:_MOST] if isinstance(item, str)]
