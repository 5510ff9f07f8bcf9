"""An audit's answer as findings: on the line that names the release, with how it came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from assay.advisories.allowed import Allowed
from assay.advisories.brought import NOT_AUDITED_ID, Brought, Item
from assay.advisories.chain import Chain, chains
from assay.advisories.model import LEVELS, Advisory, Answer, Release
from assay.finding import Finding, Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.policy import Allow

VULNERABLE_ID = "audit-vulnerable"
ALLOWED_ID = "audit-allowed"
_ARROW = " → "
_MOST_NAMED = 5
_AGAIN = "make the service answer, or name another under audit in assay.yaml, and check again"


class Judge(NamedTuple):
    """What an answer is held against."""

    answer: Answer
    severity: str  # from here on an advisory refuses
    allowed: Allowed
    sources: Sources

    def findings(self, one: Brought) -> Iterator[Finding]:
        """All findings about what one entry brings along."""
        yield from one.findings
        yield from _gaps(one, self.answer)
        hit = [item for item in one.items if self.answer.found.get(item.release)]
        if not hit:
            return
        known = _chains(one, hit, self.sources)
        places: dict[Release, list[Item]] = defaultdict(list)
        for item in hit:
            places[item.release].append(item)
        for release, items in places.items():
            item = min(items, key=lambda item: (len(known.get(item, ())) or 99, item.line))
            more = sum(len(other.places) or 1 for other in items) - 1
            for advisory in self.answer.found[release]:
                yield self._finding(one, item, advisory, known.get(item, ()), more)

    def _finding(
        self, one: Brought, item: Item, advisory: Advisory, chain: Chain, more: int
    ) -> Finding:
        leave = self.allowed.find(item.release, advisory)
        told = f"{item.release}: {_words(advisory)}{_way(item, chain, more)}"
        subject = f"{item.release.purl}#{advisory.id}"
        place = (item.path, item.line, item.column)
        if leave is not None:
            text = f"{told}. Allowed {_leave(leave)}"
            return Finding(*place, ALLOWED_ID, text, "", Severity.NOTE, subject)
        fix = _fix(one, item, advisory)
        return Finding(*place, VULNERABLE_ID, told, fix, weight(advisory, self.severity), subject)


def _chains(one: Brought, hit: list[Item], sources: Sources) -> dict[Item, Chain]:
    if one.closure is None:
        return {}
    found = chains(one.closure, sources, [item.package for item in hit if item.package])
    return {item: found[item.package] for item in hit if item.package in found}


def weight(advisory: Advisory, threshold: str) -> Severity:
    """How much an advisory weighs where those from ``threshold`` on refuse."""
    # A severity that nobody gives may be the gravest.
    place = LEVELS.index(advisory.severity) if advisory.severity else len(LEVELS)
    if place >= LEVELS.index(threshold):
        return Severity.ERROR
    return Severity.NOTE if place <= LEVELS.index("low") else Severity.WARNING


def _words(advisory: Advisory) -> str:
    title = f"{quoted(advisory.title, 160)}, " if advisory.title else ""
    # A bare number is the registry's own and means nothing to a reader.
    names = [name for name in advisory.aliases if not name.isdecimal()][:_MOST_NAMED]
    also = f", also {', '.join(names)}" if names else ""
    weight = f"severity {advisory.severity}" if advisory.severity else "of no known severity"
    fixed = f"fixed in {advisory.fixed}" if advisory.fixed else "no fixed version is known"
    return f"{title}{advisory.id} ({weight}{also}); {fixed}"


def _way(item: Item, chain: Chain, more: int) -> str:
    again = f" and at {more} more {'place' if more == 1 else 'places'}" if more else ""
    if item.places:
        return f"; it lies at {quoted(item.places[0], 200)}{again}"
    if len(chain) == 1:
        return "; it is the artefact itself"
    if chain:
        return f"; it comes in by {_ARROW.join(chain)}{again}"
    return "; the lock does not say by what it comes in"


def _fix(one: Brought, item: Item, advisory: Advisory) -> str:
    leave = "put up with it for a while under audit.allow in assay.yaml"
    if not advisory.fixed:
        return f"do without {item.release.name}, or {leave}"
    if one.closure is None:
        return f"ask for an artefact with {item.release.name} {advisory.fixed}, or {leave}"
    if item.package == one.closure.root:
        return f"`assay update {one.name} {advisory.fixed}`, or {leave}"
    what = f"{item.release.name} {advisory.fixed} or newer"
    return f"bring in {what}: `assay lock {one.name}` or `assay update {one.name}`; or {leave}"


def _leave(leave: Allow) -> str:
    return f"until {leave.expires} by {quoted(leave.owner)}: {quoted(leave.reason, 200)}"


def _gaps(one: Brought, answer: Answer) -> Iterator[Finding]:
    """One finding for each reason, for a dead service is not the fault of three hundred lines."""
    reasons: dict[str, dict[Release, Item]] = defaultdict(dict)
    for item in one.items:
        if item.release not in answer.found:
            why = answer.gaps.get(item.release, "nobody answered for it")
            reasons[why].setdefault(item.release, item)
    for why, items in reasons.items():
        releases = list(items)
        if len(releases) == 1:
            item = items[releases[0]]
            place, subject = (item.path, item.line, item.column), releases[0].purl
        else:
            place, subject = (one.path, *one.place), releases[0].ecosystem
        named = ", ".join(map(str, releases[:_MOST_NAMED]))
        rest = len(releases) - _MOST_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        told = f"not audited: {named}{more}: {why}"
        yield Finding(*place, NOT_AUDITED_ID, told, _AGAIN, subject=subject)
