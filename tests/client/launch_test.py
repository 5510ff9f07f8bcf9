"""A launch through the front door, by the real MCP client, of real packages."""

from __future__ import annotations

import hashlib
import json
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support.host import Machine

from assay.cli import main
from assay.client.build import remove
from assay.client.start import Start
from assay.reason import Reason

FETCHED = ("fetch", "allowed", "verified")
LAUNCHED = ("launch", "allowed", "verified")
DEAD = {"npm_config_registry": "http://127.0.0.1:9/", "PIP_INDEX_URL": "http://127.0.0.1:9/"}


def installed(machine: Machine) -> Path:
    """The one tree there is."""
    (found,) = (path for path in machine.trees.iterdir() if path.is_dir())
    return found / "tree"


def test_a_server_from_npm_is_laid_read_only_and_starts_again_offline(
    machine: Machine,
) -> None:
    machine.offer("everything")
    talk = machine.talk("everything@2026.8.31")
    assert "echo" in talk.tools
    assert "a replay of an older entry would not be noticed" in talk.stderr
    assert machine.outcomes() == [FETCHED, LAUNCHED]
    told = machine.events()[-1]
    assert (told["server_name"], told["version"], told["trial"]) == (
        "everything",
        "2026.8.31",
        True,
    )
    assert set(told["digests"]) == {"entry", "artefact", "lock"}

    root = installed(machine)
    for path in (root, *root.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o222, path

    (machine.root / "cache/store").unlink()
    assert machine.talk("everything", environment=DEAD).tools == talk.tools
    assert machine.outcomes() == [FETCHED, LAUNCHED, LAUNCHED]


def test_a_server_from_pypi_is_compiled_once_and_starts_again_offline(machine: Machine) -> None:
    machine.offer("time")
    talk = machine.talk("time", call=("get_current_time", {"timezone": "UTC"}))
    assert talk.tools == ["convert_time", "get_current_time"]
    assert '"timezone": "UTC"' in talk.answer
    assert machine.outcomes() == [FETCHED, LAUNCHED]
    assert list(installed(machine).rglob("__pycache__")), "it would compile at each start"

    (machine.root / "cache/store").unlink()
    assert machine.talk("time", environment=DEAD).tools == talk.tools
    assert machine.outcomes() == [FETCHED, LAUNCHED, LAUNCHED]


def canary(workspace: Path, name: str) -> str:
    return f"touch {workspace}/CANARY-{name}"


def lay_hostile(workspace: Path) -> dict[str, str]:
    """A workspace that tries whatever a start looks at, and the variables that it would set."""
    script = f"require('fs').writeFileSync({json.dumps(str(workspace))} + '/CANARY-node', '')"
    python = f"open({str(workspace)!r} + '/CANARY-python', 'w').close()\n"
    files = {
        ".npmrc": "registry=http://127.0.0.1:9/\nnode-options=--require=./canary.cjs\n",
        "pip.conf": "[global]\nindex-url = http://127.0.0.1:9/\n",
        "pip.ini": "[global]\nindex-url = http://127.0.0.1:9/\n",
        "package.json": '{"name": "@modelcontextprotocol/server-everything", "workspaces": ["."]}',
        "canary.cjs": script,
        ".env": "NODE_OPTIONS=--require=./canary.cjs\n",
        "sitecustomize.py": python,
        "usercustomize.py": python,
        "assay/__init__.py": python,
        "mcp_server_time/__init__.py": python,
        "json.py": python,
        "client.toml": "registry = '.'\n",
        "assay.yaml": "signer: {}\n",
    }
    for name in ("@modelcontextprotocol/server-everything", "express", "zod"):
        files[f"node_modules/{name}/package.json"] = json.dumps({"name": name, "main": "x.js"})
        files[f"node_modules/{name}/x.js"] = script
    for name in ("node", "npm", "npx", "python", "python3", "pip", "pip3", "git", "uv", "sh"):
        files[f"bin/{name}"] = f"#!/bin/sh\n{canary(workspace, name)}\nexit 1\n"
    for name, text in files.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in (workspace / "bin").iterdir():
        path.chmod(0o755)
    here = str(workspace)
    return {
        "PATH": f"{here}/bin:{here}/node_modules/.bin",
        "HOME": here,
        "XDG_CACHE_HOME": here,
        "XDG_CONFIG_HOME": here,
        "XDG_STATE_HOME": here,
        "TMPDIR": here,
        "ASSAY_CACHE": here,
        "NODE_OPTIONS": f"--require={here}/canary.cjs",
        "NODE_PATH": f"{here}/node_modules",
        "PYTHONPATH": here,
        "PYTHONSTARTUP": f"{here}/sitecustomize.py",
        "PYTHONUSERBASE": here,
        "npm_config_userconfig": f"{here}/.npmrc",
        "npm_config_globalconfig": f"{here}/.npmrc",
        "npm_config_prefix": here,
        "npm_config_node_options": f"--require={here}/canary.cjs",
        "npm_config_script_shell": f"{here}/bin/sh",
        "PIP_CONFIG_FILE": f"{here}/pip.conf",
        "PIP_PYTHON": f"{here}/bin/python",
        "PIP_LOG": f"{here}/CANARY-pip-log",
        "LD_PRELOAD": "",  # the loader of our own process reads it before us: see SECURITY.md
        "LD_LIBRARY_PATH": here,
        "BASH_ENV": f"{here}/bin/sh",
        "GIT_EXEC_PATH": f"{here}/bin",
        "LANG": "de_DE.UTF-8",
        "TZ": f":{here}/zone",
        "SECRET_OF_THE_WORKSPACE": "x",
    }


@pytest.mark.parametrize("name", ["everything", "time"])
def test_a_hostile_workspace_has_no_say(machine: Machine, name: str) -> None:
    machine.offer(name)
    hostile = lay_hostile(machine.workspace)
    # Nothing in the store: npm and pip are asked how they are set up, in these surroundings.
    machine.configure(cold=name == "everything")
    talk = machine.talk(name, environment=hostile)
    assert talk.tools
    assert machine.outcomes() == [FETCHED, LAUNCHED]
    assert not list(machine.workspace.glob("CANARY*"))


def test_a_server_gets_an_environment_made_from_nothing(warm_machine: Machine) -> None:
    machine = warm_machine
    more = "launch:\n  env:\n    - name: GIVEN\n    - name: ABSENT\n      required: false\n"
    machine.offer("everything", more=more)
    hostile = lay_hostile(machine.workspace) | {"GIVEN": "yes", "LD_PRELOAD": "/nonexistent.so"}
    talk = machine.talk("everything", environment=hostile, call=("get-env", {}))
    told = json.loads(talk.answer)
    # npm's MCP library, or Node itself, adds none.
    assert told.pop("GIVEN") == "yes"
    assert told.pop("LANG") == "de_DE.UTF-8"
    for name in ("LC_ALL", "LC_CTYPE", "LANGUAGE"):
        told.pop(name, None)
    assert set(told) == {"PATH", "HOME", "USER", "LOGNAME"}
    assert not [value for value in told.values() if str(machine.workspace) in value]


def test_a_parameter_becomes_an_argument_and_never_an_option(
    warm_machine: Machine, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = warm_machine
    more = """\
launch:
  args:
    - --flag
    - ${folder}
    - ${depth}
  parameters:
    - {name: folder, kind: folder, multiple: true}
    - {name: depth, kind: integer, required: false}
"""
    machine.offer("everything", more=more)
    started: list[list[str]] = []

    def become(ready: Start) -> int:
        started.append(list(ready.command))
        return 0

    monkeypatch.setattr("assay.client.start.become", become)
    monkeypatch.chdir(machine.workspace)
    (machine.workspace / "notes").mkdir()

    def launch(*values: str) -> int:
        words = [word for value in values for word in ("--param", value)]
        return main(["launch", "--trial-config", str(machine.config), "everything", *words])

    assert launch("folder=notes", f"folder={machine.root}", "depth=-3") == 0
    notes = str(machine.workspace.resolve() / "notes")
    assert started[0][3:] == ["--flag", notes, str(machine.root), "-3"]
    assert launch("folder=notes") == 0
    assert started[1][3:] == ["--flag", notes]
    for values, reason in {
        (): Reason.PARAMETER_MISSING,
        ("folder=--evil",): Reason.PARAMETER_INVALID,  # made absolute, and not there
        ("folder=",): Reason.PARAMETER_INVALID,
        ("folder=notes", "depth=--x"): Reason.PARAMETER_INVALID,
        ("folder=notes", "depth=1", "depth=2"): Reason.PARAMETER_INVALID,
        ("folder=notes", "other=1"): Reason.PARAMETER_INVALID,
        ("folder=notes\n",): Reason.PARAMETER_INVALID,
        ("folder",): Reason.PARAMETER_INVALID,
    }.items():
        assert launch(*values) == 1, values
        assert f"[{reason}]" in capfd.readouterr().err
        assert machine.outcomes()[-1] == ("launch", "refused", reason)


def test_a_deprecated_server_is_launched_with_a_warning(warm_machine: Machine) -> None:
    machine = warm_machine
    more = "status: deprecated\nstatus_reason: Not kept up\nreplaced_by: time\n"
    machine.offer("everything", more=more)
    said = machine.talk("everything").stderr
    assert "everything is deprecated: Not kept up; use time" in said


SMALL = "launch:\n  args: [1.2.3]\n".replace("1.2.3", '"1.2.3"')


def offer_small(machine: Machine) -> None:
    machine.offer("semver", more=SMALL)


def run(machine: Machine, *words: str) -> subprocess.CompletedProcess[str]:
    """Launch the small package, which answers and ends."""
    return subprocess.run(
        machine.command("semver", *words),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=machine.workspace,
    )


def test_a_file_of_the_tree_that_was_changed_stops_launches_until_it_is_laid_anew(
    machine: Machine,
) -> None:
    offer_small(machine)
    assert run(machine).stdout == "1.2.3\n"
    victim = next(installed(machine).rglob("bin/semver.js"))
    mode = victim.stat().st_mode
    victim.chmod(0o755)
    victim.write_bytes(victim.read_bytes().replace(b"semver", b"semveR"))
    victim.chmod(mode)
    for _ in range(2):
        done = run(machine)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"[{Reason.TREE_CHANGED}]" in done.stderr
        assert machine.outcomes()[-1] == ("launch", "refused", Reason.TREE_CHANGED)
    assert run(machine, "--reinstall").stdout == "1.2.3\n"
    assert machine.outcomes()[-2:] == [FETCHED, LAUNCHED]


def test_tree_and_manifest_changed_together_are_noticed(machine: Machine) -> None:
    offer_small(machine)
    run(machine)
    folder = installed(machine)
    folder.chmod(0o755)
    (folder / "evil.js").write_text("evil")
    (folder / "evil.js").chmod(0o444)
    folder.chmod(0o555)
    manifest = folder.parent / "manifest.json"
    told = json.loads(manifest.read_bytes())
    told["files"]["evil.js"] = [False, 4, hashlib.sha256(b"evil").hexdigest()]
    manifest.write_text(json.dumps(told, sort_keys=True, separators=(",", ":")))
    assert f"[{Reason.TREE_CHANGED}]" in run(machine).stderr
    assert machine.outcomes()[-1] == ("launch", "refused", Reason.TREE_CHANGED)


def test_a_tree_without_a_record_is_laid_anew(machine: Machine) -> None:
    offer_small(machine)
    run(machine)
    (installed(machine).parent / "manifest.json").write_text("{}")
    remove(machine.root / "state/trees")
    assert run(machine).stdout == "1.2.3\n"
    assert machine.outcomes() == [FETCHED, LAUNCHED, FETCHED, LAUNCHED]


def test_the_exit_code_is_the_servers_own(machine: Machine) -> None:
    machine.offer("semver", more=SMALL.replace("1.2.3", "no version"))
    done = run(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert machine.outcomes() == [FETCHED, LAUNCHED]


def start(machine: Machine, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        machine.command("everything", *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=machine.workspace,
    )


def greet(process: subprocess.Popen[bytes]) -> str:
    """The server's answer to initialize; empty where it never came to answer."""
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    out, _ = process.communicate(json.dumps(hello).encode() + b"\n", timeout=60)
    return out.decode()


def test_several_launches_at_once_on_a_cold_machine_lay_one_tree(machine: Machine) -> None:
    offer_small(machine)
    with ThreadPoolExecutor(4) as pool:
        answers = [done.stdout for done in pool.map(lambda _: run(machine), range(4))]
    assert answers == ["1.2.3\n"] * 4
    assert sorted(machine.outcomes()) == [FETCHED, LAUNCHED, LAUNCHED, LAUNCHED, LAUNCHED]
    assert installed(machine).is_dir()
    assert not list(machine.trees.glob(".*")), "something was left half built"


@pytest.mark.parametrize("delay", [0.0, 0.25])
def test_the_launch_after_a_killed_one_recovers(machine: Machine, delay: float) -> None:
    machine.offer("everything")
    killed = start(machine)
    until = time.monotonic() + 30
    while not list(machine.trees.glob(".*")) and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(delay)  # at another step of laying the tree
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert '"serverInfo"' in greet(start(machine))
    assert machine.outcomes()[-1] == LAUNCHED
    assert not list(machine.trees.glob(".*"))


def test_the_server_is_this_very_process(warm_machine: Machine) -> None:
    machine = warm_machine
    machine.offer("everything")
    process = start(machine)
    assert '"serverInfo"' in greet(process)
    assert machine.events()[-1]["pid"] == process.pid
    assert process.returncode == 0


def test_a_launch_imports_nothing_heavy_that_it_does_not_need(warm_machine: Machine) -> None:
    machine = warm_machine
    machine.offer("everything")
    machine.talk("everything")
    script = (
        "import os,sys,json\n"
        "from assay.cli import main\n"
        "os.execve = lambda *_: print(json.dumps(sorted(sys.modules)))\n"
        f"main({machine.command('everything')[4:]!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, check=True, cwd=machine.workspace
    )
    modules = {name.partition(".")[0] for name in json.loads(done.stdout)}
    unwanted = {"git", "rich", "jsonschema", "packaging", "packageurl", "pip", "semgrep", "asyncio"}
    assert not modules & unwanted
    ours = set(json.loads(done.stdout))
    assert "assay.client.build" not in ours, "what lays a tree is for the first launch alone"
