"""The registry's own entries, held against the real registries as this machine reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    """Archives are fetched once, and the next run finds them again."""
    assert pytestconfig.cache is not None
    monkeypatch.setenv("ASSAY_CACHE", str(pytestconfig.cache.mkdir("assay")))


def test_every_entry_is_borne_out_by_its_registry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--all", "--registry", str(ROOT)]) == 0
    assert "no findings" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["everything", "time"])
def test_a_lock_regenerates_byte_for_byte(name: str) -> None:
    assert main(["lock", name, "--check", "--registry", str(ROOT)]) == 0
