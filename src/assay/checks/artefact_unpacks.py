"""The artefact is an archive that every system unpacks alike, and that stays in its folder.

The artefact alone: the packages of its closure are held by digest here and unpacked, by the same
rules, before the first launch. To look into each of them now would mean to download them all for
every check, some 30 MB for a common server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from assay.errors import Refused

if TYPE_CHECKING:
    from assay.artefact.oci import OciSource
    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources
    from assay.checks import Context
    from assay.finding import Finding

ID = "artefact-unpacks"


def run(context: Context, sources: Sources) -> Iterator[Finding]:
    artefact = context.entry.artefact
    if artefact is None:
        return
    try:
        fetched = sources.fetch(artefact.reference, sha256=artefact.sha256)
    except Refused:  # said by artefact-digest
        return
    try:
        _unpack(artefact.reference, fetched, sources)
    except Refused as error:
        yield context.finding(ID, ("artefact", "url"), error.message, error.hint)


def _unpack(reference: Reference, fetched: Fetched, sources: Sources) -> None:
    from assay.artefact.unpack import IMAGE, form_of, inventory

    form = form_of(reference, fetched.file_name)
    if form == IMAGE:
        from assay.artefact.unpack import layer

        images = cast("OciSource", sources[reference.kind])
        for image in images.images(reference, fetched):
            layer.merged(image.layers, label=f"{reference.text} {image.platform}")
        return
    named = (reference.name, reference.version) if reference.kind == "pypi" else None
    inventory.take(fetched.path, form=form, label=reference.text, named=named)
