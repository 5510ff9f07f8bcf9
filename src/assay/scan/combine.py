"""What single signals come to when they stand together, in one file or in one package."""

from __future__ import annotations

from collections.abc import Sequence

from assay.scan.model import Hit


def combined(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that follow from ``hits`` (signals among them) of one target; those not included."""
    return []
