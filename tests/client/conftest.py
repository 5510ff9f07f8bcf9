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


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cache and state of machines on which the good servers are installed already."""
    return tmp_path_factory.mktemp("laid")


@pytest.fixture
def warm_machine(machine: Machine, laid: Path) -> Machine:
    """A machine like ``machine``; after the first launch of a worker its trees are there."""
    machine.configure(cache=str(laid / "cache"), state=str(laid / "state"))
    (laid / "cache").mkdir(exist_ok=True)
    store = laid / "cache/store"
    if not store.is_symlink():
        store.symlink_to(machine.shared / "store")
    return machine
