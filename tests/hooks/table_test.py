"""The hooks' list, their console scripts, their files and their page hold together."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
HEAVY = {"assay-deps", "assay-audit", "assay-scan"}


def _id(hook: dict[str, Any]) -> str:
    return str(hook["id"])


@pytest.mark.parametrize("hook", HOOKS, ids=_id)
def test_each_hook_has_a_script_a_file_and_a_row(hook: dict[str, Any]) -> None:
    name = hook["id"].removeprefix("assay-")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert hook["entry"] == hook["id"]
    assert scripts[hook["id"]] == f"assay_hooks.start:{name}"
    assert callable(getattr(import_module("assay_hooks.start"), name))
    assert callable(import_module(f"assay_hooks.{name}").main)
    assert f"| `{hook['id']}`" in (ROOT / "docs/hooks.md").read_text() or name == "light"
    assert hook["minimum_pre_commit_version"] == "3.2.0"


def test_no_script_is_left_over() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    ours = {name for name, place in scripts.items() if place.startswith("assay_hooks.")}
    assert ours == {hook["id"] for hook in HOOKS}


@pytest.mark.parametrize("hook", HOOKS, ids=_id)
def test_what_is_heavy_runs_before_a_push_and_by_hand_alone(hook: dict[str, Any]) -> None:
    assert hook.get("stages") == (["pre-push", "manual"] if hook["id"] in HEAVY else None)


@pytest.mark.parametrize("hook", HOOKS, ids=_id)
def test_a_hook_is_handed_whatever_lies_in_the_registry(hook: dict[str, Any]) -> None:
    """A link in place of the folder, and a name with a line feed, which ``.`` does not match."""
    for path in ("servers", "servers/x.yaml", "servers/a\nb.yaml", "servers/sub/x", "assay.yaml"):
        assert re.search(hook["files"], path), path
    for path in ("serversx", "x/servers/y", "xassay.yaml", "assay.yaml.md", "assay.yaml\n"):
        assert not re.search(hook["files"], path), path
    assert hook["types"] == []
    assert hook["require_serial"] is True


@pytest.mark.parametrize("name", ["assay-light", "assay-schema"])
def test_revocations_are_handed_to_whom_they_concern(name: str) -> None:
    hook = next(hook for hook in HOOKS if hook["id"] == name)
    assert re.search(hook["files"], "revocations.yaml")
