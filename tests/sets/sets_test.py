"""The sets of ``assay check``: which run, side by side, and what is said of those that did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from hashlib import sha256

import pytest
from tests.support.repository import Repository, entry

from assay.checks.whole.likeness import neighbours, skeleton
from assay.cli import main
from assay.errors import Undecided, UsageError
from assay.finding import Finding
from assay.outcome import Outcome
from assay.reason import Reason
from assay.sets import SETS, asked, chosen
from assay.sets.question import Question

Answer = Callable[[Question], Outcome]


@pytest.fixture
def made(registry: Callable[..., Repository]) -> Repository:
    return registry()


def _told(capsys: pytest.CaptureFixture[str], made: Repository, *words: str) -> tuple[int, str]:
    code = main(["check", "--registry", str(made.root), *words])
    return code, capsys.readouterr().out


def _replace(monkeypatch: pytest.MonkeyPatch, **sets: Answer) -> None:
    """Other sets than the real ones, which want a network: only how they are run is tested."""
    for name, answer in sets.items():
        monkeypatch.setitem(asked.ASKED, name, answer)


def _clean(question: Question) -> Outcome:
    return Outcome(())


@pytest.mark.parametrize(
    ("only", "skip", "offline", "expected"),
    [
        (None, None, False, "schema lock whole network"),
        (None, None, True, "schema lock whole"),
        (None, "whole", True, "schema lock"),
        ("all", None, False, " ".join(SETS)),
        ("all", "scan", False, "schema lock whole network deps audit"),
        ("scan, audit", None, False, "audit scan"),
        ("lock", None, False, "lock"),
    ],
)
def test_which_sets_run(only: str | None, skip: str | None, offline: bool, expected: str) -> None:
    assert chosen(only, skip, offline=offline) == tuple(expected.split())


@pytest.mark.parametrize(("only", "skip"), [("skan", None), ("", None), ("lock", "lock")])
def test_no_set_at_all_is_a_usage_error(only: str | None, skip: str | None) -> None:
    with pytest.raises(UsageError):
        chosen(only, skip, offline=False)


def test_a_set_that_only_fetches_is_not_run_offline_in_silence() -> None:
    with pytest.raises(UsageError):
        chosen("audit,scan", None, offline=True)


def test_what_did_not_run_is_said(made: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _told(capsys, made, "--only", "schema")
    assert code == 0
    assert "not run: lock, whole, network, deps, audit, scan" in told


def test_sets_that_wait_run_side_by_side_and_come_to_one_outcome(
    made: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(3, timeout=20)  # who waits for the others proves that they run

    def answer(rule: str) -> Answer:
        def check(question: Question) -> Outcome:
            meeting.wait()
            question.progress(1, 1)
            assert question.view.read("servers/clock.yaml") == entry().encode()
            return Outcome((Finding(question.paths[0], 2, 1, rule, "found"),))

        return check

    _replace(monkeypatch, deps=answer("digest-placeholder"), audit=answer("orphan"), scan=_clean)
    _replace(monkeypatch, network=answer("lock-true"))
    code, told = _told(capsys, made, "--only", "all")
    assert code == 1
    rules = [line.rpartition("[")[2] for line in told.splitlines() if line.endswith("]")]
    assert rules == ["digest-placeholder]", "lock-true]", "orphan]"]
    assert "not run" not in told


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ImportError("No module named 'semgrep'"), "pip install 'mcp-assay[scan]'"),
        (Undecided(Reason.TOOL_FAILED, "semgrep does not start"), "semgrep does not start"),
        (ZeroDivisionError("oh"), "a fault of assay: ZeroDivisionError: oh"),
    ],
)
def test_a_set_that_could_not_look_leaves_the_others_findings_and_no_pass(
    made: Repository,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    says: str,
) -> None:
    def broken(question: Question) -> Outcome:
        raise error

    def finds(question: Question) -> Outcome:
        return Outcome((Finding("servers/clock.yaml", 1, 1, "orphan", "another's"),))

    _replace(monkeypatch, scan=broken, audit=finds, network=_clean, deps=_clean)
    code, told = _told(capsys, made, "--only", "all")
    assert code == 3
    assert says in told
    assert "another's" in told


def test_what_is_wrong_on_paper_is_neither_fetched_nor_scanned(
    made: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []

    def note(question: Question) -> Outcome:
        seen.append(question.paths)
        return Outcome(())

    evil = entry("evil").replace("downloads.example.com", "169.254.169.254")
    made.commit({"servers/evil.yaml": evil})
    _replace(monkeypatch, scan=note, audit=note, network=note)
    for name in ("scan", "audit", "network"):
        code, told = _told(capsys, made, "--only", name)
        assert (code, "[allowed-source]" in told) == (1, True), told
    assert seen == [("servers/clock.yaml",)] * 3


def test_the_whole_set_alone_says_nothing_of_entries(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.commit({"servers/clock.yaml": "broken: true\n", "servers/c1ock.yaml": "broken: true\n"})
    code, told = _told(capsys, made, "--only", "whole", "--offline")
    assert code == 1
    assert "[name-collision]" in told
    assert "[schema]" not in told


def test_a_registry_as_a_whole_is_looked_at_where_there_is_no_pull_request(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.commit(
        {"servers/c1ock.yaml": entry("c1ock"), "servers/clock.yaml": entry(version="2.0.0")}
    )
    other = entry().replace(sha256(b"clock 1.2.0").hexdigest(), sha256(b"x").hexdigest())
    made.commit({"servers/clock.yaml": other})
    code, told = _told(capsys, made, "--offline")
    assert code == 1
    assert "servers/clock.yaml:1:1: error: `clock` looks like `c1ock`" in told
    assert "[version-reused]" in told


def test_a_folder_without_git_has_no_history_to_look_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(made.root / ".git")
    code, told = _told(capsys, made, "--offline")
    assert (code, "1 entry checked: no findings" in told) == (0, True), told


def test_a_shallow_clone_is_not_called_looked_at(
    made: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    made.commit({"README.md": "x"})
    beside = made.root.parent / "shallow"
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", beside)
    code, told = _told(capsys, Repository(beside), "--offline", "--only", "whole")
    assert (code, "fetch-depth: 0" in told) == (3, True), told


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("clock", "c1ock", True),
        ("clock", "cl-ock", True),
        ("internal", "intemal", True),
        ("\u0441lock", "clock", True),
        ("v1-1", "v11", False),
        ("clock", "dock", False),
        ("postgres-1", "postgres-2", False),
    ],
)
def test_names_are_compared_as_they_look(one: str, other: str, same: bool) -> None:
    assert (skeleton(one) == skeleton(other)) == same


def test_a_long_name_one_letter_away_is_near_and_a_series_is_not() -> None:
    names = ["filesystem", "filesytem", "filesystme", "filesystem-2", "filesystems3", "maps", "map"]
    near = {frozenset(pair) for pair in neighbours(names)}
    assert frozenset({"filesystem", "filesytem"}) in near
    assert frozenset({"filesystem", "filesystme"}) in near
    assert not any("maps" in pair for pair in near)
    assert list(neighbours(f"server-{n:05}" for n in range(2_000))) == []
    assert list(neighbours(["filesytem"], names)) == [("filesytem", "filesystem")]


def test_the_light_path_starts_no_thread_and_no_process(made: Repository) -> None:
    code = (
        "import sys; from assay.cli import main; "
        f"main(['check', '--offline', '--registry', {str(made.root)!r}, 'clock']); "
        "bad = {'concurrent.futures', 'subprocess', 'assay.checks.whole', 'assay.revocations'};"
        "sys.exit(9 if bad & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
