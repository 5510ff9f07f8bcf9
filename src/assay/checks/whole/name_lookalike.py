"""A new entry's long name is not one letter away from another's: ``filesystem``, ``filesytem``.

A warning, for siblings may be named so on purpose; the reviewer is to see that it is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.whole.likeness import neighbours, skeleton
from assay.finding import Severity
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole
    from assay.finding import Finding

ID = "name-lookalike"


def run(whole: Whole) -> Iterator[Finding]:
    from assay.checks.whole.context import stems

    found = stems(whole.shelf.paths)
    if whole.new is None:
        pairs = neighbours(found)
    else:
        pairs = neighbours((name for name in found if found[name] in whole.new), found)
    for name, other in pairs:
        if skeleton(name) == skeleton(other):
            continue  # which is told as a collision
        told = f"{quoted(name)} is one letter away from {quoted(other)}"
        fix = "if it is no sibling of it, give it a name that nobody mistypes into the other"
        warning = Severity.WARNING
        yield whole.shelf.finding(found[name], ("name",), ID, told, fix, warning, other)
