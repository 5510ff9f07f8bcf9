"""Diffs for a job's summary: what to look at first, the long lists folded away.

A forge drops a summary that is too long (1 MiB a step), so it is bounded here: entries with errors
come first, long lists go before whole entries do, and what was left out is told. Text of a
stranger's stands in code spans alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assay.closure.compare import Change, Kind
from assay.diff.model import Against, Diff
from assay.diff.report import Report, extras, licences, moved, place, sums, versions
from assay.entry.capabilities import Capability
from assay.finding import Finding, Severity
from assay.report.markdown import code

LIMIT = 512 * 1024  # bytes: half of what a step may write, for findings want room too
MAX_ROWS = 1000  # of one folded list
MAX_FINDINGS = 50  # of one entry that are shown
_HEAD = "## What changed\n\n"
_OPEN = 10  # a list of so many is not folded
_WORDS = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.NOTE: "note"}


def render(reports: Sequence[Report], *, limit: int = LIMIT) -> str:
    """Markdown that ends in a line end, of at most ``limit`` bytes."""
    ordered = sorted(reports, key=_weight)
    short = ["\n".join(_entry(report, lists=False)) + "\n\n" for report in ordered]
    left = limit - len(_HEAD) - 200  # for the line that says what was left out
    parts: list[str] = []
    for part in short:
        left -= len(part.encode())
        if left < 0:
            break
        parts.append(part)
    for number, report in enumerate(ordered[: len(parts)]):
        whole = "\n".join(_entry(report, lists=True)) + "\n\n"
        more = len(whole.encode()) - len(parts[number].encode())
        if more <= left:
            parts[number] = whole
            left -= more
    if not reports:
        parts.append("No entry changed.\n")
    if reports and (left_out := len(short) - len(parts)):
        parts.append(f"{left_out} more entries changed; `assay diff NAME` shows each.\n")
    return "".join([_HEAD, *parts])


def _weight(report: Report) -> tuple[int, str]:
    """What must be looked at comes first, so that it is never what is left out."""
    order = list(Severity)
    worst = min((order.index(one.severity) for one in report.findings), default=len(order))
    return worst, report.change.new.path


def _entry(report: Report, *, lists: bool) -> Iterator[str]:
    yield f"### {code(report.change.new.name)}"
    yield ""
    yield from _findings(report.told)
    for diff in report.change.diffs:
        yield from _diff(diff, lists=lists)


def _findings(found: Sequence[Finding]) -> Iterator[str]:
    loud = [one for one in found if one.severity is not Severity.NOTE]
    quiet = [one for one in found if one.severity is Severity.NOTE]
    for one in loud[:MAX_FINDINGS]:
        yield f"- {_WORDS[one.severity]} {code(one.message)} ({one.rule})"
    if rest := len(loud) - MAX_FINDINGS:
        yield from [f"- {rest} more"] if rest > 0 else []
    if loud:
        yield ""
    rows = [f"- {code(one.message)} ({one.rule})" for one in quiet]
    yield from _folded(f"{len(quiet)} note{_s(len(quiet))}", rows, fold=True)


def _diff(diff: Diff, *, lists: bool) -> Iterator[str]:
    against = f" against {code(diff.old.label)}" if diff.old else ""
    yield f"**{code(versions(diff))}**{against}"
    yield ""
    for notice in diff.notices():
        yield f"- {code(notice)}"
    if diff.against not in (Against.FIRST, Against.NOTHING):
        yield from _capabilities(diff.capabilities)
    if diff.new.closure or (diff.old and diff.old.closure):
        yield f"Dependencies: {sums(diff)}."
        yield ""
    for title, words in extras(diff):
        yield f"- {title}: {code(words)}"
    for kind in Kind if lists else ():
        rows = list(_rows(diff.dependencies.of(kind)))
        if rows:
            head = ["| package | where | licence |", "| --- | --- | --- |"]
            title = f"{len(rows)} {kind}"
            yield from _folded(title, rows, head=head, fold=len(rows) > _OPEN)
    if not lists and diff.dependencies.changes:
        yield f"The list is too long for here: {code(f'assay diff {diff.new.name}')}."
        yield ""


def _capabilities(found: Sequence[Capability]) -> Iterator[str]:
    if not found:
        yield "Capabilities: none changed."
        yield ""
        return
    yield ""
    yield "| capability | | before | now |"
    yield "| --- | --- | --- | --- |"
    for one in found:
        effect = f"**{one.effect}**" if one.counts else str(one.effect)
        yield f"| {one.kind} | {effect} | {_cell(one.old)} | {_cell(one.new)} |"
    yield ""


def _rows(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        cells = (moved(change), place(change), licences(change))
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    return code(text) if text else ""


def _folded(
    title: str, rows: Sequence[str], *, head: Sequence[str] = (), fold: bool
) -> Iterator[str]:
    """``rows`` below ``title``; a blank line must follow a summary, or nothing in it is parsed."""
    if not rows:
        return
    yield f"<details><summary>{title}</summary>" if fold else f"{title}:"
    yield ""
    yield from head
    yield from rows[:MAX_ROWS]
    if len(rows) > MAX_ROWS:
        yield ""
        yield f"{len(rows) - MAX_ROWS} more; `assay diff` lists them all."
    yield ""
    if fold:
        yield "</details>"
        yield ""


def _s(number: int) -> str:
    return "" if number == 1 else "s"
