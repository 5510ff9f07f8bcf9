"""A machine that is set up for registries on loopback, and a registry folder to work in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.faults import FaultServer, serving
from tests.support.packages import Index, Npm


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


@pytest.fixture
def machine(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Npm, Index]:
    """A machine that is set up for both registries, and a registry folder to work in."""
    npm, index = Npm(server, tmp_path / "home"), Index(server, tmp_path / "home")
    for key in [key for key in os.environ if key.upper().startswith(("PIP_", "UV_", "NPM_"))]:
        monkeypatch.delenv(key)
    for key, value in {**npm.environ, **index.environ}.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "registry" / "servers").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "registry")
    npm.publish("dep", "1.0.0")
    npm.publish("dep", "1.1.0", published="2026-07-01T00:00:00.000Z")
    npm.publish(
        "@scope/server-files",
        "1.0.0",
        dependencies={"dep": "^1.0.0"},
        description="Reads\x1b[31m files.\u202e\n# name: evil",
        license="MIT",
        repository={"type": "git", "url": "git+https://git.example.com/team/files.git"},
        bin={"files": "index.js"},
    )
    index.publish("mcp-server-clock", "1.0", requires=("dep",))
    index.publish("dep", "1.0")
    return npm, index
