"""``assay-ci check --base`` of a pull request of 1, 10, 50 and 200 changed entries.

In a registry of 1,000 entries of PyPI with their locks (60 packages each) and 2,000 commits of
history. Each changed entry has a new version, a new lock and lost its stale bundle, so every set
has something to do: schema, lock, the whole registry with its history, and the dependency diff,
whose two sides git holds. Whole processes, offline. Memory is the greatest of any process of the
run, git's included. How it grows is told as the ratio to one entry; the aim is below that of the
work, which is 200 times as much.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Contestant, Result, built_once, measure

ENTRIES = 1_000
COMMITS = 2_000
PACKAGES = 60
SIZES = (1, 10, 50, 200)
_BIN = Path(sys.executable).parent
_SETS = "schema,lock,whole,deps"
_ENTRY = """\
name: server-{number:04}
version: 1.0.{version}
maintainer: data-platform@example.com
description: Server number {number} of a registry that was made to be measured.
scope:
  - read:finance.*
data_classification: internal
lawful_basis: contract
reviewed_at: 2026-04-15
reviewers:
  - security@example.com
artefact:
  url: pkg:pypi/server-{number:04}@1.0.{version}
  sha256: {artefact}
  lock:
    file: server-{number:04}.requirements.txt
    sha256: {lock}
    resolved_at: 2026-11-20T00:00:00Z
"""
_POLICY = "sources:\n  pypi: true\nreview_max_age_days: 3650\n"


def run() -> Iterator[Result]:
    place = built_once("pull-request-1", _build)
    sides = [Contestant(_title(size), _command(size), place) for size in SIZES]
    times = measure(sides, rounds=5)
    one = times[_title(SIZES[0])]
    for size in SIZES:
        ours, title = times[_title(size)], f"pull request of {size} of {ENTRIES:,} entries"
        if size == 1:
            yield Result(title, _SETS, ours, "", None, None, 5)
        else:
            yield Result(title, _SETS, ours, "the same of 1 entry", one, size / 2, 5)
    for size in SIZES:
        title = f"memory of a pull request of {size}"
        yield Result(title, "peak, in MB", _peak(place, size), "", None, None, 1)


def _title(size: int) -> str:
    return f"{size} entries"


def _command(size: int) -> list[str | Path]:
    words = ["check", "--base", "main", "--head", f"pull-{size}", "--offline", "--only", _SETS]
    return [_BIN / "assay-ci", *words]


_PEAK = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], capture_output=True);"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


def _peak(place: Path, size: int) -> float:
    """In MB. Asked of a small process in between: a fork inherits its parent's peak."""
    words = [sys.executable, "-c", _PEAK, *_command(size)]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _build(folder: Path) -> None:
    """By one ``git fast-import``: main, then a branch for each size."""
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
    yield _commit("main", 0)
    yield f"M 100644 inline assay.yaml\n{_data(_POLICY)}"
    yield from (_files(number, 0, bundled=True) for number in range(ENTRIES))
    for commit in range(1, COMMITS):
        yield _commit("main", commit)
        yield _files(commit % ENTRIES, commit, bundled=True)
    for size in SIZES:
        yield _commit(f"pull-{size}", COMMITS, "from refs/heads/main\n")
        yield from (_files(number * 5, COMMITS, bundled=False) for number in range(size))


def _commit(branch: str, number: int, start: str = "") -> str:
    who = f"committer A <a@example.com> {1_750_000_000 + number * 3600} +0000"
    return f"commit refs/heads/{branch}\n{who}\n{_data(f'commit {number}')}{start}"


def _files(number: int, version: int, *, bundled: bool) -> str:
    lock = _lock(number, version)
    text = _ENTRY.format(
        number=number,
        version=version,
        artefact=_digest(f"artefact {number} {version}"),
        lock=_digest(lock),
    )
    path = f"servers/server-{number:04}"
    beside = f"M 100644 inline {path}.requirements.txt\n{_data(lock)}"
    if not bundled:
        return f"M 100644 inline {path}.yaml\n{_data(text)}{beside}D {path}.yaml.sigstore.json\n"
    bundle = _bundle(text)
    signed = f"M 100644 inline {path}.yaml.sigstore.json\n{_data(bundle)}"
    return f"M 100644 inline {path}.yaml\n{_data(text)}{beside}{signed}"


def _lock(number: int, version: int) -> str:
    """As ``assay lock`` writes it: the server itself, and packages of which one moves with it."""
    pins = {f"server-{number:04}": f"1.0.{version}"}
    pins |= {f"package-{other:03}": "2.0.0" for other in range(PACKAGES)}
    pins[f"package-{version % PACKAGES:03}"] = f"2.1.{version}"
    head = (
        f"# Closure of pkg:pypi/server-{number:04}@1.0.{version} for Python 3.11 and newer, "
        "on every platform,\n# as the index stood at 2026-11-20T00:00:00Z: `assay lock` writes "
        "this file, and nobody else.\n"
    )
    lines = (_pin(name, pins[name], number, version) for name in sorted(pins))
    return head + "".join(lines)


def _pin(name: str, version: str, number: int, of: int) -> str:
    own = name == f"server-{number:04}"
    hashed = f"artefact {number} {of}" if own else f"{name} {version}"
    return f"{name}=={version} \\\n    --hash=sha256:{_digest(hashed)}\n"


def _bundle(text: str) -> str:
    from tests.support.repository import bundle

    return bundle(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
