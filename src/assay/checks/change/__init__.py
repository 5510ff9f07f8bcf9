"""Checks that compare an entry with what it was, in the order in which a reviewer asks.

As in ``assay.checks``: one file, one rule, one line in a list. Each sees a ``ChangeContext``; what
is compared with what, and who is asked on the way, is ``assay.diff``'s to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assay.checks.change import (
    capability_narrowed,
    capability_not_compared,
    capability_widened,
    deps_alias,
    deps_changed,
    deps_denied,
    deps_downgraded,
    deps_install_script,
    deps_licence,
    deps_lookalike,
    deps_not_compared,
    deps_provenance,
    deps_publisher,
    deps_replaced,
    deps_source,
    deps_unknown,
    review_widening,
    tag_not_counted,
    tag_unverified,
)
from assay.checks.change.context import ChangeContext
from assay.finding import Finding

__all__ = ["CHANGE_CHECKS", "ChangeCheck", "ChangeContext"]


class ChangeCheck(Protocol):
    """What a module here offers; ``ID`` is its file's name in kebab-case."""

    ID: str

    def run(self, change: ChangeContext) -> Iterator[Finding]: ...


CHANGE_CHECKS: tuple[ChangeCheck, ...] = (
    tag_not_counted,
    tag_unverified,
    capability_not_compared,
    capability_widened,
    capability_narrowed,
    review_widening,
    deps_not_compared,
    deps_changed,
    deps_denied,
    deps_lookalike,
    deps_source,
    deps_install_script,
    deps_alias,
    deps_replaced,
    deps_downgraded,
    deps_licence,
    deps_publisher,
    deps_provenance,
    deps_unknown,
)
