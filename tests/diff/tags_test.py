"""Which tag is the previous version: doctored ones count for nothing, and are told."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.releases import Node, Releases, files
from tests.support.repository import Repository
from tests.support.sigstore import Trial

from assay.cli import main
from assay.errors import Undecided
from assay.registry.tags import Tags, tag_of

Ask = Callable[..., tuple[int, dict[str, Any]]]
OLD = {"dep": Node("1.0.0")}
NEW = {"dep": Node("1.2.0"), "evil": Node("1.0.0")}


def previous(told: dict[str, Any]) -> str | None:
    found = told["previous"]
    return str(found["tag"]) if found else None


def against(told: dict[str, Any]) -> list[str]:
    return [one["against"] for one in told["comparisons"]]


def rules(told: dict[str, Any]) -> dict[str, str]:
    return {one["rule"]: one["severity"] for one in told["findings"]}


def test_the_newest_signed_tag_on_main_is_the_previous_version(
    released: Releases, ask: Ask
) -> None:
    released.change("clock", "1.2.0", NEW)
    code, told = ask("clock")
    assert code == 0
    assert previous(told) == "clock/v1.1.0"
    assert against(told) == ["tag"]  # the base is the tagged version
    assert told["tags_not_counted"] == []
    changes = told["comparisons"][0]["dependencies"]["changes"]
    assert [(one["kind"], one["new"]["purl"]) for one in changes] == [
        ("upgraded", "pkg:npm/server-clock@1.2.0"),
        ("added", "pkg:npm/evil@1.0.0"),
        ("upgraded", "pkg:npm/dep@1.2.0"),
    ]


def test_what_main_got_since_the_tag_is_compared_with_too(released: Releases, ask: Ask) -> None:
    released.repository.commit(files("clock", "1.1.1", {"dep": Node("1.1.5")}))
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    assert against(told) == ["tag", "base"]
    tag, base = told["comparisons"]
    assert tag["from"]["version"] == "1.1.0"
    assert base["from"]["version"] == "1.1.1"


def test_an_entry_that_nobody_changed_is_held_against_the_version_before(
    released: Releases, ask: Ask
) -> None:
    _, told = ask("clock")
    assert not told["changed"]
    assert previous(told) == "clock/v1.0.0"


def test_a_first_version_is_compared_with_nothing_and_says_so(released: Releases, ask: Ask) -> None:
    released.change("other", "1.0.0", OLD)
    code, told = ask("other")
    assert code == 0
    assert against(told) == ["first"]
    notices = told["comparisons"][0]["notices"]
    assert notices == ["the first version of this entry: compared with nothing"]
    assert rules(told) == {"deps-changed": "note"}


def test_a_revision_is_a_version_of_its_own(released: Releases, ask: Ask) -> None:
    released.release(
        "clock", "1.1.0", {"dep": Node("1.1.1")}, more="revision: 2\n", tag="clock/v1.1.0+r2"
    )
    released.change("clock", "1.1.0", {"dep": Node("1.1.2")}, more="revision: 3\n")
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0+r2"
    assert told["comparisons"][0]["from"]["version"] == "1.1.0 revision 2"
    assert tag_of("clock", "1.1.0", 1) == "clock/v1.1.0"


@pytest.mark.parametrize("annotated", [False, True])
def test_packed_and_annotated_tags_count_alike(
    released: Releases, ask: Ask, annotated: bool
) -> None:
    if annotated:
        released.repository.git(
            "tag", "--force", "-a", "-m", "x", "clock/v1.1.0", "clock/v1.1.0^{}"
        )
    released.repository.git("pack-refs", "--all", "--prune")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"


# Doctored tags: each would make the change look smaller, or hide what the true one shows.


def doctored(told: dict[str, Any], tag: str, why: str, *, forged: bool = True) -> None:
    (one,) = [one for one in told["tags_not_counted"] if one["tag"] == tag]
    assert why in one["why"]
    assert one["forged"] is forged
    (finding,) = [one for one in told["findings"] if one["subject"] == tag]
    assert finding["rule"] == "tag-not-counted"
    assert finding["severity"] == ("warning" if forged else "note")


def test_a_tag_on_a_side_branch_does_not_count(released: Releases, ask: Ask) -> None:
    released.repository.git("switch", "--quiet", "--create", "side")
    released.release("clock", "1.1.9", NEW)
    released.repository.git("switch", "--quiet", "main")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.9", "first-parent history", forged=False)


def test_a_tag_on_the_second_parent_of_a_merge_does_not_count(released: Releases, ask: Ask) -> None:
    git = released.repository.git
    git("switch", "--quiet", "--create", "side")
    released.release("clock", "1.1.9", NEW)
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "--strategy=ours", "-m", "merge", "side")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.9", "first-parent history", forged=False)


def test_a_tag_on_the_pull_requests_own_commits_does_not_count(
    released: Releases, ask: Ask
) -> None:
    released.change("clock", "1.2.0", NEW)
    released.bundle("clock")
    released.tag("clock/v1.2.0")
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.2.0", "first-parent history", forged=False)


def test_a_tag_to_a_commit_of_another_version_does_not_count(released: Releases, ask: Ask) -> None:
    released.tag("clock/v1.1.5", "clock/v1.1.0")
    released.tag("clock/v1.1.0+r1", "clock/v1.1.0")
    released.tag("clock/v1.0.5", "clock/v1.0.0")
    released.repository.commit({"README.md": "x"})
    released.tag("clock/v1.1.6")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.0+r1", "at its commit is `clock/v1.1.0`")
    doctored(told, "clock/v1.1.5", "at its commit is `clock/v1.1.0`")
    doctored(told, "clock/v1.1.6", "at its commit is `clock/v1.1.0`")


def test_a_moved_tag_does_not_count_and_the_one_before_does(released: Releases, ask: Ask) -> None:
    released.repository.commit({"README.md": "x"})
    released.repository.commit(files("clock", "1.1.7", NEW))
    released.tag("clock/v1.1.0", "HEAD")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.0.0"
    assert against(told) == ["tag", "base"]
    doctored(told, "clock/v1.1.0", "at its commit is `clock/v1.1.7`")


def test_an_unsigned_commit_does_not_count(released: Releases, ask: Ask) -> None:
    released.repository.git("rm", "--quiet", "servers/clock.yaml.sigstore.json")
    released.repository.commit(files("clock", "1.1.9", NEW))
    released.tag("clock/v1.1.9")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    assert against(told) == ["tag", "base"]
    doctored(told, "clock/v1.1.9", "there is no servers/clock.yaml.sigstore.json")


def test_a_bundle_of_other_bytes_does_not_count(released: Releases, ask: Ask) -> None:
    released.repository.commit(files("clock", "1.1.9", NEW))
    released.tag("clock/v1.1.9")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.9", "the bundle signs other bytes")


def test_a_bundle_of_another_workflow_does_not_count(released: Releases, ask: Ask) -> None:
    released.repository.commit(files("clock", "1.1.9", NEW))
    released.bundle("clock", ref="refs/heads/feature")
    released.tag("clock/v1.1.9")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    (one,) = told["tags_not_counted"]
    assert one["forged"]


def test_another_lock_beside_a_signed_entry_does_not_count(released: Releases, ask: Ask) -> None:
    doctor = dict(files("clock", "1.1.0", NEW))
    doctor.pop("servers/clock.yaml")
    released.repository.commit(doctor)
    released.tag("clock/v1.1.0")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.0.0"
    doctored(told, "clock/v1.1.0", "is not the lock that the entry names")


def test_another_entry_under_this_name_does_not_count(released: Releases, ask: Ask) -> None:
    released.release("other", "1.1.9", NEW)
    root = released.repository.root / "servers"
    for suffix in (".yaml", ".yaml.sigstore.json", ".package-lock.json"):
        (root / f"clock{suffix}").write_bytes((root / f"other{suffix}").read_bytes())
    released.repository.commit()
    released.tag("clock/v1.1.9")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.9", "no entry of that name")


def test_a_tag_of_no_commit_or_of_a_tag_does_not_count(released: Releases, ask: Ask) -> None:
    git = released.repository.git
    git("tag", "clock/v1.1.8", git("rev-parse", "HEAD^{tree}"))
    git("tag", "-a", "-m", "x", "clock/v1.1.7", "clock/v1.1.0")
    git("-c", "advice.nestedTag=false", "tag", "-a", "-m", "x", "clock/v1.1.6", "clock/v1.1.7")
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"
    doctored(told, "clock/v1.1.8", "names no commit")


@pytest.mark.parametrize(
    "tag",
    [
        "clock/v1/../..",
        "clock/v1.9.0\x07bell",
        "clock/v1.9.0 space",
        "clock/v1.9.0\n::error::x",
        "../../heads/main",
        "clock/v1.9.0.lock",
    ],
)
def test_a_tag_that_no_git_would_set_is_no_tag(
    released: Releases, tag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    released.change("clock", "1.2.0", NEW)
    commit = released.repository.git("rev-parse", "main")
    packed = released.repository.root / ".git" / "packed-refs"
    packed.write_text(f"{commit} refs/tags/{tag}\n")
    code = main(["diff", "clock", "--registry", str(released.repository.root)])
    out, err = capsys.readouterr()
    assert "::error" not in out
    if code == 3:  # git itself stops at such a file, and then nothing is decided
        assert "packed" in err
    else:
        assert code == 0
        assert "against tag clock/v1.1.0" in out


@pytest.mark.parametrize(
    "odd", ["clock/v1.1.0é", "clock/v1.1.0$(id)", "clock/v1.1.0;id", "clock/x"]
)
def test_odd_characters_in_a_tag_are_escaped_and_count_for_nothing(
    released: Releases, ask: Ask, odd: str
) -> None:
    released.tag(odd, "HEAD")
    released.repository.commit({"README.md": "x"})
    released.change("clock", "1.2.0", NEW)
    _, told = ask("clock")
    assert previous(told) == "clock/v1.1.0"


def test_without_trust_on_the_base_the_base_stands_in_and_says_so(
    released: Releases, ask: Ask
) -> None:
    policy = (released.repository.root / "assay.yaml").read_text()
    released.repository.commit({"assay.yaml": "sources: {npm: true}\n"})
    released.change("clock", "1.2.0", NEW)
    # A pull request that brings its own trust is not believed by it.
    released.repository.commit({"assay.yaml": policy})
    _, told = ask("clock")
    assert previous(told) is None
    assert "names no signer" in told["unverified"]
    assert against(told) == ["base"]
    assert rules(told)["tag-unverified"] == "warning"


def test_a_shallow_clone_decides_nothing(
    released: Releases, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "shallow"
    url = f"file://{released.repository.root}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, clone], check=True)
    assert main(["diff", "clock", "--registry", str(clone)]) == 3
    assert "fetch-depth: 0" in capsys.readouterr().err


def test_a_folder_without_git_has_nothing_to_compare_with(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = files("clock", "1.0.0", OLD)
    (tmp_path / "servers").mkdir()
    for path, content in made.items():
        (tmp_path / path).write_bytes(content.encode() if isinstance(content, str) else content)
    assert main(["diff", "clock", "--registry", str(tmp_path)]) == 0
    assert "compared with nothing" in capsys.readouterr().out


def test_thousands_of_tags_are_no_burden(
    repository: Repository, sigstore: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    import time

    made = Releases.create(repository, sigstore)
    commit = made.release("clock", "1.0.0", OLD)
    lines = [f"{commit} refs/tags/n{number}/v1.{number}.0" for number in range(5000)]
    lines += [f"{commit} refs/tags/clock/v9.{number}.0" for number in range(3000)]
    lines.append(f"{commit} refs/tags/clock/v1.0.0")
    (repository.root / ".git/packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n"
        + "\n".join(sorted(lines, key=lambda x: x[41:]))
        + "\n"
    )
    begun = time.perf_counter()
    tags = Tags(str(repository.root), "HEAD", lambda: lambda raw, bundle: None)
    found = tags.previous("clock")
    assert found.tagged is not None
    assert found.tagged.tag == "clock/v1.0.0"
    assert time.perf_counter() - begun < 2


def test_no_history_is_not_taken_for_no_tags(tmp_path: Any, released: Releases) -> None:
    clone = tmp_path / "shallow"
    url = f"file://{released.repository.root}"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", url, clone], check=True)
    with pytest.raises(Undecided):
        Tags(str(clone), "HEAD", lambda: lambda raw, bundle: None)
