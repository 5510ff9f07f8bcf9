"""Images made by hand: layers, configuration, manifests; as a layout folder, or served at once.

``Layout`` is an OCI layout (image-spec v1.1) that ``skopeo`` pushes; ``Shelf`` serves the same
documents from a server on loopback, which may lie.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.support import faults
from tests.support.faults import FaultServer

OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker.distribution"
INDEX = f"{OCI}.index.v1+json"
MANIFEST = f"{OCI}.manifest.v1+json"
CONFIG = f"{OCI}.config.v1+json"
LAYER = f"{OCI}.layer.v1.tar"

DPKG = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u10
"""
OS_RELEASE = 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n'


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def node(name: str, content: bytes | str = b"", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A tar's member; ``attributes`` are ``TarInfo``'s own (``type``, ``linkname``, ``mode``)."""
    raw = content.encode() if isinstance(content, str) else content
    info = tarfile.TarInfo(name)
    info.size = len(raw)
    for key, value in attributes.items():
        setattr(info, key, value)
    return info, raw


def link(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return node(name, type=tarfile.SYMTYPE, linkname=target)


def hard(name: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    return node(name, type=tarfile.LNKTYPE, linkname=target)


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    return node(name, type=tarfile.DIRTYPE, mode=0o755)


def tar(*nodes: tuple[tarfile.TarInfo, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for info, content in nodes:
            archive.addfile(info, io.BytesIO(content))
    return raw.getvalue()


class Made(NamedTuple):
    """A layer: as it is sent, how it is called, and the sha256 of its tar."""

    raw: bytes
    media_type: str
    diff_id: str


def layer(
    *nodes: tuple[tarfile.TarInfo, bytes], packing: str = "gzip", raw: bytes | None = None
) -> Made:
    plain = tar(*nodes) if raw is None else raw
    if packing == "gzip":
        return Made(gzip.compress(plain, mtime=0), f"{LAYER}+gzip", sha256(plain))
    if packing == "zstd":
        return Made(zstd(plain), f"{LAYER}+zstd", sha256(plain))
    return Made(plain, LAYER, sha256(plain))


def zstd(raw: bytes) -> bytes:
    from assay.artefact.unpack.packing import zstd as library

    found = library()
    assert found is not None
    packed: bytes = found.compress(raw)
    return packed


def debian(*more: tuple[tarfile.TarInfo, bytes]) -> Made:
    """A small Debian: one package and what says that it is one."""
    return layer(
        folder("etc"),
        node("etc/os-release", OS_RELEASE),
        node("var/lib/dpkg/status", DPKG),
        *more,
    )


def config(layers: Iterable[Made], platform: str = "linux/amd64", **more: Any) -> bytes:
    system, _, architecture = platform.partition("/")
    return json.dumps(
        {
            "architecture": architecture,
            "os": system,
            "config": {"Entrypoint": ["/server"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each.diff_id}" for each in layers]},
            **more,
        }
    ).encode()


def descriptor(raw: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": f"sha256:{sha256(raw)}", "size": len(raw), **more}


def manifest(layers: Iterable[Made], configuration: bytes, **more: Any) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor(configuration, CONFIG),
            "layers": [descriptor(each.raw, each.media_type) for each in layers],
            **more,
        }
    ).encode()


def index(choices: Mapping[str, bytes], **more: Any) -> bytes:
    """``choices``: platform → the bytes of its manifest."""
    entries = []
    for platform, raw in choices.items():
        system, architecture, *variant = platform.split("/")
        place = {"os": system, "architecture": architecture}
        place |= {"variant": variant[0]} if variant else {}
        entries.append(descriptor(raw, MANIFEST, platform=place))
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries, **more}
    return json.dumps(document).encode()


class Shelf:
    """A registry on loopback that serves what was put on it, and lies where it is told."""

    def __init__(self, server: FaultServer, name: str = "mcp/postgres") -> None:
        self.server = server
        self.name = name
        self.host = server.base.partition("://")[2]

    def reference(self, tag: str = "1.2.0") -> str:
        return f"oci://{self.host}/{self.name}:{tag}"

    def path(self, rest: str) -> str:
        return f"/v2/{self.name}/{rest}"

    def put_blob(self, raw: bytes) -> None:
        self.server[self.path(f"blobs/sha256:{sha256(raw)}")] = faults.good(raw)

    def put_manifest(self, raw: bytes, tag: str = "", served_as: str = MANIFEST) -> str:
        """Serve a manifest under its digest and ``tag``; the sha256 comes back."""
        digest = f"sha256:{sha256(raw)}"
        headers = {"Content-Type": served_as, "Docker-Content-Digest": digest}
        for name in (digest, tag) if tag else (digest,):
            self.server[self.path(f"manifests/{name}")] = faults.good(raw, headers)
        return sha256(raw)

    def put(self, *layers: Made, tag: str = "1.2.0", platform: str = "linux/amd64") -> bytes:
        """Serve an image; its manifest comes back."""
        configuration = config(layers, platform)
        for raw in (configuration, *(each.raw for each in layers)):
            self.put_blob(raw)
        raw = manifest(layers, configuration)
        self.put_manifest(raw, tag)
        return raw


def write_layout(root: Path, images: Mapping[str, Iterable[Made]]) -> Path:
    """An OCI layout with one tag ``image``: an index where there are several platforms."""
    blobs = root / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def keep(raw: bytes) -> bytes:
        (blobs / sha256(raw)).write_bytes(raw)
        return raw

    manifests = {}
    for platform, layers in images.items():
        made = [*layers]
        for each in made:
            keep(each.raw)
        manifests[platform] = keep(manifest(made, keep(config(made, platform))))
    if len(manifests) == 1:
        top, media_type = next(iter(manifests.values())), MANIFEST
    else:
        top, media_type = keep(index(manifests)), INDEX
    named = {"org.opencontainers.image.ref.name": "image"}
    (root / "index.json").write_text(
        json.dumps(
            {"schemaVersion": 2, "manifests": [descriptor(top, media_type, annotations=named)]}
        )
    )
    (root / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return root
