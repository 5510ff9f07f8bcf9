"""What a pull request changes, whatever its repository would rather have us see."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.repository import Repository, entry

from assay.errors import Undecided, UsageError
from assay.registry import past, pull

HIDDEN = "servers/clock.yaml"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``main`` with one entry in two versions; ``topic`` changes it. Made once, then copied."""
    repository = Repository.create(tmp_path_factory.mktemp("pull") / "registry")
    repository.commit({HIDDEN: entry("clock", "1.0.0"), "README.md": "x\n"})
    repository.commit({HIDDEN: entry("clock", "1.1.0")})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit({HIDDEN: entry("clock", "1.2.0")})
    return repository.root


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Repository:
    return Repository(Path(shutil.copytree(template, tmp_path / "registry")))


def _touched(made: Repository, base: str = "main", head: str = "HEAD") -> list[str]:
    return [one.path for one in pull.read(str(made.root), base, head).touched]


def _trap(made: Repository) -> Path:
    """A program that says that it ran."""
    trap = made.write(".git/trap", f"#!/bin/sh\ntouch {made.root}/.git/sprung\ncat\n")
    trap.chmod(0o755)
    return made.root / ".git/sprung"


PROGRAMS = (
    "core.fsmonitor",
    "core.pager",
    "core.sshCommand",
    "diff.external",
    "diff.hide.command",
    "diff.hide.textconv",
    "filter.hide.clean",
    "filter.hide.smudge",
    "gpg.program",
    "pager.log",
)


def test_no_program_that_the_repository_names_is_run(made: Repository) -> None:
    sprung = _trap(made)
    made.commit({".gitattributes": "* diff=hide filter=hide\n"})
    for key in PROGRAMS:
        made.git("config", key, str(made.root / ".git/trap"))
    for key in ("log.showSignature", "filter.hide.required", "diff.autoRefreshIndex"):
        made.git("config", key, "true")
    assert _touched(made) == [".gitattributes", HIDDEN]
    assert len(list(past.versions(str(made.root), "main", (HIDDEN,)))) == 2
    assert not sprung.exists()


@pytest.mark.parametrize(
    "attributes",
    ["*.yaml -diff", "*.yaml binary", "servers/** export-ignore", "* linguist-generated"],
)
def test_attributes_hide_no_change(made: Repository, attributes: str) -> None:
    made.commit({".gitattributes": attributes + "\n"})
    assert HIDDEN in _touched(made)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("diff.ignoreSubmodules", "all"),
        ("diff.orderFile", "README.md"),
        ("diff.relative", "true"),
        ("diff.renames", "copies"),
        ("log.follow", "true"),
        ("log.diffMerges", "off"),
        ("core.quotePath", "true"),
        ("core.worktree", "/"),
        ("core.ignoreCase", "true"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
        ("log.decorate", "full"),
        ("notes.displayRef", "refs/notes/*"),
    ],
)
def test_settings_hide_no_change_and_no_past(made: Repository, key: str, value: str) -> None:
    made.git("config", key, value)
    assert _touched(made) == [HIDDEN]
    assert len(list(past.versions(str(made.root), "main", (HIDDEN,)))) == 2


def test_a_replaced_object_is_not_believed(made: Repository) -> None:
    """``refs/replace`` shows another commit under an honest id: here, one that changes nothing."""
    made.git("replace", "topic", "main")
    assert (
        subprocess.run(["git", "diff", "--quiet", "main", "topic"], cwd=made.root).returncode == 0
    )
    assert _touched(made) == [HIDDEN]
    made.git("replace", "main", "main~1")
    assert len(list(past.versions(str(made.root), "main", (HIDDEN,)))) == 2


def test_a_graft_cuts_no_history_off(made: Repository) -> None:
    made.write(".git/info/grafts", made.git("rev-parse", "main") + "\n")
    assert len(list(past.versions(str(made.root), "main", (HIDDEN,)))) == 2


def test_the_callers_git_variables_have_no_say(
    made: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = Repository.create(tmp_path / "other")
    other.commit({"x": "x"})
    for key, value in (
        ("GIT_DIR", other.root / ".git"),
        ("GIT_WORK_TREE", other.root),
        ("GIT_OBJECT_DIRECTORY", other.root / ".git/objects"),
        ("GIT_REPLACE_REF_BASE", "refs/heads"),
        ("GIT_EXTERNAL_DIFF", "false"),
    ):
        monkeypatch.setenv(key, str(value))
    assert _touched(made) == [HIDDEN]


def test_a_rename_is_both_of_its_paths(made: Repository) -> None:
    made.git("mv", HIDDEN, "servers/watch.yaml")
    made.commit()
    assert _touched(made) == [HIDDEN, "servers/watch.yaml"]


def test_a_copy_behind_a_rename_of_something_else_is_seen(made: Repository) -> None:
    """Similar contents tempt git to tell one change as another; each path counts for itself."""
    made.git("mv", "README.md", "servers/evil.yaml")
    made.commit({"README.md": entry("clock", "1.1.0")})
    assert _touched(made) == ["README.md", HIDDEN, "servers/evil.yaml"]


def test_a_change_of_mode_alone_is_a_change(made: Repository) -> None:
    made.git("update-index", "--chmod=+x", "README.md")
    made.git("commit", "--quiet", "--message", "mode")
    assert _touched(made) == ["README.md", HIDDEN]


def test_what_a_branch_undid_on_its_way_is_no_change(made: Repository) -> None:
    made.commit({HIDDEN: entry("clock", "1.1.0")})
    assert _touched(made) == []


def test_a_merge_that_smuggles_is_seen(made: Repository) -> None:
    """A merge of the base into the branch whose own contents are neither parent's."""
    made.git("checkout", "--quiet", "main")
    made.commit({"servers/maps.yaml": entry("maps")})
    made.git("checkout", "--quiet", "topic")
    made.git("merge", "--quiet", "--no-ff", "--no-commit", "main")
    made.commit({"servers/maps.yaml": entry("maps", "9.9.9"), "servers/evil.yaml": entry("evil")})
    assert _touched(made) == [HIDDEN, "servers/evil.yaml", "servers/maps.yaml"]
    read = pull.read(str(made.root), "main")
    assert (read.moved, read.fork) == ((), read.base)


def test_a_file_that_the_base_has_meanwhile_is_there_after_the_merge(made: Repository) -> None:
    made.git("checkout", "--quiet", "main")
    made.commit({"servers/maps.yaml": entry("maps")})
    made.git("rm", "--quiet", "README.md")
    made.commit()
    read = pull.read(str(made.root), "main", "topic")
    assert sorted(read.after) == [HIDDEN, "servers/maps.yaml"]
    assert read.after[HIDDEN] != read.before[HIDDEN]
    assert read.moved == ()


def test_a_branch_that_puts_an_old_state_back_of_what_the_base_changed_is_told(
    made: Repository,
) -> None:
    """The base renamed, the branch edits: git would carry the edit into the new name."""
    made.git("checkout", "--quiet", "main")
    made.git("mv", HIDDEN, "servers/watch.yaml")
    made.commit()
    assert pull.read(str(made.root), "main", "topic").moved == (HIDDEN,)


def test_both_sides_doing_the_same_is_no_conflict(made: Repository) -> None:
    made.git("checkout", "--quiet", "main")
    made.commit({HIDDEN: entry("clock", "1.2.0")})
    assert pull.read(str(made.root), "main", "topic").moved == ()


def test_a_branch_name_that_looks_like_an_option_is_none(made: Repository) -> None:
    for name in ("--output=x", "-h", "main\nHEAD", ""):
        with pytest.raises(UsageError):
            pull.read(str(made.root), name)


@pytest.mark.parametrize("name", ["main", "origin/main", "refs/heads/gone"])
def test_a_tag_is_never_taken_for_the_base(made: Repository, name: str) -> None:
    """It would win over the branch of its name, and clones fetch every tag that was pushed."""
    made.git("update-ref", f"refs/tags/{name}", "topic")
    for base in (name, f"{name}~1"):
        with pytest.raises(UsageError, match="is the name of a tag"):
            pull.read(str(made.root), base)
    assert _touched(made, base=made.git("rev-parse", "refs/heads/main")) == [HIDDEN]


def test_the_past_is_the_first_parents_own(made: Repository) -> None:
    """What a branch went through counts only as what it brought to main."""
    made.commit({HIDDEN: entry("clock", "1.3.0")})
    made.git("checkout", "--quiet", "main")
    made.git("merge", "--quiet", "--no-ff", "--no-verify", "-m", "merge", "topic")
    states = list(past.versions(str(made.root), "main", (HIDDEN,)))
    texts = [made.git("cat-file", "blob", one.blob) for one in states]
    assert [text.partition("version: ")[2][:5] for text in texts] == ["1.3.0", "1.1.0", "1.0.0"]


def test_the_past_of_many_files_is_asked_as_one(made: Repository) -> None:
    made.commit({f"servers/s{number:03}.yaml": f"{number}" for number in range(past.MANY + 50)})
    paths = [f"servers/s{number:03}.yaml" for number in range(past.MANY + 50)]
    found = list(past.versions(str(made.root), "topic", paths))
    assert sorted(one.path for one in found) == paths


def test_a_shallow_clone_has_no_past(made: Repository, tmp_path: Path) -> None:
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", tmp_path / "shallow")
    with pytest.raises(Undecided, match="shallow"):
        list(past.versions(str(tmp_path / "shallow"), "HEAD", (HIDDEN,)))
