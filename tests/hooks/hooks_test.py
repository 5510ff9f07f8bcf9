"""The hooks through their front door, in real repositories, as pre-commit calls them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import Repository, entry, locked
from tests.support.repository import bundle as claiming

from assay_hooks import bundle, light, lock, schema

Run = Callable[..., tuple[int, str]]
MakeRegistry = Callable[..., Repository]
MAIN = {
    "schema": schema.main,
    "lock": lock.main,
    "bundle": bundle.main,
    "light": light.main,
}
RULE = re.compile(r"\[[a-z-]+\]$", re.MULTILINE)
HEAVY = {
    *("git", "sigstore", "pip_audit", "semgrep", "requests", "rich", "pydantic", "jsonschema"),
    *("packageurl", "platformdirs", "dataclasses", "argparse", "pathlib", "cryptography"),
}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a hook in a repository on the files given: exit code, and all that it wrote."""

    def call(made: Repository, hook: str, *files: str) -> tuple[int, str]:
        monkeypatch.chdir(made.root)
        code = MAIN[hook](files)
        told = capsys.readouterr()
        if code:  # the one hook that stands for all three lets through what none of them does
            assert light.main(files) == code
            both = capsys.readouterr()
            assert set(RULE.findall(told.out)) <= set(RULE.findall(both.out))
        return code, told.out + told.err

    return call


@pytest.mark.parametrize("hook", MAIN)
def test_a_good_entry_passes_in_silence(registry: MakeRegistry, run: Run, hook: str) -> None:
    made = registry(locked())
    assert run(made, hook, "servers/time.yaml", "assay.yaml") == (0, "")


@pytest.mark.parametrize("hook", MAIN)
def test_without_files_and_without_a_registry_there_is_nothing_to_say(
    repository: Repository, run: Run, hook: str
) -> None:
    assert run(repository, hook) == (0, "")


@pytest.mark.parametrize("hook", MAIN)
def test_a_file_that_is_in_no_registry_is_a_usage_error(
    registry: MakeRegistry, run: Run, hook: str
) -> None:
    code, told = run(registry(), hook, "../elsewhere.yaml")
    assert (code, "is no file of the registry" in told) == (2, True)


def test_schema_names_the_line_and_the_rule(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/clock.yaml": entry("clock").replace("name: clock", "name: clock2")})
    code, told = run(made, "schema", "servers/clock.yaml")
    assert code == 1
    assert "servers/clock.yaml:1:1: error: " in told
    assert "[name-matches-file]" in told


def test_a_changed_policy_is_a_question_to_every_entry(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"assay.yaml": "sources:\n  npm: true\n"})
    code, told = run(made, "schema", "assay.yaml")
    assert code == 1
    assert "servers/clock.yaml:13:3: error: " in told
    assert "[allowed-source]" in told


def test_a_policy_that_is_wrong_fails_with_its_place(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"assay.yaml": "reviewrs: {}\n"})
    code, told = run(made, "schema", "assay.yaml")
    assert code == 1
    assert "assay.yaml:1:1: error: " in told


@pytest.mark.parametrize("hook", ["schema", "lock"])
@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        pytest.param(b"", "[yaml-document]", id="empty"),
        pytest.param(b"\x00\x01\xff", "", id="binary"),
        pytest.param(b"a" * 10_000_000, "", id="10 MB"),
        pytest.param(b"[" * 60_000, "", id="deep"),
        pytest.param(b"a: &a [x]\nb: [*a, *a]\n", "yaml-feature", id="alias"),
    ],
)
def test_what_is_no_entry_is_a_finding_and_no_crash(
    registry: MakeRegistry, run: Run, hook: str, raw: bytes, rule: str
) -> None:
    made = registry()
    made.commit({"servers/clock.yaml": raw})
    code, told = run(made, hook, "servers/clock.yaml")
    assert code == 1
    assert "servers/clock.yaml:1:" in told
    assert "unexpected" not in told
    assert "Traceback" not in told
    assert rule in told


@pytest.mark.parametrize("hook", MAIN)
def test_a_symbolic_link_for_an_entry_is_refused(
    registry: MakeRegistry, run: Run, hook: str, tmp_path: Path
) -> None:
    made = registry()
    (tmp_path / "target").write_text(entry("link"))
    (made.root / "servers/link.yaml").symlink_to(tmp_path / "target")
    made.commit()
    code, told = run(made, hook, "servers/link.yaml")
    assert (code, "servers/link.yaml is a symbolic link" in told) == (1, True)
    assert "[entry-invalid]" in told


def test_a_stranger_among_the_entries_is_told(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/clock.yml": "x", "servers/deep/clock.yaml": "x"})
    code, told = run(made, "schema", "servers/clock.yml", "servers/deep/clock.yaml")
    assert code == 1
    assert told.count("[orphan]") == 2


def test_a_name_with_a_newline_forges_no_line(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    name = "servers/x\n::error::forged\x1b[31m.yaml"
    made.commit({name: entry()})
    code, told = run(made, "schema", name)
    assert code == 1
    assert "\n::error" not in told
    assert "\x1b" not in told


def test_a_lock_that_is_not_there_is_told(registry: MakeRegistry, run: Run) -> None:
    made = registry(locked())
    made.git("rm", "--quiet", "servers/time.requirements.txt")
    made.commit()
    code, told = run(made, "lock", "servers/time.yaml")
    assert (code, "[lock-named]" in told) == (1, True)
    assert "is not beside the entry" in told


def test_a_lock_that_was_never_added_does_not_count(registry: MakeRegistry, run: Run) -> None:
    made = registry(locked())
    made.git("rm", "--quiet", "--cached", "servers/time.requirements.txt")
    code, told = run(made, "lock", "servers/time.yaml")
    assert (code, "is not beside the entry" in told) == (1, True)


def test_a_changed_lock_that_its_entry_does_not_know_is_told(
    registry: MakeRegistry, run: Run
) -> None:
    files = locked()
    made = registry(files)
    changed = str(files["servers/time.requirements.txt"]).replace("sha256:", "sha256:00", 1)
    made.commit({"servers/time.requirements.txt": changed})
    code, told = run(made, "lock", "servers/time.requirements.txt")
    assert (code, "[lock-named]" in told) == (1, True)
    assert "servers/time.yaml:17:5: error: the lock's sha256 is" in told


def test_a_lock_that_names_an_address_is_told_with_its_line(
    registry: MakeRegistry, run: Run
) -> None:
    files = locked()
    evil = "--index-url https://evil.example.com/\n" + str(files["servers/time.requirements.txt"])
    made = registry(files | {"servers/time.requirements.txt": evil})
    code, told = run(made, "lock", "servers/time.yaml")
    assert (code, "servers/time.requirements.txt:1:1: error: " in told) == (1, True)
    assert "[lock-format]" in told


def test_a_lock_that_its_entry_does_not_name_is_told(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/clock.requirements.txt": "x==1\n"})
    code, told = run(made, "lock", "servers/clock.requirements.txt")
    assert (code, "[lock-unnamed]" in told) == (1, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sha256: ", "sha256: [5]  #"),
        ("name: time", "name: [time]"),
        ("artefact:", "artefact: []\nx:"),
        ("    file: time.requirements.txt", "    file: 7"),
        ("  lock:", "  lock: yes\n  x:"),
        ("reviewers:", "reviewers: 5\nx:"),
        ("reviewed_at: 2026-04-15", "reviewed_at: {}"),
    ],
)
def test_an_entry_of_another_form_fails_the_lock_hook_as_findings(
    registry: MakeRegistry, run: Run, old: str, new: str
) -> None:
    files = locked()
    files["servers/time.yaml"] = str(files["servers/time.yaml"]).replace(old, new, 1)
    code, told = run(registry(files), "lock", "servers/time.yaml")
    assert (code, "unexpected" in told) == (1, False), told


def test_what_a_deleted_entry_leaves_behind_is_told_though_no_file_is_named(
    registry: MakeRegistry, run: Run
) -> None:
    files = locked()
    made = registry(files | {"servers/time.yaml.sigstore.json": claiming("")})
    made.commit({"servers/clock.yaml": entry()})
    made.git("rm", "--quiet", "servers/time.yaml")
    assert run(made, "schema") == (0, "")
    for hook, left in (("lock", "time.requirements.txt"), ("bundle", "time.yaml.sigstore.json")):
        code, told = run(made, hook)
        assert (code, "[orphan]" in told) == (1, True)
        assert f"git rm servers/{left}" in told


def test_untracked_leftovers_do_not_stop_a_commit(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.write("servers/draft.requirements.txt", "x")
    made.write("servers/draft.yaml.sigstore.json", "{}")
    made.write("servers/clock.yaml.sigstore.json", "{}")
    assert run(made, "lock", "servers/clock.yaml") == (0, "")
    assert run(made, "bundle", "servers/clock.yaml") == (0, "")


def test_a_bundle_that_claims_these_bytes_passes(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/clock.yaml.sigstore.json": claiming(entry())})
    assert run(made, "bundle", "servers/clock.yaml") == (0, "")


@pytest.mark.parametrize("named", ["servers/clock.yaml", "servers/clock.yaml.sigstore.json"])
def test_a_changed_entry_must_not_keep_its_bundle(
    registry: MakeRegistry, run: Run, named: str
) -> None:
    made = registry()
    made.commit({"servers/clock.yaml.sigstore.json": claiming(entry())})
    made.commit({"servers/clock.yaml": entry(version="1.2.1")})
    code, told = run(made, "bundle", named)
    assert (code, "[bundle-stale]" in told) == (1, True)
    assert "it signs other bytes than those of `servers/clock.yaml`" in told
    assert "git rm servers/clock.yaml.sigstore.json; CI signs" in told


def test_a_broken_entry_must_not_keep_its_bundle_either(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit(
        {"servers/clock.yaml": b"\xff", "servers/clock.yaml.sigstore.json": claiming(entry())}
    )
    code, told = run(made, "bundle", "servers/clock.yaml")
    assert (code, "[bundle-stale]" in told) == (1, True)


_GOOD = claiming(entry())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "not a Sigstore bundle", id="empty"),
        pytest.param(_GOOD[:-9], "not a Sigstore bundle", id="truncated"),
        pytest.param(_GOOD.replace("v0.3", "v0.2"), "mediaType is not that", id="v0.2"),
        pytest.param("[" * 100_000, "nested too deeply", id="deep"),
        pytest.param(" " * 200_000, "200000 bytes, more than", id="large"),
        pytest.param('{"a":1,"a":1}', "stands twice", id="twice"),
        pytest.param(_GOOD.replace("SHA2_256", "SHA2_512"), "no SHA2_256 digest", id="sha512"),
        pytest.param(_GOOD.replace('"digest": "', '"digest": "!'), "is no base64", id="not base64"),
        pytest.param(
            _GOOD.replace('"digest": "', '"digest": "AAAA'), "has not 32 bytes", id="length"
        ),
        pytest.param(
            _GOOD.replace('"messageSignature"', '"dsseEnvelope"'), "statement", id="a statement"
        ),
    ],
)
def test_a_bundle_of_another_form_is_told_why(
    registry: MakeRegistry, run: Run, text: str, told: str
) -> None:
    made = registry()
    made.commit({"servers/clock.yaml.sigstore.json": text})
    code, written = run(made, "bundle", "servers/clock.yaml")
    assert (code, "[bundle-stale]" in written) == (1, True)
    assert told in written


def test_a_line_to_copy_quotes_what_a_stranger_named(registry: MakeRegistry, run: Run) -> None:
    made = registry()
    made.commit({"servers/a; touch b.yaml.sigstore.json": "{}"})
    _, told = run(made, "bundle")
    assert "git rm 'servers/a; touch b.yaml.sigstore.json'" in told


def test_the_registry_may_lie_in_a_folder_of_the_repository(
    repository: Repository, run: Run
) -> None:
    repository.commit({"team/servers/clock.yaml": entry("other")})
    code, told = run(repository, "schema", "--registry=team", "team/servers/clock.yaml")
    assert (code, "servers/clock.yaml:1:1: error: " in told) == (1, True)


def test_an_option_that_is_unknown_is_a_usage_error(registry: MakeRegistry, run: Run) -> None:
    assert run(registry(), "schema", "--nonsense")[0] == 2
    assert run(registry(), "schema", "--help")[0] == 0


def test_outside_of_git_the_lock_hook_decides_nothing(tmp_path: Path, run: Run) -> None:
    made = Repository(tmp_path)
    for path, content in locked().items():
        made.write(path, content)
    code, told = run(made, "lock", "servers/time.yaml")
    assert (code, "not in a git repository" in told) == (2, True)


@pytest.mark.parametrize("hook", MAIN)
def test_a_hook_imports_nothing_heavy(registry: MakeRegistry, hook: str) -> None:
    made = registry(locked())
    files = ["servers/time.yaml", "assay.yaml"]
    script = Path(sys.executable).with_name(f"assay-{hook}")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", script, *files],
        cwd=made.root,
        env={key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
    assert (done.returncode, done.stdout) == (0, "")
    assert "assay_hooks" in imported
    assert imported & HEAVY == set()


@pytest.mark.parametrize("hook", MAIN)
def test_a_hook_whose_reader_has_gone_does_not_pass(registry: MakeRegistry, hook: str) -> None:
    made = registry({"servers/clock.yaml": "", "servers/gone.requirements.txt": ""})
    made.commit({"servers/clock.yaml.sigstore.json": ""})
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [Path(sys.executable).with_name(f"assay-{hook}"), "servers/clock.yaml"],
        cwd=made.root,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 3, done.stderr
