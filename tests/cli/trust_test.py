"""``assay sign``, ``assay verify`` and ``assay dev`` through the front door."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.faults import good, serving, status
from tests.support.packages import Index
from tests.support.repository import Repository, locked
from tests.support.sigstore import Trial

from assay.cli import believed, main
from assay.trust import public
from assay.trust.root import load_trusted_root

SIGSTORE = """\
sigstore:
  instance: private
  trust_config: trust_config.json
  trusted_root: trusted_root.json
sources:
  pypi: true
"""
BUNDLE = "servers/clock.yaml.sigstore.json"
LOCK = "servers/clock.requirements.txt"


def signer_block(trial: Trial) -> str:
    pinned = asdict(trial.identity).items()
    return "signer:\n" + "".join(f"  {key}: {json.dumps(value)}\n" for key, value in pinned)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """This machine's package index, on loopback: what is signed is fetched and held first."""
    with serving() as server:
        index = Index(server, tmp_path / "home")
        for key in [key for key in os.environ if key.upper().startswith(("PIP_", "UV_"))]:
            monkeypatch.delenv(key)
        for key, value in index.environ.items():
            monkeypatch.setenv(key, value)
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        yield index


@pytest.fixture
def signed_registry(
    sigstore: Trial, index: Index, registry: Callable[..., Repository]
) -> Repository:
    """A registry of two entries that is ready to be signed, by nobody yet."""
    digests = {
        name: hashlib.sha256(index.publish(f"mcp-{name}", "1.2.0")).hexdigest()
        for name in ("clock", "other")
    }
    return registry(
        {
            **locked("clock", "1.2.0", digests["clock"]),
            **locked("other", "1.2.0", digests["other"]),
            "assay.yaml": signer_block(sigstore) + SIGSTORE,
            "trust_config.json": sigstore.trust_config(),
            "trusted_root.json": sigstore.trusted_root,
        }
    )


def edit(registry: Repository, old: str, new: str, path: str = "servers/clock.yaml") -> None:
    """Replace a text of an entry."""
    before = (registry.root / path).read_text()
    assert old in before
    registry.write(path, before.replace(old, new).encode())


@pytest.fixture
def assay(
    signed_registry: Repository, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in the registry: exit code, stdout, stderr."""

    def run(command: str, *words: str) -> tuple[int, str, str]:
        code = main([command, "--registry", str(signed_registry.root), *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


Assay = Callable[..., tuple[int, str, str]]


def test_what_is_signed_verifies_and_is_not_signed_again(assay: Assay, sigstore: Trial) -> None:
    code, out, _ = assay("sign", "--identity-token", sigstore.token())
    assert code == 0
    assert out.count("signed and verified") == 2

    code, out, _ = assay("verify", "--all")
    assert code == 0
    assert re.fullmatch(r"(servers/\w+\.yaml: verified: signed \S+Z from commit a{40}\n){2}", out)

    code, out, _ = assay("sign", "--identity-token", "unused, for nothing is left to sign")
    assert (code, out.count("already signed")) == (0, 2)


def test_a_job_signs_with_its_own_identity(
    assay: Assay, sigstore: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sigstore.instance.environment().items():
        monkeypatch.setenv(name, value)

    assert assay("sign", "clock")[0] == 0
    assert assay("verify", "clock")[0] == 0


def test_a_token_may_come_by_stdin(
    assay: Assay, sigstore: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(sigstore.token() + "\n"))

    assert assay("sign", "clock", "--identity-token", "-")[0] == 0


def test_without_any_identity_nothing_is_signed(
    assay: Assay, signed_registry: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    code, _, err = assay("sign")
    assert code == 3
    assert "[identity-unavailable]" in err
    assert not (signed_registry.root / BUNDLE).exists()


def test_the_wrong_job_leaves_no_bundle(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    token = sigstore.token(event_name="workflow_dispatch")
    code, _, err = assay("sign", "clock", "--identity-token", token)

    assert code == 1
    assert "[identity-mismatch]" in err
    assert "'workflow_dispatch', not 'push'" in err
    assert not list((signed_registry.root / "servers").glob("*.sigstore.json*"))


def test_the_wrong_job_leaves_an_old_bundle_as_it_was(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    signed_registry.write(BUNDLE, "old")
    code, _, _ = assay("sign", "clock", "--identity-token", sigstore.token(ref="refs/heads/x"))

    assert code == 1
    assert (signed_registry.root / BUNDLE).read_text() == "old"


def test_an_entry_with_a_finding_is_not_signed_and_neither_is_any_other(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    edit(signed_registry, "name: other", "name: another", "servers/other.yaml")
    code, out, err = assay("sign", "--identity-token", sigstore.token())

    assert code == 1
    assert "servers/other.yaml:1:1:" in out
    assert "name-matches-file" in out
    assert "nothing is signed" in err
    assert not (signed_registry.root / BUNDLE).exists()


def test_an_artefact_whose_bytes_are_not_the_reviewed_ones_is_not_signed(
    assay: Assay, sigstore: Trial, signed_registry: Repository, index: Index
) -> None:
    index.server["/files/mcp_clock-1.2.0-py3-none-any.whl"] = good(b"other bytes")
    code, out, err = assay("sign", "clock", "--identity-token", sigstore.token())

    assert code == 1
    assert "[artefact-digest]" in out
    assert "nothing is signed" in err
    assert not (signed_registry.root / BUNDLE).exists()


def test_an_artefact_that_cannot_be_fetched_is_not_signed(
    assay: Assay, sigstore: Trial, signed_registry: Repository, index: Index
) -> None:
    index.server["/simple/mcp-clock/"] = status(401)
    code, out, _ = assay("sign", "clock", "--identity-token", sigstore.token())

    assert code == 3
    assert "[unreachable]" in out
    assert not (signed_registry.root / BUNDLE).exists()


def test_an_entry_that_changes_after_its_check_is_not_signed_unseen(
    assay: Assay,
    sigstore: Trial,
    signed_registry: Repository,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The attacker swaps the file between the checks and the signature: while we wait for stdin.
    class Waiting:
        def readline(self) -> str:
            edit(signed_registry, "Tells", "Sells")
            return sigstore.token()

    monkeypatch.setattr("sys.stdin", Waiting())
    code, _, err = assay("sign", "clock", "--identity-token", "-")

    assert code == 1
    assert "[signature-mismatch]" in err
    assert not (signed_registry.root / BUNDLE).exists()


def test_a_registry_whose_policy_is_wrong_signs_nothing(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    signed_registry.write("assay.yaml", "signer: nobody\n")
    code, _, err = assay("sign", "--identity-token", sigstore.token())

    assert code == 1
    assert "[config-invalid]" in err
    assert "assay.yaml:1:" in err


@pytest.mark.parametrize("command", [("sign",), ("verify", "--all")])
def test_without_a_policy_nobody_is_believed(
    assay: Assay, signed_registry: Repository, command: tuple[str, ...]
) -> None:
    (signed_registry.root / "assay.yaml").unlink()
    code, _, err = assay(*command)

    assert code == 1
    assert "[config-missing]" in err


def test_an_unreachable_instance_leaves_the_question_open(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    elsewhere = sigstore.trust_config().replace(
        sigstore.instance.url.encode(), b"http://127.0.0.1:9"
    )
    signed_registry.write("trust_config.json", elsewhere)
    code, _, err = assay("sign", "clock", "--identity-token", sigstore.token())

    assert code == 3
    assert "[unreachable]" in err


def test_options_go_before_the_policy(
    assay: Assay, sigstore: Trial, signed_registry: Repository, tmp_path: Path
) -> None:
    sources = SIGSTORE[SIGSTORE.index("sources:") :]
    signed_registry.write("assay.yaml", signer_block(sigstore) + sources)
    for name in ("trust_config.json", "trusted_root.json"):
        shutil.move(signed_registry.root / name, tmp_path / name)
    config = ("--trust-config", str(tmp_path / "trust_config.json"))

    assert assay("sign", "clock", *config, "--identity-token", sigstore.token())[0] == 0
    assert assay("verify", "clock")[0] == 1
    root = ("--trusted-root", str(tmp_path / "trusted_root.json"))
    assert assay("verify", "clock", *root)[0] == 0


def signed(assay: Assay, sigstore: Trial) -> None:
    assert assay("sign", "--identity-token", sigstore.token())[0] == 0


REFUSALS: dict[str, tuple[Callable[[Repository], object], str]] = {
    "one byte of the entry changed": (
        lambda it: edit(it, "Tells", "tells"),
        "signature-mismatch",
    ),
    "the bundle of another entry": (
        lambda it: shutil.copy(
            it.root / "servers/other.yaml.sigstore.json",
            it.root / "servers/clock.yaml.sigstore.json",
        ),
        "signature-mismatch",
    ),
    "no bundle": (lambda it: (it.root / BUNDLE).unlink(), "bundle-missing"),
    "an empty bundle": (lambda it: it.write(BUNDLE, ""), "bundle-malformed"),
    "a bundle cut short": (
        lambda it: it.write(BUNDLE, (it.root / BUNDLE).read_bytes()[:700]),
        "bundle-malformed",
    ),
    "line ends changed": (
        lambda it: edit(it, "\n", "\r\n"),
        "signature-mismatch",
    ),
    "another signed entry under its name": (
        lambda it: [
            shutil.copy(it.root / f"servers/other{end}", it.root / f"servers/clock{end}")
            for end in (".yaml", ".yaml.sigstore.json")
        ],
        "entry-invalid",
    ),
    "another lock": (lambda it: it.write(LOCK, "mcp-clock==9.9.9\n"), "lock-mismatch"),
    "no lock": (lambda it: (it.root / LOCK).unlink(), "lock-missing"),
}


@pytest.mark.parametrize(("tamper", "reason"), REFUSALS.values(), ids=REFUSALS)
def test_a_tampered_entry_is_refused_and_the_others_hold(
    assay: Assay,
    sigstore: Trial,
    signed_registry: Repository,
    tamper: Callable[[Repository], object],
    reason: str,
) -> None:
    signed(assay, sigstore)
    tamper(signed_registry)
    code, out, _ = assay("verify", "--all")

    assert code == 1
    assert f"servers/clock.yaml: refused [{reason}]: " in out
    assert "servers/other.yaml: verified: " in out


def test_a_signed_entry_copied_under_another_name_is_not_passed_over_by_sign(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    signed(assay, sigstore)
    for end in (".yaml", ".yaml.sigstore.json"):
        shutil.copy(
            signed_registry.root / f"servers/clock{end}", signed_registry.root / f"servers/new{end}"
        )
    code, out, _ = assay("sign", "--identity-token", sigstore.token())
    assert code == 1
    assert "[name-matches-file]" in out


def test_json_tells_the_same(assay: Assay, sigstore: Trial, signed_registry: Repository) -> None:
    signed(assay, sigstore)
    (signed_registry.root / BUNDLE).unlink()
    code, out, _ = assay("verify", "--all", "--json")
    clock, other = json.loads(out)

    assert code == 1
    assert (clock["outcome"], clock["reason"]) == ("refused", "bundle-missing")
    assert (other["outcome"], other["reason"]) == ("verified", "")
    assert re.fullmatch(r"[0-9a-f]{64}", other["sha256"])


@pytest.mark.parametrize("word", ["clock", "servers/clock.yaml", BUNDLE])
def test_an_entry_may_be_named_or_pointed_at(
    assay: Assay,
    sigstore: Trial,
    signed_registry: Repository,
    monkeypatch: pytest.MonkeyPatch,
    word: str,
) -> None:
    signed(assay, sigstore)
    monkeypatch.chdir(signed_registry.root)

    assert assay("verify", word)[1].startswith("servers/clock.yaml: verified")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "--all"),
        (("clock", "--all"), 2, "--all"),
        (("nobody",), 1, "[entry-missing]"),
        (("../clock",), 2, "no file of the registry"),
        (("a:b",), 2, "no entry's name"),
        (("clock", "--trusted-root", "nowhere"), 3, "[config-missing]"),
    ],
)
def test_what_cannot_be_meant_is_answered_plainly(
    assay: Assay, words: tuple[str, ...], code: int, told: str
) -> None:
    found, _, err = assay("verify", *words)

    assert found == code
    assert told in err


def test_an_unusable_trust_root_leaves_the_question_open(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    signed(assay, sigstore)
    signed_registry.write("trusted_root.json", "{}")
    code, _, err = assay("verify", "clock")

    assert code == 3
    assert "[trust-invalid]" in err


def test_a_host_believes_its_own_settings(
    assay: Assay, sigstore: Trial, signed_registry: Repository, tmp_path: Path
) -> None:
    signed(assay, sigstore)
    (tmp_path / "root.json").write_bytes(sigstore.trusted_root)
    pinned = asdict(sigstore.identity)
    host = tmp_path / "client.toml"

    def settings(**changed: object) -> None:
        lines = [f"{key} = {json.dumps(value)}" for key, value in (pinned | changed).items()]
        head = 'registry = "."\ntrusted_root = "root.json"\n[identity]\n'
        host.write_text(head + "\n".join(lines))

    settings()
    assert assay("verify", "clock", "--client-config", str(host))[0] == 0
    settings(caller_workflow="https://github.com/acme/mcp-registry/other.yml@refs/heads/main")
    code, out, _ = assay("verify", "clock", "--client-config", str(host))
    assert code == 1
    assert "refused [identity-mismatch]: caller_workflow: " in out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("identity = [", "[config-invalid]"),
        ("\xff", "[config-invalid]"),
        ('trusted_root = "root.json"', "[config-invalid]"),
        ('[identity]\nissuer = "https://x.invalid"', "[config-invalid]"),
        ("# " + "x" * (1 << 20), "[config-invalid]"),
    ],
)
def test_a_hosts_settings_that_say_nothing_are_refused(
    assay: Assay, tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "client.toml").write_bytes(text.encode("latin-1"))
    code, _, err = assay("verify", "clock", "--client-config", str(tmp_path / "client.toml"))

    assert code == 1
    assert reason in err


@pytest.mark.parametrize("command", [("sign",), ("verify", "--all")])
def test_a_trust_file_that_the_policy_names_and_nobody_laid_is_told(
    assay: Assay, signed_registry: Repository, command: tuple[str, ...]
) -> None:
    (signed_registry.root / "trusted_root.json").unlink()
    code, _, err = assay(*command)

    assert code == 1
    assert "[config-missing]: assay.yaml names trusted_root.json, which is not there" in err


def test_a_trust_config_without_a_root_is_told(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    sources = SIGSTORE[SIGSTORE.index("sources:") :]
    signed_registry.write("assay.yaml", signer_block(sigstore) + sources)
    config = signed_registry.write("trust_config.json", "{}")
    code, _, err = assay("sign", "clock", "--trust-config", str(config))

    assert code == 3
    assert "[trust-invalid]" in err


def test_a_file_of_no_entry_is_a_usage_error(
    assay: Assay, signed_registry: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(signed_registry.root)
    code, _, err = assay("verify", "./assay.yaml")

    assert code == 2
    assert "belongs to no entry" in err


def test_a_strangers_words_steer_no_terminal(
    assay: Assay, sigstore: Trial, signed_registry: Repository
) -> None:
    signed(assay, sigstore)
    hostile = json.dumps({"mediaType": "\x1b]0;owned\x07\u202e"}, ensure_ascii=False)
    signed_registry.write(BUNDLE, hostile)
    _, out, _ = assay("verify", "clock")

    assert "[bundle-malformed]" in out
    assert not set(out) & set("\x1b\x07\u202e")


def test_a_files_name_is_no_command_of_a_forges_runner(
    assay: Assay, signed_registry: Repository
) -> None:
    name = "servers/##[add-mask]x.yaml"
    signed_registry.write(name, "x")
    code, out, _ = assay("verify", "--json", "--all")

    assert code == 1
    assert "##[" not in out
    assert name in {one["path"] for one in json.loads(out)}


def test_the_trial_instance_serves_until_it_is_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assay.cli", "dev", "sigstore", str(tmp_path / "trial")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "trial" / "url").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "FOR TRIALS ALONE" in err
    assert "export ACTIONS_ID_TOKEN_REQUEST_URL=" in out
    root = json.loads((tmp_path / "trial" / "trusted_root.json").read_bytes())
    assert len(root["tlogs"]) == 2


def test_the_trial_instance_hands_out_tokens_of_any_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from assay.dev.sigstore.folder import open_instance

    with open_instance(tmp_path) as instance:
        assert main(["dev", "token", str(tmp_path), "--claim", "ref=refs/heads/x"]) == 0
        token = capsys.readouterr().out.strip()
        assert instance.issuer.read(token)["ref"] == "refs/heads/x"


@pytest.mark.parametrize("claim", ["ref", "nobody=1", "=x"])
def test_a_claim_that_is_none_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], claim: str
) -> None:
    assert main(["dev", "token", str(tmp_path), "--claim", claim]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err


def test_a_folder_without_an_instance_gives_no_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dev", "token", str(tmp_path)]) == 2
    assert "no trial instance" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(
    sigstore: Trial, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = sigstore.instance.url.rpartition(":")[2]

    assert main(["dev", "sigstore", str(tmp_path), "--port", port]) == 3
    assert "--port 0" in capsys.readouterr().err


def test_the_public_instance_needs_no_file_and_its_metadata_must_be_reachable(
    assay: Assay,
    sigstore: Trial,
    signed_registry: Repository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # A proxy that nobody listens at: the metadata can't be had, wherever this test runs.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg-cache"))
    policy = signer_block(sigstore) + "sigstore:\n  instance: public\n"
    signed_registry.write("assay.yaml", policy.encode())
    for command in ("sign", "verify"):
        code, _, err = assay(command, "clock")
        assert (code, "[unreachable]" in err) == (3, True)
        assert "--trust-config" in err


def test_the_public_instances_own_root_is_one_that_we_can_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg-cache"))
    config = public.trust_config(offline=True)
    root = load_trusted_root(believed.root_within(config))
    root.judge_at([datetime.now(UTC)])  # raises where nothing is valid today
