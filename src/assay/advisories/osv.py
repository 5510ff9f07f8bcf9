"""Releases of PyPI, held against an OSV service (``POST /v1/query`` for each, ossf.github.io).

The answers are fetched side by side and read strictly, all pages of them, before pip-audit sees
them; whatever the service said and pip-audit left out makes the release not audited. Records that
share an id are one advisory: OSV gives what PyPA, GitHub and others wrote of the same hole.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from assay import strict_json
from assay.advisories import osv_record, pip_engine
from assay.advisories.model import Advisory, Answer, BrokenAnswer, Release, nothing
from assay.advisories.osv_record import Record
from assay.artefact.http import Body, Http, Limits, shown
from assay.errors import AssayError

if TYPE_CHECKING:
    from assay.artefact.pypi import PypiSource

MOST_ANSWER = 8 << 20  # bytes of one page
_MOST_PAGES = 50
_MOST_RECORDS = 2000  # on one release
_THREADS = 16
_WHOLE = 900.0  # seconds for all releases together
_ENOUGH = 3  # releases that could not be asked about: the others would fare alike


def audit(
    releases: Sequence[Release], source: PypiSource, *, url: str = "", limits: Limits
) -> Answer:
    """Audit ``releases``; ``url`` is the policy's service, else pip-audit's own default."""
    try:
        source.open()
        url = url or pip_engine.default_url(source.environ)
        http = Http("OSV", source.config.access, limits)
        told, gaps = _Service(url, http).ask_all(tuple(releases))
        answers = {release: osv_record.answer(records) for release, records in told.items()}
        engine = pip_engine.audit(answers, source.environ) if answers else {}
    except AssayError as error:
        return nothing(tuple(releases), error.message)
    except BrokenAnswer as error:
        return nothing(tuple(releases), str(error))
    found: dict[Release, tuple[Advisory, ...]] = {}
    for release, records in told.items():
        try:
            found[release] = tuple(_advisories(release, records, engine[release]))
        except BrokenAnswer as error:
            gaps[release] = f"OSV: {shown(url)}: {error}"
    return Answer(found, gaps)


class _Service:
    def __init__(self, url: str, http: Http) -> None:
        self.url = url
        self.http = http
        self._lock = threading.Lock()
        self._failures: list[str] = []
        self._end = time.monotonic() + _WHOLE

    def ask_all(
        self, releases: tuple[Release, ...]
    ) -> tuple[dict[Release, tuple[Record, ...]], dict[Release, str]]:
        """What the service tells of each release, and why it does not."""
        told: dict[Release, tuple[Record, ...]] = {}
        gaps: dict[Release, str] = {}
        with ThreadPoolExecutor(_THREADS) as pool:
            for release, answer in zip(releases, pool.map(self._one, releases), strict=True):
                if isinstance(answer, str):
                    gaps[release] = answer
                else:
                    told[release] = answer
        return told, gaps

    def _one(self, release: Release) -> tuple[Record, ...] | str:
        with self._lock:
            if len(self._failures) >= _ENOUGH:
                return self._failures[0]
        if time.monotonic() > self._end:
            return f"OSV: {shown(self.url)} did not answer about all within {_WHOLE:g} s"
        try:
            records = tuple(islice(self._ask(release), _MOST_RECORDS + 1))
            if len(records) > _MOST_RECORDS:
                raise BrokenAnswer(f"answers with more than {_MOST_RECORDS} advisories")
            return records
        except AssayError as error:
            with self._lock:
                self._failures.append(error.message)
            return error.message
        except BrokenAnswer as error:
            return f"OSV: {shown(self.url)}: {error}"

    def _ask(self, release: Release) -> Iterator[Record]:
        body: dict[str, Any] = {
            "version": release.version,
            "package": {"name": release.name, "ecosystem": "PyPI"},
        }
        now = datetime.now(UTC)
        for _ in range(_MOST_PAGES):
            sent = Body(json.dumps(body).encode(), "application/json")
            data = _page(self.http.post(self.url, sent, size=MOST_ANSWER))
            for item in data.get("vulns", ()):
                yield osv_record.read(item, release, now)
            token = data.get("next_page_token", "")
            if not token:
                return
            if token == body.get("page_token"):
                raise BrokenAnswer("leads from a page to that page again")
            body["page_token"] = token
        raise BrokenAnswer(f"answers with more than {_MOST_PAGES} pages")


def _page(raw: bytes) -> Mapping[str, Any]:
    try:
        data = strict_json.read_object(raw, limit=MOST_ANSWER)
    except ValueError as error:
        raise BrokenAnswer(f"does not answer with advisories in JSON ({error})") from error
    if strange := sorted(data.keys() - {"vulns", "next_page_token"}):
        raise BrokenAnswer(f"answers with {strange[0]!r}, which is none of OSV's")
    if not isinstance(data.get("vulns", []), list):
        raise BrokenAnswer("gives no list of advisories")
    if not isinstance(data.get("next_page_token", ""), str):
        raise BrokenAnswer("gives a page that is none")
    return data


def _advisories(
    release: Release, records: Sequence[Record], engine: Sequence[frozenset[str]]
) -> Iterator[Advisory]:
    """One advisory for each group of records that share an id, as pip-audit joins them."""
    for group in osv_record.grouped([one for one in records if not one.withdrawn]):
        names = frozenset(name.upper() for record in group for name in record.ids)
        if not any(names & told for told in engine):
            raise BrokenAnswer(f"names the advisory {group[0].id}, which pip-audit leaves out")
        yield osv_record.advisory(release, group)
