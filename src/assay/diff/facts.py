"""What the package registries say of a version beyond its bytes: who published it, and how.

Asked only where somebody wants it (``--online``), of changed packages alone. A stranger wrote all
of it and nobody verified it; what a registry or a mirror does not say is empty, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from assay.errors import Refused
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.closure.model import Package
    from assay.diff.model import Diff

_AT_ONCE = 16  # requests; npm itself keeps 15 sockets to a registry


class Fact(NamedTuple):
    """Empty where the registry does not say. ``attested``: it offers attestations of the build."""

    publisher: str = ""
    maintainers: frozenset[str] = frozenset()
    attested: bool = False
    licence: str = ""
    install_scripts: tuple[str, ...] = ()


def gather(diffs: Iterable[Diff], sources: Sources) -> dict[str, Fact]:
    """Package URL → what is said of it, for both sides of every change.

    A version that the registry no longer has is left out. Undecided UNREACHABLE where it can't
    be asked.
    """
    wanted: dict[str, Package] = {}
    for diff in diffs:
        for change in diff.dependencies.changes:
            for package in (change.old, change.new):
                if package is not None and package.version and not package.source:
                    wanted[package.purl] = package
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            found = list(pool.map(lambda package: _asked(package, sources), wanted.values()))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return {purl: fact for purl, fact in zip(wanted, found, strict=True) if fact}


def _asked(package: Package, sources: Sources) -> Fact | None:
    try:
        return (_npm if package.ecosystem == "npm" else _pypi)(package, sources)
    except Refused as error:
        if error.reason is not Reason.NOT_FOUND:
            raise
        return None


def _npm(package: Package, sources: Sources) -> Fact:
    manifest = sources.npm.manifest(package.name, package.version)
    return Fact(
        publisher=manifest.publisher,
        maintainers=frozenset(manifest.maintainers),
        attested=manifest.attested,
        licence=manifest.licence,
        install_scripts=manifest.install_scripts,
    )


def _pypi(package: Package, sources: Sources) -> Fact:
    wanted = {item.removeprefix("sha256:") for item in package.integrity}
    files = [f for f in sources.pypi.files(package.name, package.version) if f.sha256 in wanted]
    # Each file has its own: one that lacks it is one that came another way.
    return Fact(attested=bool(files) and all(file.attested for file in files))
