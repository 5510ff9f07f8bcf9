"""What a run came to: what was found, and what could not be looked at."""

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


class Outcome(NamedTuple):
    """What a run came to. Not looked at weighs more than found: nobody may call it checked."""

    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...] = ()

    @property
    def exit_code(self) -> int:
        if self.unseen:
            return UNDECIDED
        wrong = any(finding.severity is Severity.ERROR for finding in self.findings)
        return FOUND if wrong else CLEAN
