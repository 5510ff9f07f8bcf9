"""The comparing checks through ``assay diff``, ``assay check`` and the hook: good and bad."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.faults import serving, status
from tests.support.packages import Index, Npm
from tests.support.releases import Node, files
from tests.support.repository import Repository, entry, locked

from assay.checks.change import CHANGE_CHECKS, ChangeCheck
from assay.cli import main
from assay_hooks import deps

Told = dict[str, Any]
Compare = Callable[..., tuple[int, Told]]
Nodes = dict[str, Node]
PLAIN: Nodes = {"dep": Node("1.0.0")}
SOURCES = "sources:\n  npm: true\n  pypi: true\n  https: [downloads.example.com]\n"


@pytest.fixture
def compare(repository: Repository, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Main has ``old``, the disk ``new`` (files, or a lock's nodes); the exit code and the rest."""

    def run(old: Any, new: Any, *words: str, policy: str = "", later: str = "") -> tuple[int, Told]:
        before = _files("1.0.0", old)
        repository.commit({"assay.yaml": SOURCES + policy, **before})
        if later:
            repository.write("assay.yaml", SOURCES + later)
        after = _files("1.1.0", new)
        for path in before.keys() - after.keys():
            (repository.root / path).unlink()
        for path, content in after.items():
            repository.write(path, content)
        root = str(repository.root)
        code = main(["diff", "clock", "--registry", root, "--format", "json", *words])
        out, err = capsys.readouterr()
        assert out, err
        (told,) = json.loads(out)["entries"]
        return code, told

    return run


def _files(version: str, what: Any) -> dict[str, str | bytes]:
    if all(isinstance(value, Node) for value in what.values()):
        return files("clock", version, what)
    return dict(what)


def found(told: Told, rule: str) -> list[tuple[str, str, int]]:
    """Severity, file name and line of each finding of a rule."""
    return [
        (one["severity"], one["path"].rpartition("/")[2], one["line"])
        for one in told["findings"]
        if one["rule"] == rule
    ]


def message(told: Told, rule: str) -> str:
    (one,) = [one for one in told["findings"] if one["rule"] == rule]
    return f"{one['message']}"


LOCK = "clock.package-lock.json"


def test_a_plain_upgrade_brings_two_notes_and_nothing_else(compare: Compare) -> None:
    code, told = compare(PLAIN, {"dep": Node("1.1.0")})
    assert code == 0
    assert [one["rule"] for one in told["findings"]] == ["deps-changed", "deps-unknown"]
    assert message(told, "deps-changed").endswith(": 2 upgraded")


def test_a_package_that_the_policy_denies_is_refused_at_its_line(compare: Compare) -> None:
    policy = """\
dependencies:
  deny:
    - package: pkg:npm/dep
      versions: ">=1.0.0, <1.1.0"
      reason: leaks
    - package: pkg:npm/%40scope/other
      reason: gone
"""
    new = {"dep": Node("1.0.5"), "@scope/other": Node("2.0.0"), "fine": Node("1.0.0")}
    code, told = compare(PLAIN, new, policy=policy)
    assert code == 1
    assert found(told, "deps-denied") == [("error", LOCK, 10), ("error", LOCK, 15)]
    code, told = compare(PLAIN, {"dep": Node("1.1.0")}, policy=policy)
    assert code == 0


LICENCES = "dependencies:\n  licences:\n    allow: [MIT]\n    deny: [AGPL-3.0-only]\n"


@pytest.mark.parametrize(
    ("licence", "severities"),
    [
        ("MIT", []),
        ("(MIT OR AGPL-3.0-only)", []),
        ("AGPL-3.0-only", ["error"]),
        ("ISC", ["error"]),
        ("MIT AND ISC", ["error"]),
        ("SEE LICENSE IN x", ["warning"]),
        ("", ["warning"]),
    ],
)
def test_licences_are_held_against_the_policy(
    compare: Compare, licence: str, severities: list[str]
) -> None:
    _, told = compare(PLAIN, {**PLAIN, "new": Node("1.0.0", licence=licence)}, policy=LICENCES)
    assert [severity for severity, _, _ in found(told, "deps-licence")] == severities


def test_a_policy_that_names_no_licence_says_so(compare: Compare) -> None:
    code, told = compare(PLAIN, PLAIN, policy=LICENCES.replace("MIT", "MTI"))
    assert code == 1
    assert message(told, "deps-licence") == "dependencies.licences: `MTI` is no SPDX licence"


def test_a_changed_licence_is_told(compare: Compare) -> None:
    _, told = compare(PLAIN, {"dep": Node("1.1.0", licence="BUSL-1.1")})
    assert [severity for severity, _, _ in found(told, "deps-licence")] == ["note"]


def test_only_a_package_that_comes_new_is_judged_by_its_name(compare: Compare) -> None:
    code, told = compare(PLAIN, {**PLAIN, "loadsh": Node("1.0.0")})
    assert code == 1
    assert found(told, "deps-lookalike") == [("error", LOCK, 15)]
    code, told = compare({"loadsh": Node("1.0.0")}, {"loadsh": Node("1.1.0")})
    assert code == 0
    policy = "dependencies:\n  internal_names: ['@acme/*']\n"
    code, told = compare(
        PLAIN, {"@acrne/x": Node("1.0.0"), "@acme/y": Node("1.0.0")}, policy=policy
    )
    assert [one["subject"] for one in told["findings"] if one["rule"] == "deps-lookalike"] == [
        "pkg:npm/%40acrne/x@1.0.0"
    ]


def test_a_new_source_and_a_new_install_script_are_refused_at_their_lines(
    compare: Compare,
) -> None:
    new = {
        "dep": Node("1.0.0", keys={"resolved": "git+ssh://git@example.com/x.git"}),
        "other": Node("1.0.0", keys={"hasInstallScript": True}),
    }
    code, told = compare({**PLAIN, "other": Node("1.0.0")}, new)
    assert code == 1
    assert found(told, "deps-source") == [("error", LOCK, 10)]
    assert found(told, "deps-install-script") == [("error", LOCK, 16)]
    assert told["comparisons"][0]["to"]["lock"] == "refused"


def test_an_alias_in_a_packages_place_is_an_error_and_a_new_one_a_note(compare: Compare) -> None:
    new = {"dep": Node("1.0.0", name="other"), "x-cjs": Node("1.0.0", name="x")}
    code, told = compare(PLAIN, new)
    assert code == 1
    assert sorted(found(told, "deps-alias")) == [("error", LOCK, 10), ("note", LOCK, 25)]


def test_other_bytes_under_one_version_and_an_older_version(compare: Compare) -> None:
    old = {"dep": Node("1.0.0"), "back": Node("2.0.0")}
    code, told = compare(old, {"dep": Node("1.0.0", bytes="x"), "back": Node("1.9.0")})
    assert code == 1
    assert found(told, "deps-replaced") == [("error", LOCK, 15)]
    assert found(told, "deps-downgraded") == [("warning", LOCK, 10)]


def test_a_lock_that_is_not_there_is_not_compared(compare: Compare) -> None:
    bare = files("clock", "1.0.0", PLAIN)
    bare.pop(f"servers/{LOCK}")
    code, told = compare(bare, PLAIN)
    assert code == 0
    assert found(told, "deps-not-compared") == [("warning", "clock.yaml", 15)]
    assert "is missing: no package of it was compared" in message(told, "deps-not-compared")
    assert {one["kind"] for one in told["comparisons"][0]["dependencies"]["changes"]} == {"added"}


@pytest.mark.parametrize("raw", [None, b"{", b"{}\n", b"\xff\x00"])
def test_an_unreadable_lock_now_is_an_error(compare: Compare, raw: bytes | None) -> None:
    bare = files("clock", "1.1.0", PLAIN)
    bare.pop(f"servers/{LOCK}")
    if raw is not None:
        bare[f"servers/{LOCK}"] = raw
    code, told = compare(PLAIN, bare)
    assert code == 1
    assert found(told, "deps-not-compared") == [("error", "clock.yaml", 15)]


def test_an_artefact_that_becomes_an_image_takes_its_packages_out_of_sight(
    compare: Compare,
) -> None:
    image = entry("clock", "1.1.0").replace(
        "https://downloads.example.com/clock-1.1.0.mcpb", "oci://images.example.com/clock:1.1.0"
    )
    code, told = compare(PLAIN, {"servers/clock.yaml": image})
    assert code == 0
    assert "no longer listed" in message(told, "deps-not-compared")
    (widened,) = [one for one in told["findings"] if one["rule"] == "capability-widened"]
    assert widened["subject"].startswith("artefact: oci://")
    assert {one["kind"] for one in told["comparisons"][0]["dependencies"]["changes"]} == {"removed"}


def test_a_package_of_another_ecosystem_is_another_package(compare: Compare) -> None:
    new = {path: text for path, text in locked("clock", "1.1.0").items() if path != "assay.yaml"}
    code, told = compare(PLAIN, new)
    assert code == 0
    kinds = [one["kind"] for one in told["comparisons"][0]["dependencies"]["changes"]]
    assert kinds == ["added", "removed", "removed"]
    assert found(told, "capability-widened")


def test_an_entry_under_a_new_name_is_held_against_the_one_that_went(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    for path, content in files("clock", "1.1.0", {"dep": Node("1.1.0")}).items():
        name = path.replace("clock", "watch")
        text = content.decode() if isinstance(content, bytes) else content
        repository.write(
            name, text.replace("name: clock", "name: watch").replace("file: clock", "file: watch")
        )
        (repository.root / path).unlink()
    root = str(repository.root)
    assert main(["diff", "watch", "--registry", root, "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["entries"]
    (only,) = told["comparisons"]
    assert only["against"] == "renamed"
    assert only["from"]["label"].startswith("clock in base ")
    assert [one["kind"] for one in only["dependencies"]["changes"]] == ["upgraded", "upgraded"]


WIDER = "egress: [api.example.com]\n"


def widened(people: int) -> dict[str, str | bytes]:
    made = files("clock", "1.1.0", PLAIN, more=WIDER)
    text = str(made["servers/clock.yaml"])
    more = "".join(f"  - person{number}@example.com\n" for number in range(people - 1))
    made["servers/clock.yaml"] = text.replace(
        "  - security@example.com\n", f"  - security@example.com\n{more}"
    )
    return made


@pytest.mark.parametrize(
    ("people", "widening", "wrong"),
    [
        (1, "{extra: 1}", True),
        (2, "{extra: 1}", False),
        (1, "{extra: 1, egress: 0}", False),
        (2, "{egress: 2}", True),
        (1, "", False),
    ],
)
def test_a_widening_wants_as_many_reviewers_as_the_policy_says(
    compare: Compare, people: int, widening: str, wrong: bool
) -> None:
    policy = f"reviewers:\n  widening: {widening}\n" if widening else ""
    code, told = compare(PLAIN, widened(people), policy=policy)
    assert code == int(wrong)
    assert found(told, "review-widening") == ([("error", "clock.yaml", 10)] if wrong else [])
    assert [one[0] for one in found(told, "capability-widened")] == ["warning"]


def test_an_entry_that_breaks_a_rule_is_not_compared_and_is_no_way_around(
    compare: Compare,
) -> None:
    broken = widened(1)
    broken["servers/clock.yaml"] = str(broken["servers/clock.yaml"]) + "colour: red\n"
    code, told = compare(PLAIN, broken)
    assert code == 1
    assert found(told, "capability-not-compared") == [("error", "clock.yaml", 1)]


def test_where_the_version_before_breaks_a_rule_the_change_counts_as_wider(
    compare: Compare,
) -> None:
    broken = files("clock", "1.0.0", PLAIN, more="colour: red\n")
    strict = "reviewers:\n  widening: {egress: 1}\n"
    code, told = compare(broken, PLAIN, policy=strict)
    assert code == 1
    assert found(told, "capability-not-compared") == [("warning", "clock.yaml", 1)]
    assert found(told, "review-widening")


@pytest.mark.parametrize("later", ["", "reviewers:\n  widening: {extra: 0}\n"])
def test_a_change_does_not_profit_from_the_policy_that_it_brings(
    compare: Compare, later: str
) -> None:
    strict = "reviewers:\n  widening: {extra: 1}\n"
    code, told = compare(PLAIN, widened(1), policy=strict, later=later)
    assert code == 1
    assert found(told, "review-widening")


def test_what_nobody_changed_wants_nobody_anew(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = SOURCES + "reviewers:\n  widening: {extra: 9}\n"
    repository.commit({"assay.yaml": strict, **widened(1)})
    root = str(repository.root)
    assert main(["diff", "clock", "--registry", root, "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["entries"]
    assert told["findings"] == []
    denied = "dependencies:\n  deny: [{package: pkg:npm/dep, reason: leaks}]\n"
    repository.write("assay.yaml", SOURCES + denied)
    assert main(["diff", "clock", "--registry", root]) == 1  # what must not be there is told


# With the network: what the registries say beyond the bytes.


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Npm]:
    with serving() as server:
        made = Npm(server, tmp_path / "home")
        for key in [key for key in os.environ if key.upper().startswith(("PIP_", "UV_", "NPM_"))]:
            monkeypatch.delenv(key)
        for key, value in {**made.environ, **Index(server, tmp_path / "home").environ}.items():
            monkeypatch.setenv(key, value)
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        for version in ("1.0.0", "1.1.0"):
            made.publish("server-clock", version)
        yield made


def publish(npm: Npm, version: str, by: str, *, attested: bool, **more: Any) -> None:
    dist = {"attestations": {"url": npm.server.url("/attestations")}} if attested else {}
    people = [{"name": by}]
    npm.publish("dep", version, dist=dist, _npmUser={"name": by}, maintainers=people, **more)


def test_another_publisher_lost_provenance_and_a_script_are_told(
    compare: Compare, npm: Npm
) -> None:
    publish(npm, "1.0.0", "alice", attested=True)
    publish(npm, "1.1.0", "m4llory", attested=False, scripts={"postinstall": "x"})
    code, told = compare(PLAIN, {"dep": Node("1.1.0")}, "--online")
    assert code == 1
    assert told["asked_registries"]
    assert found(told, "deps-publisher") == [("warning", LOCK, 10)]
    assert found(told, "deps-provenance") == [("warning", LOCK, 10)]
    assert found(told, "deps-install-script") == [("error", LOCK, 10)]
    assert "(postinstall)" in message(told, "deps-install-script")
    assert "of 1 changed packages" in message(told, "deps-unknown")  # the server itself


def test_the_same_publisher_with_provenance_is_not(compare: Compare, npm: Npm) -> None:
    publish(npm, "1.0.0", "alice", attested=False)
    publish(npm, "1.1.0", "alice", attested=True)
    code, told = compare(PLAIN, {"dep": Node("1.1.0")}, "--online")
    assert code == 0
    assert not {one["rule"] for one in told["findings"]} - {"deps-changed", "deps-unknown"}


def test_what_the_metadata_does_not_say_is_unknown_and_told_once(
    compare: Compare, npm: Npm
) -> None:
    for version in ("1.0.0", "1.1.0"):
        npm.publish("dep", version)
    code, told = compare(PLAIN, {"dep": Node("1.1.0")}, "--online")
    assert code == 0
    assert "of 2 changed packages" in message(told, "deps-unknown")


def test_a_registry_that_is_away_is_undecided_and_the_rest_is_told(
    compare: Compare, npm: Npm
) -> None:
    npm.server.wrap(lambda behaviour: status(403))
    code, told = compare(PLAIN, {"loadsh": Node("1.1.0")}, "--online")
    assert code == 3
    assert not told["asked_registries"]
    assert found(told, "deps-lookalike")


# The other ways in.


def test_the_hook_tells_the_same_and_imports_no_sigstore(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    for path, content in files("clock", "1.1.0", {"loadsh": Node("1.0.0")}).items():
        repository.write(path, content)
    monkeypatch.chdir(repository.root)
    assert deps.main(["servers/clock.yaml", f"servers/{LOCK}"]) == 1
    out = capsys.readouterr().out
    assert "[deps-lookalike]" in out
    assert f"servers/{LOCK}:10:1" in out
    assert deps.main([]) == 0


def test_assay_check_tells_the_same(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    for path, content in files("clock", "1.1.0", {"loadsh": Node("1.0.0")}).items():
        repository.write(path, content)
    words = ["check", "--only", "deps", "--offline", "--registry", str(repository.root)]
    assert main(words) == 1
    assert "[deps-lookalike]" in capsys.readouterr().out


def test_revisions_that_are_asked_for_are_compared_as_they_stand(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    repository.git("tag", "clock/v1.0.0")
    repository.commit(files("clock", "1.1.0", {"dep": Node("1.1.0")}))
    repository.commit(files("clock", "1.2.0", {"dep": Node("1.2.0")}))
    words = ["diff", "clock", "--registry", str(repository.root)]
    assert main([*words, "--from", "clock/v1.0.0", "--to", "HEAD~1"]) == 0
    assert capsys.readouterr().out.startswith("clock 1.0.0 → 1.1.0, against clock/v1.0.0\n")
    assert main([*words, "--from", "HEAD", "--to", "HEAD~2"]) == 0
    assert "v pkg:npm/dep@1.0.0 (before 1.2.0)" in capsys.readouterr().out
    assert main([*words, "--from", "no-such"]) == 2
    assert main([*words, "--from", "--output=x"]) == 2
    assert main(["diff", "../x", "--registry", str(repository.root)]) == 2


def test_without_names_every_changed_entry_is_shown(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    repository.commit(files("same", "1.0.0", PLAIN))
    root = str(repository.root)
    assert main(["diff", "--registry", root, "--format", "markdown"]) == 0
    assert capsys.readouterr().out == "## What changed\n\nNo entry changed.\n"
    for name, version in (("clock", "1.1.0"), ("new", "1.0.0")):
        for path, content in files(name, version, PLAIN).items():
            repository.write(path, content)
    assert main(["diff", "--registry", root, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["entries"]
    assert [one["name"] for one in told] == ["clock", "new"]
    repository.git("switch", "--quiet", "--create", "change")
    repository.commit()
    assert main(["diff", "--registry", root, "--base", "main", "--format", "json"]) == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)["entries"]] == [
        "clock",
        "new",
    ]


def test_a_tag_does_not_pass_for_the_branch_of_its_name(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.commit({"assay.yaml": SOURCES, **files("clock", "1.0.0", PLAIN)})
    repository.git("switch", "--quiet", "--create", "change")
    repository.commit(files("clock", "1.1.0", {"dep": Node("1.1.0")}))
    repository.git("tag", "main")
    repository.git("tag", "origin/main")
    words = ["diff", "clock", "--registry", str(repository.root)]
    assert main([*words, "--base", "main"]) == 2
    assert "name of a tag" in capsys.readouterr().err
    assert main(words) == 0  # main is named in full
    assert "1.0.0 → 1.1.0, against base" in capsys.readouterr().out


@pytest.mark.parametrize("check", CHANGE_CHECKS, ids=lambda check: check.ID)
def test_a_check_is_called_as_its_file(check: ChangeCheck) -> None:
    module = check.__name__  # type: ignore[attr-defined]
    assert module.rpartition(".")[2].replace("_", "-") == check.ID
