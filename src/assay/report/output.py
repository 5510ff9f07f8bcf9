"""An outcome, told on standard output: what commands, hooks and CI end with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.finding import Severity
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.finding import Finding
    from assay.outcome import Outcome


def tell(
    outcome: Outcome,
    checked: int,
    source: Callable[[str], bytes | None],
    *,
    form: str = "text",
) -> None:
    """Print findings in ``form`` (text, github), what was not looked at, and one line of sums.

    ``source`` gives a file's bytes for the line that a finding is about.
    """
    if outcome.findings:
        for line in _lines(outcome.findings, source, form):
            print(_printable(line))
    for one in outcome.unseen:
        print(f"{plain(one.path)}: not looked at [{one.reason}]: {plain(one.message)}")
        if one.hint:
            print(f"  hint: {plain(one.hint)}")
    print(summary(outcome.findings, checked, len(outcome.unseen)))


def summary(findings: Iterable[Finding], checked: int, unseen: int = 0) -> str:
    """One line: how many entries, how many findings of each weight, how much was not looked at."""
    weights = [finding.severity for finding in findings]
    counts = [
        f"{number} {severity}{'s' if number > 1 else ''}"
        for severity in Severity
        if (number := weights.count(severity))
    ]
    entries = f"{checked} {'entry' if checked == 1 else 'entries'} checked"
    blind = f", {unseen} not looked at" if unseen else ""
    return f"{entries}: {', '.join(counts) or 'no findings'}{blind}"


def _lines(
    findings: Iterable[Finding], source: Callable[[str], bytes | None], form: str
) -> Iterable[str]:
    if form == "github":
        from assay.report import github

        return github.render(findings)
    from assay.report import text

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text.render(findings, lambda path: _readable(source, path), colour=colour)


def _readable(source: Callable[[str], bytes | None], path: str) -> bytes | None:
    """None for what can't be read, as a link can't: the finding that says so must still be told."""
    try:
        return source(path)
    except AssayError:
        return None


def _printable(line: str) -> str:
    """``line`` as this terminal's encoding can show it."""
    encoding = sys.stdout.encoding or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)
