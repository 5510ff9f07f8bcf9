"""The software inside an artefact that brings it along: images, bundles, trees of git, archives.

Only what package managers wrote down is read, and nothing is laid on disk; a package of npm or
PyPI brings a lock instead, which says more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from assay.closure import installed
from assay.closure.installed import Found, Software

if TYPE_CHECKING:
    from assay.artefact.oci import OciSource
    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources

KINDS = frozenset({"oci", "git", "https"})


def look(reference: Reference, fetched: Fetched, sources: Sources) -> Found:
    """The software that the artefact's own metadata names; of an image, of all its platforms.

    Refused: ARTEFACT_INVALID as unpacking does. Undecided: ARTEFACT_UNSUPPORTED for a form
    that has no reader, and whatever the source says where an image's layers must be fetched.
    """
    from assay.artefact.unpack import IMAGE, form_of

    form = form_of(reference, fetched.file_name)
    if form == IMAGE:
        return _image(reference, fetched, cast("OciSource", sources[reference.kind]))
    from assay.artefact.unpack import inventory

    files, unread = inventory.selected(
        fetched.path, form=form, label=reference.text, wanted=installed.wanted
    )
    return installed.read(files, unread)


def _image(reference: Reference, fetched: Fetched, source: OciSource) -> Found:
    from assay.artefact.unpack.layer import merged

    software: dict[str, Software] = {}
    unread: set[str] = set()
    for image in source.images(reference, fetched):
        root = merged(image.layers, label=reference.text, wanted=installed.wanted)
        found = installed.read(root.files, root.unread)
        software |= {item.purl: item for item in found.software}
        unread |= set(found.unread)
    return Found(tuple(sorted(software.values())), tuple(sorted(unread)))
