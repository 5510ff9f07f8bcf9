"""A warm launch, from the process's start to the server's answer to ``initialize``.

The same server by four ways: `assay launch` (verified, its tree held byte by byte), npx or uvx
with a warm cache, and the bare interpreter on the very tree that assay laid. Every process is
started in an empty folder with nothing of a project around it. The entries are signed by the
embedded Sigstore, for the time of a verification does not depend on who signed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tests.support import sigstore
from tests.support.host import REFERENCES, Machine

from assay.artefact.reference import parse
from benchmarks.harness import Contestant, Result, built_once, compare

ROUNDS = 15
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}


def run() -> Iterator[Result]:
    shared = built_once("launch", lambda folder: None)
    with tempfile.TemporaryDirectory() as folder, sigstore.running() as trial:
        machine = Machine(Path(folder, "machine"), trial, shared)
        machine.root.mkdir()
        machine.configure()
        yield from _npm(machine)
        yield from _pypi(machine)


def _npm(machine: Machine) -> Iterator[Result]:
    machine.offer("everything")
    reference = parse(REFERENCES["everything"])
    words = ["npx", "-y", f"{reference.name}@{reference.version}"]
    yield from _compare(machine, "everything", words, "bare node")


def _pypi(machine: Machine) -> Iterator[Result]:
    machine.offer("time")
    reference = parse(REFERENCES["time"])
    uvx = str(Path(sys.executable).with_name("uvx"))
    words = [uvx, "--from", f"{reference.name}=={reference.version}", reference.name]
    yield from _compare(machine, "time", words, "bare python")


def _compare(machine: Machine, name: str, runner: Sequence[str], bare: str) -> Iterator[Result]:
    """One server, in turns; the bare command is what `assay launch` itself would become."""
    assay = [str(Path(sys.executable).with_name("assay")), *machine.command(name)[4:]]
    machine.talk(name)  # lays the tree
    ours = _Start("assay launch", assay, machine.workspace)
    theirs = _Start(Path(runner[0]).name, runner, machine.workspace)
    least = _Start(bare, _become(machine, name), machine.workspace)
    try:
        rivals = {1.0: theirs.contestant(), None: least.contestant()}
        title = f"warm launch of {name} to initialize"
        yield from compare(title, ours.contestant(), rivals, rounds=ROUNDS)
    finally:
        for one in (ours, theirs, least):
            one.end()


def _become(machine: Machine, name: str) -> list[str]:
    """The command that a launch ends in."""
    script = (
        "import os,sys,json\n"
        "from assay.cli import main\n"
        "os.execve = lambda file, words, env: print(json.dumps(words))\n"
        f"main({machine.command(name)[4:]!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], cwd=machine.workspace, capture_output=True, check=True
    )
    words: list[str] = json.loads(done.stdout)
    return words


class _Start:
    """A server's start until it answers; ending it is not measured, that is its own affair."""

    def __init__(self, name: str, words: Sequence[str], folder: Path) -> None:
        self.name = name
        self._words = words
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None

    def contestant(self) -> Contestant:
        return Contestant(self.name, self.begin, before=self.end)

    def begin(self) -> None:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            list(self._words), stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=self._folder
        )
        self._running = process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(HELLO).encode() + b"\n")
        process.stdin.flush()
        if b'"serverInfo"' not in process.stdout.readline():
            raise RuntimeError(f"{self.name} did not answer")

    def end(self) -> None:
        if self._running is not None:
            self._running.kill()
            with suppress(BrokenPipeError):
                self._running.communicate()
