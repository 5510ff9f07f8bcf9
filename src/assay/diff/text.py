"""A diff for a person at a terminal; everything of a stranger's is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assay.closure.compare import Kind
from assay.diff.model import Diff
from assay.diff.report import Report, extras, licences, moved, place, sums, versions
from assay.report.plain import plain

_SIGNS = {
    Kind.ADDED: "+",
    Kind.REMOVED: "-",
    Kind.UPGRADED: "^",
    Kind.DOWNGRADED: "v",
    Kind.REPLACED: "!",
    Kind.EXTENDED: "~",
}


def render(reports: Iterable[Report]) -> Iterator[str]:
    """Lines without line ends."""
    for report in reports:
        for diff in report.change.diffs:
            yield from _diff(diff)
        if report.told:
            yield "to look at"
        for finding in report.told:
            where = f"{plain(finding.path)}:{finding.line}"
            yield f"  {finding.severity}: {plain(finding.message)} [{finding.rule}] {where}"


def _diff(diff: Diff) -> Iterator[str]:
    against = f", against {plain(diff.old.label)}" if diff.old else ""
    yield f"{plain(diff.new.name)} {plain(versions(diff))}{against}"
    for notice in diff.notices():
        yield f"  {plain(notice)}"
    if diff.old is not None:
        yield "  capabilities" if diff.capabilities else "  capabilities: none changed"
    for one in diff.capabilities:
        yield f"    {one.effect:9} {one.kind}: {_sides(one.old, one.new)}"
    if diff.new.closure or (diff.old and diff.old.closure):
        yield f"  dependencies: {sums(diff)}"
    for change in diff.dependencies.changes:
        told = [plain(word) for word in (place(change), licences(change)) if word]
        yield f"    {_SIGNS[change.kind]} {plain(moved(change))}{_bracketed(told)}"
    for title, words in extras(diff):
        yield f"    ! {title}: {plain(words)}"


def _sides(old: str, new: str) -> str:
    if not old or not new:
        return f"+ {plain(new)}" if new else f"- {plain(old)}"
    return f"{plain(old)} → {plain(new)}"


def _bracketed(words: list[str]) -> str:
    return f"  [{'; '.join(words)}]" if words else ""
