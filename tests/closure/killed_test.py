"""``kill -9`` at random moments, a few hundred times: what is served is whole, the next run goes.

Each round is a process of its own that fetches, keeps, unpacks and records, or writes an entry
with its lock, and is killed somewhere on the way.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.faults import serving
from tests.support.packages import Npm

from assay.cli import main

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="rounds are forked"),
]
AT = "2026-06-01T00:00:00Z"
PEOPLE = ["--maintainer=data@example.com", "--reviewer=security@example.com"]
REST = ["--scope=read:files", "--classification=internal", "--lawful-basis=not_applicable"]

# Imports once, then forks each round: only the work itself is cut short, and hundreds fit.
HEAD = """
import os, random, shutil, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path

def rounds(count, seconds, act, check):
    random.seed(7)
    cut = 0
    for number in range(count):
        pid = os.fork()
        if not pid:
            try:
                act(number)
                os._exit(0)
            except BaseException as error:
                print(repr(error), file=sys.stderr, flush=True)
                os._exit(1)
        time.sleep(random.uniform(0, seconds))
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        status = os.waitpid(pid, 0)[1]
        assert os.WIFSIGNALED(status) or status == 0, number
        cut += os.WIFSIGNALED(status)
        check(number)
    print(cut, flush=True)
"""
INSTALL = """
from assay.artefact import npmrc
from assay.artefact.http import Access
from assay.artefact.npm import NpmSource
from assay.artefact.reference import parse
from assay.artefact.source import Sources
from assay.artefact.store import Store
from assay.client.install import Trees, Wanted
from assay.client.interpreter import Interpreter
from assay.client import build, plan  # noqa: what the rounds import, here and once
from assay.entry.model import Artefact, Lock
import hashlib

registry, cache, lock, sha256 = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
raw = lock.read_bytes()
wanted = Wanted(
    Artefact(parse("pkg:npm/server@1.0.0"), sha256, None),
    Lock(lock.name, hashlib.sha256(raw).hexdigest(), datetime.now(UTC)),
    raw,
    Interpreter("node", Path("node"), {"platform": "linux", "arch": "x64", "libc": "glibc"}, "x"),
)

def open_sources():
    store = Store(cache / "store", grace=0)
    sources = Sources(store, {})
    config = npmrc.NpmConfig(registry, {}, "never", Access(), (), {})
    sources._open["npm"] = NpmSource(store, {}, config=config)
    return sources

def trees():
    return Trees(cache, cache / "state", open_sources)

def install(number):
    trees().lay(wanted, lambda done, of: None, anew=number % 3 == 0)

def whole(number):
    for path in (cache / "store" / "sha256").glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, path
    if trees().laid(wanted):
        trees().hold(wanted)
    if number % 5 == 0:  # from nothing again
        shutil.rmtree(cache / "store", ignore_errors=True)

rounds(300, 0.25, install, whole)
trees().lay(wanted, lambda done, of: None)
held = trees().hold(wanted)
assert len(list((held.root / "node_modules").iterdir())) == 13, held.root
left = [*(cache / "store" / "drafts").iterdir(), *cache.glob("trees/.*")]
assert not left, left
"""
WRITE = """
from assay.cli import writing
import hashlib, json

root = Path(sys.argv[1])

def state(number):
    lock = f"lock {number} ".encode() * 5000
    return {"bundle": None, "lock": lock, "entry": hashlib.sha256(lock).hexdigest().encode()}

def write(number):
    (root / "bundle").touch()
    writing.together(root, state(number))

def whole(number):
    for name in ("lock", "entry"):
        if (root / name).exists():
            assert (root / name).read_bytes() in good[name], (number, name)

good = {name: [state(number)[name] for number in range(300)] for name in ("lock", "entry")}
rounds(300, 0.03, write, whole)
write(300)
assert (root / "entry").read_bytes() == state(300)["entry"]
assert (root / "lock").read_bytes() == state(300)["lock"]
assert not (root / "bundle").exists()
"""


def run(script: str, *words: str) -> int:
    """The rounds that were cut short."""
    done = subprocess.run(
        [sys.executable, "-c", HEAD + script, *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.fixture
def npm(tmp_path: Path) -> Iterator[Npm]:
    with serving() as server:
        made = Npm(server, tmp_path / "home")
        names = [f"dep{number}" for number in range(12)]
        files = {f"lib/file{number}.js": "x" * 20_000 for number in range(20)}
        for name in names:
            made.publish(name, "1.0.0", files=files)
        made.publish("server", "1.0.0", dependencies=dict.fromkeys(names, "1.0.0"), files=files)
        made.publish("server", "1.1.0", dependencies={"dep0": "1.0.0"})
        yield made


def lock_of(npm: Npm, names: list[str]) -> bytes:
    def node(name: str) -> dict[str, object]:
        told = npm.documents[name]["versions"]["1.0.0"]
        made: dict[str, object] = {"version": "1.0.0", "integrity": told["dist"]["integrity"]}
        return made | ({"dependencies": told["dependencies"]} if "dependencies" in told else {})

    nodes: dict[str, dict[str, object]] = {"": {"dependencies": {"server": "1.0.0"}}}
    nodes |= {f"node_modules/{name}": node(name) for name in names}
    data = {"lockfileVersion": 3, "requires": True, "packages": nodes}
    return (json.dumps(data, indent=2) + "\n").encode()


def test_fetching_unpacking_and_recording(npm: Npm, tmp_path: Path) -> None:
    lock = tmp_path / "server.package-lock.json"
    lock.write_bytes(lock_of(npm, sorted(n for n in npm.documents)))
    raw = npm.publish(
        "server",
        "1.0.0",
        dependencies={f"dep{number}": "1.0.0" for number in range(12)},
        files={f"lib/file{number}.js": "x" * 20_000 for number in range(20)},
    )
    digest = hashlib.sha256(raw).hexdigest()
    cut = run(INSTALL, npm.server.url("/"), str(tmp_path / "cache"), str(lock), digest)
    assert cut > 100


def test_writing_an_entry_with_its_lock(tmp_path: Path) -> None:
    assert run(WRITE, str(tmp_path)) > 100
    assert {path.name for path in tmp_path.iterdir() if path.name[0] != "."} == {"entry", "lock"}


def test_a_lock_that_is_killed_is_written_by_the_next_run(
    npm: Npm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in npm.environ.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    (tmp_path / "registry" / "servers").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "registry")
    reference = "pkg:npm/server@1.0.0"
    assert main(["new", reference, "--description=x", f"--at={AT}", *PEOPLE, *REST]) == 0
    entry, lock = Path("servers/server.yaml"), Path("servers/server.package-lock.json")
    before = (entry.read_bytes(), lock.read_bytes())
    random.seed(7)
    for _ in range(12):
        words = [sys.executable, "-m", "assay.cli", "update", "server", "1.1.0", f"--at={AT}"]
        running = subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)
        time.sleep(random.uniform(0, 2.0))
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        told = entry.read_text()
        assert told.encode() == before[0] or "version: 1.1.0" in told
        json.loads(lock.read_bytes())
    assert main(["update", "server", "1.1.0", f"--at={AT}"]) == 0
    assert main(["check", "--all"]) == 0
    assert '"version": "1.1.0"' in lock.read_text()
