"""Locking a server against the resolver alone: what our own reading and writing add.

Ours is ``assay.closure.resolve`` as a whole process, which asks npm or pip how this machine
reaches its registry, runs the same resolver and writes the lock anew. The peer is that resolver
with the same flags, its registry known. Caches are warm on both sides.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from assay.artefact import npmrc
from assay.artefact.reference import npm as npm_reference
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from benchmarks.harness import Contestant, Result, built_once, compare

AT = datetime(2026, 11, 20, tzinfo=UTC)
NPM = npm_reference("mcp-server-kubernetes", "4.1.7")  # 411 packages
PYPI = "mcp-server-git"
ROUNDS = 5
_OURS = """
import sys
from datetime import datetime
from pathlib import Path
from assay.artefact.reference import parse
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.closure import resolve
at = datetime.fromisoformat(sys.argv[3])
Path(sys.argv[2]).write_bytes(
    resolve(parse(sys.argv[1]), resolved_at=at, sources=open_sources(Store(Path("store"))))
)
"""


def run() -> Iterator[Result]:
    place = built_once("lock-1", lambda folder: None)
    sources = open_sources(Store(place / "store"))
    version = sources.pypi.newest(PYPI)
    python = f"pkg:pypi/{PYPI}@{version}"
    yield from compare(
        f"lock {NPM.name}", _ours(place, NPM.text), _npm(place), aim=1.2, rounds=ROUNDS
    )
    yield from compare(
        f"lock {PYPI}", _ours(place, python), _uv(place, version), aim=1.2, rounds=ROUNDS
    )


def _ours(place: Path, reference: str) -> Contestant:
    words = [sys.executable, "-I", "-c", _OURS, reference, "ours.lock", AT.isoformat()]
    return Contestant("assay resolves", words, place)


def _npm(place: Path) -> Contestant:
    from assay.closure.npm import _FLAGS

    config = npmrc.read(os.environ)
    folder = place / "peer"

    def begin() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        wanted = {"dependencies": {NPM.name: NPM.version}}
        (folder / "package.json").write_text(json.dumps(wanted))

    words = ["npm", "install", *_FLAGS, f"--before={AT:%Y-%m-%dT%H:%M:%SZ}", *config.flags]
    return Contestant("npm install --package-lock-only", words, folder, before=begin)


def _uv(place: Path, version: str) -> Contestant:
    from assay.artefact import pipconf
    from assay.closure.python import _FLAGS

    config = pipconf.read(os.environ)
    (place / "in.txt").write_text(f"{PYPI}=={version}\n")
    uv = str(Path(sys.executable).with_name("uv"))
    words = [uv, "pip", "compile", *_FLAGS, f"--exclude-newer={AT:%Y-%m-%dT%H:%M:%SZ}"]
    words += ["--python-version=3.11", f"--python={sys.executable}", "-o", "peer.txt", "in.txt"]
    return Contestant(
        "uv pip compile", words, place, environment={"UV_DEFAULT_INDEX": config.index}
    )
