"""Findings as a job summary: Markdown, an entry a part that opens on a click.

A stranger's text stands in code spans alone (``assay.report.markdown``). A step's summary has at
most 1 MiB, and one that is larger is not shown at all: what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from assay.finding import Finding, Severity
from assay.pages import page
from assay.report.markdown import code, html_code
from assay.report.model import by_weight

if TYPE_CHECKING:
    from assay.outcome import Suppressed
    from assay.report.model import Report

MAX_BYTES = 1024 * 1024 - 8 * 1024  # the rest is for the line that says what is left out
_MOST_TEXT = 2000  # characters of one message
# Findings in one part: it is left out whole or not at all, so that each is closed again.
_TOGETHER = 20
_VERDICTS = {0: "No errors", 1: "Errors", 3: "Not everything was looked at"}


def whole(report: Report) -> Iterator[str]:
    """Lines of Markdown without line ends, at most ``MAX_BYTES`` of them and what is left out."""
    size, left = 0, 0
    for block in _blocks(report):
        weight = len("\n".join(block).encode("utf-8")) + 1
        if left or size + weight > MAX_BYTES:
            left += 1
            continue
        size += weight
        yield from block
    if left:
        yield ""
        yield f"**{left} more parts do not fit here**; `assay check` lists them all."


def _blocks(report: Report) -> Iterator[list[str]]:
    """Pieces that are whole in themselves, the most important first."""
    outcome, totals = report.outcome, report.totals
    yield [f"## assay: {_VERDICTS.get(totals.exit_code, 'Undecided')}", "", f"{totals}.", ""]
    for told in outcome.unwritten:
        yield [f"- **Report not written**: {_code(told)}"]
    for remark in report.remarks:
        yield [f"- {_code(remark)}"]
    if outcome.unseen:
        yield ["", "### Not looked at", ""]
        for one in outcome.unseen:
            hint = f" {_code(one.hint)}" if one.hint else ""
            yield [f"- {_code(one.path)} ({one.reason}): {_code(one.message)}{hint}"]
    for path, found in groupby(_by_path(outcome.findings), key=lambda finding: finding.path):
        yield from _entry(path, list(found))
    number = len(outcome.suppressed)
    for start in range(0, number, _TOGETHER):
        some = outcome.suppressed[start : start + _TOGETHER]
        head = _opening(f"{number} suppressed{', continued' if start else ''}", opened=False)
        yield ["", *head, *map(_suppressed, some), "", "</details>"]


def _by_path(findings: tuple[Finding, ...]) -> list[Finding]:
    """By file, the worst file first."""
    ordered = by_weight(findings)
    first = {finding.path: number for number, finding in reversed(list(enumerate(ordered)))}
    return sorted(ordered, key=lambda finding: first[finding.path])


def _entry(path: str, found: list[Finding]) -> Iterator[list[str]]:
    counts = [
        f"{number} {severity}{'s' if number > 1 else ''}"
        for severity in Severity
        if (number := sum(finding.severity is severity for finding in found))
    ]
    worst = any(finding.severity is Severity.ERROR for finding in found)
    head = f"{html_code(path)}: {', '.join(counts)}"
    for start in range(0, len(found), _TOGETHER):
        block = ["", *_opening(head if not start else f"{head}, continued", opened=worst)]
        for finding in found[start : start + _TOGETHER]:
            block += _finding(finding)
        yield [*block, "", "</details>"]


def _opening(head: str, *, opened: bool) -> list[str]:
    return [f"<details{' open' if opened else ''}><summary>{head}</summary>", ""]


def _finding(finding: Finding) -> list[str]:
    told = page(finding.rule)
    title = f" {told.title}" if told else ""
    place = f"{finding.path}:{finding.line}:{finding.column}"
    lines = [f"- **{finding.severity}**{title} ({_code(finding.rule)})<br>"]
    lines += [f"  {_code(place)}<br>", f"  {_code(finding.message)}"]
    if finding.fix:
        lines[-1] += "<br>"
        lines.append(f"  fix: {_code(finding.fix)}")
    return lines


def _suppressed(one: Suppressed) -> str:
    finding = one.finding
    who = f"waived by {_code(one.owner)} until {one.until}: {_code(one.reason)}"
    told = who if one.by == "waiver" else "in the baseline"
    return f"- {_code(finding.path)} {_code(finding.rule)} {_code(finding.message)}: {told}"


def _code(text: str) -> str:
    return code(text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…")
