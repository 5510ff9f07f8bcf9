"""Waivers and the baseline: what is put up with is told, and what can't be put up with stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.repository import POLICY, Repository, entry

from assay.baseline import read as read_baseline
from assay.cli import main
from assay.finding import Finding, Severity
from assay.registry.names import BASELINE

WAIVER = """\
waivers:
  - rule: {rule}
    entry: {entry}
{more}    reason: it is the same clock on purpose
    owner: ann@example.com
    expires: {expires}
"""
# Two names that look alike: found offline, and about what an entry is.
FILES = {"servers/clock.yaml": entry("clock"), "servers/c1ock.yaml": entry("c1ock")}
MakeRegistry = Callable[[dict[str, str | bytes]], Repository]
Run = Callable[..., tuple[int, dict[str, Any]]]


def _policy(rule: str, name: str = "c1ock", more: str = "", expires: str = "2027-01-31") -> str:
    return POLICY + WAIVER.format(rule=rule, entry=name, more=more, expires=expires)


@pytest.fixture
def made(registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = registry({"assay.yaml": POLICY, **FILES})
    monkeypatch.chdir(repository.root)
    return repository


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def asked(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["check", "--offline", "--format", "json", *words])
        return code, json.loads(capsys.readouterr().out)

    return asked


def _rules(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["path"], one["rule"]) for one in found["findings"]]


def _alike(run: Run) -> dict[str, Any]:
    """The finding that everything here is about."""
    code, found = run()
    assert code == 1
    (one,) = [one for one in found["findings"] if one["severity"] == "error"]
    assert isinstance(one, dict)
    return one


def test_a_waived_finding_is_told_and_does_not_refuse(made: Repository, run: Run) -> None:
    one = _alike(run)
    name = Path(one["path"]).stem
    made.write("assay.yaml", _policy(one["rule"], name))
    code, found = run()
    assert (code, found["totals"]["errors"], found["totals"]["waived"]) == (0, 0, 1)
    (waived,) = found["suppressed"]
    assert waived["finding"] == one
    assert (waived["owner"], waived["until"]) == ("ann@example.com", "2027-01-31")


@pytest.mark.parametrize("by", ["subject", "fingerprint"])
def test_a_waiver_can_be_of_one_subject_or_one_fingerprint(
    made: Repository, run: Run, by: str
) -> None:
    one = _alike(run)
    name = Path(one["path"]).stem
    assert one[by]
    made.write("assay.yaml", _policy(one["rule"], name, f'    {by}: "{one[by]}"\n'))
    assert run()[0] == 0
    wrong = "0" * 64 if by == "fingerprint" else "pkg:npm/other"
    made.write("assay.yaml", _policy(one["rule"], name, f'    {by}: "{wrong}"\n'))
    assert run()[0] == 1


def test_a_waiver_of_another_entry_or_rule_suppresses_nothing(made: Repository, run: Run) -> None:
    one = _alike(run)
    other = "clock" if one["path"].endswith("c1ock.yaml") else "c1ock"
    made.write("assay.yaml", _policy(one["rule"], other))
    assert run()[0] == 1
    made.write("assay.yaml", _policy("deps-changed", Path(one["path"]).stem))
    assert run()[0] == 1


def test_an_expired_waiver_is_a_finding_at_its_line(made: Repository, run: Run) -> None:
    one = _alike(run)
    made.write("assay.yaml", _policy(one["rule"], Path(one["path"]).stem, expires="2026-01-31"))
    code, found = run()
    assert code == 1
    assert (one["path"], one["rule"]) in _rules(found)
    (expired,) = [told for told in found["findings"] if told["rule"] == "waiver-expired"]
    assert (expired["path"], expired["line"], expired["column"]) == ("assay.yaml", 6, 5)
    assert "ann@example.com" in expired["fix"]


@pytest.mark.parametrize(
    ("rule", "expires", "says"),
    [
        ("artefact-digest", "2027-01-31", "can't be waived"),
        ("lock-true", "2027-01-31", "can't be waived"),
        ("bundle-stale", "2027-01-31", "can't be waived"),
        ("unreachable", "2027-01-31", "can't be waived"),
        ("schema", "2027-01-31", "can't be waived"),
        ("waiver-expired", "2027-01-31", "can't be waived"),
        ("baseline-invalid", "2027-01-31", "can't be waived"),
        ("no-such-rule", "2027-01-31", "there is no rule"),
        ("name-collision", "2099-01-31", "more than 366 days ahead"),
    ],
)
def test_what_nobody_can_waive_is_a_finding(
    made: Repository, run: Run, rule: str, expires: str, says: str
) -> None:
    made.write("assay.yaml", _policy(rule, expires=expires))
    code, found = run()
    assert code == 1
    (one,) = [told for told in found["findings"] if told["rule"] == "waiver-invalid"]
    assert says in one["message"]
    assert found["totals"]["waived"] == 0


def test_a_waiver_that_is_no_longer_needed_is_told_once_everything_was_looked_at(
    made: Repository, run: Run
) -> None:
    made.write("assay.yaml", _policy("deps-changed", "gone"))
    _, found = run()
    assert ("assay.yaml", "waiver-unused") in _rules(found)
    made.write("assay.yaml", _policy("deps-changed", "clock"))
    _, found = run()  # the audit and the scan did not run, and might have used it
    assert ("assay.yaml", "waiver-unused") not in _rules(found)


def _baseline(*findings: dict[str, Any], **changed: Any) -> str:
    known = [
        {
            "rule": one["rule"],
            "path": one["path"],
            "about": one["subject"] or one["message"],
            "severity": one["severity"],
            "count": 1,
        }
        | changed
        for one in findings
    ]
    return json.dumps({"format": "assay-baseline", "version": 1, "findings": known})


def test_what_stands_in_the_baseline_is_told_and_does_not_refuse(
    made: Repository, run: Run
) -> None:
    one = _alike(run)
    made.write(BASELINE, _baseline(one))
    code, found = run()
    assert (code, found["totals"]["baselined"]) == (0, 1)
    assert found["suppressed"][0]["finding"] == one
    assert run("--no-baseline")[0] == 1


def test_a_baseline_covers_no_more_and_nothing_heavier_than_it_counts(
    made: Repository, run: Run
) -> None:
    one = _alike(run)
    made.write(BASELINE, _baseline(one, severity="warning"))
    assert run()[0] == 1
    made.write(BASELINE, _baseline(one, about="another name"))
    assert run()[0] == 1


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "{}",
        '{"format": "assay-baseline", "version": 2, "findings": []}',
        '{"format": "assay-baseline", "version": 1, "findings": [1]}',
        '{"format": "assay-baseline", "version": 1, "version": 1, "findings": []}',
        '{"format": "assay-baseline", "version": 1, "findings": ' + "[" * 9999,
        _baseline({"rule": "artefact-digest", "path": "x", "subject": "y", "severity": "error"}),
        _baseline({"rule": "nothing", "path": "x", "subject": "y", "severity": "error"}),
    ],
    ids=range(9),
)
def test_a_baseline_that_is_none_suppresses_nothing_and_is_a_finding(raw: str) -> None:
    known, (wrong,) = read_baseline(raw.encode())
    assert wrong.rule == "baseline-invalid"
    assert wrong.severity is Severity.ERROR
    assert not known.counts


def test_a_registry_adopts_by_writing_what_is_found_now(
    made: Repository, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    from assay import baseline

    one = _alike(run)
    finding = Finding(one["path"], 1, 1, one["rule"], one["message"], subject=one["subject"])
    tampered = Finding(one["path"], 1, 1, "artefact-digest", "other bytes")
    raw, number = baseline.write([finding, tampered, finding._replace(severity=Severity.NOTE)])
    assert number == 1
    made.write(BASELINE, raw)
    assert run()[0] == 0
    # Of a part of the registry, or without the network, none is written.
    for words in ([], ["--only", "all", "clock"], ["--only", "whole"]):
        assert main(["check", "--offline", "--write-baseline", *words]) == 2
        assert "of every entry and every set" in capsys.readouterr().err


def test_a_baseline_of_ones_own_comes_from_outside_of_the_repository(
    made: Repository, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = _alike(run)
    made.write("elsewhere.json", _baseline(one))
    assert main(["check", "--offline", "--baseline", "elsewhere.json"]) == 2
    assert "a pull request could bring it" in capsys.readouterr().err
    outside = tmp_path / "outside.json"
    outside.write_text(_baseline(one))
    assert run("--baseline", str(outside))[0] == 0
    assert main(["check", "--offline", "--baseline", str(tmp_path / "none.json")]) == 3


def test_a_pull_request_brings_no_excuse_of_its_own(made: Repository, run: Run) -> None:
    one = _alike(run)
    made.commit(message="base")
    made.git("rm", "--quiet", one["path"])
    made.commit(message="without it")
    made.git("checkout", "--quiet", "-b", "topic")
    name = Path(one["path"]).stem
    files = {one["path"]: entry(name), BASELINE: _baseline(one)}
    made.commit({**files, "assay.yaml": _policy(one["rule"], name)})
    code, found = run("--base", "main")
    assert code == 1
    rules = [rule for _, rule in _rules(found)]
    assert "mixed-change" in rules
    assert one["rule"] in rules
    assert found["suppressed"] == []


def test_a_baseline_alone_is_held_against_every_entry(made: Repository, run: Run) -> None:
    one = _alike(run)
    made.commit(message="base")
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({BASELINE: _baseline(one)})
    code, found = run("--base", "main")
    assert (code, found["totals"]["entries"]) == (0, 2)
    made.commit({BASELINE: "nothing that can be read"})
    code, found = run("--base", "main")
    assert (code, _rules(found)) == (1, [(BASELINE, "baseline-invalid")])
