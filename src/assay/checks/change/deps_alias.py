"""A package is installed under another package's name, and was not before.

An alias puts any package where code that asks for another finds it; a reviewer reads the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.change.context import said
from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.change.context import ChangeContext
    from assay.finding import Finding

ID = "deps-alias"


def run(change: ChangeContext) -> Iterator[Finding]:
    for diff in change.diffs:
        for alias in diff.dependencies.aliases:
            told = f"{said(alias.package)} is newly installed as {quoted(alias.installed)}"
            if alias.before:
                told += f", where {', '.join(map(quoted, alias.before))} was before"
            # In place of another it is what that one's users run; else it is a name of its own.
            severity = Severity.ERROR if alias.before else Severity.NOTE
            fix = "find out who wants it there, and why"
            subject = f"{alias.package.purl} as {alias.installed}"
            yield change.at_package(ID, alias.package, told, fix, severity, subject)
