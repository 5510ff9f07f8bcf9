"""The formats in which a run can be told: one module, one function, one line here.

``whole(report)`` gives all of it as lines; none of them holds anything that a stranger wrote and
that its reader would take for more than text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.report.model import Report

# Name → module under ``assay.report`` and one line of help.
FORMATS: dict[str, tuple[str, str]] = {
    "text": ("terminal", "for a person"),
    "github": ("github", "annotations of GitHub Actions"),
    "azure": ("azure", "logging commands of Azure Pipelines"),
    "gitlab": ("gitlab", "GitLab Code Quality"),
    "sarif": ("sarif", "SARIF 2.1.0, for code scanning"),
    "junit": ("junit", "JUnit XML"),
    "json": ("machine", "JSON by schema/report.schema.json"),
    "summary": ("summary", "Markdown for a job summary"),
}


def rendered(name: str, report: Report) -> Iterator[str]:
    """``report`` in the format ``name``, as lines without line ends."""
    whole: Callable[[Report], Iterator[str]] = import_module(
        f"assay.report.{FORMATS[name][0]}"
    ).whole
    return whole(report)
