"""``assay new`` and ``assay lock``, by the front door, with registries on loopback."""

from __future__ import annotations

import hashlib
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import faults
from tests.support.faults import FaultServer
from tests.support.packages import Index, Npm

from assay.cli import main
from assay.entry.document import parse

AT = "2026-06-01T00:00:00Z"
PEOPLE = ["--maintainer=data@example.com", "--reviewer=security@example.com"]
REST = ["--scope=read:files", "--classification=internal", "--lawful-basis=not_applicable"]
REF = "pkg:npm/%40scope/server-files@1.0.0"


def servers() -> Path:
    return Path("servers")


def new(*more: str) -> int:
    return main(["new", REF, f"--at={AT}", *PEOPLE, *REST, *more])


def test_a_new_entry_is_whole_and_passes_every_check(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert new() == 0
    text = (servers() / "files.yaml").read_text()
    document, findings = parse("servers/files.yaml", text.encode())
    assert document is not None
    assert findings == []
    assert document.data["description"] == "Reads [31m files. # name: evil"
    assert document.data["licence"] == "MIT"
    assert document.data["repository"] == "https://git.example.com/team/files"
    lock = (servers() / "files.package-lock.json").read_bytes()
    assert document.data["artefact"]["lock"] == {
        "file": "files.package-lock.json",
        "sha256": hashlib.sha256(lock).hexdigest(),
        "resolved_at": AT,
    }
    assert main(["check", "--all"]) == 0
    assert main(["lock", "files", "--check"]) == 0


def test_a_python_entry_too(machine: tuple[Npm, Index]) -> None:
    words = ["new", "pkg:pypi/mcp-server-clock@1.0", f"--at={AT}", *PEOPLE, *REST]
    assert main(words) == 0
    assert "dep==1.0" in (servers() / "clock.requirements.txt").read_text()
    assert main(["check", "--all"]) == 0
    assert main(["lock", "--all", "--check"]) == 0


def test_launch_options_become_lines(machine: tuple[Npm, Index]) -> None:
    more = ["--parameter=folders:folder:multiple", "--arg=${folders}", "--env=TZ"]
    assert new("--name=mine", "--title=Files", "--egress=api.example.com", *more) == 0
    document, _ = parse("x", (servers() / "mine.yaml").read_bytes())
    assert document is not None
    assert document.data["launch"] == {
        "args": ["${folders}"],
        "env": [{"name": "TZ"}],
        "parameters": [{"name": "folders", "kind": "folder", "multiple": True}],
    }


def test_what_nobody_is_there_to_say_is_a_usage_error(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", REF, *PEOPLE]) == 2
    assert "--scope, --classification, --lawful-basis" in capsys.readouterr().err
    assert list(servers().iterdir()) == []


@pytest.mark.parametrize("reference", ["left-pad", "pkg:npm/left-pad", "pkg:npm/left-pad@latest"])
def test_a_bad_reference_is_a_usage_error(
    machine: tuple[Npm, Index], reference: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", reference, *PEOPLE, *REST]) == 2
    assert reference in capsys.readouterr().err


def test_an_entry_that_is_there_is_never_written_over(machine: tuple[Npm, Index]) -> None:
    assert new() == 0
    before = (servers() / "files.yaml").read_bytes()
    assert new("--title=other") == 2
    assert (servers() / "files.yaml").read_bytes() == before


@pytest.mark.parametrize("name", ["../evil", "a/b", ".hidden", "UPPER", "con"])
def test_a_name_that_is_none_writes_nothing(machine: tuple[Npm, Index], name: str) -> None:
    assert new(f"--name={name}") in (1, 2)
    assert not list(Path("..").glob("*evil*"))
    assert list(servers().iterdir()) == []


def test_an_option_that_breaks_a_rule_writes_nothing(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", REF, f"--at={AT}", "--maintainer=nobody", "--reviewer=x", *REST]) == 1
    assert "maintainer" in capsys.readouterr().out
    assert list(servers().iterdir()) == []


def test_an_artefact_that_is_not_there_or_away_writes_nothing(
    machine: tuple[Npm, Index], server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "pkg:npm/nothing@1.0.0", *PEOPLE, *REST]) == 1
    assert "[not-found]" in capsys.readouterr().err
    server["/@scope%2Fserver-files/1.0.0"] = faults.status(403)
    assert new() == 3
    assert "[unreachable]" in capsys.readouterr().err
    assert list(servers().iterdir()) == []


def test_a_package_with_an_install_script_is_not_entered(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    machine[0].publish("dep", "1.0.0", scripts={"install": "x"})
    assert new() == 1
    told = capsys.readouterr()
    assert "ship it as an image or .mcpb" in told.out
    assert "nothing was written" in told.err
    assert list(servers().iterdir()) == []


def test_locking_anew_keeps_comments_and_the_order_of_keys(machine: tuple[Npm, Index]) -> None:
    assert new() == 0
    path = servers() / "files.yaml"
    before = path.read_text().replace("artefact:", "# by hand\nartefact:  # here too")
    path.write_text(before)
    assert main(["lock", "files", "--at=2026-08-01T00:00:00Z"]) == 0
    after = path.read_text()
    changed = [
        (one, two)
        for one, two in zip(before.split("\n"), after.split("\n"), strict=True)
        if one != two
    ]
    assert [one.split(":")[0].strip() for one, _ in changed] == ["sha256", "resolved_at"]
    assert '"version": "1.1.0"' in (servers() / "files.package-lock.json").read_text()
    assert main(["check", "--all"]) == 0


def test_an_entry_without_a_lock_gets_its_lines(machine: tuple[Npm, Index]) -> None:
    assert new() == 0
    path = servers() / "files.yaml"
    whole = path.read_text()
    head, _, rest = whole.partition("  # Written by")
    path.write_text(head + rest[rest.index("repository:") :])
    (servers() / "files.package-lock.json").unlink()
    assert main(["lock", "servers/files.yaml", f"--at={AT}"]) == 0
    assert path.read_text().splitlines() == [
        line for line in whole.splitlines() if "Written by" not in line
    ]


def test_a_lock_that_was_changed_consistently_is_found_by_resolving_anew(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    machine[0].publish("dep", "1.0.1")
    assert new() == 0
    lock, entry = servers() / "files.package-lock.json", servers() / "files.yaml"
    raw = lock.read_bytes()
    # An older version of a good name: the registry bears every node out.
    older = machine[0].documents["dep"]["versions"]["1.0.0"]["dist"]["integrity"]
    newer = machine[0].documents["dep"]["versions"]["1.0.1"]["dist"]["integrity"]
    lied = raw.replace(newer.encode(), older.encode()).replace(b'"1.0.1"', b'"1.0.0"')
    lock.write_bytes(lied)
    before, after = (hashlib.sha256(one).hexdigest() for one in (raw, lied))
    entry.write_text(entry.read_text().replace(before, after))
    for words in (["check", "--all"], ["lock", "files", "--check"]):
        capsys.readouterr()
        assert main(words) == 1
        out = capsys.readouterr().out
        assert "[lock-regenerates]" in out
        assert "[lock-true]" not in out
        assert "servers/files.package-lock.json:" in out
        assert lock.read_bytes() == lied


def test_a_true_package_that_nothing_wants_is_found_in_a_python_lock(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    raw = machine[1].publish("unwanted", "1.0")
    words = ["new", "pkg:pypi/mcp-server-clock@1.0", f"--at={AT}", *PEOPLE, *REST]
    assert main(words) == 0
    lock, entry = servers() / "clock.requirements.txt", servers() / "clock.yaml"
    before = hashlib.sha256(lock.read_bytes()).hexdigest()
    digest = hashlib.sha256(raw).hexdigest()
    lock.write_text(f"{lock.read_text()}unwanted==1.0 \\\n    --hash=sha256:{digest}\n")
    after = hashlib.sha256(lock.read_bytes()).hexdigest()
    entry.write_text(entry.read_text().replace(before, after))
    assert main(["check", "--all"]) == 1
    out = capsys.readouterr().out
    assert "[lock-regenerates]" in out
    assert "[lock-true]" not in out


def test_an_instant_in_the_future_is_found(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert new() == 0
    entry = servers() / "files.yaml"
    entry.write_text(entry.read_text().replace(AT, "2099-01-01T00:00:00Z"))
    assert main(["check", "--all"]) == 1
    assert "[lock-regenerates]" in capsys.readouterr().out


def test_without_npm_it_is_undecided(
    machine: tuple[Npm, Index], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new() == 0
    monkeypatch.setenv("PATH", "/nonexistent")
    assert main(["check", "--all"]) == 3
    assert "[tool-failed]" in capsys.readouterr().out


def test_an_entry_that_names_one_package_with_the_digest_of_another_is_found(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert new() == 0
    raw = machine[0].publish("dep", "1.0.0")
    path = servers() / "files.yaml"
    own = hashlib.sha256(machine[0].publish("x", "1.0.0")).hexdigest()
    document, _ = parse("x", path.read_bytes())
    assert document is not None
    path.write_text(path.read_text().replace(document.data["artefact"]["sha256"], own))
    capsys.readouterr()
    assert main(["check", "--all"]) == 1
    assert "[artefact-digest]" in capsys.readouterr().out
    assert main(["lock", "files"]) == 1
    assert "[digest-mismatch]" in capsys.readouterr().err
    assert raw


def test_a_registry_that_is_away_is_undecided_and_not_clean(
    machine: tuple[Npm, Index], server: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new() == 0
    server["/dep/1.0.0"] = faults.status(403)
    assert main(["check", "--all"]) == 3
    assert "[unreachable]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["lock"],
        ["lock", "--all", "files"],
        ["lock", "x", "--check", f"--at={AT}"],
        ["lock", "files", "--at=yesterday"],
        ["lock", "files", "--at=2999-01-01T00:00:00Z"],
        ["lock", "../files"],
    ],
)
def test_words_that_make_no_sense_are_a_usage_error(
    machine: tuple[Npm, Index], words: list[str]
) -> None:
    assert new() == 0
    assert main(words) == 2


def test_what_a_killed_run_left_beside_the_entry_is_swept(machine: tuple[Npm, Index]) -> None:
    stale = servers() / ".assay-killed"
    stale.write_text("half")
    os.utime(stale, (0, 0))
    assert new() == 0
    assert main(["check", "--all", "--offline"]) == 0


def test_on_a_terminal_what_is_not_known_is_asked_for(machine: tuple[Npm, Index]) -> None:
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "assay.cli", "new", REF, f"--at={AT}", *PEOPLE]
    asking = subprocess.Popen(words, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.write(ours, b"read:files write:files\nno-such-class\ninternal\nnot_applicable\n")
    out, _ = asking.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert asking.returncode == 0
    assert b"servers/files.yaml: written" in out
    document, _ = parse("x", (servers() / "files.yaml").read_bytes())
    assert document is not None
    assert document.data["scope"] == ["read:files", "write:files"]
    assert document.data["data_classification"] == "internal"


def test_a_lock_of_no_entry_is_refused(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lock", "nothing"]) == 1
    assert "[entry-missing]" in capsys.readouterr().err
