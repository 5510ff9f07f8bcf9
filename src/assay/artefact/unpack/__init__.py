"""Archives that a stranger made, read without being led astray.

``inventory.take`` tells what an archive holds, ``inventory.members`` also hands out the bytes;
``tarball.members`` and ``wheel.members`` are what a launch lays. Each path is proven to stay
inside, each size is counted as it is read, whatever the headers claim, and what two readers could
unpack differently refuses the whole archive (ARTEFACT_INVALID): what was reviewed must be what
every platform unpacks. Nothing here writes a file or runs anything.

Images are another matter (``layer``): they hold links, devices and setuid files by right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.errors import Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.reference import Reference

IMAGE = "image"
# How a file's name ends → its form, for what is fetched by address.
_ENDINGS = {".whl": "wheel", ".mcpb": "mcpb", ".zip": "zip", ".tgz": "tar", ".tar.gz": "tar"}
_KINDS = {"npm": "npm-tgz", "pypi": "wheel", "git": "tar", "oci": IMAGE}


def form_of(reference: Reference, file_name: str) -> str:
    """The form of an artefact: a key of ``inventory.FORMS``, or ``IMAGE``.

    ``file_name`` is what its source calls it. What is inside is not asked: the form says which
    reader must be able to read it. Undecided: ARTEFACT_UNSUPPORTED for a form that has no reader.
    """
    if reference.kind in _KINDS:
        return _KINDS[reference.kind]
    for ending, form in _ENDINGS.items():
        if (file_name or reference.name).endswith(ending):
            return form
    raise Undecided(
        Reason.ARTEFACT_UNSUPPORTED,
        f"{reference.text}: a file called {file_name} can't be unpacked",
        hint=f"known are {', '.join(_ENDINGS)}",
    )
