"""Where artefacts come from: one file a kind behind one Protocol, in a plain dict.

``open_sources`` builds them; each reads the machine's own configuration only when it is asked for
something, so a registry of npm servers never runs pip.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from assay.artefact.reference import Reference
from assay.artefact.store import Store
from assay.errors import Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.npm import NpmSource
    from assay.artefact.pypi import PypiSource


@dataclass(frozen=True, slots=True)
class Fetched:
    """An artefact in the store. ``size`` in bytes; ``file_name`` as its source calls it."""

    path: Path
    sha256: str
    size: int
    file_name: str


class Source(Protocol):
    """One kind of place that artefacts come from."""

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """Bring the artefact into the store.

        Refused: DIGEST_MISMATCH when its bytes are not ``sha256`` or not what the source itself
        promised, NOT_FOUND when the source has no such thing. Undecided: UNREACHABLE when it
        can't be asked, STORE_UNUSABLE when it can't be kept.
        """
        ...

    def fetch_package(self, package: Archived, tags: Sequence[str]) -> Fetched:
        """Bring one package of a closure into the store, held against the lock's digests."""
        ...


class Archived(Protocol):
    """What a source must know of a closure's package (``assay.closure.model.Package``)."""

    @property
    def ecosystem(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def integrity(self) -> tuple[str, ...]: ...


# Kind → module and factory. The module is imported when the first reference of its kind comes.
SOURCES: dict[str, tuple[str, str]] = {
    "npm": ("assay.artefact.npm", "open_npm"),
    "pypi": ("assay.artefact.pypi", "open_pypi"),
    "oci": ("assay.artefact.oci", "open_oci"),
    "https": ("assay.artefact.https", "open_https"),
    "git": ("assay.artefact.git", "open_git"),
}


# Whether the policy names a host (``host`` or ``host:port``) as one that artefacts come from, so
# that a source may lead there even where it lies inside the network around us.
Named = Callable[[str], bool]
_Factory = Callable[[Store, Mapping[str, str], Named], Source]


def nobody(host: str) -> bool:
    """A policy that names no host, or none at hand."""
    return False


class Sources:
    """The sources of one run. Safe to use from several threads once they are open."""

    def __init__(self, store: Store, environ: Mapping[str, str], named: Named = nobody) -> None:
        self.store = store
        self._environ = environ
        self._named = named
        self._opening = threading.Lock()
        self._open: dict[str, Source] = {}

    def __getitem__(self, kind: str) -> Source:
        if kind not in SOURCES:
            raise Undecided(
                Reason.ARTEFACT_UNSUPPORTED,
                f"artefacts of kind {kind} can't be fetched yet",
                hint=f"served are: {', '.join(SOURCES)}",
            )
        with self._opening:
            if kind not in self._open:
                module, factory = SOURCES[kind]
                make = cast("_Factory", getattr(import_module(module), factory))
                self._open[kind] = make(self.store, self._environ, self._named)
            return self._open[kind]

    @property
    def npm(self) -> NpmSource:
        """The npm registry, with its metadata."""
        return cast("NpmSource", self["npm"])

    @property
    def pypi(self) -> PypiSource:
        """The Python package index, with its metadata."""
        return cast("PypiSource", self["pypi"])

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """Bring an artefact into the store; see ``Source.fetch``."""
        return self[reference.kind].fetch(reference, sha256=sha256)

    def fetch_package(self, package: Archived, *, tags: Sequence[str] = ()) -> Path:
        """The archive of one package of a closure: the tarball, or the wheel that fits best.

        ``tags`` are the compatibility tags of the interpreter that will run it, best first, each
        ``cp311-cp311-manylinux_2_17_x86_64``; empty means this interpreter's. Held against the
        lock's digests and kept, so that the next call needs no network. Errors as ``fetch``.
        """
        return self[package.ecosystem].fetch_package(package, tags).path


def open_sources(
    store: Store, environ: Mapping[str, str] | None = None, *, named: Named = nobody
) -> Sources:
    """The sources of this machine, none of them opened yet; ``environ`` is this process's own."""
    return Sources(store, os.environ if environ is None else environ, named)
