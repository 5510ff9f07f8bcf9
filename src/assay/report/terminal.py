"""A whole run as text: ``assay.report.text`` with the remarks and the totals at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.report import text
from assay.report.plain import plain

if TYPE_CHECKING:
    from assay.report.model import Report


def whole(report: Report, *, colour: bool = False) -> Iterator[str]:
    """Lines without line ends."""
    yield from text.whole(report.outcome, report.bytes_of, colour=colour)
    yield str(report.totals)
    for remark in report.remarks:
        yield plain(remark)
