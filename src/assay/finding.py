"""What a check says: one problem, at one place, with what to do about it.

A named tuple, as all that the commit hooks import: ``dataclasses`` would load ``inspect`` and
compile each class, 15 ms of a hook that should take 80.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding weighs: an error refuses, a warning and a note are told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
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
