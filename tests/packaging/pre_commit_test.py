"""The hooks as a registry has them: from this repository by address and rev, through pre-commit."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import Repository, bundle, entry, locked

# One worker for this file, so that what it installs is installed once.
pytestmark = pytest.mark.xdist_group("pre-commit")
MakeRegistry = Callable[..., Repository]
HOOKS = ("assay-schema", "assay-lock", "assay-bundle")
ALL = ("assay-light", *HOOKS)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """pre-commit keeps what it installs in a folder of these tests' own."""
    return {**os.environ, "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit"))}


@pytest.fixture(scope="session")
def hooks(sdist: Path) -> Repository:
    """This project as a repository of one commit."""
    made = Repository.create(sdist)
    made.commit()
    return made


@pytest.fixture
def consumer(registry: MakeRegistry, hooks: Repository, environment: dict[str, str]) -> Repository:
    made = registry(locked())
    ids = "".join(f"      - id: {one}\n" for one in HOOKS)
    rev = hooks.git("rev-parse", "HEAD")
    config = f"repos:\n  - repo: {hooks.root}\n    rev: {rev}\n    hooks:\n{ids}"
    made.commit({".pre-commit-config.yaml": config})
    _pre_commit(made, environment, "install")
    return made


def _pre_commit(made: Repository, environment: dict[str, str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=made.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _commit(made: Repository, environment: dict[str, str]) -> tuple[bool, str]:
    """Commit what is staged; whether it was committed, and what was told."""
    before = made.git("rev-parse", "HEAD")
    done = subprocess.run(
        ["git", "commit", "-m", "change"],
        cwd=made.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return made.git("rev-parse", "HEAD") != before, done.stdout + done.stderr


def test_a_registry_that_names_the_hooks_commits_what_is_good_and_nothing_else(
    consumer: Repository, environment: dict[str, str]
) -> None:
    # One installation for the whole story, for it takes as long as all of the rest.
    for path, content in {"servers/clock.yaml": entry()}.items():
        consumer.write(path, content)
    consumer.git("add", "--all")
    committed, told = _commit(consumer, environment)
    assert committed, told
    assert told.count("Passed") == len(HOOKS), told

    consumer.write("servers/clock.yaml", entry("wrong"))
    consumer.git("add", "--all")
    committed, told = _commit(consumer, environment)
    assert not committed
    assert "[name-matches-file]" in told
    assert "exit code: 1" in told  # found, not crashed

    consumer.write("servers/clock.yaml", entry(version="1.3.0"))
    consumer.write("servers/clock.yaml.sigstore.json", bundle(entry()))
    consumer.git("add", "--all")
    committed, told = _commit(consumer, environment)
    assert not committed
    assert "[bundle-stale]" in told
    assert told.count("exit code: 1") == 1
    assert told.count("Passed") == 2

    consumer.git("rm", "--quiet", "--cached", "servers/clock.yaml.sigstore.json")
    committed, told = _commit(consumer, environment)
    assert committed, told

    consumer.git("rm", "--quiet", "servers/time.yaml")
    committed, told = _commit(consumer, environment)
    assert not committed
    assert "servers/time.requirements.txt:1:1: error: a lock without its entry" in told
    assert "[orphan]" in told

    # An unstaged repair is not what is committed: pre-commit stashes it, the hook sees the index.
    consumer.git("reset", "--quiet", "--hard")
    consumer.write("servers/clock.yaml", entry("wrong"))
    consumer.git("add", "--all")
    consumer.write("servers/clock.yaml", entry())
    committed, told = _commit(consumer, environment)
    assert not committed
    assert "[name-matches-file]" in told


@pytest.mark.full
def test_try_repo_runs_each_hook(
    hooks: Repository, registry: MakeRegistry, environment: dict[str, str]
) -> None:
    made = registry(locked())
    code, told = _pre_commit(made, environment, "try-repo", str(hooks.root), "--all-files")
    assert (code, told.count("Passed")) == (0, len(ALL)), told
    made.commit({"servers/time.yaml": "wrong: true\n", "servers/time.requirements.txt": ""})
    code, told = _pre_commit(made, environment, "try-repo", str(hooks.root), "--all-files")
    assert code == 1
    assert "assay schema" in told
    assert "[schema" in told or "[unknown-key]" in told, told


@pytest.mark.full
def test_a_hook_for_a_push_runs_by_hand_from_a_consumers_repository(
    hooks: Repository, registry: MakeRegistry, environment: dict[str, str]
) -> None:
    made = registry(locked())
    rev = hooks.git("rev-parse", "HEAD")
    config = (
        f"repos:\n  - repo: {hooks.root}\n    rev: {rev}\n    hooks:\n      - id: assay-deps\n"
        "        verbose: true\n"
    )
    made.commit({".pre-commit-config.yaml": config})
    words = ("run", "--all-files", "--hook-stage")
    code, told = _pre_commit(made, environment, *words, "manual")
    assert (code, told.count("Passed")) == (0, 1), told
    code, told = _pre_commit(made, environment, *words, "pre-commit")
    assert (code, "assay deps" in told) == (0, False), told
