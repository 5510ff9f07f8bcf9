"""A deprecated entry that names a successor names another entry of this registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "successor-exists"


def run(context: Context) -> Iterator[Finding]:
    successor = context.entry.replaced_by
    if not successor:
        return
    if successor == context.entry.name:
        told = "an entry can't replace itself"
    elif context.siblings.read(f"{successor}.yaml") is None:
        told = f"there is no entry {quoted(successor)} in this registry"
    else:
        return
    yield context.finding(ID, ("replaced_by",), told, "name an entry that exists, or delete it")
