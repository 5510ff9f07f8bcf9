"""An outcome, told on standard output and into files: what commands, hooks and CI end with.

What is printed and the exit code are one: a report that could not be written is told in every
other one, and the run is undecided.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from assay.errors import AssayError
from assay.finding import Severity

if TYPE_CHECKING:
    from assay.finding import Finding
    from assay.outcome import Outcome
    from assay.report.model import Report

_ADDED = "summary"  # a step's summary may have other parts already


def tell(outcome: Outcome, checked: int, source: Callable[[str], bytes | None]) -> None:
    """Print findings, what was not looked at, and one line of sums, as text.

    ``source`` gives a file's bytes for the line that a finding is about. For commands and hooks
    that are light; ``write`` knows every format.
    """
    from assay.report import text

    lines = text.whole(outcome, lambda path: readable(source, path), colour=_coloured())
    _print((*lines, summary(outcome.findings, checked, len(outcome.unseen))))


def write(report: Report, form: str, files: Sequence[tuple[str, str]] = ()) -> int:
    """Write ``report`` into ``files`` (format, path), print it as ``form``; the exit code.

    A file is written whole or not at all; a job summary is added to what is there. What can't be
    written is told by all the others, so those are written once more.
    """
    from assay.report.formats import rendered

    # What is added to can't be taken back, so it is written when the rest is known.
    replaced = [file for file in files if file[0] != _ADDED]
    failed = _save_all(replaced, report)
    failed |= _save_all([file for file in files if file[0] == _ADDED], _with(report, failed))
    report = _with(report, failed)
    if failed:
        _save_all([file for file in replaced if file not in failed], report)
    if form == "text":
        from assay.report import terminal

        _print(terminal.whole(report, colour=_coloured()))
    else:
        _print(rendered(form, report))
    return report.outcome.exit_code


def _save_all(files: Iterable[tuple[str, str]], report: Report) -> dict[tuple[str, str], str]:
    """Those that could not be written, and why."""
    failed: dict[tuple[str, str], str] = {}
    for name, path in files:
        try:
            _save(name, path, report)
        except OSError as error:
            failed[name, path] = f"{name}={path}: {error.strerror or error}"
    return failed


def _with(report: Report, failed: Mapping[tuple[str, str], str]) -> Report:
    unwritten = (*report.outcome.unwritten, *failed.values())
    return report._replace(outcome=report.outcome._replace(unwritten=unwritten))


def _save(name: str, path: str, report: Report) -> None:
    from assay.report.formats import rendered

    raw = "".join(f"{line}\n" for line in rendered(name, report)).encode("utf-8", "replace")
    if name == _ADDED:
        with open(path, "ab") as file:
            file.write(raw)
        return
    if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
        with open(path, "wb") as file:  # a pipe or a terminal: nothing there to replace
            file.write(raw)
        return
    beside = f"{path}.{os.getpid()}.tmp"
    try:
        with open(beside, "xb") as file:
            file.write(raw)
        os.replace(beside, path)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def summary(findings: Iterable[Finding], checked: int, unseen: int = 0) -> str:
    """One line: how many entries, how many findings of each weight, how much was not looked at."""
    from assay.report.model import Totals

    weights = [finding.severity for finding in findings]
    errors, warnings, notes = (weights.count(severity) for severity in Severity)
    return str(Totals(checked, errors, warnings, notes, unseen=unseen))


def readable(source: Callable[[str], bytes | None], path: str) -> bytes | None:
    """None for what can't be read, as a link can't: the finding that says so must still be told."""
    try:
        return source(path)
    except AssayError:
        return None


def _coloured() -> bool:
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _print(lines: Iterable[str]) -> None:
    """Print, and see it written: a full disk must be met before the exit code is given."""
    if sys.stdout is None:
        return  # closed by whoever started us: nobody wants to read it, and the exit code tells
    for line in lines:
        print(_printable(line))
    sys.stdout.flush()


def _printable(line: str) -> str:
    """``line`` as this terminal's encoding can show it."""
    encoding = sys.stdout.encoding or "utf-8"
    return line.encode(encoding, "backslashreplace").decode(encoding)
