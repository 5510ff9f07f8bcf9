"""What changed since a ref, with the old bytes, against ``git diff --name-only``.

A registry of 10,000 entries with their bundles and 500 commits; each commit gives 20 entries a
new version and a new bundle. The range of a pull request (one commit), of a day (20 commits) and
the whole history. Ours is what a process does that has already started: `git diff` names paths,
ours also reads both sides of each. The whole process is told beside it, without an aim.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from assay.registry import Registry
from benchmarks.harness import Contestant, Result, built_once, compare

ENTRIES = 10_000
COMMITS = 500
EACH = 20  # entries that one commit changes

_ENTRY = """name: server-{number:05d}
version: 1.0.{version}
maintainer: team@example.com
description: Server number {number} of a registry that was made to be measured.
scope:
  - read:example.{number}
data_classification: internal
lawful_basis: contract
reviewed_at: 2026-01-15
reviewers:
  - security@example.com
artefact:
  url: pkg:npm/server-{number:05d}@1.0.{version}
  sha256: {number:064x}
"""
_BUNDLE = '{{"of":{number},"version":{version},"padding":"{padding}"}}\n'


def run() -> Iterator[Result]:
    repository = built_once(f"registry-{ENTRIES}-{COMMITS}-v2", build)
    registry = Registry.find(repository)
    for commits, aim in ((1, 3.0), (20, 3.0), (COMMITS - 1, None)):
        since = f"HEAD~{commits}"
        title = f"changed since {since}: {len(registry.changed_since(since))} files"
        ours = Contestant("changed_since, with all bytes", partial(registry.changed_since, since))
        yield from compare(title, ours, _names(repository, since), aim=aim, rounds=15)
    # Nobody reads that many bytes as fast as git lists names: the floor is git's own reading.
    yield from compare(title, ours, _floor(repository, since), aim=2, rounds=5)
    whole = Contestant(
        "the same as a whole process", [sys.executable, "-c", _WHOLE], cwd=repository
    )
    yield from compare("changed since HEAD~20", whole, _names(repository, "HEAD~20"))


def _names(repository: Path, since: str) -> Contestant:
    command = ["git", "diff", "--name-only", since, "HEAD"]
    return Contestant("git diff --name-only", command, cwd=repository)


def _floor(repository: Path, since: str) -> Contestant:
    pipe = (
        f"git diff-tree -r --raw --no-abbrev {since} HEAD | cut -d' ' -f3,4 | tr ' ' '\\n' "
        "| grep -v '^0*$' | git cat-file --batch --buffer > /dev/null"
    )
    return Contestant("git diff-tree | git cat-file", ["sh", "-c", pipe], cwd=repository)


_WHOLE = (
    "from pathlib import Path; from assay.registry import Registry; "
    "Registry.find(Path('.')).changed_since('HEAD~20')"
)


def build(folder: Path) -> None:
    """The repository, by one ``git fast-import``: 30,000 files' worth of history in seconds."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder], check=True)
    importer = subprocess.Popen(
        ["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE
    )
    assert importer.stdin
    for piece in _history():
        importer.stdin.write(piece.encode())
    importer.stdin.close()
    if importer.wait():
        raise RuntimeError("git fast-import failed")
    subprocess.run(["git", "-C", folder, "reset", "--quiet", "--hard", "main"], check=True)


def _history() -> Iterator[str]:
    yield _commit(0)
    yield from (_files(number, 0) for number in range(ENTRIES))
    for commit in range(1, COMMITS):
        yield _commit(commit)
        start = commit * EACH
        yield from (_files(number % ENTRIES, commit) for number in range(start, start + EACH))


def _commit(number: int) -> str:
    message = f"commit {number}"
    who = f"committer A <a@example.com> {1_750_000_000 + number * 3600} +0000"
    return f"commit refs/heads/main\n{who}\n{_data(message)}"


def _files(number: int, version: int) -> str:
    entry = _ENTRY.format(number=number, version=version)
    bundle = _BUNDLE.format(
        number=number, version=version, padding=f"{number:08x}{version:08x}" * 400
    )
    name = f"servers/server-{number:05d}.yaml"
    return (
        f"M 100644 inline {name}\n{_data(entry)}"
        f"M 100644 inline {name}.sigstore.json\n{_data(bundle)}"
    )


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
