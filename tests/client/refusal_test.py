"""Whatever does not hold is refused: with its reason code, and with an event that says the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from tests.support.host import Machine

from assay.cli import main
from assay.client import places, start
from assay.client.environment import environment
from assay.client.install import Installed
from assay.client.interpreter import Interpreter
from assay.dev.sigstore import TrialSigstore
from assay.entry.model import Variable
from assay.reason import Reason

SCHEMA = json.loads((Path(__file__).parents[2] / "schema/audit-event.schema.json").read_text())
ZEROS = "0" * 64
Attack = Callable[[Machine], None]


def launch(machine: Machine, *words: str) -> int:
    return main(["launch", "--trial-config", str(machine.config), *(words or ("everything",))])


def entry_of(machine: Machine, name: str = "everything") -> Path:
    return machine.servers / f"{name}.yaml"


def edit(path: Path, old: bytes, new: bytes) -> None:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1))


def swap_bundle(machine: Machine) -> None:
    machine.publish(entry_of(machine).read_text().replace("a server", "other"), name="everything")
    other = machine.servers / "everything.yaml.sigstore.json"
    bundle = other.read_bytes()
    machine.offer("everything", more="licence: MIT\n")
    other.write_bytes(bundle)


def other_root(machine: Machine) -> None:
    with TrialSigstore() as other:
        (machine.root / "trusted_root.json").write_bytes(other.trusted_root())


def resign(**changes: str) -> Attack:
    """The pinned signer itself signs an entry that is wrong."""

    def attack(machine: Machine) -> None:
        machine.offer("everything", **changes)

    return attack


def lock_signed(lock: bytes) -> Attack:
    import hashlib

    def attack(machine: Machine) -> None:
        found = machine.offer("everything")
        text = found.entry(lock_sha256=hashlib.sha256(lock).hexdigest())
        machine.publish(text, lock)

    return attack


def signed_by(**claims: str) -> Attack:
    def attack(machine: Machine) -> None:
        found = machine.offer("everything")
        machine.publish(found.entry(), found.lock, **claims)

    return attack


def under_another_name(machine: Machine) -> None:
    found = machine.offer("everything")
    machine.publish(found.entry(name="harmless"), found.lock, name="everything")


PARAMETERS = """\
launch:
  args:
    - ${folder}
  parameters:
    - name: folder
      kind: folder
"""
VARIABLES = """\
launch:
  env:
    - name: ASKED_FOR_TOKEN
      secret: true
"""
IMAGE = "oci://registry.example.com/mcp/everything:2026.8.31"

# What is done to a good launch → the reason it must be refused for.
ATTACKS: dict[str, tuple[Attack, Reason]] = {
    "one byte of the entry": (
        lambda machine: edit(entry_of(machine), b"to test", b"to rest"),
        Reason.SIGNATURE_MISMATCH,
    ),
    "no bundle": (
        lambda machine: (machine.servers / "everything.yaml.sigstore.json").unlink(),
        Reason.BUNDLE_MISSING,
    ),
    "half a bundle": (
        lambda machine: os.truncate(machine.servers / "everything.yaml.sigstore.json", 700),
        Reason.BUNDLE_MALFORMED,
    ),
    "another entry's bundle": (swap_bundle, Reason.SIGNATURE_MISMATCH),
    "another instance's root": (other_root, Reason.SIGNATURE_UNTRUSTED),
    "another caller of the workflow": (
        signed_by(workflow_ref="acme/evil/.github/workflows/x.yml@refs/heads/main"),
        Reason.IDENTITY_MISMATCH,
    ),
    "a dispatch by hand": (signed_by(event_name="workflow_dispatch"), Reason.IDENTITY_MISMATCH),
    "no entry": (lambda machine: entry_of(machine).unlink(), Reason.ENTRY_MISSING),
    "a pipe for an entry": (
        lambda machine: (entry_of(machine).unlink(), os.mkfifo(entry_of(machine)))[0],  # type: ignore[func-returns-value]
        Reason.ENTRY_MISSING,
    ),
    "a signed entry under another name": (under_another_name, Reason.ENTRY_INVALID),
    "a signed entry that breaks the schema": (resign(more="surprise: 1\n"), Reason.ENTRY_INVALID),
    "a review that has expired": (
        resign(more="review_expires: 2020-01-02\n"),
        Reason.REVIEW_EXPIRED,
    ),
    "another lock": (
        lambda machine: edit(machine.servers / "everything.package-lock.json", b"sha512-", b"x"),
        Reason.LOCK_MISMATCH,
    ),
    "no lock": (
        lambda machine: (machine.servers / "everything.package-lock.json").unlink(),
        Reason.LOCK_MISSING,
    ),
    "a signed lock that is none": (lock_signed(b"{}"), Reason.LOCK_UNTRUE),
    "other bytes of the artefact": (resign(sha256="ab" * 32), Reason.DIGEST_MISMATCH),
    "an image": (
        resign(url=IMAGE, version="2026.8.31"),
        Reason.ARTEFACT_UNSUPPORTED,
    ),
    "a parameter not given": (resign(more=PARAMETERS), Reason.PARAMETER_MISSING),
    "a variable not set": (resign(more=VARIABLES), Reason.ENVIRONMENT_MISSING),
    "a command that is not there": (
        resign(more="launch:\n  entrypoint: other\n"),
        Reason.ARTEFACT_UNSUPPORTED,
    ),
    "no interpreter named": (
        lambda machine: machine.configure(interpreters=None),
        Reason.INTERPRETER_MISSING,
    ),
    "no interpreter there": (
        lambda machine: machine.configure(interpreters={"node": "/nonexistent/node"}),
        Reason.INTERPRETER_MISSING,
    ),
    "an identity without a clause": (
        lambda machine: machine.configure(identity={"issuer": "https://issuer.trial.invalid"}),
        Reason.CONFIG_INVALID,
    ),
}


@pytest.mark.parametrize(("attack", "reason"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_for_its_reason_and_recorded(
    machine: Machine,
    attack: Attack,
    reason: Reason,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(machine.workspace)
    machine.offer("everything")
    attack(machine)
    assert launch(machine) == 1
    out, err = capfd.readouterr()
    assert out == "", "standard output belongs to the server"
    assert f"[{reason}]" in err
    told = machine.events()[-1]
    assert (told["kind"], told["outcome"], told["reason"]) == ("launch", "refused", reason)
    assert told["server_name"] == "everything"
    assert told["detail"] in err
    for one in machine.events():
        jsonschema.validate(one, SCHEMA)


def test_a_version_is_an_assertion(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.offer("everything")
    assert launch(machine, "everything@1.0.0") == 1
    assert f"[{Reason.VERSION_MISMATCH}]" in capfd.readouterr().err
    assert machine.events()[-1]["version"] == "2026.8.31"


@pytest.mark.parametrize("name", ["../registry/servers/everything", "a/b", "con.x", "", "A", ".."])
def test_a_name_that_is_a_path_is_no_entry(
    machine: Machine, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.offer("everything")
    assert launch(machine, name) == 1
    assert f"[{Reason.ENTRY_MISSING}]" in capfd.readouterr().err
    assert machine.outcomes() == [("launch", "refused", Reason.ENTRY_MISSING)]


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONWARNINGS"])
def test_an_interpreter_of_ours_that_obeyed_the_workspace_vouches_for_nothing(
    machine: Machine, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, str(machine.workspace))
    machine.offer("everything")
    assert launch(machine) == 1
    assert f"[{Reason.SURROUNDINGS_UNSAFE}]" in capfd.readouterr().err
    assert machine.outcomes() == [("launch", "refused", Reason.SURROUNDINGS_UNSAFE)]


def test_openssl_reads_no_configuration_of_the_workspaces(machine: Machine) -> None:
    """It could name a module for OpenSSL to load; a pipe shows that it is not even opened."""
    pipe = machine.workspace / "openssl.cnf"
    os.mkfifo(pipe)
    # Where coverage is measured, its start in the new process would load OpenSSL before us.
    given = {key: os.environ[key] for key in os.environ if not key.startswith("COV")}
    done = subprocess.run(
        machine.command("everything"), env={**given, "OPENSSL_CONF": str(pipe)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert f"[{Reason.ENTRY_MISSING}]" in done.stderr
    assert done.returncode == 1


def test_packages_above_the_cache_are_not_the_servers(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Express wants debug, which tries supports-color: a folder above the tree would serve it."""
    machine.offer("semver")
    (machine.root / "node_modules").mkdir()
    monkeypatch.chdir(machine.workspace)
    assert launch(machine, "semver") == 1
    assert f"[{Reason.SURROUNDINGS_UNSAFE}]" in capfd.readouterr().err
    assert machine.outcomes()[-1] == ("launch", "refused", Reason.SURROUNDINGS_UNSAFE)


def test_packages_of_the_home_folder_are_not_the_servers(tmp_path: Path) -> None:
    told = Interpreter("node", Path("/usr/bin/node"), {}, "")
    words = start.command(told, Installed(tmp_path, {}), "node_modules/x/x.js", [])
    (tmp_path / ".node_modules").mkdir()
    (tmp_path / ".node_modules/canary.js").touch()
    (tmp_path / "node_modules/x").mkdir(parents=True)
    (tmp_path / "node_modules/x/x.js").write_text("require('canary')")
    done = subprocess.run(
        [str(shutil.which("node")), *words[1:]], env={"HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Cannot find module 'canary'" in done.stderr


def test_an_unreachable_registry_is_undecided_and_not_a_refusal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    machine.configure(cold=True)
    machine.offer("everything")
    assert launch(machine) == 3
    assert f"[{Reason.UNREACHABLE}]" in capfd.readouterr().err
    assert machine.outcomes() == [
        ("fetch", "undecided", Reason.UNREACHABLE),
        ("launch", "undecided", Reason.UNREACHABLE),
    ]


def test_a_fault_of_ours_is_an_event_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("assay.client.launch._hold_entry", broken)
    machine.offer("everything")
    assert launch(machine) == 3
    assert "a fault" in capfd.readouterr().err
    assert machine.outcomes() == [("launch", "undecided", Reason.UNEXPECTED)]
    assert machine.events()[0]["detail"] == "RuntimeError: a fault"


def test_where_the_log_cannot_be_written_nothing_is_launched(
    warm_machine: Machine, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = warm_machine
    monkeypatch.setattr("os.execve", lambda *_: pytest.fail("it was launched"))
    (machine.root / "audit.jsonl").symlink_to("elsewhere")
    machine.offer("everything")
    assert launch(machine) == 3
    assert f"[{Reason.AUDIT_UNWRITABLE}]" in capfd.readouterr().err
    assert not (machine.root / "elsewhere").exists()


def test_a_refusal_says_its_own_reason_where_the_log_cannot_be_written(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    (machine.root / "audit.jsonl").symlink_to("elsewhere")
    machine.offer("everything")
    edit(entry_of(machine), b"to test", b"to rest")
    assert launch(machine) == 1
    err = capfd.readouterr().err
    assert f"[{Reason.SIGNATURE_MISMATCH}]" in err
    assert f"[{Reason.AUDIT_UNWRITABLE}]" in err


@pytest.fixture
def own_places(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where events go until client.toml has said another place: not the tester's own home."""
    made = places.places(machine.root / "home")
    monkeypatch.setattr(places, "places", lambda: made)
    return made.state / "audit.jsonl"


def test_a_configuration_that_the_user_could_have_written_is_refused(
    machine: Machine,
    own_places: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    machine.offer("everything")
    monkeypatch.setattr(places, "system_config", lambda: machine.config)
    assert main(["launch", "everything"]) == 1
    assert f"[{Reason.CONFIG_WRITABLE}]" in capfd.readouterr().err
    (told,) = map(json.loads, own_places.read_text().splitlines())
    assert (told["reason"], told["trial"]) == (Reason.CONFIG_WRITABLE, False)
    assert machine.events() == []


def test_without_a_configuration_nothing_is_launched(
    own_places: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not places.system_config().exists(), "this machine is a host in earnest"
    assert main(["launch", "everything"]) == 1
    assert f"[{Reason.CONFIG_MISSING}]" in capfd.readouterr().err
    (told,) = map(json.loads, own_places.read_text().splitlines())
    assert told["reason"] == Reason.CONFIG_MISSING


def test_a_broken_trust_root_is_undecided(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.offer("everything")
    (machine.root / "trusted_root.json").write_text("{}")
    assert launch(machine) == 3
    assert f"[{Reason.TRUST_INVALID}]" in capfd.readouterr().err
    assert machine.outcomes() == [("launch", "undecided", Reason.TRUST_INVALID)]


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "NODE_OPTIONS", "pythonpath", "HOME"])
def test_no_entry_passes_on_what_steers_the_start(name: str, tmp_path: Path) -> None:
    variable = Variable(name, required=True, secret=False, description="")
    with pytest.raises(Exception, match="steers") as caught:
        environment([variable], {name: "x"}, tmp_path)
    assert getattr(caught.value, "reason", "") is Reason.ENTRY_INVALID
