"""Registries on loopback for the sources' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.faults import FaultServer, serving
from tests.support.packages import Index, Npm

from assay.artefact.store import Store


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


@pytest.fixture
def npm(server: FaultServer, tmp_path: Path) -> Npm:
    return Npm(server, tmp_path / "home")


@pytest.fixture
def index(server: FaultServer, tmp_path: Path) -> Index:
    return Index(server, tmp_path / "home")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")
