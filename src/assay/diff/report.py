"""What renderers tell of one entry: its comparisons, and what the checks found in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from assay.closure.compare import Change, Kind
from assay.diff.comparing import Change as Compared
from assay.diff.model import Diff
from assay.finding import Finding, Severity

# A renderer shows the whole list, so the note that only counts it says nothing there.
_SHOWN = frozenset({"deps-changed", "capability-widened", "capability-narrowed"})


class Report(NamedTuple):
    """One entry's; ``asked`` is whether the registries were."""

    change: Compared
    findings: tuple[Finding, ...]
    asked: bool

    @property
    def told(self) -> tuple[Finding, ...]:
        """What is not seen in the lists, the heaviest first."""
        order = list(Severity)
        kept = [one for one in self.findings if one.rule not in _SHOWN]
        return tuple(sorted(kept, key=lambda one: (order.index(one.severity), one)))


def versions(diff: Diff) -> str:
    """``1.2.0 → 1.3.0``, or the one version; a stranger's words."""
    now = diff.new.version
    return now if diff.old is None or diff.old.version == now else f"{diff.old.version} → {now}"


def sums(diff: Diff) -> str:
    """``2 added, 5 upgraded; 240 unchanged``."""
    counts = Counter(change.kind for change in diff.dependencies.changes)
    told = ", ".join(f"{counts[kind]} {kind}" for kind in Kind if counts[kind])
    if not told:
        return f"no package changed; {diff.dependencies.unchanged} unchanged"
    return f"{told}; {diff.dependencies.unchanged} unchanged"


def moved(change: Change) -> str:
    """The package URL, with the version before where there is one; a stranger's words."""
    if change.old and change.new and change.old.version != change.new.version:
        return f"{change.new.purl} (before {change.old.version})"
    return change.package.purl


def place(change: Change) -> str:
    """Where it stands in the closure; empty where the lock does not say. A stranger's words."""
    if change.artefact:
        return "the artefact itself"
    if change.direct is None:
        return ""
    return "direct" if change.direct else f"by way of {' > '.join(change.via[1:])}"


def licences(change: Change) -> str:
    """The licence, and what it was where that differs; a stranger's words."""
    now = change.package.licence
    return f"{now} (before {change.old.licence})" if change.relicensed and change.old else now


def extras(diff: Diff) -> Iterator[tuple[str, str]]:
    """What else came with the packages: a title and a stranger's words."""
    for package in diff.dependencies.sources:
        yield "new source", f"{package.purl} from {package.source}"
    for package in diff.dependencies.scripts:
        yield "new install script", package.purl
    for alias in diff.dependencies.aliases:
        before = f" (before: {', '.join(alias.before)})" if alias.before else ""
        yield "new alias", f"{alias.package.purl} as {alias.installed}{before}"
