"""Artefact references: the one grammar that names what is launched.

Package URLs for packages (purl-spec), ``oci://host/path:tag``, ``git+https://host/repo@COMMIT``
and ``https://`` for archives. A package URL names no host: the machine's own npm and pip
configuration says which mirror serves it. Nothing floats: no ``latest``, no range, no branch.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference.

    ``kind`` is npm, pypi, oci, git or https. ``name`` is the package's full name
    (``@scope/name``; for PyPI normalised by PEP 503), or the address without its version.
    ``version`` is the exact version, tag or commit, empty for https. ``file_name`` is the
    distribution file that a PyPI reference picks, else empty. ``text`` is what was written.
    """

    kind: str
    name: str
    version: str
    file_name: str
    text: str
