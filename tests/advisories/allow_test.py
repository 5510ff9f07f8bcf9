"""The policy's list of advisories that are put up with: until a day, by any name of theirs."""

from __future__ import annotations

from datetime import date

import pytest
from tests.advisories.audit_test import WEB
from tests.advisories.conftest import TODAY, Auditor
from tests.support.advisories import JINJA, Osv
from tests.support.faults import FaultServer

from assay import policy
from assay.advisories.allowed import Allowed
from assay.advisories.model import Advisory, Release
from assay.finding import Severity
from assay.policy import Allow

LODASH = Release("npm", "lodash", "4.17.15")
SCOPED = Release("npm", "@acme/x", "1.0.0")
JINJA2 = Release("pypi", "jinja2", "2.11.2")
HOLE = Advisory("GHSA-35jh-r3h4-6jhm", ("CVE-2021-23337", "PYSEC-2021-66"), "", "high", "")


def allow(
    advisory: str = "GHSA-35jh-r3h4-6jhm", package: str = "", expires: date = date(2026, 12, 31)
) -> Allow:
    return Allow(advisory, package, "never reached", "owner@example.com", expires, 7, 5)


@pytest.mark.parametrize(
    "advisory", ["GHSA-35jh-r3h4-6jhm", "ghsa-35JH-r3h4-6jhm", "CVE-2021-23337", "PYSEC-2021-66"]
)
def test_any_of_its_ids_will_do(advisory: str) -> None:
    assert Allowed([allow(advisory)], TODAY).find(LODASH, HOLE)


def test_another_advisory_is_not_covered() -> None:
    for other in ("GHSA-35jh-r3h4", "CVE-2021-2333", "GHSA-aaaa-bbbb-cccc"):
        assert Allowed([allow(other)], TODAY).find(LODASH, HOLE) is None


@pytest.mark.parametrize(
    ("package", "release", "covers"),
    [
        ("pkg:npm/lodash", LODASH, True),
        ("pkg:npm/lodash@4.17.15", LODASH, True),
        ("pkg:npm/lodash@4.17.1", LODASH, False),
        ("pkg:npm/lodas", LODASH, False),
        ("pkg:pypi/lodash", LODASH, False),
        ("pkg:npm/%40acme/x", SCOPED, True),
        ("pkg:npm/@acme/x@1.0.0", SCOPED, True),
        ("pkg:npm/x", SCOPED, False),
        ("pkg:pypi/Jinja2@2.11.2", JINJA2, True),
    ],
)
def test_a_package_narrows_it(package: str, release: Release, covers: bool) -> None:
    found = Allowed([allow(package=package)], TODAY).find(release, HOLE)
    assert bool(found) is covers


def test_on_its_last_day_it_holds_and_a_day_later_it_is_told() -> None:
    holds = Allowed([allow(expires=TODAY)], TODAY)
    assert holds.find(LODASH, HOLE)
    assert list(holds.findings(whole=True)) == []
    ended = Allowed([allow(expires=date(2026, 11, 21))], TODAY)
    assert ended.find(LODASH, HOLE) is None
    (finding,) = ended.findings(whole=False)
    assert (finding.rule, finding.path, finding.line) == ("audit-allow-expired", "assay.yaml", 7)


def test_what_matches_nothing_is_told_where_all_was_audited() -> None:
    unused = Allowed([allow()], TODAY)
    assert list(unused.findings(whole=False)) == []
    (finding,) = unused.findings(whole=True)
    assert (finding.rule, finding.severity) == ("audit-allow-unused", Severity.NOTE)


def test_an_allowed_vulnerability_is_told_as_a_note_and_refuses_nothing(
    server: FaultServer, auditor: Auditor
) -> None:
    Osv(server, {("jinja2", "2.11.2"): JINJA})
    outcome = auditor.run(WEB, allow=(allow("CVE-2020-28493", "pkg:pypi/jinja2"),), whole=True)
    (finding,) = outcome.findings
    assert (finding.rule, finding.severity) == ("audit-allowed", Severity.NOTE)
    assert "Allowed until 2026-12-31 by `owner@example.com`: `never reached`" in finding.message
    assert outcome.exit_code == 0


def test_the_policy_says_it_with_reason_owner_and_day() -> None:
    text = """\
audit:
  severity: high
  allow:
    - advisory: CVE-2020-28493
      reason: The filter is never called.
      owner: owner@example.com
      expires: 2026-12-31
"""
    reading = policy.read("assay.yaml", text.encode())
    assert reading.policy is not None
    (item,) = reading.policy.audit.allow
    assert (item.expires, item.line) == (date(2026, 12, 31), 4)
    for line in ("reason", "owner", "expires"):
        short = "".join(part for part in text.splitlines(True) if line not in part)
        assert policy.read("assay.yaml", short.encode()).policy is None


@pytest.mark.parametrize(
    "url",
    [
        "http://advisories.example.com/",
        "https://user:secret@advisories.example.com/",
        "http://127.0.0.1@evil.example.com/",
        "http://localhost.example.com/",
        "file:///etc/passwd",
        "https://advisories.example.com/?token=x",
    ],
)
def test_a_service_is_asked_over_https_or_on_this_machine(url: str) -> None:
    assert policy.read("assay.yaml", f"audit:\n  npm: {url}\n".encode()).policy is None
