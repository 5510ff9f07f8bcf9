"""A registry with signed releases, and ``assay diff`` asked of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.releases import Node, Releases
from tests.support.repository import Repository
from tests.support.sigstore import Trial

from assay.cli import main

Told = dict[str, Any]


@pytest.fixture(scope="session")
def _released(sigstore: Trial, tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """Made once, for signing takes its time."""
    root = tmp_path_factory.mktemp("released") / "repository"
    releases = Releases.create(Repository.create(root), sigstore)
    releases.release("clock", "1.0.0", {"dep": Node("1.0.0")})
    releases.release("clock", "1.1.0", {"dep": Node("1.1.0")})
    return releases


@pytest.fixture
def released(_released: Releases, tmp_path: Path) -> Releases:
    """clock in two versions with one dependency, both signed and tagged."""
    root = tmp_path / "repository"
    shutil.copytree(_released.repository.root, root)
    return replace(_released, repository=Repository(root))


@pytest.fixture
def ask(released: Releases, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Told]]:
    """``assay diff NAME --format json``: the exit code, and what it tells of the one entry."""

    def run(name: str, *words: str) -> tuple[int, Told]:
        root = str(released.repository.root)
        code = main(["diff", name, "--registry", root, "--format", "json", *words])
        out, err = capsys.readouterr()
        assert out, err
        (told,) = json.loads(out)["entries"]
        return code, told

    return run
