"""What can stop a run. Findings are results; an exception means that we stop here.

Each child fixes one exit code, so the boundary in ``assay.cli`` is the only place that ends a
process: 0 clean, 1 findings or refusal, 2 usage, 3 could not decide.
"""

from __future__ import annotations

from assay.reason import Reason

CLEAN = 0
FOUND = 1
USAGE = 2
UNDECIDED = 3


class AssayError(Exception):
    """Base of every error that a person can act on.

    ``message`` says what happened and where, ``hint`` what to do next.
    """

    exit_code = UNDECIDED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AssayError):
    """The command line or a setting cannot be understood."""

    exit_code = USAGE


class Refused(AssayError):
    """We looked, and it does not hold. ``reason`` is a stable code for logs and tests."""

    exit_code = FOUND

    def __init__(self, reason: Reason, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class Undecided(AssayError):
    """We could not look: unreachable, incomplete or unexpected. Never counts as clean."""

    exit_code = UNDECIDED

    def __init__(self, reason: Reason, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.reason = reason
