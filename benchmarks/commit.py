"""``git commit`` with the light hooks, three or in one, against ``git commit`` with an empty hook.

All sides are real: a repository whose ``.git/hooks/pre-commit`` pre-commit has written, with
hooks installed from a repository by path and rev. An empty hook is a Python console script that
returns 0; three of them show how much of our three is pre-commit's own, which asks git for a
difference around each. Each round edits one entry, which has a lock, of a registry of 100. Ours
is installed from the last commit of this repository.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from benchmarks.harness import Contestant, Result, built_once, compare

ROOT = Path(__file__).parents[1]
ENTRIES = 100
_ENTRY = """\
name: server-{number}
version: 1.0.0
maintainer: team@example.com
description: Server number {number} of a registry that was made to be measured ({edit}).
scope:
  - read:example
data_classification: internal
lawful_basis: contract
reviewed_at: 2026-01-15
reviewers:
  - security@example.com
artefact:
  url: pkg:pypi/server-{number}@1.0.0
  sha256: 17a2ab7c3cd7f1a83a4d4ab9dfe1d9a8c9fa3ad3b27d0d04dd0ff9d8fbb2a3c4
  lock:
    file: server-{number}.requirements.txt
    sha256: {lock}
    resolved_at: 2026-11-20T00:00:00Z
"""
_LOCK = """\
server-{number}==1.0.0 \\
    --hash=sha256:17a2ab7c3cd7f1a83a4d4ab9dfe1d9a8c9fa3ad3b27d0d04dd0ff9d8fbb2a3c4
"""
_POLICY = "sources: {pypi: true}\n"
_EMPTY = {
    ".pre-commit-hooks.yaml": "- {id: empty, name: empty, entry: empty-hook, language: python}\n",
    "empty_hook.py": "def main() -> int:\n    return 0\n",
    "pyproject.toml": """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "empty-hook"
version = "1"
scripts.empty-hook = "empty_hook:main"
[tool.hatch.build.targets.wheel]
include = ["empty_hook.py"]
""",
}


def run() -> Iterator[Result]:
    head = _git(ROOT, "rev-parse", "HEAD")
    place = built_once(f"commit-{head[:12]}-v3", lambda folder: _build(folder, head))
    ours = _committer(place, "ours", "git commit, our three hooks")
    peers = {
        1.5: _committer(place, "empty", "git commit, an empty hook"),
        None: _committer(place, "three", "git commit, three empty hooks"),
    }
    light = _committer(place, "light", "git commit, assay-light")
    yield from compare("git commit of one changed entry", ours, peers, rounds=15)
    yield from compare("git commit of one changed entry", light, peers[1.5], aim=1.5, rounds=15)


def _build(folder: Path, head: str) -> None:
    _write(folder / "hook", _EMPTY)
    _git(folder / "hook", "init", "--quiet")
    _commit_all(folder / "hook")
    _registry(folder, "ours", ROOT, head, ["assay-schema", "assay-lock", "assay-bundle"])
    _registry(folder, "light", ROOT, head, ["assay-light"])
    rev = _git(folder / "hook", "rev-parse", "HEAD")
    _registry(folder, "empty", folder / "hook", rev, ["empty"])
    _registry(folder, "three", folder / "hook", rev, ["empty", "empty", "empty"])


def _entry(number: int, edit: int) -> str:
    digest = sha256(_lock(number).encode()).hexdigest()
    return _ENTRY.format(number=number, edit=edit, lock=digest)


def _lock(number: int) -> str:
    return _LOCK.format(number=number)


def _registry(folder: Path, name: str, hooks: Path, rev: str, ids: list[str]) -> None:
    place = folder / name
    listed = ", ".join(f"{{id: {one}}}" for one in ids)
    config = f"repos: [{{repo: '{hooks}', rev: {rev}, hooks: [{listed}]}}]\n"
    entries = {f"servers/server-{n}.yaml": _entry(n, 0) for n in range(ENTRIES)}
    entries |= {f"servers/server-{n}.requirements.txt": _lock(n) for n in range(ENTRIES)}
    _write(place, {".pre-commit-config.yaml": config, "assay.yaml": _POLICY, **entries})
    _git(place, "init", "--quiet")
    _commit_all(place)
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "install-hooks"],
        cwd=place,
        env=_environment(folder),
        check=True,
        stdout=sys.stderr,
    )


def _committer(place: Path, name: str, told: str) -> Contestant:
    repository = place / name
    # Written anew on each run, for the file names this run's Python.
    subprocess.run(
        [sys.executable, "-m", "pre_commit", "install", "--overwrite"],
        cwd=repository,
        env=_environment(place),
        check=True,
        stdout=sys.stderr,
    )
    return Contestant(
        told,
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "edit"],
        cwd=repository,
        environment={"PRE_COMMIT_HOME": str(place / "cache")},
        before=_editor(repository),
    )


def _editor(repository: Path) -> Callable[[], object]:
    edits = itertools.count(int(_git(repository, "rev-list", "--count", "HEAD")))

    def edit() -> None:
        (repository / "servers/server-7.yaml").write_text(_entry(7, next(edits)))
        _git(repository, "add", "--all")

    return edit


def _environment(place: Path) -> dict[str, str]:
    return {**os.environ, "PRE_COMMIT_HOME": str(place / "cache")}


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _commit_all(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "start")


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
