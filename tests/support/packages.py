"""Registries on loopback that speak npm's and PyPI's real protocols, and may lie.

Real npm, pip and uv ask them as they would ask any mirror: through their own configuration.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zipfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support import faults
from tests.support.faults import FaultServer

UPLOADED = "2026-01-02T03:04:05.000000Z"


def sri(raw: bytes, algorithm: str = "sha512") -> str:
    return f"{algorithm}-{b64encode(hashlib.new(algorithm, raw).digest()).decode()}"


def tarball(manifest: Mapping[str, Any], files: Mapping[str, str] | None = None) -> bytes:
    """A package as npm publishes it."""
    raw = io.BytesIO()
    contents = {"package.json": json.dumps(manifest), **(files or {})}
    with (
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|") as tar,
    ):
        for name, text in contents.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return raw.getvalue()


def wheel(name: str, version: str, *, requires: tuple[str, ...] = ()) -> bytes:
    """A pure wheel with one command."""
    raw = io.BytesIO()
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Summary: A test."]
    lines += [f"Requires-Dist: {item}" for item in requires]
    files = {
        f"{name.replace('-', '_')}.py": "def main(): ...\n",
        f"{info}/METADATA": "\n".join(lines) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = x:main\n",
    }
    rows = [f"{path},{_recorded(text.encode())}\n" for path, text in files.items()]
    with zipfile.ZipFile(raw, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{''.join(rows)}{info}/RECORD,,\n"}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return raw.getvalue()


def _recorded(raw: bytes) -> str:
    digest = urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(raw)}"


class Npm:
    """An npm registry. ``environ`` is a machine that is configured for it."""

    def __init__(self, server: FaultServer, home: Path) -> None:
        self.server = server
        self.documents: dict[str, dict[str, Any]] = {}
        self.environ = machine(home) | {"npm_config_registry": server.url("/")}

    def publish(
        self,
        name: str,
        version: str,
        *,
        files: Mapping[str, str] | None = None,
        dist: Mapping[str, Any] | None = None,
        published: str = UPLOADED,
        raw: bytes | None = None,
        **manifest: Any,
    ) -> bytes:
        """Make and serve one version; ``dist`` overrides what its metadata says of the bytes."""
        body = {"name": name, "version": version, **manifest}
        raw = tarball(body, files) if raw is None else raw
        path = f"/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
        told = {
            **body,
            "dist": {
                "tarball": self.server.url(path),
                "integrity": sri(raw),
                "shasum": hashlib.sha1(raw).hexdigest(),
                **(dist or {}),
            },
        }
        if any(key in manifest.get("scripts", {}) for key in ("install", "postinstall")):
            told["hasInstallScript"] = True
        empty = {"name": name, "versions": {}, "time": {}, "dist-tags": {}}
        document = self.documents.setdefault(name, empty)
        document["versions"][version] = told
        document["time"][version] = published
        document["dist-tags"]["latest"] = version
        self.server[path] = faults.good(raw)
        for spelling in {name, name.replace("/", "%2f"), name.replace("/", "%2F")}:
            self.server[f"/{spelling}"] = lambda handler: _json(handler, document)
            self.server[f"/{spelling}/{version}"] = lambda handler: _json(handler, told)
        return raw


class Index:
    """A package index (PEP 691). ``environ`` is a machine that is configured for it."""

    def __init__(self, server: FaultServer, home: Path) -> None:
        self.server = server
        self.files: dict[str, list[dict[str, Any]]] = {}
        self.environ = machine(home) | {"PIP_INDEX_URL": server.url("/simple")}

    def publish(
        self,
        name: str,
        version: str,
        *,
        file_name: str = "",
        requires: tuple[str, ...] = (),
        raw: bytes | None = None,
        uploaded: str = UPLOADED,
        **told: Any,
    ) -> bytes:
        """Make and serve one file of a release; ``told`` overrides what the index says of it."""
        raw = wheel(name, version, requires=requires) if raw is None else raw
        file_name = file_name or f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        item = {
            "filename": file_name,
            "url": self.server.url(f"/files/{file_name}"),
            "hashes": {"sha256": hashlib.sha256(raw).hexdigest()},
            "size": len(raw),
            "upload-time": uploaded,
            "yanked": False,
            **told,
        }
        self.files.setdefault(name, []).append(item)
        self.server[f"/files/{file_name}"] = faults.good(raw)
        self.server[f"/simple/{name}/"] = lambda handler: _json(
            handler,
            {"meta": {"api-version": "1.1"}, "name": name, "files": self.files[name]},
            "application/vnd.pypi.simple.v1+json",
        )
        return raw


def machine(home: Path) -> dict[str, str]:
    """The environment of a machine without any configuration of npm's or pip's."""
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "npm_config_userconfig": str(home / ".npmrc"),
        "npm_config_globalconfig": str(home / "global-npmrc"),
        "npm_config_cache": str(home / ".npm"),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_CACHE_DIR": str(home / ".uv"),
    }


def _json(handler: faults.Handler, data: object, kind: str = "application/json") -> None:
    handler.answer(200, json.dumps(data).encode(), {"Content-Type": kind})
