"""The version is the artefact's own, exact, and the one that the reference names.

SemVer 2.0 (semver.org, the grammar's suggested expression), or for PyPI PEP 440 in canonical
form. Where a reference carries a version its grammar was held to that already, so equality
decides; the rest is matched here. The semver package would say the same for 15 ms of import in
each commit hook; the tests hold this expression against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.hidden import quoted

if TYPE_CHECKING:
    from assay.artefact.reference import Reference
    from assay.checks import Context
    from assay.finding import Finding

ID = "version-exact"

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PART = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
SEMVER = (
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-{_PART}(?:\.{_PART})*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


def run(context: Context) -> Iterator[Finding]:
    version = context.entry.version
    artefact = context.entry.artefact
    reference = artefact.reference if artefact else None
    packaged = reference is not None and reference.kind in ("npm", "pypi")
    if not packaged and not re.fullmatch(SEMVER, version):
        told = f"{quoted(version)} is not SemVer 2.0 (MAJOR.MINOR.PATCH)"
        yield context.finding(ID, ("version",), told, _advice(version))
    elif reference is not None and not _same(version, reference):
        told = f"the version is {quoted(version)}, the artefact's is {quoted(reference.version)}"
        fix = "write the artefact's own version, or name the right artefact"
        yield context.finding(ID, ("version",), told, fix)


def _same(version: str, reference: Reference) -> bool:
    if reference.kind in ("git", "https"):
        return True  # a commit or an address carries no version
    if reference.kind == "oci":
        # A tag has no plus sign, for which "_" is customary (Helm's rule), and often a "v".
        tag = version.replace("+", "_")
        return reference.version in (tag, f"v{tag}")
    return version == reference.version


def _advice(version: str) -> str:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", version):
        return f'write "{version}{".0" * (2 - version.count("."))}" if that is the version'
    return "write one exact version such as 1.2.3 or 1.2.3-rc.1"
