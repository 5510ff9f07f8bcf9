"""What every format is made from: the outcome of a run, and what was held against the rules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from assay.finding import Finding, Severity, fingerprint
from assay.outcome import Outcome
from assay.registry.names import POLICY

_WEIGHTS = tuple(Severity)


class Report(NamedTuple):
    """``checked`` are the paths of the entries that were looked at. ``source`` gives a file's
    bytes for the line that a finding is about. ``prefix`` leads from the repository's top to the
    registry, for forges name files from there. ``remarks`` say what the run left out."""

    outcome: Outcome
    checked: tuple[str, ...]
    source: Callable[[str], bytes | None]
    prefix: str = ""
    remarks: tuple[str, ...] = ()

    def lines(self, path: str) -> list[str]:
        """The lines of a file that a finding is about; none where it can't be read."""
        raw = self.bytes_of(path)
        return [] if raw is None else decoded(raw).split("\n")

    def file(self, path: str) -> str:
        """``path`` from the repository's top. A whole set of checks that could not look is of no
        file, and told at the policy's."""
        return joined(self.prefix, path if "/" in path or "." in path else POLICY)

    def bytes_of(self, path: str) -> bytes | None:
        """None for what can't be read, as a link can't: what says so must still be told."""
        from assay.report.output import readable

        return readable(self.source, path)

    @property
    def totals(self) -> Totals:
        outcome = self.outcome
        weights = [finding.severity for finding in outcome.findings]
        waived = sum(one.by == "waiver" for one in outcome.suppressed)
        return Totals(
            entries=len(self.checked),
            errors=weights.count(Severity.ERROR),
            warnings=weights.count(Severity.WARNING),
            notes=weights.count(Severity.NOTE),
            waived=waived,
            baselined=len(outcome.suppressed) - waived,
            unseen=len(outcome.unseen),
            unwritten=len(outcome.unwritten),
            exit_code=outcome.exit_code,
        )


class Totals(NamedTuple):
    """How much of each, and the exit code that follows from it."""

    entries: int
    errors: int
    warnings: int
    notes: int
    waived: int = 0
    baselined: int = 0
    unseen: int = 0
    unwritten: int = 0
    exit_code: int = 0

    def __str__(self) -> str:
        """One line; what is zero is left out, but for the findings."""
        entries = f"{self.entries} {'entry' if self.entries == 1 else 'entries'} checked"
        weights = zip(_WEIGHTS, (self.errors, self.warnings, self.notes), strict=True)
        found = [
            f"{number} {word}{'s' if number > 1 else ''}" for word, number in weights if number
        ]
        rest = (
            (self.waived, "waived"),
            (self.baselined, "in the baseline"),
            (self.unseen, "not looked at"),
            (self.unwritten, f"report{'s' if self.unwritten > 1 else ''} not written"),
        )
        told = [f"{number} {word}" for number, word in rest if number]
        return ", ".join([f"{entries}: {', '.join(found) or 'no findings'}", *told])


def joined(prefix: str, path: str) -> str:
    """``path`` from the repository's top; a file above the registry begins with ``../``."""
    return posixpath.normpath(prefix + path) if path.startswith("../") else prefix + path


def decoded(raw: bytes) -> str:
    """The beginning of a file, as a person may see it."""
    return raw[: 64 * 1024].decode("utf-8", "backslashreplace")


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first and then in order of place: where a format is cut, the worst is left."""
    return sorted(findings, key=lambda finding: (_WEIGHTS.index(finding.severity), finding))


def numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Each with a fingerprint of its own: forges drop the second of two equal ones."""
    seen: dict[str, int] = {}
    for finding in findings:
        print_ = fingerprint(finding)
        seen[print_] = seen.get(print_, 0) + 1
        yield finding, print_ if seen[print_] == 1 else f"{print_}:{seen[print_]}"
