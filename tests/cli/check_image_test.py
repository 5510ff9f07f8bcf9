"""``assay check`` on an entry whose artefact is an image: the design's own example, end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import faults, images
from tests.support.faults import serving
from tests.support.images import Shelf
from tests.support.repository import Repository

from assay.cli import main

ENTRY = """\
name: internal-postgres
version: 1.2.0
maintainer: data-platform@example.com
description: Read-only access to the finance data warehouse.
scope:
  - read:finance.*
data_classification: confidential
lawful_basis: contract
reviewed_at: 2026-04-15
reviewers:
  - security@example.com
  - data-platform@example.com
artefact:
  url: {url}
  sha256: {sha256}
"""


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with serving() as server:
        yield Shelf(server)


@pytest.fixture
def made(
    shelf: Shelf,
    registry: Callable[..., Repository],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., None]:
    """Write the registry with one entry and stand in it."""

    def make(sha256: str, *, host: str = "", url: str = "") -> None:
        files = {
            "assay.yaml": f'sources: {{oci: ["{host or shelf.host}"]}}\n',
            "servers/internal-postgres.yaml": ENTRY.format(
                url=url or shelf.reference(), sha256=sha256
            ),
        }
        monkeypatch.chdir(registry(files).root)
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))

    return make


def test_an_image_as_it_was_reviewed_is_clean_and_needs_no_lock(
    shelf: Shelf, made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    made(images.sha256(shelf.put(images.debian())))
    assert main(["check"]) == 0
    assert "1 entry checked: no findings" in capsys.readouterr().out


def test_another_digest_is_told_at_its_line(
    shelf: Shelf, made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    found = images.sha256(shelf.put(images.debian()))
    wanted = images.sha256(b"what was reviewed")
    made(wanted)
    assert main(["check"]) == 1
    told = capsys.readouterr().out
    assert f"its bytes have sha256 {found}, wanted is sha256 {wanted}" in told
    assert "servers/internal-postgres.yaml:15:" in told
    assert "[artefact-digest]" in told


def test_a_layer_that_is_not_the_reviewed_one_is_told(
    shelf: Shelf, made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    layer = images.debian()
    made(images.sha256(shelf.put(layer)))
    blob = shelf.path(f"blobs/sha256:{images.sha256(layer.raw)}")
    shelf.server[blob] = faults.good(bytes(len(layer.raw)))
    assert main(["check"]) == 1
    assert "[artefact-digest]" in capsys.readouterr().out


def test_a_tag_that_is_not_there_is_told_at_the_address(
    made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    made(images.sha256(b"gone"))
    assert main(["check"]) == 1
    assert "servers/internal-postgres.yaml:14:" in capsys.readouterr().out


def test_a_registry_that_can_not_be_asked_is_undecided(
    shelf: Shelf, made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    made(images.sha256(shelf.put(images.debian())))
    shelf.server[shelf.path("manifests/1.2.0")] = faults.status(403)
    assert main(["check"]) == 3
    assert "answers 403" in capsys.readouterr().out


def test_a_host_that_the_policy_does_not_name_is_not_even_asked(
    shelf: Shelf, made: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    made(images.sha256(shelf.put(images.debian())), host="registry.example.com")
    assert main(["check"]) == 1
    assert "[allowed-source]" in capsys.readouterr().out
    assert shelf.server.requests == []
