"""Reports into files and onto standard output: whole, and never another code than they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.reports import counted
from tests.support.repository import POLICY, Repository, entry

from assay.cli import main
from assay.report.formats import FORMATS
from assay_ci.check import main as ci

GOOD = entry()
BAD = entry().replace("version: 1.2.0", "version: 1.20")
CHECK = ("check", "--offline")


@pytest.fixture
def made(
    registry: Callable[[dict[str, str | bytes]], Repository], monkeypatch: pytest.MonkeyPatch
) -> Repository:
    repository = registry({"assay.yaml": POLICY, "servers/clock.yaml": BAD})
    monkeypatch.chdir(repository.root)
    return repository


def _started(command: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    whole = f"{sys.executable} -m assay.cli check --offline {command}"
    return subprocess.run(
        ["sh", "-c", whole], capture_output=True, env={**os.environ, **environ}, check=False
    )


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_printed_and_the_exit_code_are_one(
    made: Repository, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main([*CHECK, "--format", name]) == 1
    assert counted(name, capsys.readouterr().out).errors == 1
    made.write("servers/clock.yaml", GOOD)
    assert main([*CHECK, "--format", name]) == 0
    assert counted(name, capsys.readouterr().out).errors == 0


def test_several_reports_of_one_run_into_files(
    made: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {name: tmp_path / name for name in FORMATS}
    words = [word for name, path in places.items() for word in ("--output", f"{name}={path}")]
    assert main([*CHECK, *words]) == 1
    for name, path in places.items():
        assert counted(name, path.read_text()).errors == 1
    assert "1 error" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".tmp"] == []


def test_a_job_summary_is_added_to_what_is_there(made: Repository, tmp_path: Path) -> None:
    place = tmp_path / "steps.md"
    place.write_text("## Another step\n")
    assert main([*CHECK, "--output", f"summary={place}"]) == 1
    assert place.read_text().startswith("## Another step\n## assay: Errors\n")


def test_a_report_that_can_not_be_written_is_told_by_all_the_others(
    made: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made.write("servers/clock.yaml", GOOD)
    good, bad = tmp_path / "report.json", tmp_path / "no" / "such" / "folder"
    words = ["--output", f"json={good}", "--output", f"sarif={bad}"]
    for name in FORMATS:
        assert main([*CHECK, "--format", name, *words]) == 3
        out = capsys.readouterr().out
        assert counted(name, out).blind == 1
        assert json.loads(good.read_text())["exit_code"] == 3


def test_a_job_summary_says_once_what_was_not_written(made: Repository, tmp_path: Path) -> None:
    place = tmp_path / "steps.md"
    words = ["--output", f"summary={place}", "--output", f"sarif={tmp_path}"]
    assert main([*CHECK, *words]) == 3
    assert place.read_text().count("## assay: ") == 1
    assert place.read_text().count("Report not written") == 1


def test_a_full_disk_is_undecided_and_leaves_no_half_report(made: Repository) -> None:
    made.write("servers/clock.yaml", GOOD)
    done = _started("--output sarif=/dev/full")
    assert done.returncode == 3
    assert b"sarif=/dev/full: No space left on device" in done.stdout
    assert b"1 report not written" in done.stdout


@pytest.mark.parametrize("name", ["text", "sarif", "summary"])
def test_a_full_standard_output_is_undecided(made: Repository, name: str) -> None:
    assert _started(f"--format {name} >/dev/full").returncode == 3


@pytest.mark.parametrize("name", ["text", "json"])
def test_a_reader_who_went_away_is_undecided(made: Repository, name: str) -> None:
    # More than a pipe holds, so that the writing meets the closed end.
    for number in range(300):
        made.write(f"servers/clock-{number}.yaml", BAD.replace("clock", f"clock-{number}"))
    words = [sys.executable, "-m", "assay.cli", *CHECK, "--format", name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(1)
        running.stdout.close()
        assert (running.stderr.read(), running.wait()) == (b"", 3)


@pytest.mark.parametrize("word", ["sarif", "sarif=", "=x", "xml=x", ""])
def test_what_is_no_output_is_a_question_of_usage(
    made: Repository, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    assert main([*CHECK, "--output", word]) == 2
    assert "formats: text, github" in capsys.readouterr().err


def test_a_forge_gets_its_job_summary_unasked(
    made: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "steps.md"))
    assert ci(["--offline", "--only", "schema"]) == 1
    assert capsys.readouterr().out.startswith("::error file=servers/clock.yaml,line=2,")
    assert "## assay: Errors" in (tmp_path / "steps.md").read_text()
    monkeypatch.setenv("TF_BUILD", "True")
    assert ci(["--offline", "--only", "schema"]) == 1
    assert capsys.readouterr().out.startswith("##vso[task.logissue type=error;")


def test_a_colour_is_for_a_terminal_and_for_nobody_else(made: Repository) -> None:
    for name in ("text", "github"):
        assert b"\x1b" not in _started(f"--format {name}", FORCE_COLOR="1", TERM="xterm").stdout
