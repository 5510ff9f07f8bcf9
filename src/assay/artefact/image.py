"""What an image's documents say: manifest and index, of OCI (image-spec v1.1) or Docker (v2 s2).

Bytes in, typed descriptors out; nothing is fetched here. A document that two programs could read
as two things is refused: a key that stands twice, ``manifests`` beside ``layers``
(CVE-2021-41190), a media type that its content belies. So is what would be fetched from
elsewhere (foreign layers, ``urls``), what can't be held by sha256, an index in an index, and
schema 1, whose digest is not of its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from assay import strict_json
from assay.errors import Refused
from assay.hidden import quoted
from assay.reason import Reason

MOST_MANIFEST = 4 << 20  # bytes, the limit that the distribution spec gives registries
MOST_CONFIG = 4 << 20
MOST_BLOB = 8 << 30  # one layer as it is sent
MOST_IMAGE = 16 << 30  # all that one reference leads to
MOST_MANIFESTS = 64
MOST_LAYERS = 256  # Docker's own limit is 127

_OCI = "application/vnd.oci.image"
_DOCKER = "application/vnd.docker.distribution"
INDEXES = frozenset({f"{_OCI}.index.v1+json", f"{_DOCKER}.manifest.list.v2+json"})
MANIFESTS = frozenset({f"{_OCI}.manifest.v1+json", f"{_DOCKER}.manifest.v2+json"})
_CONFIGS = frozenset({f"{_OCI}.config.v1+json", "application/vnd.docker.container.image.v1+json"})
# Media type → how the layer's tar is packed.
LAYERS = {
    f"{_OCI}.layer.v1.tar": "tar",
    f"{_OCI}.layer.v1.tar+gzip": "gzip",
    f"{_OCI}.layer.v1.tar+zstd": "zstd",
    "application/vnd.docker.image.rootfs.diff.tar": "tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "zstd",
}
ACCEPT = ", ".join(sorted(MANIFESTS | INDEXES))
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_WORD = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Blob(NamedTuple):
    """A descriptor: bytes by their sha256 (hex) and their size."""

    sha256: str
    size: int
    media_type: str

    @property
    def digest(self) -> str:
        """As the distribution spec writes it."""
        return f"sha256:{self.sha256}"


class Manifest(NamedTuple):
    """One image: its configuration, and its layers from the lowest up."""

    config: Blob
    layers: tuple[Blob, ...]


class Choice(NamedTuple):
    """One manifest of an index; ``platform`` is ``os/architecture`` or with ``/variant``."""

    platform: str
    manifest: Blob


class Index(NamedTuple):
    """An image for several platforms, without the attestations that builders lay beside it."""

    choices: tuple[Choice, ...]


class Config(NamedTuple):
    """What an image's configuration says of its layers; ``diff_ids`` are sha256 in hex, unpacked.

    ``setup`` is what a container is started with: User, Env, Entrypoint, Cmd and the like.
    """

    platform: str
    diff_ids: tuple[str, ...]
    setup: Mapping[str, Any]


class Layer(NamedTuple):
    """A layer in the store: how its tar is packed, and the sha256 (hex) of the tar itself."""

    path: Path
    packing: str  # tar, gzip, zstd
    diff_id: str


class Image(NamedTuple):
    """One platform's image in the store, layers from the lowest up."""

    platform: str
    sha256: str  # of its manifest
    config: Config
    layers: tuple[Layer, ...]


def read_manifest(raw: bytes, *, label: str, served_as: str = "") -> Manifest | Index:
    """Read a manifest or an index; ``served_as`` is the media type that the registry gave it.

    Refused: ARTEFACT_INVALID, or ARTEFACT_UNSUPPORTED for what is no image or needs another
    digest.
    """
    data = _object(raw, label, "manifest", MOST_MANIFEST)
    if data.get("schemaVersion") != 2 or isinstance(data.get("schemaVersion"), bool):
        raise unsupported(label, "has a manifest that is not of schema 2")
    media_type = data.get("mediaType") or ""
    if not isinstance(media_type, str):
        raise invalid(label, "has a manifest whose media type is no text")
    served_as = served_as.partition(";")[0].strip().lower()
    is_index = "manifests" in data
    if is_index and any(key in data for key in ("layers", "config", "fsLayers")):
        raise invalid(label, "has a manifest that can be read as an image and as an index")
    right = INDEXES if is_index else MANIFESTS
    # Neither may be there (OCI 1.0 left it open); what is there must agree, and with the content.
    for told in filter(None, (media_type, served_as)):
        if told not in right or (media_type and told != media_type):
            raise invalid(label, f"has a manifest that is not what it is called: {quoted(told)}")
    return _index(data, label) if is_index else _manifest(data, label)


def read_config(raw: bytes, *, label: str) -> Config:
    """Read an image's configuration; errors as ``read_manifest``."""
    data = _object(raw, label, "configuration", MOST_CONFIG)
    rootfs = data.get("rootfs")
    found = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if not isinstance(found, list) or len(found) > MOST_LAYERS:
        raise invalid(label, "has a configuration that does not list its layers")
    setup = data.get("config")
    return Config(
        platform=_platform(data, label),
        diff_ids=tuple(_sha256(item, label) for item in found),
        setup=setup if isinstance(setup, dict) else {},
    )


def invalid(label: str, what: str) -> Refused:
    """The error for an image that no registry should hold."""
    return Refused(
        Reason.ARTEFACT_INVALID, f"{label} {what}", hint="tell the maintainer of the image"
    )


def unsupported(label: str, what: str) -> Refused:
    """The error for what may be in order and is not for us."""
    return Refused(
        Reason.ARTEFACT_UNSUPPORTED,
        f"{label} {what}",
        hint="push it as an OCI or Docker schema 2 image, addressed by sha256",
    )


def _manifest(data: Mapping[str, Any], label: str) -> Manifest:
    config = _blob(data.get("config"), label, _CONFIGS, MOST_CONFIG)
    items = _list(data, "layers", label, MOST_LAYERS)
    layers = tuple(_blob(item, label, LAYERS.keys(), MOST_BLOB) for item in items)
    if sum(layer.size for layer in layers) > MOST_IMAGE:
        raise invalid(label, f"is over {MOST_IMAGE >> 30} GiB")
    return Manifest(config, layers)


def _index(data: Mapping[str, Any], label: str) -> Index:
    choices = []
    for item in _list(data, "manifests", label, MOST_MANIFESTS):
        place = item.get("platform") if isinstance(item, dict) else None
        platform = _platform(place if isinstance(place, dict) else {}, label)
        if isinstance(item, dict) and str(item.get("mediaType")) in INDEXES:
            raise invalid(label, "has an index in its index")
        manifest = _blob(item, label, MANIFESTS, MOST_MANIFEST)
        # Builders lay attestations beside the images; no host ever picks unknown/unknown.
        if platform != "unknown/unknown":
            choices.append(Choice(platform, manifest))
    if not choices:
        raise invalid(label, "has an index of no image")
    if len({choice.platform for choice in choices}) != len(choices):
        raise invalid(label, "has two images for one platform: which one runs is anybody's guess")
    return Index(tuple(choices))


def _blob(value: object, label: str, allowed: frozenset[str] | Any, most: int) -> Blob:
    if not isinstance(value, dict):
        raise invalid(label, "has a descriptor that is none")
    media_type, size = value.get("mediaType"), value.get("size")
    if value.get("urls") or (isinstance(media_type, str) and _is_foreign(media_type)):
        raise invalid(label, "fetches a part of itself from another address")
    if not isinstance(media_type, str) or media_type not in allowed:
        raise unsupported(label, f"holds {quoted(str(media_type))}, which is no part of an image")
    if type(size) is not int or size < 0:
        raise invalid(label, "has a descriptor without a size")
    if size > most:
        raise invalid(label, f"holds {size} bytes where {most} are the most")
    return Blob(_sha256(value.get("digest"), label), size, media_type)


def _is_foreign(media_type: str) -> bool:
    return ".foreign." in media_type or ".nondistributable." in media_type


def _sha256(value: object, label: str) -> str:
    match = _DIGEST.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise unsupported(label, f"names {quoted(str(value))}, which is no sha256 digest")
    return match[1]


def _platform(data: Mapping[str, Any], label: str) -> str:
    """``os/architecture[/variant]``; unknown where it is not said."""
    words = [data.get(key, default) for key, default in _PLATFORM]
    if any(word != "" and not (isinstance(word, str) and _WORD.fullmatch(word)) for word in words):
        raise invalid(label, "names a platform that is none")
    if version := data.get("os.version"):
        # Windows has one image a build of the system: they differ in nothing else.
        words.append(str(version))
        if not _WORD.fullmatch(words[-1]):
            raise invalid(label, "names a platform that is none")
    return "/".join(word for word in words if word)


_PLATFORM = (("os", "unknown"), ("architecture", "unknown"), ("variant", ""))


def _list(data: Mapping[str, Any], key: str, label: str, most: int) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list) or not value:
        raise invalid(label, f"has a manifest without {key}")
    if len(value) > most:
        raise invalid(label, f"has {len(value)} {key}, more than {most}")
    return value


def _object(raw: bytes, label: str, what: str, limit: int) -> dict[str, Any]:
    try:
        return strict_json.read_object(raw, limit=limit)
    except ValueError as error:
        raise invalid(label, f"has a {what} that is no plain JSON object: {error}") from error
