"""Advisory services on loopback that speak the real wire formats, and entries to audit.

npm's bulk endpoint takes name → versions, packed, and gives name → advisories; the documents of
the packages lie beside it. OSV takes one package and version a request (``/v1/query``).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tests.support import faults
from tests.support.faults import FaultServer, Handler
from tests.support.packages import sri
from tests.support.repository import entry

BULK = "/-/npm/v1/security/advisories/bulk"
QUERY = "/v1/query"

# As the public registry gives it for lodash 4.17.15.
LODASH = {
    "id": 1106913,
    "url": "https://github.com/advisories/GHSA-35jh-r3h4-6jhm",
    "title": "Command Injection in lodash",
    "severity": "high",
    "vulnerable_versions": "<4.17.21",
    "cwe": ["CWE-77", "CWE-94"],
    "cvss": {"score": 7.2, "vectorString": "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H"},
}
# The same hole as two databases tell of it.
JINJA = (
    {
        "id": "GHSA-g3rq-g295-4j3m",
        "summary": "Regular Expression Denial of Service (ReDoS) in Jinja2",
        "details": "### Impact\nlong",
        "aliases": ["CVE-2020-28493", "PYSEC-2021-66"],
        "modified": "2024-09-30T16:36:02.123456789Z",
        "published": "2021-03-19T21:28:05Z",
        "schema_version": "1.6.0",
        "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-400"]},
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}],
        "affected": [
            {
                "package": {"name": "jinja2", "ecosystem": "PyPI", "purl": "pkg:pypi/jinja2"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]}
                ],
                "database_specific": {"source": "https://example.com/x.json"},
            }
        ],
        "references": [{"type": "WEB", "url": "https://example.com/pull/1343"}],
    },
    {
        "id": "PYSEC-2021-66",
        "details": "This affects the package jinja2 from 0.0.0 and before 2.11.3.",
        "aliases": ["CVE-2020-28493", "GHSA-g3rq-g295-4j3m"],
        "modified": "2023-11-08T04:03:26Z",
        "affected": [
            {
                "package": {"name": "jinja2", "ecosystem": "PyPI", "purl": "pkg:pypi/jinja2"},
                "ranges": [
                    {
                        "type": "GIT",
                        "repo": "https://example.com/j",
                        "events": [{"introduced": "0"}],
                    },
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.11.3"}]},
                ],
                "versions": ["2.11.1", "2.11.2"],
            }
        ],
    },
)


class Bulk:
    """npm's advisories: ``told`` by name; ``asked`` is every body that came."""

    def __init__(self, server: FaultServer, told: Mapping[str, Sequence[object]]) -> None:
        self.told = told
        self.asked: list[dict[str, list[str]]] = []
        server[BULK] = self._answer

    def _answer(self, handler: Handler) -> None:
        assert handler.command == "POST"
        assert handler.headers["Content-Encoding"] == "gzip"
        assert handler.headers["Content-Type"] == "application/json"
        body = json.loads(gzip.decompress(handler.body))
        self.asked.append(body)
        said = {name: self.told[name] for name in body if name in self.told}
        handler.answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})


class Osv:
    """OSV's advisories: ``told`` by name and version; ``asked`` is every query that came."""

    def __init__(
        self, server: FaultServer, told: Mapping[tuple[str, str], Sequence[object]]
    ) -> None:
        self.told = told
        self.asked: list[dict[str, Any]] = []
        server[QUERY] = self._answer

    def _answer(self, handler: Handler) -> None:
        body = json.loads(handler.body)
        assert body["package"]["ecosystem"] == "PyPI"
        self.asked.append(body)
        vulns = self.told.get((body["package"]["name"], body["version"]), ())
        said = {"vulns": list(vulns)} if vulns else {}
        handler.answer(200, json.dumps(said).encode(), {"Content-Type": "application/json"})


def packument(server: FaultServer, name: str, versions: Sequence[str]) -> None:
    """A package's document, as far as an audit asks for it."""
    told = {one: {"name": name, "version": one, "dist": {}} for one in versions}
    data = {"name": name, "versions": told, "dist-tags": {"latest": versions[-1]}}
    server[f"/{name}"] = faults.good(json.dumps(data).encode())


def npm_entry(
    name: str, nodes: Mapping[str, Mapping[str, Any]], version: str = ""
) -> dict[str, str | bytes]:
    """An entry of npm with its lock, as files by path. ``nodes``: place → name, version, wants.

    The first node is the artefact. ``wants`` is name → range.
    """
    places = list(nodes)
    own = nodes[places[0]]
    packages: dict[str, Any] = {"": {"dependencies": {own["name"]: own["version"]}}}
    for place, node in sorted(nodes.items()):
        told = {"version": node["version"], "integrity": sri(place.encode())}
        if not f"/{place}".endswith(f"/node_modules/{node['name']}"):
            told = {"name": node["name"], **told}
        wants = {"dependencies": node["wants"]} if node.get("wants") else {}
        packages[place] = {**told, **wants}
    lock = {"lockfileVersion": 3, "requires": True, "packages": packages}
    raw = json.dumps(lock, indent=2, ensure_ascii=False) + "\n"
    url = f"pkg:npm/{own['name'].replace('@', '%40')}@{own['version']}"
    return _files(name, url, f"{name}.package-lock.json", raw, own["version"])


def pypi_entry(
    name: str, releases: Sequence[tuple[str, str]], digests: Mapping[str, str] | None = None
) -> dict[str, str | bytes]:
    """An entry of PyPI with its lock, as files by path. The first release is the artefact.

    ``digests`` are those of the wheels by name; made up where there is none.
    """
    own, version = releases[0]
    known = digests or {}
    lines = [f"# Closure of pkg:pypi/{own}@{version}"]
    for item, number in sorted(releases):
        digest = known.get(item) or sha256(f"{item} {number}".encode()).hexdigest()
        lines += [f"{item}=={number} \\", f"    --hash=sha256:{digest}"]
    url = f"pkg:pypi/{own}@{version}"
    return _files(name, url, f"{name}.requirements.txt", "\n".join(lines) + "\n", version)


def _files(name: str, url: str, file: str, lock: str, version: str) -> dict[str, str | bytes]:
    artefact = f"""\
artefact:
  url: {url}
  sha256: {sha256(url.encode()).hexdigest()}
  lock:
    file: {file}
    sha256: {sha256(lock.encode()).hexdigest()}
    resolved_at: 2026-11-20T00:00:00Z
"""
    head = entry(name, version).partition("artefact:")[0]
    return {f"servers/{name}.yaml": head + artefact, f"servers/{file}": lock}
