"""Images: the OCI distribution API (distribution-spec v1.1), from the host that the entry names.

The tag is asked for, and the bytes of what it names, manifest or index, have the digest that was
reviewed; everything below is fetched by digest, hashed while it streams into the store, and held
against the size that the descriptor gives. No engine takes part, nothing is unpacked here.

Credentials are Docker's own, shown to a registry only when it asks, and only with the very
addresses that we asked for: whatever it redirects to, its own storage included, sees none.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from assay.artefact import image
from assay.artefact.dockerconf import DockerConfig, Login
from assay.artefact.http import Access, Http, Limits
from assay.artefact.image import Blob, Image, Index, Layer, Manifest
from assay.artefact.machine import proxy_for
from assay.artefact.reference import Reference
from assay.artefact.source import Archived, Fetched, Named, nobody
from assay.artefact.store import Draft, Store
from assay.artefact.token import Keys
from assay.artefact.wire import Zone
from assay.errors import Refused, Undecided
from assay.hidden import quoted
from assay.reason import Reason

# Only these are spoken to without TLS, for nobody stands between a machine and itself.
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LIMITS = Limits(size=image.MOST_BLOB, deadline=1800.0)
_AT_ONCE = 4  # blobs
_PATIENCE = 120.0  # seconds for a manifest or a token, which are small
FILE_NAME = "manifest.json"


class OciSource:
    """Image registries. With ``platforms`` only those of an index are fetched, else all."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        *,
        platforms: Sequence[str] = (),
        limits: Limits = LIMITS,
        docker: DockerConfig | None = None,
        plain: frozenset[str] = LOOPBACK,
        named: Named = nobody,
    ) -> None:
        self.store = store
        self._environ = environ
        self._platforms = tuple(platforms)
        self._limits = limits
        self._docker = docker or DockerConfig(environ)
        self._plain = plain
        self._may_lead_to = named
        self._opening = threading.Lock()
        self._repositories: dict[str, _Repository] = {}

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """See ``Source.fetch``. The file is the manifest or index that the tag names.

        Refused besides: ARTEFACT_INVALID, ARTEFACT_UNSUPPORTED (``image.read_manifest``).
        """
        here = self._repository(reference)
        path = self.store.got(reference.text, sha256) if sha256 else None
        if path is None or not sha256:
            path, sha256 = self._named(here, reference, sha256)
        raw = path.read_bytes()
        self._fetch_below(here, image.read_manifest(raw, label=reference.text))
        self.store.note_origin(reference.text, sha256)
        return Fetched(path, sha256, len(raw), FILE_NAME)

    def fetch_package(self, package: Archived, tags: Sequence[str] = ()) -> Fetched:
        """An image has no packages that are fetched one by one."""
        raise Undecided(
            Reason.ARTEFACT_UNSUPPORTED, f"{package.name} is part of an image and comes with it"
        )

    def images(self, reference: Reference, fetched: Fetched) -> tuple[Image, ...]:
        """What ``fetch`` brought, by platform; errors as ``fetch``, from the store alone."""
        label = reference.text
        document = image.read_manifest(fetched.path.read_bytes(), label=label)
        if isinstance(document, Manifest):
            return (self._image("", fetched.sha256, document, label),)
        found = []
        for choice in self._chosen(document, label):
            raw = self._stored(choice.manifest, label).read_bytes()
            manifest = _platform_manifest(raw, choice.manifest, label)
            found.append(self._image(choice.platform, choice.manifest.sha256, manifest, label))
        return tuple(found)

    def _named(
        self, here: _Repository, reference: Reference, sha256: str | None
    ) -> tuple[Path, str]:
        with self.store.draft() as draft:
            headers = here.download(f"manifests/{reference.version}", draft, image.MOST_MANIFEST)
            if sha256 and draft.sha256 != sha256:
                raise _differs(reference.text, f"sha256 {draft.sha256}", f"sha256 {sha256}")
            raw = draft.path.read_bytes()
            _hold_promise(headers.get("Docker-Content-Digest", ""), raw, reference.text)
            served_as = headers.get("Content-Type", "")
            image.read_manifest(raw, label=reference.text, served_as=served_as)
            return self.store.keep(draft), draft.sha256

    def _fetch_below(self, here: _Repository, document: Manifest | Index) -> None:
        manifests = [document] if isinstance(document, Manifest) else self._below(here, document)
        blobs = {blob for each in manifests for blob in (each.config, *each.layers)}
        total = sum(blob.size for blob in blobs)
        if total > image.MOST_IMAGE:
            raise image.invalid(here.label, f"is {total} bytes, more than {image.MOST_IMAGE}")
        # The largest first: the last to end decides when all have.
        order = sorted(blobs, key=lambda blob: (-blob.size, blob.sha256))
        _at_once(lambda blob: self._blob(here, f"blobs/{blob.digest}", blob), order)

    def _below(self, here: _Repository, index: Index) -> list[Manifest]:
        found = []
        for choice in self._chosen(index, here.label):
            path = self._blob(here, f"manifests/{choice.manifest.digest}", choice.manifest)
            found.append(_platform_manifest(path.read_bytes(), choice.manifest, here.label))
        return found

    def _chosen(self, index: Index, label: str) -> tuple[image.Choice, ...]:
        wanted = self._platforms
        if not wanted:
            return index.choices
        chosen = tuple(
            choice
            for choice in index.choices
            if any(f"{choice.platform}/".startswith(f"{platform}/") for platform in wanted)
        )
        if not chosen:
            offered = ", ".join(choice.platform for choice in index.choices)
            raise Refused(
                Reason.NOT_FOUND,
                f"{label} has no image for {' or '.join(wanted)}",
                hint=f"it has: {offered}",
            )
        return chosen

    def _blob(self, here: _Repository, path: str, blob: Blob) -> Path:
        """Bytes by digest: whoever had them before had the same."""
        if kept := self.store.get(blob.sha256):
            _hold_size(kept.stat().st_size, blob, here.label)
            return kept
        with self.store.draft() as draft:
            here.download(path, _Sized(draft, blob, here.label), self._limits.size)
            _hold_size(draft.size, blob, here.label)
            if draft.sha256 != blob.sha256:
                raise _differs(f"{here.label}: a part", f"sha256 {draft.sha256}", blob.digest)
            return self.store.keep(draft)

    def _stored(self, blob: Blob, label: str) -> Path:
        path = self.store.get(blob.sha256)
        if path is None:
            raise Undecided(
                Reason.STORE_UNUSABLE,
                f"{label}: {blob.digest} is no longer in the store",
                hint="run it again: it is fetched anew",
            )
        return path

    def _image(self, platform: str, sha256: str, manifest: Manifest, label: str) -> Image:
        config = image.read_config(self._stored(manifest.config, label).read_bytes(), label=label)
        if len(config.diff_ids) != len(manifest.layers):
            raise image.invalid(label, "has a configuration of another number of layers")
        pairs = zip(manifest.layers, config.diff_ids, strict=True)
        layers = tuple(
            Layer(self._stored(blob, label), image.LAYERS[blob.media_type], diff_id)
            for blob, diff_id in pairs
        )
        return Image(platform or config.platform, sha256, config, layers)

    def _repository(self, reference: Reference) -> _Repository:
        with self._opening:
            if reference.name not in self._repositories:
                host = reference.host
                plain = urlsplit(f"//{host}").hostname in self._plain
                access = Access(
                    proxy=lambda url: proxy_for(url, "", (), self._environ),
                    extra_ca_file=self._docker.ca_file(host),
                    advice=f"docker login {host} where it asks for a login",
                )
                self._repositories[reference.name] = _Repository(
                    label=reference.name,
                    base=f"{'http' if plain else 'https'}://{host}",
                    name=reference.name.partition("/")[2],
                    login=lambda: self._docker.login(host),
                    access=access,
                    limits=self._limits,
                    named=self._may_lead_to,
                )
            return self._repositories[reference.name]


class _Repository:
    """One repository of one registry, with what opens it."""

    def __init__(
        self,
        *,
        label: str,
        base: str,
        name: str,
        login: Callable[[], Login],
        access: Access,
        limits: Limits,
        named: Named,
    ) -> None:
        self.label = label
        self._base = f"{base}/v2/{name}/"
        self._asked: set[str] = set()
        self._access, self._limits, self._named = access, limits, named
        self._brief = replace(limits, deadline=min(limits.deadline, _PATIENCE))
        self._reached: dict[str, Zone] = {}
        self._keys = Keys(base, name, login, self._plain_http)
        answers = (self._authorization, self._challenged)
        self._blobs = self._opened(*answers, limits)
        self._manifests = self._opened(*answers, self._brief)

    def download(self, path: str, sink: Draft | _Sized, size: int) -> Mapping[str, str]:
        url = self._base + path
        self._asked.add(url)
        if path.startswith("manifests/"):
            return self._manifests.download(url, sink, accept=image.ACCEPT, size=size)
        return self._blobs.download(url, sink, size=size)

    def _authorization(self, url: str) -> str:
        return self._keys.header() if url in self._asked else ""

    def _challenged(self, url: str, challenge: str) -> bool:
        return url in self._asked and self._keys.answer(challenge)

    def _plain_http(self, realm: str, login: Login) -> Http:
        """For the token server: the login is for its very address."""

        def own(url: str) -> str:
            return login.basic if url == realm else ""

        return self._opened(own, lambda *_: False, self._brief)

    def _opened(
        self,
        authorization: Callable[[str], str],
        challenged: Callable[[str, str], bool],
        limits: Limits,
    ) -> Http:
        access = Access(
            authorization=authorization,
            challenged=challenged,
            proxy=self._access.proxy,
            extra_ca_file=self._access.extra_ca_file,
            advice=self._access.advice,
        )
        return Http("oci", access, limits, named=self._named, reached=self._reached)


class _Sized:
    """A draft that takes no byte more than its descriptor gives it."""

    def __init__(self, draft: Draft, blob: Blob, label: str) -> None:
        self._draft = draft
        self._blob = blob
        self._label = label

    def restart(self) -> None:
        self._draft.restart()

    def write(self, chunk: bytes) -> None:
        size = self._draft.size + len(chunk)
        if size > self._blob.size:
            _hold_size(size, self._blob, self._label)
        self._draft.write(chunk)


def open_oci(store: Store, environ: Mapping[str, str], named: Named = nobody) -> OciSource:
    """The image registries of this machine."""
    return OciSource(store, environ, named=named)


def _platform_manifest(raw: bytes, blob: Blob, label: str) -> Manifest:
    document = image.read_manifest(raw, label=label, served_as=blob.media_type)
    if isinstance(document, Index):
        raise image.invalid(label, "has an index in its index")
    return document


def _at_once(act: Callable[[Blob], object], blobs: Iterable[Blob]) -> None:
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        for _ in pool.map(act, blobs):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def _hold_size(size: int, blob: Blob, label: str) -> None:
    if size != blob.size:
        raise _differs(f"{label}: {blob.digest}", f"{size} or more bytes", f"{blob.size} bytes")


def _hold_promise(promised: str, raw: bytes, label: str) -> None:
    """What the registry itself says of the bytes (``Docker-Content-Digest``), where it says it."""
    algorithm, mark, digest = promised.strip().partition(":")
    if not promised.strip():
        return
    known = algorithm in ("sha256", "sha384", "sha512")
    if not mark or not known or hashlib.new(algorithm, raw).hexdigest() != digest.lower():
        found = f"sha256 {hashlib.sha256(raw).hexdigest()}"
        raise _differs(label, found, f"{quoted(promised)} of the registry's own header")


def _differs(what: str, found: str, wanted: str) -> Refused:
    return Refused(
        Reason.DIGEST_MISMATCH,
        f"{what}: its bytes have {found}, wanted is {wanted}",
        hint="find out who changed it; a tag that was reviewed never moves",
    )
