"""The adversarial corpus against what reads it and what lays it; see ``corpus`` for the cases."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.artefact.unpack.corpus import CASES, Case

from assay.artefact.unpack import inventory, tarball, wheel
from assay.artefact.unpack.bounds import Member
from assay.client.build import Build, remove
from assay.errors import Refused
from assay.reason import Reason


def laid(form: str, path: Path) -> Iterator[Member]:
    """What a launch lays of an archive."""
    if form == "npm-tgz":
        return tarball.members(path, label="it")
    if form == "wheel":
        return wheel.members(path, name="demo", version="1.0", label="it")
    return inventory.members(path, form=form, label="it")


def take(form: str, path: Path) -> inventory.Inventory:
    named = ("demo", "1.0") if form == "wheel" else None
    return inventory.take(path, form=form, label="it", named=named)


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    (tmp_path / "tree").mkdir()
    yield Build(tmp_path / "tree")
    remove(tmp_path / "tree")


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_hostile_archive_is_refused_by_the_inventory_and_by_the_launch(
    case: Case, tmp_path: Path, build: Build
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(case.hostile())
    with pytest.raises(Refused) as caught:
        take(case.form, path)
    assert caught.value.reason is Reason.ARTEFACT_INVALID
    assert re.search(case.said, caught.value.message), caught.value.message
    assert caught.value.message.startswith("it: ")
    with pytest.raises(Refused) as caught:
        build.lay("", laid(case.form, path), label="it")
    assert caught.value.reason is Reason.ARTEFACT_INVALID
    assert sorted(os.listdir(tmp_path)) == ["archive", "tree"], "something was laid outside"


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_its_benign_neighbour_is_unpacked_as_the_inventory_says(
    case: Case, tmp_path: Path, build: Build
) -> None:
    path = tmp_path / "archive"
    path.write_bytes(case.benign())
    found = take(case.form, path)
    assert found.items
    if any("link" in item.kind for item in found.items):
        with pytest.raises(Refused, match="not laid"):
            build.lay("", laid(case.form, path), label="it")
        return
    build.lay("", laid(case.form, path), label="it")
    told = {item.path: (item.size, item.sha256) for item in found.items if item.kind == "file"}
    for name, (_, size, sha256) in build.files.items():
        assert told[_inside(name, told)] == (size, sha256)


def _inside(name: str, told: dict[str, tuple[int, str]]) -> str:
    return name if name in told else f"demo-1.0.data/purelib/{name}"
