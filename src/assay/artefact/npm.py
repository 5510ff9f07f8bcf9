"""npm packages: a version's manifest and its tarball, from the registry that npm itself uses here.

What the registry's metadata promises (``dist.integrity``) is held against the bytes as well as
the digest that was reviewed: a mirror that serves other bytes than its own metadata is broken.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from assay.artefact import metadata, npmrc
from assay.artefact.http import Http, Limits, shown, split
from assay.artefact.reference import Reference
from assay.artefact.source import Archived, Fetched, Named, nobody
from assay.artefact.store import Draft, Store, file_integrity, integrity
from assay.errors import Refused, Undecided
from assay.reason import Reason

_INSTALL_SCRIPTS = ("preinstall", "install", "postinstall")
_SHA1 = re.compile(r"[0-9a-f]{40}")
_MANIFEST_SIZE = 4 << 20  # bytes
_PACKUMENT_SIZE = 64 << 20
# The short form of a package's document, where the registry has one.
_SHORT = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the registry says of one version. A stranger wrote it: texts are of any content."""

    name: str
    version: str
    integrity: str  # SRI, empty for a version that has only a sha1
    shasum: str  # sha1 in hex
    tarball: str
    install_scripts: tuple[str, ...]
    dependencies: Mapping[str, str]
    optional_dependencies: Mapping[str, str]
    peer_dependencies: Mapping[str, str]
    bin: Mapping[str, str]
    has_shrinkwrap: bool
    bundles: bool
    description: str
    licence: str
    repository: str
    homepage: str
    attested: bool  # the registry offers attestations of how it was built; nobody verified them
    publisher: str = ""  # the account that published it, empty where the registry does not say
    maintainers: tuple[str, ...] = ()  # the accounts that might have, at that time


class NpmSource:
    """The npm registry as this machine reaches it. Manifests are asked for once a run."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        *,
        config: npmrc.NpmConfig | None = None,
        limits: Limits | None = None,
        named: Named = nobody,
    ) -> None:
        self.store = store
        self.environ = environ
        self._config = config
        self._limits = limits or Limits()
        self._named = named
        self._manifests: dict[tuple[str, str], Manifest] = {}
        self._opening = threading.RLock()

    @cached_property
    def config(self) -> npmrc.NpmConfig:
        """npm's own configuration, read when it is first needed."""
        return self._config or npmrc.read(self.environ)

    @cached_property
    def http(self) -> Http:
        return Http("npm", self.config.access, self._limits, named=self._named)

    def open(self) -> None:
        """Read the configuration now, once, whichever thread comes first."""
        with self._opening:
            _ = self.http

    def manifest(self, name: str, version: str) -> Manifest:
        """The registry's metadata of one version. Refused(NOT_FOUND), Undecided(UNREACHABLE)."""
        key = (name, version)
        if key not in self._manifests:
            self.open()
            self._manifests[key] = self._read(name, version)
        return self._manifests[key]

    def newest(self, name: str) -> str:
        """The version that the registry's ``latest`` tag names. Errors as ``manifest``."""
        self.open()
        url = urljoin(self.config.registry_of(name), quote(name, safe="@"))
        data = _json(self.http.get(url, accept=_SHORT, size=_PACKUMENT_SIZE), url)
        version = _text(_of(data.get("dist-tags"), "latest"))
        if not version:
            raise Refused(
                Reason.NOT_FOUND,
                f"npm has {name}, but its registry names no latest version",
                hint="name the version to take",
            )
        return version

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """See ``Source.fetch``. The file is the tarball, ``name-version.tgz``."""
        file_name = f"{reference.name.rpartition('/')[2]}-{reference.version}.tgz"
        if sha256 and (path := self.store.got(reference.text, sha256)):
            return Fetched(path, sha256, path.stat().st_size, file_name)
        manifest = self.manifest(reference.name, reference.version)
        with self.store.draft() as draft:
            self._download(manifest, draft)
            if sha256 and draft.sha256 != sha256:
                raise _differs(reference.text, f"sha256 {draft.sha256}", f"sha256 {sha256}")
            path = self._keep(manifest, draft)
            self.store.note_origin(reference.text, draft.sha256)
            return Fetched(path, draft.sha256, draft.size, file_name)

    def fetch_package(self, package: Archived, tags: Sequence[str] = ()) -> Fetched:
        """See ``Source.fetch_package``; npm's packages are the same on every platform."""
        (wanted,) = package.integrity
        file_name = f"{package.name.rpartition('/')[2]}-{package.version}.tgz"
        key = f"npm {package.name} {package.version} {wanted}"
        sha256 = self.store.recall(key)
        path = self.store.get(sha256) if sha256 else None
        # The note only says where to look: the bytes must be those that the lock names.
        if path and file_integrity(path, "sha512") == wanted:
            return Fetched(path, sha256, path.stat().st_size, file_name)
        manifest = self.manifest(package.name, package.version)
        with self.store.draft() as draft:
            self._download(manifest, draft)
            if draft.sha512 != wanted:
                raise _differs(f"{package.name} {package.version}", draft.sha512, wanted)
            path = self._keep(manifest, draft)
            self.store.remember(key, draft.sha256)
            return Fetched(path, draft.sha256, draft.size, file_name)

    def _download(self, manifest: Manifest, draft: Draft) -> None:
        # The registry's answer names the tarball's address, so it is followed like a redirect.
        registry = self.config.registry_of(manifest.name)
        self.http.download(self._tarball(manifest), draft, led_from=registry)

    def _keep(self, manifest: Manifest, draft: Draft) -> Path:
        what = f"{manifest.name} {manifest.version}"
        promised = manifest.integrity.split()
        if promised and draft.sha512 not in promised and _has_sha512(promised):
            raise _differs(what, draft.sha512, f"{manifest.integrity} of the registry's metadata")
        path = self.store.keep(draft)
        if not _has_sha512(promised) and _SHA1.fullmatch(manifest.shasum):
            found = file_integrity(path, "sha1")
            if found != integrity("sha1", manifest.shasum):
                raise _differs(what, found, f"sha1 {manifest.shasum} of the registry's metadata")
        return path

    def _read(self, name: str, version: str) -> Manifest:
        base = urljoin(self.config.registry_of(name), quote(name, safe="@"))
        accept = "application/json"
        try:
            url = f"{base}/{version}"
            data = _json(self.http.get(url, accept=accept, size=_MANIFEST_SIZE), url)
        except Refused:
            # Some mirrors serve whole documents alone.
            body = self.http.get(base, accept=accept, size=_PACKUMENT_SIZE)
            versions = _json(body, base).get("versions")
            found = versions.get(version) if isinstance(versions, dict) else None
            if not isinstance(found, dict):
                raise Refused(
                    Reason.NOT_FOUND,
                    f"npm has {name}, but no version {version} of it",
                    hint="compare the version with what the registry offers",
                ) from None
            data = found
        manifest = _manifest(data)
        same = (manifest.name, manifest.version) == (name, version)
        if not same or split(manifest.tarball) is None:
            raise Undecided(
                Reason.UNREACHABLE,
                f"npm: {shown(base)} answers with something else than {name} {version}",
                hint="check that npm's registry is a registry",
            )
        return manifest

    @cached_property
    def _public_host(self) -> str:
        return npmrc.public_host(self.environ)

    def _tarball(self, manifest: Manifest) -> str:
        """Where the tarball lies, by npm's ``replace-registry-host``.

        A mirror often passes on metadata whose addresses still name the public registry: those
        are asked of the mirror instead, any other address is followed as it stands.
        """
        self.open()
        registry = urlsplit(self.config.registry_of(manifest.name))
        parts = urlsplit(manifest.tarball)
        if parts.netloc == registry.netloc:
            return urlunsplit(parts._replace(scheme=registry.scheme))
        rule = self.config.replace_host
        if rule == "never" or (rule != "always" and parts.netloc != self._replaced_host(rule)):
            return manifest.tarball
        return urlunsplit(parts._replace(scheme=registry.scheme, netloc=registry.netloc))

    def _replaced_host(self, rule: str) -> str:
        """A word without a dot is npm's for the public registry, whose host npm alone knows."""
        return rule if "." in rule or ":" in rule else self._public_host


def open_npm(store: Store, environ: Mapping[str, str], named: Named = nobody) -> NpmSource:
    """The npm registry of this machine."""
    return NpmSource(store, environ, named=named)


def _has_sha512(promised: Sequence[str]) -> bool:
    return any(item.startswith("sha512-") for item in promised)


def _differs(what: str, found: str, wanted: str) -> Refused:
    return Refused(
        Reason.DIGEST_MISMATCH,
        f"{what}: its bytes have {found}, wanted is {wanted}",
        hint="find out who changed it; a published version never changes",
    )


def _json(body: bytes, url: str) -> dict[str, Any]:
    try:
        data = metadata.parse(body)
    except ValueError as error:
        raise Undecided(
            Reason.UNREACHABLE,
            f"npm: {shown(url)} does not answer in JSON: {error}",
            hint="check that npm's registry is a registry, and no login page",
        ) from error
    return data if isinstance(data, dict) else {}


def _manifest(data: Mapping[str, Any]) -> Manifest:
    dist = data.get("dist") if isinstance(data.get("dist"), dict) else {}
    scripts = _texts(data.get("scripts"))
    name = _text(data.get("name"))
    return Manifest(
        name=name,
        version=_text(data.get("version")),
        integrity=_text(_of(dist, "integrity")),
        shasum=_text(_of(dist, "shasum")),
        tarball=_text(_of(dist, "tarball")),
        # With a binding.gyp in the package npm runs node-gyp though no script says so.
        install_scripts=tuple(
            key
            for key in _INSTALL_SCRIPTS
            if scripts.get(key) or (key == "install" and data.get("gypfile") is True)
        ),
        dependencies=_texts(data.get("dependencies")),
        optional_dependencies=_texts(data.get("optionalDependencies")),
        peer_dependencies=_texts(data.get("peerDependencies")),
        bin=_bin(name, data.get("bin")),
        has_shrinkwrap=data.get("_hasShrinkwrap") is True,
        bundles=bool(data.get("bundleDependencies") or data.get("bundledDependencies")),
        description=_text(data.get("description")),
        licence=_text(data.get("license")) or _text(_of(data.get("license"), "type")),
        repository=_text(data.get("repository")) or _text(_of(data.get("repository"), "url")),
        homepage=_text(data.get("homepage")),
        attested=bool(_text(_of(_of(dist, "attestations"), "url"))),
        publisher=_text(_of(data.get("_npmUser"), "name")),
        maintainers=_names(data.get("maintainers")),
    )


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    people = value if isinstance(value, list) else []
    return tuple(name for one in people if (name := _text(_of(one, "name"))))


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items() if isinstance(item, str)}


def _bin(name: str, value: object) -> dict[str, str]:
    return {name.rpartition("/")[2]: value} if isinstance(value, str) else _texts(value)
