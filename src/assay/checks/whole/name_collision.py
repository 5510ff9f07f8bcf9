"""No two entries have names that people take for one another: ``clock`` and ``c1ock``.

Whoever installs by name reads it in one font at one glance. So names are compared as they look:
without case and separators, with the digits and pairs of letters that stand for others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.checks.whole.likeness import skeleton
from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole
    from assay.finding import Finding

ID = "name-collision"


def run(whole: Whole) -> Iterator[Finding]:
    from assay.checks.whole.context import stems

    alike: dict[str, list[str]] = {}
    found = stems(whole.shelf.paths)
    for name in found:
        alike.setdefault(skeleton(name), []).append(name)
    for together in alike.values():
        if len(together) < 2:
            continue
        for name in together if whole.new is not None else together[1:]:
            if whole.new is None or found[name] in whole.new:
                other = next(one for one in together if one != name)
                told = f"{quoted(name)} looks like {quoted(other)}, which is another entry"
                fix = "give it a name that nobody takes for the other"
                yield whole.shelf.finding(found[name], ("name",), ID, told, fix, subject=other)
