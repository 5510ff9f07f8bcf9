"""The same artefact in another version: which is the newest, and how its reference is written.

A registry of packages says which version is the newest. An image, a repository and an address
say nothing of the kind, so there a person names the version, and its address where the version
does not stand in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.artefact import reference as grammar
from assay.artefact.reference import Reference
from assay.errors import Refused, UsageError
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources

_NAME_IT = "give --url with the whole reference of the new version"


def newest(reference: Reference, sources: Sources) -> str:
    """The newest version that its registry offers; UsageError for a kind that can't say.

    Errors else as ``Source.fetch``.
    """
    if reference.kind == "npm":
        return sources.npm.newest(reference.name)
    if reference.kind == "pypi":
        return sources.pypi.newest(reference.name)
    raise UsageError(
        f"nothing says which version of {reference.text} is the newest", hint="name the version"
    )


def is_older(reference: Reference, version: str) -> bool:
    """Whether ``version`` is older than the reference's own; for packages alone."""
    if reference.kind == "npm":
        from semver import Version

        return Version.parse(version) < Version.parse(reference.version)
    from packaging.version import Version as Release

    return Release(version) < Release(reference.version)


def moved(reference: Reference, old: str, new: str, sources: Sources) -> Reference:
    """The reference of version ``new`` of what is ``reference`` in version ``old``.

    UsageError where that can't be told, Refused(NOT_FOUND) where the release lacks such a file.
    """
    try:
        if reference.kind == "npm":
            return grammar.npm(reference.name, new)
        if reference.kind == "pypi":
            plain = grammar.pypi(reference.name, new)
            return _same_file(reference, plain, sources) if reference.file_name else plain
        return grammar.parse(_replaced(reference, old, new))
    except ValueError as error:
        raise UsageError(f"{reference.name} {new}: {error}", hint="name an exact version") from None


def _same_file(old: Reference, new: Reference, sources: Sources) -> Reference:
    found = sources.pypi.like(old.file_name, new.name, new.version)
    if not found:
        raise Refused(
            Reason.NOT_FOUND,
            f"{new.text} has no file for the same platforms as {old.file_name}",
            hint=_NAME_IT,
        )
    return grammar.pypi(new.name, new.version, found)


def _replaced(reference: Reference, old: str, new: str) -> str:
    """An image's tag or an address in which the version stands, with the new one instead."""
    if reference.kind == "oci":  # a tag has no plus sign, for which "_" is customary
        old, new = old.replace("+", "_"), new.replace("+", "_")
        if reference.version in (old, f"v{old}"):
            return reference.text.removesuffix(old) + new
    host, path = reference.host, reference.text.partition(reference.host)[2]
    if reference.kind == "https" and old in path:
        return f"https://{host}{path.replace(old, new)}"
    raise UsageError(f"the version does not stand in {reference.text}", hint=_NAME_IT)
