"""PyPI releases: the index's list of files (PEP 691) and the wheels, as pip reaches them here.

Only wheels are taken: a source distribution becomes a package by running its own code.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from assay.artefact import metadata, pipconf
from assay.artefact.http import Http, Limits, shown
from assay.artefact.reference import Reference
from assay.artefact.source import Archived, Fetched, Named, nobody
from assay.artefact.store import Store
from assay.errors import Refused, Undecided
from assay.reason import Reason

_JSON = "application/vnd.pypi.simple.v1+json"
_LIST_SIZE = 64 << 20  # bytes


@dataclass(frozen=True, slots=True)
class File:
    """One file of a release. ``sha256`` in hex, empty where the index gives none."""

    name: str
    url: str
    sha256: str
    size: int  # bytes, 0 where the index gives none
    version: str  # without trailing zeros: 1.0 and 1.0.0 are one release
    tags: frozenset[str]  # of a wheel, cp311-cp311-linux_x86_64; empty for anything else
    requires_python: str
    uploaded: str  # RFC 3339, empty where the index gives none
    yanked: str  # the reason, empty for a file that is not
    attested: bool  # the index offers a provenance object (PEP 740); nobody verified it

    @property
    def pure(self) -> bool:
        """A wheel for every platform and any Python 3."""
        return any(tag.startswith("py3") and tag.endswith("-none-any") for tag in self.tags)


class PypiSource:
    """The package index as this machine reaches it. A project's list is asked for once a run."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        *,
        config: pipconf.PipConfig | None = None,
        limits: Limits | None = None,
        named: Named = nobody,
    ) -> None:
        self.store = store
        self.environ = environ
        self._config = config
        self._limits = limits or Limits()
        self._named = named
        self._lists: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self._opening = threading.RLock()

    @cached_property
    def config(self) -> pipconf.PipConfig:
        """pip's own configuration, read when it is first needed."""
        return self._config or pipconf.read(self.environ)

    @cached_property
    def http(self) -> Http:
        return Http("PyPI", self.config.access, self._limits, named=self._named)

    def open(self) -> None:
        """Read the configuration now, once, whichever thread comes first."""
        with self._opening:
            _ = self.http

    def files(self, name: str, version: str) -> tuple[File, ...]:
        """The files of one release, in the index's order. Refused(NOT_FOUND) when there is none."""
        wanted = _same(version)
        found = tuple(self._parsed(name, wanted))
        if not found:
            raise self._not_found(f"the index has {name}, but no release {version} of it")
        return found

    def newest(self, name: str) -> str:
        """The newest final release that has a wheel and was not yanked, in canonical form."""
        from packaging.utils import parse_wheel_filename

        found = {
            parse_wheel_filename(file.name)[1]
            for file in self._parsed(name)
            if file.tags and not file.yanked
        }
        # A pre-release is for whoever asks for it, as pip has it (PEP 440).
        final = {version for version in found if not version.is_prerelease}
        if not found:
            raise self._not_found(f"the index has {name}, but no wheel of it that was not yanked")
        return str(max(final or found))

    def like(self, file_name: str, name: str, version: str) -> str:
        """The file of another release for the same platforms as ``file_name``; empty for none."""
        tags = _parsed(file_name)[1]
        return next((f.name for f in self.files(name, version) if f.tags == tags), "")

    def choose(self, reference: Reference) -> File:
        """The file that a reference means: the one it names, else the pure wheel."""
        files = self.files(reference.name, reference.version)
        if reference.file_name:
            for file in files:
                if file.name == reference.file_name:
                    return file
            raise self._not_found(f"{reference.text}: the release has no such file")
        pure = sorted((file for file in files if file.pure), key=lambda file: file.name)
        if pure:
            return pure[0]
        wheels = [file.name for file in files if file.tags]
        if not wheels:
            raise Refused(
                Reason.ARTEFACT_INVALID,
                f"{reference.text} has a source distribution alone, and building one runs it",
                hint="ask its authors for a wheel, or ship it as an image or .mcpb",
            )
        raise Refused(
            Reason.NOT_FOUND,
            f"{reference.text} has no wheel for every platform",
            hint=f"name one with ?file_name=, such as {', '.join(sorted(wheels)[:3])}",
        )

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """See ``Source.fetch``."""
        if sha256 and (path := self.store.got(reference.text, sha256)):
            name = reference.file_name or self.store.recall(f"file-name {sha256}")
            return Fetched(path, sha256, path.stat().st_size, name)
        fetched = self._download(self.choose(reference), sha256)
        self.store.note_origin(reference.text, fetched.sha256)
        return fetched

    def fetch_package(self, package: Archived, tags: Sequence[str] = ()) -> Fetched:
        """See ``Source.fetch_package``: of the lock's wheels the one that fits ``tags`` best."""
        order = list(tags) or _own_tags()
        wanted = {item.removeprefix("sha256:") for item in package.integrity}
        key = _choice(package, order)
        chosen = self.store.recall(key)
        if chosen in wanted and (path := self.store.get(chosen)):
            name = self.store.recall(f"file-name {chosen}")
            return Fetched(path, chosen, path.stat().st_size, name)
        rank = {tag: place for place, tag in enumerate(order)}
        fits = [
            (min(rank[tag] for tag in file.tags if tag in rank), file.name, file)
            for file in self.files(package.name, package.version)
            if file.sha256 in wanted and not rank.keys().isdisjoint(file.tags)
        ]
        if not fits:
            raise Refused(
                Reason.NOT_FOUND,
                f"{package.name} {package.version}: the lock has no wheel for this interpreter",
                hint="use an interpreter that it has a wheel for, or lock another version",
            )
        file = min(fits)[2]
        fetched = self._download(file, file.sha256)
        self.store.remember(key, file.sha256)
        return fetched

    def _parsed(self, name: str, version: str = "") -> Iterator[File]:
        """A project's files, or those of one release: most names are never looked at closely.

        Parsing all the names of thirty projects took longer than resolving them.
        """
        if name not in self._lists:
            self.open()
            self._lists[name] = self._list(name)
        url, items = self._lists[name]
        for item in items:
            if version and _about(item.get("filename")) != version:
                continue
            file = _file(item, url)
            if file and (not version or file.version == version):
                yield file

    def _download(self, file: File, sha256: str | None) -> Fetched:
        self.open()
        with self.store.draft() as draft:
            self.http.download(file.url, draft, led_from=self.config.index)
            for wanted, whose in ((sha256, "wanted is"), (file.sha256, "the index promises")):
                if wanted and draft.sha256 != wanted:
                    raise Refused(
                        Reason.DIGEST_MISMATCH,
                        f"{file.name}: its bytes have sha256 {draft.sha256}, {whose} {wanted}",
                        hint="find out who changed it; a published file never changes",
                    )
            path = self.store.keep(draft)
            self.store.remember(f"file-name {draft.sha256}", file.name)
            return Fetched(path, draft.sha256, draft.size, file.name)

    def _list(self, name: str) -> tuple[str, list[dict[str, Any]]]:
        url = urljoin(self.config.index, f"{name}/")
        if urlsplit(url).scheme == "file":
            raise Undecided(
                Reason.UNREACHABLE,
                "pip's index-url is a folder, and only an index over https can be asked",
                hint="name an index with index-url",
            )
        try:
            body = self.http.get(url, accept=_JSON, size=_LIST_SIZE)
        except Refused as error:
            raise self._not_found(f"the index has no {name}") from error
        return url, _items(body, url)

    def _not_found(self, message: str) -> Refused:
        hint = "compare name and version with what the index offers"
        if self.config.ignored:
            # Told here alone: where the index has the package, they would change nothing.
            names = " and ".join(self.config.ignored)
            hint += f"; pip's {names} is left alone on purpose, name one index with index-url"
        return Refused(Reason.NOT_FOUND, message, hint=hint)


def open_pypi(store: Store, environ: Mapping[str, str], named: Named = nobody) -> PypiSource:
    """The package index of this machine."""
    return PypiSource(store, environ, named=named)


def _items(body: bytes, url: str) -> list[dict[str, Any]]:
    try:
        data = metadata.parse(body)
        files = data.get("files") if isinstance(data, dict) else None
        if not isinstance(files, list):
            raise ValueError("no list of files")
    except ValueError as error:
        raise Undecided(
            Reason.UNREACHABLE,
            f"PyPI: {shown(url)} does not answer in JSON (PEP 691): {error}",
            hint="an index that speaks HTML alone can't be used; ask for its JSON API",
        ) from error
    return [item for item in files if isinstance(item, dict)]


def _file(item: Mapping[str, Any], base: str) -> File | None:
    name, url = item.get("filename"), item.get("url")
    if not isinstance(name, str) or not isinstance(url, str):
        return None
    try:
        address = urljoin(base, url.partition("#")[0])
    except ValueError:
        return None
    version, tags = _parsed(name)
    hashes = item.get("hashes")
    sha256 = hashes.get("sha256") if isinstance(hashes, dict) else ""
    size = item.get("size")
    yanked = item.get("yanked") or ""
    return File(
        name=name,
        url=address,
        sha256=sha256 if isinstance(sha256, str) else "",
        size=size if isinstance(size, int) else 0,
        version=version,
        tags=tags,
        requires_python=_text(item.get("requires-python")),
        uploaded=_text(item.get("upload-time")),
        yanked=yanked if isinstance(yanked, str) else "yanked",
        attested=bool(_text(item.get("provenance"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _parsed(name: str) -> tuple[str, frozenset[str]]:
    """Version and tags of a file's name; both empty when it is neither wheel nor sdist."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    try:
        if name.endswith(".whl"):
            _, version, _, tags = parse_wheel_filename(name)
            return _same(str(version)), frozenset(map(str, tags))
        return _same(str(parse_sdist_filename(name)[1])), frozenset()
    except (InvalidSdistFilename, InvalidWheelFilename, ValueError):
        return "", frozenset()


def _about(file_name: object) -> str:
    """The version that a file's name seems to have, as ``_parsed`` would tell it."""
    if not isinstance(file_name, str):
        return ""
    if file_name.endswith(".whl"):
        return _same(file_name.split("-", 2)[1]) if "-" in file_name else ""
    stem = file_name.removesuffix(".tar.gz").removesuffix(".zip")
    return _same(stem.rpartition("-")[2])


@lru_cache(1 << 16)
def _same(version: str) -> str:
    from packaging.utils import canonicalize_version

    return canonicalize_version(version)


def _own_tags() -> list[str]:
    from packaging.tags import sys_tags

    return [str(tag) for tag in sys_tags()]


def _choice(package: Archived, tags: Sequence[str]) -> str:
    text = "\n".join([package.name, package.version, *package.integrity, "", *tags])
    return f"wheel {hashlib.sha256(text.encode()).hexdigest()}"
