"""A machine to launch on, new for each test; what was downloaded stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.host import Machine
from tests.support.sigstore import Trial


@pytest.fixture(scope="session")
def shared(pytestconfig: pytest.Config) -> Path:
    """Archives and locks of the real servers that tests launch."""
    return Path(pytestconfig.cache.mkdir("launch"))


@pytest.fixture
def machine(tmp_path: Path, sigstore: Trial, shared: Path) -> Machine:
    """A machine with a client.toml and an empty registry."""
    made = Machine(tmp_path / "machine", sigstore, shared)
    made.root.mkdir()
    made.configure()
    return made
