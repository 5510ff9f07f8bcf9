"""A closure: everything that an artefact brings along, each package by name, version and digest."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote


class PlatformLimits(NamedTuple):
    """npm's own limits of a package, as its manifest writes them; ``!x`` excludes x."""

    os: tuple[str, ...] = ()
    cpu: tuple[str, ...] = ()
    libc: tuple[str, ...] = ()


class Package(NamedTuple):
    """One node of a lock.

    ``name`` is the real name, also where npm installs it under an alias: then ``path`` ends in
    another. ``integrity`` holds what the archive must hash to: one ``sha512-…`` for npm, one
    ``sha256:…`` for each file of a Python release that may be taken. ``path`` is npm's place
    (``node_modules/a/node_modules/b``), ``marker`` the condition of a Python package
    (PEP 508, empty for always). ``line`` is where the lock names it, from 1. ``licence`` is what
    npm's lock says, a stranger's words. ``source`` is empty: only a lock that is refused names one
    (``assay.closure.loose``).
    """

    ecosystem: str  # npm or pypi
    name: str
    version: str
    integrity: tuple[str, ...]
    line: int
    path: str = ""
    optional: bool = False
    platform: PlatformLimits = PlatformLimits()
    marker: str = ""
    install_script: bool = False
    requires: tuple[tuple[str, str], ...] = ()  # npm: name as required → range
    licence: str = ""
    source: str = ""

    @property
    def purl(self) -> str:
        """The package URL, canonical."""
        version = quote(self.version, safe="~")
        scope, _, bare = self.name.rpartition("/")
        path = f"{quote(scope, safe='~')}/{bare}" if scope else bare
        return f"pkg:{self.ecosystem}/{path}@{version}"


class Closure(NamedTuple):
    """A lock as read: ``packages`` in the lock's order, ``root`` (one of them) the artefact."""

    ecosystem: str
    path: str  # of the lock, for findings
    packages: tuple[Package, ...]
    root: Package
