"""``assay check`` through its front door."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.repository import Repository, entry

from assay import run as runs
from assay.cli import main
from assay.run import latest_day

MakeRegistry = Callable[..., Repository]
POLICY = "sources: {https: [downloads.example.com]}\n"
OFFLINE = "offline: no artefact was fetched"
# What a start may not load: the budget is 80 ms, and each of these costs more than 20.
HEAVY = """
sigstore pip_audit semgrep git requests rich pydantic jsonschema packageurl packaging semver
cryptography dataclasses inspect multiprocessing subprocess platformdirs hashlib
"""
HEAVY_MODULES = frozenset({"assay.artefact.source", "assay.artefact.http", "assay.checks.network"})


@pytest.fixture
def made(registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A registry of two good entries, and the working folder in it."""
    files = {"assay.yaml": POLICY, **{_path(name): entry(name) for name in ("clock", "maps")}}
    repository = registry(files)
    monkeypatch.chdir(repository.root)
    return repository


def _path(name: str) -> str:
    return f"servers/{name}.yaml"


def _bad(name: str) -> str:
    return entry(name).replace("scope:", "scop:")


def test_good_entries_are_clean_and_what_was_not_looked_at_is_said(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--offline"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("2 entries checked: no findings\n")
    assert OFFLINE in told


def test_a_bad_entry_is_told_with_its_line_and_the_exit_code_is_1(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write(_path("maps"), _bad("maps"))
    assert main(["check", "--offline", "servers/maps.yaml"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("servers/maps.yaml:5:1: error: unknown key `scop` [unknown-key]")
    assert lines[at + 1 : at + 4] == ["  5 | scop:", "    | ^", "  fix: did you mean `scope`?"]
    assert lines[-3] == "1 entry checked: 2 errors"


def test_only_the_files_that_are_named_are_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write(_path("maps"), _bad("maps"))
    assert main(["check", "--offline", "servers/clock.yaml"]) == 0
    assert main(["check", "--offline", "--all"]) == 1
    capsys.readouterr()
    assert main(["check", "--offline", "assay.yaml"]) == 1  # another policy asks every entry
    assert "2 entries checked" in capsys.readouterr().out


def test_since_a_revision_only_what_commits_touched_is_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write(_path("clock"), _bad("clock"))
    before = made.commit()
    made.commit({_path("maps"): entry("maps", "1.3.0")})
    assert main(["check", "--offline", "--since", before]) == 0
    assert "1 entry checked" in capsys.readouterr().out
    made.commit({"assay.yaml": POLICY + "review_max_age_days: 3650\n"})
    assert main(["check", "--offline", "--since", before]) == 1
    assert "2 entries checked" in capsys.readouterr().out


def test_since_a_deletion_an_entry_that_names_the_deleted_one_is_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    old = entry("old") + "status: deprecated\nstatus_reason: Gone.\nreplaced_by: maps\n"
    before = made.commit({_path("old"): old, _path("maps"): entry("maps")})
    assert main(["check", "--offline", "--since", before]) == 0
    (made.root / _path("maps")).unlink()
    made.commit()
    capsys.readouterr()
    assert main(["check", "--offline", "--since", before]) == 1
    assert "[successor-exists]" in capsys.readouterr().out


def test_a_bad_policy_is_a_finding_and_entries_are_still_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write("assay.yaml", POLICY + "sourcs: {}\n")
    assert main(["check", "--offline"]) == 1
    told = capsys.readouterr().out
    assert "assay.yaml:2:1: error: unknown key `sourcs` [unknown-key]" in told
    assert "2 entries checked" in told


def test_annotations_name_the_place_and_hold_no_line_of_the_file(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = entry("maps").replace("Tells the time", "::error::forged ##[add-mask]x, 100%")
    made.write(_path("maps"), hostile.replace("scope:", '"::stop-commands::x":'))
    assert main(["check", "--offline", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert commands
    assert all(line.startswith("::error file=servers/maps.yaml,line=") for line in commands)
    assert not any("forged" in line or "##[" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--nonsense"],
        ["check", "--all", "--since", "HEAD"],
        ["check", "README.md"],
        ["check", "../clock.yaml"],
        ["check", "--since", "nowhere"],
        ["check", "--format", "xml"],
        ["check", "--registry", "nowhere"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_understood_is_a_usage_error(made: Repository, words: list[str]) -> None:
    assert main([*words, "--offline"]) == 2


def test_a_file_that_is_not_there_is_a_finding_and_no_pass(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--offline", "servers/gone.yaml"]) == 1
    assert "[entry-missing]" in capsys.readouterr().out


def test_an_entry_that_is_a_link_is_refused_and_the_others_are_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    (made.root / _path("linked")).symlink_to("clock.yaml")
    assert main(["check", "--offline"]) == 1
    told = capsys.readouterr().out
    assert "servers/linked.yaml:1:1: error: " in told
    assert "[entry-invalid]" in told
    assert "3 entries checked: 1 error" in told


def test_many_entries_are_shared_out_and_give_the_same_findings_in_the_same_order(
    made: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        text = _bad(f"s{number:02}") if number % 3 else entry(f"s{number:02}")
        made.write(_path(f"s{number:02}"), text)
    assert main(["check", "--offline"]) == 1
    alone = capsys.readouterr().out
    monkeypatch.setattr(runs, "PARALLEL_FROM", 2)
    monkeypatch.setattr("assay.parallel.CHUNK", 4)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert main(["check", "--offline"]) == 1
    assert capsys.readouterr().out == alone


def test_a_review_dated_today_anywhere_on_earth_is_not_in_the_future() -> None:
    evening = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert str(latest_day(evening)) == "2026-11-23"
    assert str(latest_day(evening - timedelta(hours=3))) == "2026-11-22"


def test_the_light_path_imports_nothing_heavy(made: Repository) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "assay.cli", "check", "--offline"]
    done = subprocess.run(
        [*command, "servers/clock.yaml"],
        cwd=made.root,
        env={key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    modules = {line.rpartition("|")[2].strip() for line in lines}
    assert done.returncode == 0, done.stdout
    assert "assay.entry" in modules
    assert {module.partition(".")[0] for module in modules} & set(HEAVY.split()) == set()
    assert modules & HEAVY_MODULES == set()


def test_colours_are_kept_for_a_terminal(made: Repository) -> None:
    made.write(_path("maps"), _bad("maps"))
    script = Path(sys.executable).with_name("assay")
    done = subprocess.run([script, "check", "--offline"], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout


def test_an_entry_may_be_asked_for_by_its_name(
    registry: Callable[..., Repository], capsys: pytest.CaptureFixture[str]
) -> None:
    made = registry()
    assert main(["check", "clock", "--offline", "--registry", str(made.root)]) == 0
    assert "1 entry checked" in capsys.readouterr().out
    assert main(["check", "clokc", "--offline", "--registry", str(made.root)]) == 1
    assert "[entry-missing]" in capsys.readouterr().out


def test_a_closed_or_full_output_is_no_finding_and_no_fault_of_ours(
    registry: Callable[..., Repository],
) -> None:
    made = registry()
    command = f"{sys.executable} -m assay.cli check --offline --registry {made.root}"
    closed = subprocess.run(["sh", "-c", f"{command} >&-"], capture_output=True, text=True)
    assert (closed.returncode, closed.stderr) == (0, "")
    full = subprocess.run(["sh", "-c", f"{command} >/dev/full"], capture_output=True, text=True)
    assert full.returncode == 3
    assert "Traceback" not in full.stderr
