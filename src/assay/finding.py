"""What a check says: one problem, at one place, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error refuses, a warning and a note are told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One problem found by one check.

    ``path`` is relative to the registry with forward slashes; ``line`` and ``column`` count from
    1, in characters; ``rule`` is the check's id. Order is by place, so output is deterministic.
    ``message`` and ``fix`` may hold what a stranger wrote: renderers escape.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
