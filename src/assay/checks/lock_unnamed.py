"""A lock that lies beside an entry is the one that the entry names.

A second lock, or one beside an entry that names none, is covered by no signature, and a tool
that looks for a lock by its name would take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import FOLDER, LOCK_SUFFIXES

if TYPE_CHECKING:
    from assay.checks import Context

ID = "lock-unnamed"


def run(context: Context) -> Iterator[Finding]:
    artefact = context.entry.artefact
    named = artefact.lock.file if artefact and artefact.lock else ""
    for suffix in LOCK_SUFFIXES:
        file = context.entry.name + suffix
        if file != named and context.siblings.read(file) is not None:
            import shlex

            path = f"{FOLDER}/{file}"
            told = f"the entry {quoted(context.entry.name)} does not name this lock"
            fix = f"name it under artefact.lock, or git rm {shlex.quote(path)}"
            yield Finding(path, 1, 1, ID, told, fix)
