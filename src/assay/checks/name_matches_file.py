"""An entry's name is its file's name: who asks for one server must not get another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.checks import Context
    from assay.finding import Finding

ID = "name-matches-file"


def run(context: Context) -> Iterator[Finding]:
    file = context.path.rpartition("/")[2]
    name = context.entry.name
    if file != f"{name}.yaml":
        told = f"the name is {quoted(name)}, the file is {quoted(file)}"
        fix = f"rename the file to {name}.yaml, or correct the name"
        yield context.finding(ID, ("name",), told, fix)
