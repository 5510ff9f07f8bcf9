"""What comes along is held against advisories: clean, vulnerable, and told where and by what."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.advisories.conftest import Auditor
from tests.support.advisories import (
    JINJA,
    LODASH,
    QUERY,
    Bulk,
    Osv,
    npm_entry,
    packument,
    pypi_entry,
)
from tests.support.faults import FaultServer
from tests.support.packages import Index
from tests.support.repository import Repository

from assay.advisories import verdict
from assay.advisories.model import Advisory
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.finding import Severity
from assay_hooks.audit import main

ASYNC = npm_entry(
    "async",
    {
        "node_modules/async": {
            "name": "async",
            "version": "2.6.3",
            "wants": {"lodash": "^4.17.14"},
        },
        "node_modules/lodash": {"name": "lodash", "version": "4.17.15"},
    },
)
FIXED = npm_entry(
    "fixed",
    {
        "node_modules/async": {
            "name": "async",
            "version": "2.6.3",
            "wants": {"lodash": "^4.17.14"},
        },
        "node_modules/lodash": {"name": "lodash", "version": "4.17.21"},
    },
)
WEB = pypi_entry("web", [("flask", "1.1.2"), ("jinja2", "2.11.2")])


def test_a_vulnerable_package_of_npm_is_an_error_on_its_line_in_the_lock(
    server: FaultServer, auditor: Auditor
) -> None:
    bulk = Bulk(server, {"lodash": [LODASH]})
    packument(server, "lodash", ["4.17.15", "4.17.20", "4.17.21"])
    (finding,) = auditor.findings({**ASYNC, **FIXED})
    assert finding.rule == "audit-vulnerable"
    assert finding.severity is Severity.ERROR
    assert finding.path == "servers/async.package-lock.json"
    lock = str(ASYNC[finding.path]).split("\n")
    assert lock[finding.line - 1] == '    "node_modules/lodash": {'
    assert "async 2.6.3 → lodash 4.17.15" in finding.message
    assert "GHSA-35jh-r3h4-6jhm (severity high)" in finding.message
    assert "fixed in 4.17.21" in finding.message
    assert finding.subject == "pkg:npm/lodash@4.17.15#GHSA-35jh-r3h4-6jhm"
    # Both entries, and both versions of lodash, in one request.
    assert bulk.asked == [{"async": ["2.6.3"], "lodash": ["4.17.15", "4.17.21"]}]


def test_a_vulnerable_release_of_pypi_is_one_finding_however_many_databases_tell_of_it(
    server: FaultServer, auditor: Auditor
) -> None:
    osv = Osv(server, {("jinja2", "2.11.2"): JINJA})
    (finding,) = auditor.findings(WEB)
    assert (finding.rule, finding.path) == ("audit-vulnerable", "servers/web.requirements.txt")
    assert str(WEB[finding.path]).split("\n")[finding.line - 1].startswith("jinja2==2.11.2")
    assert "GHSA-g3rq-g295-4j3m (severity moderate, also CVE-2020-28493, PYSEC-2021-66)" in (
        finding.message
    )
    assert "fixed in 2.11.3" in finding.message
    assert len(osv.asked) == 2


def test_what_has_no_advisory_is_clean(server: FaultServer, auditor: Auditor) -> None:
    Bulk(server, {"lodash": [LODASH]})
    Osv(server, {})
    outcome = auditor.run({**FIXED, **WEB}, whole=True)
    assert outcome.findings == ()
    assert outcome.exit_code == 0


def test_the_way_by_which_a_python_package_came_in_is_asked_of_the_index(
    server: FaultServer, auditor: Auditor, tmp_path: Path
) -> None:
    index = Index(server, tmp_path / "home")
    wheels = {
        "web": index.publish("web", "1.0.1", requires=("flask[async]>=1",)),
        "flask": index.publish("flask", "1.1.2", requires=("asgi; extra == 'async'", "Jinja2>2")),
        "asgi": index.publish("asgi", "1.0.1", requires=("jinja2",)),
        "jinja2": index.publish("jinja2", "2.11.2"),
    }
    digests = {name: sha256(raw).hexdigest() for name, raw in wheels.items()}
    Osv(server, {("jinja2", "2.11.2"): JINJA, ("asgi", "1.0.1"): [_about(JINJA[0], "asgi")]})
    releases = [("web", "1.0.1"), ("flask", "1.1.2"), ("asgi", "1.0.1"), ("jinja2", "2.11.2")]
    machine = open_sources(Store(tmp_path / "store"), index.environ)
    outcome = auditor.run(pypi_entry("web", releases, digests), sources=machine)
    told = sorted(finding.message.rpartition("; ")[2] for finding in outcome.findings)
    assert told == [
        "it comes in by web 1.0.1 → flask 1.1.2 → asgi 1.0.1",
        "it comes in by web 1.0.1 → flask 1.1.2 → jinja2 2.11.2",
    ]


def _about(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(record))
    changed["affected"][0]["package"]["name"] = name
    return changed


@pytest.mark.parametrize(
    ("threshold", "weights"),
    [
        ("low", {"high": "error", "moderate": "error", "low": "error", "info": "note"}),
        ("moderate", {"high": "error", "moderate": "error", "low": "note", "info": "note"}),
        ("critical", {"critical": "error", "high": "warning", "moderate": "warning"}),
    ],
)
def test_below_the_threshold_an_advisory_is_told_and_does_not_refuse(
    threshold: str, weights: Mapping[str, str]
) -> None:
    for severity, weight in weights.items():
        advisory = Advisory("GHSA-1", (), "", severity, "")
        assert verdict.weight(advisory, threshold) == weight
    assert verdict.weight(Advisory("GHSA-1", (), "", "", ""), threshold) is Severity.ERROR


def test_a_package_at_two_places_is_told_once_by_the_shortest_way(
    server: FaultServer, auditor: Auditor
) -> None:
    old = {"name": "lodash", "version": "4.17.15"}
    files = npm_entry(
        "deep",
        {
            "node_modules/a": {"name": "a", "version": "1.0.0", "wants": {"b": "1", "lodash": "3"}},
            "node_modules/b": {"name": "b", "version": "1.0.0", "wants": {"lodash": "4", "c": "1"}},
            "node_modules/b/node_modules/lodash": old,
            "node_modules/c": {"name": "c", "version": "1.0.0", "wants": {"lodash": "4"}},
            "node_modules/c/node_modules/lodash": old,
            "node_modules/lodash": {"name": "lodash", "version": "3.10.1"},
        },
    )
    Bulk(server, {"lodash": [{**LODASH, "vulnerable_versions": ">=4.0.0 <4.17.21"}]})
    (finding,) = auditor.findings(files)
    assert "a 1.0.0 → b 1.0.0 → lodash 4.17.15 and at 1 more place" in finding.message


def test_an_alias_is_audited_by_its_real_name(server: FaultServer, auditor: Auditor) -> None:
    wants = {"nice": "npm:lodash@4.17.15"}
    files = npm_entry(
        "alias",
        {
            "node_modules/a": {"name": "a", "version": "1.0.0", "wants": wants},
            "node_modules/nice": {"name": "lodash", "version": "4.17.15"},
        },
    )
    Bulk(server, {"lodash": [LODASH], "nice": []})
    (finding,) = auditor.findings(files)
    assert "lodash 4.17.15" in finding.message


def test_each_of_a_packages_versions_gets_its_own_advisories(
    server: FaultServer, auditor: Auditor
) -> None:
    three = {**LODASH, "id": 7, "url": "", "vulnerable_versions": "<4.0.0", "severity": "low"}
    files = npm_entry(
        "two",
        {
            "node_modules/a": {"name": "a", "version": "1.0.0", "wants": {"b": "1", "lodash": "3"}},
            "node_modules/b": {"name": "b", "version": "1.0.0", "wants": {"lodash": "4"}},
            "node_modules/b/node_modules/lodash": {"name": "lodash", "version": "4.17.15"},
            "node_modules/lodash": {"name": "lodash", "version": "3.10.1"},
        },
    )
    Bulk(server, {"lodash": [{**LODASH, "vulnerable_versions": ">=4.0.0 <4.17.21"}, three]})
    found = {finding.subject: finding.severity for finding in auditor.findings(files)}
    assert found == {
        "pkg:npm/lodash@4.17.15#GHSA-35jh-r3h4-6jhm": Severity.ERROR,
        "pkg:npm/lodash@3.10.1#7": Severity.NOTE,
    }


def test_a_malicious_package_refuses_whatever_the_threshold(
    server: FaultServer, auditor: Auditor
) -> None:
    mal = {**_about(JINJA[0], "flask"), "id": "MAL-2026-1", "aliases": []}
    mal.pop("database_specific")
    Osv(server, {("flask", "1.1.2"): [mal]})
    (finding,) = auditor.run(WEB, severity="critical").findings
    assert finding.severity is Severity.ERROR
    assert "it is the artefact itself" in finding.message or "does not say" in finding.message


def test_the_hook_says_it_on_the_line_and_exits_with_1(
    server: FaultServer, registry: Callable[..., Repository], monkeypatch: pytest.MonkeyPatch
) -> None:
    Bulk(server, {"lodash": [LODASH]})
    policy = f"audit:\n  npm: {server.url('/')}\n  osv: {server.url(QUERY)}\n"
    made = registry({"assay.yaml": policy, **ASYNC, **FIXED})
    monkeypatch.chdir(made.root)
    assert main(["servers/fixed.yaml"]) == 0
    assert main(["servers/async.package-lock.json"]) == 1
