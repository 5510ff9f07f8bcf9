"""SARIF: rules with help, fixes that mend, suppressions, and a cut that takes the least."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from tests.support.reports import ENTRY, report, written
from tests.support.repository import entry

from assay.entry import read
from assay.finding import Finding, Severity
from assay.outcome import Suppressed
from assay.report import sarif

ERROR = Finding(ENTRY, 2, 10, "quote-scalar", "a number", 'quote it: "1.10"')
TODAY = date(2026, 11, 22)


def _run(text: str) -> dict[str, Any]:
    (run,) = json.loads(text)["runs"]
    assert isinstance(run, dict)
    return run


def test_a_rule_brings_its_page() -> None:
    run = _run(written("sarif", report(ERROR)))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "quote-scalar"
    assert rule["shortDescription"]["text"] == "YAML would read the value as something else"
    assert "`assay explain quote-scalar`" in rule["help"]["markdown"]
    assert run["results"][0]["ruleIndex"] == 0


def test_what_is_put_up_with_is_a_result_with_its_reason() -> None:
    waived = Suppressed(ERROR, "waiver", "does no harm", "ann@example.com", "2026-12-31")
    first, second = _run(written("sarif", report(ERROR, suppressed=[waived])))["results"]
    assert first["suppressions"] == []
    (one,) = second["suppressions"]
    assert (one["kind"], one["status"]) == ("external", "accepted")
    assert one["justification"] == "waived by ann@example.com until 2026-12-31: does no harm"


def test_equal_findings_have_fingerprints_of_their_own_that_lines_do_not_change() -> None:
    def prints(*lines: int) -> list[str]:
        found = _run(written("sarif", report(*(ERROR._replace(line=line) for line in lines))))
        return [one["partialFingerprints"]["primaryLocationLineHash"] for one in found["results"]]

    assert len(set(prints(2, 5))) == 2
    assert prints(2, 5) == prints(3, 9)


def test_what_does_not_fit_is_the_least_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 300)
    monkeypatch.setattr(sarif, "SHOWN", 50)
    notes = [ERROR._replace(severity=Severity.NOTE, rule="a")] * 304
    run = _run(written("sarif", report(*notes, ERROR)))
    assert len(run["results"]) == 300
    assert run["results"][0]["level"] == "error"
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert "305 results: a forge keeps the 50" in told[-1]
    assert told[-1].endswith("5 are left out")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("version: 1.10", "quote-scalar"),
        ("version: 1.10  # as ever", "quote-scalar"),
        ("title: no", "quote-scalar"),
        ("licenc: MIT", "unknown-key"),
        ('licenc: "MIT"', ""),  # a person must: what stands there is no plain scalar
    ],
)
def test_a_fix_mends_what_it_is_for(line: str, rule: str) -> None:
    text = entry().replace(
        "version: 1.2.0", line if line.startswith("version") else "version: 1.2.0"
    )
    if not line.startswith("version"):
        text += f"{line}\n"
    raw = text.encode()
    found = [one for one in read(ENTRY, raw, today=TODAY).findings if one.severity == "error"]
    assert len(found) == 1
    (result,) = _run(written("sarif", report(*found, source=raw)))["results"]
    if not rule:
        assert "fixes" not in result
        return
    assert result["ruleId"] == rule
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == ENTRY
    (replacement,) = change["replacements"]
    region = replacement["deletedRegion"]
    lines = text.split("\n")
    old = lines[region["startLine"] - 1]
    new = replacement["insertedContent"]["text"]
    mended = old[: region["startColumn"] - 1] + new + old[region["endColumn"] - 1 :]
    lines[region["startLine"] - 1] = mended
    after = read(ENTRY, "\n".join(lines).encode(), today=TODAY).findings
    assert [one.rule for one in after if one.rule == rule] == []


def test_a_message_holds_no_link_and_no_placeholder() -> None:
    one = ERROR._replace(message="[here](http://e.example) and {0} of ${NAME}")
    text = _run(written("sarif", report(one)))["results"][0]["message"]["text"]
    assert "](" not in text
    assert "{{0}}" in text
