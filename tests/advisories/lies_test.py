"""A service that is dead, slow or lying is told as such, and nothing that it was to vouch for
passes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.advisories.audit_test import ASYNC, WEB
from tests.advisories.conftest import Auditor
from tests.support import faults
from tests.support.advisories import BULK, JINJA, LODASH, QUERY, Bulk, Osv, npm_entry, pypi_entry
from tests.support.faults import Behaviour, FaultServer

from assay.advisories import npm_engine, pip_engine
from assay.advisories.model import BrokenAnswer, Release
from assay.finding import Severity

# With a single package a bad answer leaves the engine nothing to look at, which is quicker.
FLASK = pypi_entry("flask", [("flask", "1.1.2")])
JINJA2 = pypi_entry("jinja", [("jinja2", "2.11.2")])
LODASH_ALONE = npm_entry(
    "lodash", {"node_modules/lodash": {"name": "lodash", "version": "4.17.15"}}
)
LOGIN = b"<!doctype html><title>Sign in</title>"
GOOD = json.dumps({"lodash": [LODASH]}).encode()


def _json(data: object) -> Behaviour:
    return faults.good(json.dumps(data).encode())


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (faults.status(401), "answers 401"),
        (faults.status(404), "(404)"),
        (faults.status(405), "answers 405"),
        (faults.status(500), "answers 500"),
        (faults.redirect("/login"), "redirects"),
        (faults.trickling(0.1), "did not end"),
        (faults.trickling_headers(0.1), "did not end"),
        (faults.endless(), "longer than"),
        (faults.truncated(GOOD[:40], len(GOOD)), "IncompleteRead"),
        (faults.good(GOOD[:40]), "JSON"),
        (faults.good(LOGIN), "JSON"),
        (faults.good(b""), "JSON"),
        (_json([]), "not a JSON object"),
        (_json(None), "not a JSON object"),
        (_json({"error": "not implemented"}), "answers about `error`"),
        (_json({"evil": [LODASH]}), "answers about `evil`, which nobody asked about"),
        (faults.good(b'{"lodash": [], "lodash": []}'), "stands twice"),
    ],
)
def test_a_registry_that_does_not_answer_as_one_leaves_everything_not_audited(
    server: FaultServer, auditor: Auditor, behaviour: Behaviour, told: str
) -> None:
    server[BULK] = behaviour
    (finding,) = auditor.findings(ASYNC)
    assert (finding.rule, finding.severity) == ("not-audited", Severity.ERROR)
    assert finding.path == "servers/async.yaml"
    assert "async 2.6.3, lodash 4.17.15" in finding.message
    assert told in finding.message


def test_a_dead_service_leaves_everything_not_audited(
    server: FaultServer, auditor: Auditor
) -> None:
    nobody = "http://127.0.0.1:9/"
    outcome = auditor.run({**ASYNC, **WEB}, npm=nobody, osv=nobody)
    assert [finding.rule for finding in outcome.findings] == ["not-audited"] * 2
    assert outcome.exit_code == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "without an id"),
        ({"id": True}, "without an id"),
        ({"severity": "catastrophic"}, "of severity `catastrophic`"),
        ({"severity": None}, "none of info, low"),
        ({"vulnerable_versions": None}, "without a range"),
        ({"vulnerable_versions": " "}, "without a range"),
        # npm audit drops a range that it can't read, and the advisory with it.
        ({"vulnerable_versions": "all versions"}, "which npm audit leaves out"),
        # With another name npm takes the advisory for one of a dependency.
        ({"name": "underscore"}, "of `underscore`"),
    ],
)
def test_an_advisory_that_can_not_be_one_leaves_its_package_not_audited(
    server: FaultServer, auditor: Auditor, change: dict[str, Any], told: str
) -> None:
    Bulk(server, {"lodash": [{**LODASH, **change}]})
    (finding,) = auditor.findings(LODASH_ALONE)
    assert finding.rule == "not-audited"
    assert finding.path == "servers/lodash.package-lock.json"
    assert finding.subject == "pkg:npm/lodash@4.17.15"
    assert told in finding.message


def test_two_advisories_of_one_id_are_none(server: FaultServer, auditor: Auditor) -> None:
    # npm would keep the first, which does not reach the version.
    Bulk(server, {"lodash": [{**LODASH, "vulnerable_versions": "<1.0.0"}, LODASH]})
    (finding,) = auditor.findings(LODASH_ALONE)
    assert finding.rule == "not-audited"
    assert "two advisories" in finding.message


def test_an_advisory_beside_the_version_is_none(server: FaultServer, auditor: Auditor) -> None:
    Bulk(server, {"lodash": [{**LODASH, "vulnerable_versions": ">=5.0.0 <5.1.0"}]})
    assert auditor.findings(ASYNC) == []


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (faults.status(401), "answers 401"),
        (faults.status(503), "answers 503"),
        (faults.trickling(0.1), "did not end"),
        (faults.truncated(b'{"vulns"', 999), "IncompleteRead"),
        (faults.good(LOGIN), "JSON"),
        (_json([]), "not a JSON object"),
        (_json(None), "not a JSON object"),
        (faults.good(b""), "JSON"),
        (_json({"code": 5, "message": "no"}), "'code'"),
        (_json({"vulns": {}}), "no list"),
        (_json({"vulns": [7]}), "an advisory that is none"),
        (_json({"vulns": [], "next_page_token": "again"}), "to that page again"),
        (_json({"vulns": [JINJA[0]]}), "about another package"),
        (_json({"vulns": [{**JINJA[0], "affected": []}]}), "about another package"),
    ],
)
def test_an_osv_service_that_does_not_answer_as_one_leaves_its_packages_not_audited(
    server: FaultServer, auditor: Auditor, behaviour: Behaviour, told: str
) -> None:
    server[QUERY] = behaviour
    (finding,) = auditor.findings(FLASK)
    assert finding.rule == "not-audited"
    assert told in finding.message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "without an id"),
        ({"id": "x\u202ey"}, "without an id"),
        ({"schema_version": "2.0.0"}, "a schema that is not known"),
        ({"withdrawn": "yes"}, "which is no instant"),
        ({"withdrawn": "2026-02-30T00:00:00Z"}, "which is no instant"),
        ({"withdrawn": "2099-01-01T00:00:00Z"}, "which is yet to come"),
    ],
)
def test_a_record_that_can_not_be_one_leaves_its_release_not_audited(
    server: FaultServer, auditor: Auditor, change: dict[str, Any], told: str
) -> None:
    Osv(server, {("jinja2", "2.11.2"): [{**JINJA[0], **change}]})
    (finding,) = auditor.findings(JINJA2)
    assert (finding.rule, finding.path) == ("not-audited", "servers/jinja.requirements.txt")
    assert told in finding.message


def test_a_record_that_was_withdrawn_is_none(server: FaultServer, auditor: Auditor) -> None:
    gone = {"withdrawn": "2022-01-01T00:00:00.123456Z"}
    Osv(server, {("jinja2", "2.11.2"): [{**one, **gone} for one in JINJA]})
    assert auditor.findings(WEB) == []


def test_a_withdrawn_record_takes_no_other_with_it(server: FaultServer, auditor: Auditor) -> None:
    gone = {**JINJA[0], "withdrawn": "2022-01-01T00:00:00Z"}
    Osv(server, {("jinja2", "2.11.2"): [gone, JINJA[1]]})
    (finding,) = auditor.findings(WEB)
    # PyPA's record gives no severity, so it counts as the gravest.
    assert (finding.rule, finding.severity) == ("audit-vulnerable", Severity.ERROR)
    assert "PYSEC-2021-66 (of no known severity" in finding.message


def test_every_page_of_an_answer_is_read(server: FaultServer, auditor: Auditor) -> None:
    def pages(handler: faults.Handler) -> None:
        body = json.loads(handler.body)
        if body["package"]["name"] != "jinja2":
            handler.answer(200, b"{}")
        elif body.get("page_token") == "more":
            handler.answer(200, json.dumps({"vulns": [JINJA[0]]}).encode())
        else:
            handler.answer(200, b'{"next_page_token": "more"}')

    server[QUERY] = pages
    (finding,) = auditor.findings(WEB)
    assert finding.rule == "audit-vulnerable"


def test_one_bad_answer_does_not_hide_the_others(server: FaultServer, auditor: Auditor) -> None:
    Osv(server, {("jinja2", "2.11.2"): JINJA, ("flask", "1.1.2"): [7]})
    found = {finding.rule: finding.subject for finding in auditor.findings(WEB)}
    assert found == {
        "audit-vulnerable": "pkg:pypi/jinja2@2.11.2#GHSA-g3rq-g295-4j3m",
        "not-audited": "pkg:pypi/flask@1.1.2",
    }


# Engines that lie: programs in their place, which print what they were told to.

REPORT: dict[str, Any] = {
    "vulnerabilities": {
        "lodash": {"severity": "high", "via": [{"source": 1}], "nodes": ["node_modules/p0"]}
    },
    "metadata": {
        "vulnerabilities": {
            **{"info": 0, "low": 0, "moderate": 0, "high": 1, "critical": 0},
            "total": 1,
        },
        "dependencies": {"total": 1},
    },
}


def _but(**change: Any) -> dict[str, Any]:
    return {**REPORT, **change}


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({"message": "request failed"}, "request failed"),
        ({"error": {"summary": "ENOLOCK"}}, "ENOLOCK"),
        ({"metadata": REPORT["metadata"]}, "no vulnerabilities"),
        (_but(vulnerabilities={}), "counts other vulnerabilities"),
        (_but(metadata={}), "counts other vulnerabilities"),
        (_but(vulnerabilities={"lodash": {"severity": "bad"}}), "severity that is not known"),
        (_but(), "did not ask about the packages"),
    ],
)
def test_a_report_of_npm_audit_that_contradicts_itself_is_none(
    tmp_path: Any, report: object, told: str
) -> None:
    fake = tmp_path / "npm"
    fake.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(report)}\nEND\n")
    fake.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    with pytest.raises(BrokenAnswer, match=re.escape(told)):
        npm_engine.audit({"lodash": ["4.17.15"]}, {}, lambda name: None, environ)


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ("", "gave no report"),
        ("{}", "another form"),
        ('{"dependencies": []}', "did not report on the packages"),
        ('{"dependencies": [{"name": "x", "version": "1", "vulns": []}]}', "did not report"),
        ('{"dependencies": [{"name": "x", "skip_reason": "not found"}]}', "skipped x: not found"),
    ],
)
def test_a_report_of_pip_audit_without_what_was_asked_is_none(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, report: str, told: str
) -> None:
    fake = tmp_path / "pip-audit"
    fake.write_text(f"#!/bin/sh\ncat <<'END'\n{report}\nEND\n")
    fake.chmod(0o755)
    monkeypatch.setattr(pip_engine, "program", lambda: (str(fake),))
    with pytest.raises(BrokenAnswer, match=re.escape(told)):
        pip_engine.audit({Release("pypi", "jinja2", "2.11.2"): {}}, {"PATH": "/usr/bin:/bin"})


def test_without_an_engine_nothing_is_audited(
    server: FaultServer, auditor: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    Osv(server, {})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (finding,) = auditor.findings(WEB)
    assert finding.rule == "not-audited"
    assert "mcp-assay[audit]" in finding.message


def test_offline_nothing_was_audited_and_that_is_told(auditor: Auditor) -> None:
    outcome = auditor.run({**ASYNC, **WEB}, offline=True)
    assert [one.path for one in outcome.unseen] == ["servers/async.yaml", "servers/web.yaml"]
    assert outcome.exit_code == 3
