"""Nothing stands in ``servers/`` that belongs to no entry (``assay.registry.orphan``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.registry import orphan

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole
    from assay.finding import Finding

ID = orphan.ID


def run(whole: Whole) -> Iterator[Finding]:
    yield from orphan.everything(whole.shelf.names)
