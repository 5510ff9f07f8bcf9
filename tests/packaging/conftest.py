"""One build and one installation for all the tests of the packaging."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import venv
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def command(*words: str | Path, cwd: Path = ROOT) -> str:
    """What a command writes; a failure is the test's."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout, unpacked."""
    place = tmp_path_factory.mktemp("sdist")
    command(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", place)
    (archive,) = place.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(place, filter="data")
    (unpacked,) = (path for path in place.iterdir() if path.is_dir())
    return unpacked


@pytest.fixture(scope="session")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, so that neither lacks a file."""
    place = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", place)
    command(*build, cwd=sdist)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a new environment: the wheel and its locked dependencies alone."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=False)
    pip = (sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install", "--quiet")
    lock = place / "requirements.txt"
    lock.write_text("\n".join(_locked(ROOT / "requirements/dev.txt")))
    command(*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock)
    command(*pip, "--no-deps", "--no-index", wheel)
    return place / "bin"


def _locked(path: Path) -> Iterator[str]:
    """The lock's requirements, hashes and all, that the wheel needs when it is installed."""
    needed = _closure("mcp-assay", set())
    for block in re.split(r"\n(?=\S)", path.read_text()):
        if canonicalize_name(re.split(r"[=\[ ;]", block, maxsplit=1)[0]) in needed:
            yield block


def _closure(name: str, seen: set[str]) -> set[str]:
    if name in seen:
        return seen
    seen.add(name)
    try:
        wanted = [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:  # for another platform
        return seen
    for one in wanted:
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            _closure(canonicalize_name(one.name), seen)
    return seen
