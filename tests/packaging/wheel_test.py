"""What is installed works away from the checkout, and brings nothing else along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.packaging.conftest import command
from tests.support.repository import Repository, entry, locked

# One worker for this file, so that what it installs is installed once.
pytestmark = pytest.mark.xdist_group("wheel")
MakeRegistry = Callable[..., Repository]
COMMANDS = ("assay", "assay-ci", "assay-schema", "assay-lock", "assay-bundle")


def _run(installed: Path, made: Repository, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [installed / words[0], *words[1:]],
        cwd=made.root,
        env={"PATH": os.environ["PATH"], "HOME": str(made.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_wheel_holds_three_packages_and_the_schemas(wheel: Path) -> None:
    with ZipFile(wheel) as file:
        names = file.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "assay",
        "assay_ci",
        "assay_hooks",
    }
    schemas = {path.name for path in (Path(__file__).parents[2] / "schema").glob("*.json")}
    assert {f"assay/schema/{name}" for name in schemas} <= set(names)
    assert "assay/schema/server.schema.json" in names
    # What a check asks for when it says why: pages, and rules with the examples beside them.
    assert {"assay/pages/families.yaml", "assay/pages/schema.md"} <= set(names)
    assert {
        "assay/rules/py/py-reverse-shell.yaml",
        "assay/rules/py/py-reverse-shell.bad.py",
    } <= set(names)


def test_the_lock_is_all_that_the_wheel_needs(installed: Path) -> None:
    command(sys.executable, "-m", "pip", "--python", installed / "python", "check")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_answers(installed: Path, registry: MakeRegistry, name: str) -> None:
    code, told = _run(installed, registry(), name, "--help")
    assert (code, "usage: " in told) == (0, True), told


@pytest.mark.parametrize("words", [("assay", "check", "--offline"), ("assay-ci", "--offline")])
def test_good_entries_pass_and_bad_ones_are_refused_by_rule(
    installed: Path, registry: MakeRegistry, words: tuple[str, ...]
) -> None:
    made = registry(locked())
    code, told = _run(installed, made, *words)
    assert (code, "1 entry checked: no findings" in told) == (0, True), told
    made.commit({"servers/clock.yaml": entry("other")})
    code, told = _run(installed, made, *words)
    assert (code, "name-matches-file" in told) == (1, True), told


def test_only_what_changed_since_a_revision_is_checked(
    installed: Path, registry: MakeRegistry
) -> None:
    made = registry(locked() | {"servers/clock.yaml": entry("wrong before")})
    made.commit({"servers/time.yaml": "now: wrong\n"})
    code, told = _run(installed, made, "assay-ci", "--offline", "--base", "HEAD~1")
    assert (code, "::error file=servers/time.yaml" in told) == (1, True), told
    assert "clock.yaml" not in told
    assert _run(installed, made, "assay-ci", "--offline", "--base", "HEAD")[0] == 0


@pytest.mark.parametrize(
    "words", [("assay", "check", "--offline"), ("assay-schema", "servers/clock.yaml")]
)
def test_an_installation_without_its_schemas_does_not_look_like_a_refusal(
    installed: Path, registry: MakeRegistry, words: tuple[str, ...]
) -> None:
    made = registry()
    (schema,) = installed.parent.glob("lib/python*/site-packages/assay/schema")
    schema.rename(schema.with_name("hidden"))
    try:
        code, told = _run(installed, made, *words)
    finally:
        schema.with_name("hidden").rename(schema)
    assert (code, "[unexpected]" in told) == (3, True), told
    assert "is missing from this installation" in told
