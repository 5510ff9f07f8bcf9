"""``assay update``, by the front door: a newer version, everything else as it stood."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.packages import Index, Npm

from assay.cli import main
from assay.entry.document import parse

AT = "2026-06-01T00:00:00Z"
LATER = "2026-08-01T00:00:00Z"
PEOPLE = ["--maintainer=data@example.com", "--reviewer=security@example.com"]
REST = ["--scope=read:files", "--classification=internal", "--lawful-basis=not_applicable"]
REF = "pkg:npm/%40scope/server-files@1.0.0"
Machine = tuple[Npm, Index]


@pytest.fixture
def entry(machine: Machine) -> Path:
    """An entry with its lock, a hand's marks in it, and a bundle beside it."""
    assert main(["new", REF, f"--at={AT}", *PEOPLE, *REST]) == 0
    path = Path("servers/files.yaml")
    text = path.read_text().replace("artefact:\n", "# by hand\nartefact:  # here too\n")
    path.write_text(text.replace("version: 1.0.0\n", 'version: "1.0.0" # quoted\nrevision: 3\n'))
    bundle().write_text("{}")
    return path


def bundle() -> Path:
    return Path("servers/files.yaml.sigstore.json")


def state() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("servers").iterdir()}


def publish(npm: Npm, version: str) -> bytes:
    return npm.publish(
        "@scope/server-files", version, dependencies={"dep": "^1.0.0"}, bin={"files": "index.js"}
    )


def test_the_newest_version_comes_with_digest_and_lock_and_nothing_else_moves(
    machine: Machine, entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = publish(machine[0], "1.10.0")
    before = entry.read_text()
    capsys.readouterr()
    assert main(["update", "files", f"--at={LATER}"]) == 0
    told = capsys.readouterr().out
    assert "from 1.0.0 to 1.10.0" in told
    assert "reviewed_at" in told
    after = entry.read_text()
    pairs = zip(before.split("\n"), after.split("\n"), strict=True)
    changed = [new for old, new in pairs if old != new]
    lock = Path("servers/files.package-lock.json").read_bytes()
    assert changed == [
        "version: 1.10.0 # quoted",
        "revision: 1",
        "  url: pkg:npm/%40scope/server-files@1.10.0",
        f"  sha256: {hashlib.sha256(raw).hexdigest()}",
        f"    sha256: {hashlib.sha256(lock).hexdigest()}",
        f"    resolved_at: {LATER}",
    ]
    assert b'"version": "1.10.0"' in lock
    assert not bundle().exists()
    assert main(["check", "--all"]) == 0
    assert main(["lock", "files", "--check"]) == 0


def test_what_the_registry_offers_as_provenance_is_told_and_never_called_verified(
    machine: Machine, entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    npm, index = machine
    publish(npm, "1.1.0")
    told = npm.documents["@scope/server-files"]["versions"]["1.1.0"]["dist"]
    told["attestations"] = {"url": "https://r.example.com/a", "provenance": {"predicateType": "x"}}
    capsys.readouterr()
    assert main(["update", "files", f"--at={AT}"]) == 0
    assert "provenance attestations; they are not verified" in capsys.readouterr().out
    index.publish("attested", "1.0", provenance="https://i.example.com/provenance")
    assert main(["new", "pkg:pypi/attested@1.0", f"--at={AT}", *PEOPLE, *REST]) == 0
    assert "not verified" in capsys.readouterr().out
    assert main(["new", "pkg:pypi/mcp-server-clock@1.0", f"--at={AT}", *PEOPLE, *REST]) == 0
    assert "provenance" not in capsys.readouterr().out


def test_a_named_version_may_be_older(machine: Machine, entry: Path) -> None:
    publish(machine[0], "0.9.0")
    assert main(["update", "files", "0.9.0", f"--at={AT}"]) == 0
    document, _ = parse("x", entry.read_bytes())
    assert document is not None
    assert document.data["version"] == "0.9.0"


def test_what_is_at_the_newest_version_stays_as_it_is(
    machine: Machine, entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    assert main(["update", "files"]) == 0
    assert "is at 1.0.0 already" in capsys.readouterr().out
    publish(machine[0], "0.1.0")  # and `latest` was moved back
    assert main(["update", "files"]) == 0
    assert "newer than 0.1.0" in capsys.readouterr().out
    assert state() == before


def test_a_python_entry_takes_the_newest_final_release_with_a_wheel(machine: Machine) -> None:
    index = machine[1]
    words = ["new", "pkg:pypi/mcp-server-clock@1.0", f"--at={AT}", *PEOPLE, *REST]
    assert main(words) == 0
    index.publish("mcp-server-clock", "1.10.0", requires=("dep",))
    index.publish("mcp-server-clock", "1.9", requires=("dep",))
    index.publish("mcp-server-clock", "2.0rc1")
    index.publish("mcp-server-clock", "3.0", yanked="broken")
    index.publish(
        "mcp-server-clock", "4.0", file_name="mcp_server_clock-4.0.tar.gz", raw=b"source alone"
    )
    assert main(["update", "clock", f"--at={LATER}"]) == 0
    text = Path("servers/clock.yaml").read_text()
    assert "url: pkg:pypi/mcp-server-clock@1.10.0\n" in text
    assert "mcp-server-clock==1.10.0" in Path("servers/clock.requirements.txt").read_text()
    assert main(["check", "--all"]) == 0


def test_a_named_file_is_that_of_the_new_release_for_the_same_platforms(machine: Machine) -> None:
    index = machine[1]
    for version in ("1.0", "1.1"):
        for tag in ("cp311-cp311-win_amd64", "cp311-cp311-linux_x86_64"):
            index.publish("fast", version, file_name=f"fast-{version}-{tag}.whl")
    reference = "pkg:pypi/fast@1.0?file_name=fast-1.0-cp311-cp311-linux_x86_64.whl"
    assert main(["new", reference, f"--at={AT}", *PEOPLE, *REST]) == 0
    assert main(["update", "fast", f"--at={LATER}"]) == 0
    text = Path("servers/fast.yaml").read_text()
    assert "fast@1.1?file_name=fast-1.1-cp311-cp311-linux_x86_64.whl" in text


def test_a_version_that_brings_an_install_script_changes_nothing(
    machine: Machine, entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(machine[0], "1.1.0")
    machine[0].publish("dep", "1.2.0", scripts={"install": "x"})
    before = state()
    assert main(["update", "files"]) == 1
    assert "[lock-format]" in capsys.readouterr().out
    assert state() == before


@pytest.mark.parametrize(
    ("version", "code", "reason"),
    [("9.9.9", 1, "[not-found]"), ("latest", 2, "latest"), ("^1.0.0", 2, "exact version")],
)
def test_a_version_that_is_none_changes_nothing(
    entry: Path, version: str, code: int, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    assert main(["update", "files", version]) == code
    assert reason in capsys.readouterr().err
    assert state() == before


def test_a_version_and_a_reference_of_another_are_a_usage_error(
    entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state()
    url = "--url=pkg:npm/%40scope/server-files@1.1.0"
    assert main(["update", "files", "2.0.0", url]) == 2
    assert main(["new", REF, "--name=other", "--version=2.0.0", *PEOPLE, *REST]) == 2
    assert "is not version 2.0.0" in capsys.readouterr().err
    assert state() == before


def test_a_registry_that_is_away_is_undecided(
    entry: Path, server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server["/@scope%2Fserver-files"] = faults.status(403)
    assert main(["update", "files"]) == 3
    assert "[unreachable]" in capsys.readouterr().err


def test_one_file_that_cannot_be_written_leaves_all_as_they_were(
    machine: Machine, entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(machine[0], "1.1.0")
    before = state()
    real = os.replace

    def full(source: str | Path, target: str | Path) -> None:
        if Path(target).name == "files.yaml":
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    assert main(["update", "files"]) == 3
    assert state() == before


def test_an_address_carries_its_version_along_or_is_given(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("servers/files.yaml").write_text(HTTPS)
    assert main(["update", "files"]) == 2
    assert "nothing says which version" in capsys.readouterr().err
    other = "--url=https://elsewhere.example.com/files-2.0.0.mcpb"
    assert main(["update", "files", "2.0.0", other]) == 2
    assert "another artefact" in capsys.readouterr().err
    assert main(["update", "files", "--url=https://downloads.example.com/x.mcpb"]) == 2
    assert "name the version too" in capsys.readouterr().err


HTTPS = """\
name: files
version: 1.2.0
maintainer: data@example.com
description: Reads files.
scope: [read:files]
data_classification: internal
lawful_basis: not_applicable
reviewed_at: 2026-04-15
reviewers: [security@example.com]
artefact:
  url: https://downloads.example.com/files-1.2.0.mcpb
  sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb3f8a6d5d6b5f0a08d11
"""
