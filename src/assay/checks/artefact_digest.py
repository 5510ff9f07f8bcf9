"""The artefact's bytes have the digest that was reviewed, as its source serves them today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.errors import Refused
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.checks import Context
    from assay.finding import Finding

ID = "artefact-digest"


def run(context: Context, sources: Sources) -> Iterator[Finding]:
    artefact = context.entry.artefact
    if artefact is None:
        return
    try:
        sources.fetch(artefact.reference, sha256=artefact.sha256)
    except Refused as error:
        where = ("artefact", "url" if error.reason is Reason.NOT_FOUND else "sha256")
        yield context.finding(ID, where, error.message, error.hint)
