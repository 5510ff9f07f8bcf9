"""The forge's check through its front door: annotations, and what a range of commits touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import Repository, entry, locked

from assay_ci.check import main

Run = Callable[..., tuple[int, str]]
MakeRegistry = Callable[..., Repository]
PAPER = "schema,lock,whole"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(made: Repository, *words: str) -> tuple[int, str]:
        monkeypatch.chdir(made.root)
        code = main(["check", "--offline", "--only", PAPER, *words])
        told = capsys.readouterr()
        return code, told.out + told.err

    return call


def test_a_good_change_passes(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit(locked())
    code, told = run(made, "--base", "HEAD~1")
    assert (code, "1 entry checked: no findings" in told) == (0, True), told


def test_only_what_the_commits_touched_is_checked(registry: MakeRegistry, run: Run) -> None:
    made = registry(locked() | {"servers/clock.yaml": entry("wrong before")})
    made.commit({"servers/time.requirements.txt": "changed\n"})
    code, told = run(made, "--since", "HEAD~1")
    assert (code, "::error file=servers/time.yaml,line=17" in told) == (1, True), told
    assert "clock.yaml" not in told


def test_another_policy_is_a_question_to_every_entry(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"assay.yaml": "sources: {npm: true}\n"})
    code, told = run(made, "--base", "HEAD~1")
    assert (code, "title=allowed-source" in told) == (1, True), told


def test_a_deleted_entry_leaves_nothing_behind(registry: MakeRegistry, run: Run) -> None:
    made = registry(locked() | {"servers/clock.yaml": entry()})
    made.git("rm", "--quiet", "servers/time.yaml")
    made.commit()
    code, told = run(made, "--base", "HEAD~1")
    assert (code, "::error file=servers/time.requirements.txt" in told) == (1, True), told
    assert "title=orphan" in told


def test_a_hostile_file_name_forges_no_annotation(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/x,line=1::\n::add-mask::x.yaml": "{}"})
    code, told = run(made, "--base", "HEAD~1")
    assert code == 1
    assert "\n::add-mask" not in told
    assert "servers/x,line" not in told


def test_a_base_that_is_unknown_is_a_usage_error(registry: MakeRegistry, run: Run) -> None:
    code, told = run(registry(), "--base", "nowhere")
    assert (code, "'nowhere' is no revision of" in told) == (2, True), told


def test_a_shallow_clone_is_undecided(registry: MakeRegistry, run: Run, tmp_path: Path) -> None:
    made = registry()
    base = made.git("rev-parse", "HEAD")
    made.commit({"servers/clock.yaml": entry(version="1.3.0")})
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", tmp_path / "shallow")
    code, told = run(Repository(tmp_path / "shallow"), "--base", base)
    assert (code, "[tool-failed]" in told, "fetch-depth: 0" in told) == (3, True, True), told
