"""What a run came to: what was found, what is put up with, and what could not be looked at."""

from __future__ import annotations

from typing import NamedTuple

from assay.errors import CLEAN, FOUND, UNDECIDED
from assay.finding import Finding, Severity
from assay.reason import Reason


class Unseen(NamedTuple):
    """Something that could not be looked at, and why."""

    path: str
    reason: Reason
    message: str
    hint: str = ""


class Suppressed(NamedTuple):
    """A finding that does not weigh, ``by`` a ``waiver`` or the ``baseline``, and who says so.

    ``until`` is the last day on which a waiver holds (YYYY-MM-DD); the baseline has neither
    reason, owner nor day.
    """

    finding: Finding
    by: str
    reason: str = ""
    owner: str = ""
    until: str = ""


class Outcome(NamedTuple):
    """What a run came to. Not looked at weighs more than found: nobody may call it checked.

    ``suppressed`` weighs nothing and is told all the same. ``unwritten`` are reports that could
    not be written, each with the reason: who waits for one must not take its absence for clean.
    """

    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    unwritten: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        if self.unseen or self.unwritten:
            return UNDECIDED
        wrong = any(finding.severity is Severity.ERROR for finding in self.findings)
        return FOUND if wrong else CLEAN
