"""A run's report for a test, and each format read back as its own reader reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple
from xml.etree import ElementTree

from assay.finding import Finding
from assay.outcome import Outcome, Suppressed, Unseen
from assay.report.formats import rendered
from assay.report.model import Report

ENTRY = "servers/clock.yaml"


def report(
    *findings: Finding,
    unseen: Iterable[Unseen] = (),
    suppressed: Iterable[Suppressed] = (),
    unwritten: Iterable[str] = (),
    source: bytes | None = b"name: clock\nversion: 1.10\n",
    prefix: str = "",
    remarks: tuple[str, ...] = (),
) -> Report:
    """Of one entry, and whatever else the findings name."""
    outcome = Outcome(tuple(findings), tuple(unseen), tuple(suppressed), tuple(unwritten))
    return Report(outcome, (ENTRY,), lambda path: source, prefix, remarks)


def written(name: str, of: Report) -> str:
    """The whole of it, as it stands in a file."""
    return "".join(f"{line}\n" for line in rendered(name, of))


class Counted(NamedTuple):
    """What a reader of a format counts: None where the format has no word for it."""

    errors: int
    warnings: int | None
    notes: int | None
    suppressed: int
    blind: int  # not looked at, and not written


def counted(name: str, text: str) -> Counted:
    """Count what stands in a report, by the items and never by its own line of totals."""
    return _READERS[name](text)


def totals(text: str) -> Counted:
    """By the line of totals that the formats for people end with."""
    (line,) = re.findall(r"^(?:assay: )?\d+ entr(?:y|ies) checked: (.*)$", text, re.MULTILINE)

    def number(word: str) -> int:
        found = re.search(rf"(\d+) {word}", line)
        return int(found[1]) if found else 0

    return Counted(
        number("error"),
        number("warning"),
        number("note"),
        number("waived") + number("in the baseline"),
        number("not looked at") + number("reports? not written"),
    )


def _text(text: str) -> Counted:
    lines = text.splitlines()

    def number(pattern: str) -> int:
        return sum(re.search(pattern, line) is not None for line in lines)

    return Counted(
        number(r"^servers/clock\.yaml:\d+:\d+: error: "),
        number(r"^servers/clock\.yaml:\d+:\d+: warning: "),
        number(r"^servers/clock\.yaml:\d+:\d+: note: "),
        number(r"^servers/clock\.yaml:\d+: (?:waived by|in the baseline)"),
        number(r": not looked at \[") + number("^not written: "),
    )


def _github(text: str) -> Counted:
    lines = text.splitlines()
    blind = [line for line in lines if "title=not looked at" in line or "title=report not" in line]
    return Counted(
        sum(line.startswith("::error ") for line in lines) - len(blind),
        sum(line.startswith("::warning ") for line in lines),
        sum(line.startswith("::notice ") for line in lines),
        sum(": waived by " in line or ": in the baseline: " in line for line in lines),
        len(blind),
    )


def _azure(text: str) -> Counted:
    lines = text.splitlines()
    errors = [line for line in lines if line.startswith("##vso[task.logissue type=error;")]
    blind = [line for line in errors if "linenumber=" not in line]
    return Counted(
        len(errors) - len(blind),
        sum(line.startswith("##vso[task.logissue type=warning;") for line in lines),
        sum(": note: " in line for line in lines),
        sum(": waived by " in line or ": in the baseline: " in line for line in lines),
        len(blind),
    )


def _gitlab(text: str) -> Counted:
    found: list[dict[str, Any]] = json.loads(text)
    of = [one["severity"] for one in found if one["check_name"] != "assay-totals"]
    said = "".join(one["description"] for one in found if one["check_name"] == "assay-totals")
    suppressed = sum(map(int, re.findall(r"(\d+) (?:waived|in the baseline)", said)))
    errors, warnings, notes = (of.count(word) for word in ("critical", "minor", "info"))
    return Counted(errors, warnings, notes, suppressed, of.count("blocker"))


def _sarif(text: str) -> Counted:
    (run,) = json.loads(text)["runs"]
    suppressed = [one for one in run["results"] if one["suppressions"]]
    levels = [one["level"] for one in run["results"] if not one["suppressions"]]
    (invocation,) = run["invocations"]
    blind = [one for one in invocation["toolExecutionNotifications"] if one["level"] == "error"]
    assert invocation["executionSuccessful"] is (not blind)
    errors, warnings, notes = (levels.count(word) for word in ("error", "warning", "note"))
    return Counted(errors, warnings, notes, len(suppressed), len(blind))


def _junit(text: str) -> Counted:
    root = ElementTree.fromstring(text)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(root.attrib[name]) == len(list(root.iter(tag)))
        for suite in root:
            assert int(suite.attrib[name]) == len(list(suite.iter(tag)))
    assert int(root.attrib["tests"]) == len(list(root.iter("testcase")))
    told = [case.text or "" for case in root.iter("system-out")]
    return Counted(
        int(root.attrib["failures"]),
        sum(": warning: " in text for text in told),
        sum(": note: " in text for text in told),
        int(root.attrib["skipped"]),
        int(root.attrib["errors"]),
    )


def _json(text: str) -> Counted:
    found = json.loads(text)
    weights = [one["severity"] for one in found["findings"]]
    blind = len(found["not_looked_at"]) + len(found["not_written"])
    errors, warnings, notes = (weights.count(word) for word in ("error", "warning", "note"))
    return Counted(errors, warnings, notes, len(found["suppressed"]), blind)


def _summary(text: str) -> Counted:
    part, _, rest = text.partition(" suppressed</summary>")
    return Counted(
        part.count("- **error** "),
        part.count("- **warning** "),
        part.count("- **note** "),
        sum(line.startswith("- ") for line in rest.splitlines()),
        len(re.findall(r"(?m)^- `[^`]+` \([a-z-]+\): ", part)) + part.count("Report not written"),
    )


_READERS = {
    "text": _text,
    "github": _github,
    "azure": _azure,
    "gitlab": _gitlab,
    "sarif": _sarif,
    "junit": _junit,
    "json": _json,
    "summary": _summary,
}
