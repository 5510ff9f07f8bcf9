"""Reading a registry: what counts as there, what is refused, what changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.repository import Repository, entry

from assay.errors import Refused, Undecided, UsageError
from assay.reason import Reason
from assay.registry import Registry, Siblings
from assay.registry.changes import Change

MakeRegistry = Callable[..., Repository]
NASTY = 'we\nird "quoted" \\ ünïcode \t.yaml'


def test_a_registry_is_found_from_a_folder_below(registry: MakeRegistry) -> None:
    made = registry()
    assert Registry.find(made.root / "servers").root == made.root


def test_the_search_ends_at_the_top_of_the_repository(registry: MakeRegistry) -> None:
    outer = registry()
    inner = Repository.create(outer.root / "inner")
    with pytest.raises(UsageError, match="no registry"):
        Registry.find(inner.root)


def test_entries_are_listed_without_their_locks_and_bundles(registry: MakeRegistry) -> None:
    made = registry(
        {
            "servers/b.yaml": "b",
            "servers/a.yaml": "a",
            "servers/a.yaml.sigstore.json": "{}",
            "servers/a.package-lock.json": "{}",
            "servers/README.md": "",
        }
    )
    assert Registry(made.root).entry_paths() == ["servers/a.yaml", "servers/b.yaml"]


def test_a_change_has_the_bytes_of_both_sides(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "old", "servers/b.yaml": "gone", "other": "1"})
    base = made.git("rev-parse", "HEAD")
    (made.root / "servers/b.yaml").unlink()
    made.commit({"servers/a.yaml": "new", "servers/c.yaml": b"\x00\xff", "other": "2"})
    assert Registry(made.root).changed_since(base) == [
        Change("servers/a.yaml", b"old", b"new"),
        Change("servers/b.yaml", b"gone", None),
        Change("servers/c.yaml", None, b"\x00\xff"),
    ]


def test_a_rename_is_a_deletion_and_an_addition(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": entry("a")})
    made.git("mv", "servers/a.yaml", "servers/b.yaml")
    made.commit()
    changed = Registry(made.root).changed_since("HEAD~1")
    assert [(one.path, one.old is None, one.new is None) for one in changed] == [
        ("servers/a.yaml", False, True),
        ("servers/b.yaml", True, False),
    ]


def test_a_file_name_with_newline_quotes_and_unicode_comes_through(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a"})
    made.commit({f"servers/{NASTY}": "x"})
    made.write(f"servers/{NASTY}", "y")
    made.git("add", "--all")
    assert Registry(made.root).changed_since("HEAD~1") == [Change(f"servers/{NASTY}", None, b"x")]
    assert Registry(made.root).staged() == [Change(f"servers/{NASTY}", b"x", b"y")]


def test_a_file_name_that_is_no_utf8_comes_through(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a"})
    name = os.fsdecode(b"servers/\xff.yaml")
    made.commit({name: "x"})
    assert Registry(made.root).changed_since("HEAD~1") == [Change(name, None, b"x")]


def test_what_was_merged_meanwhile_is_not_a_change_of_this_branch(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a"})
    made.git("checkout", "--quiet", "-b", "branch")
    made.commit({"servers/ours.yaml": "x"})
    made.git("checkout", "--quiet", "main")
    made.commit({"servers/theirs.yaml": "x"})
    made.git("checkout", "--quiet", "branch")
    changed = Registry(made.root).changed_since("main")
    assert [one.path for one in changed] == ["servers/ours.yaml"]


def test_a_merge_commit_is_seen_against_its_first_parent(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a"})
    made.git("checkout", "--quiet", "-b", "branch")
    made.commit({"servers/b.yaml": "x"})
    made.git("checkout", "--quiet", "main")
    made.git("merge", "--quiet", "--no-ff", "--no-verify", "-m", "merge", "branch")
    changed = Registry(made.root).changed_since("HEAD~1")
    assert [one.path for one in changed] == ["servers/b.yaml"]


def test_what_is_not_committed_is_no_change_of_the_commits(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "old"})
    made.write("servers/a.yaml", "edited")
    assert Registry(made.root).changed_since("HEAD") == []


def test_staged_sees_deletions_and_what_the_first_commit_would_add(repository: Repository) -> None:
    repository.write("servers/a.yaml", "a")
    repository.git("add", "--all")
    assert Registry(repository.root).staged() == [Change("servers/a.yaml", None, b"a")]
    repository.commit()
    repository.git("rm", "--quiet", "servers/a.yaml")
    assert Registry(repository.root).staged() == [Change("servers/a.yaml", b"a", None)]


def test_a_registry_below_the_top_of_its_repository_has_its_own_paths(
    repository: Repository,
) -> None:
    repository.commit({"team/servers/a.yaml": "1", "servers/b.yaml": "other registry"})
    repository.commit({"team/servers/a.yaml": "2", "servers/b.yaml": "changed"})
    found = Registry(repository.root / "team")
    assert found.changed_since("HEAD~1") == [Change("servers/a.yaml", b"1", b"2")]
    with found.commit("HEAD~1") as view:
        assert view.read("servers/a.yaml") == b"1"
        assert list(view.names()) == ["a.yaml"]
    assert list(found.tracked().names()) == ["a.yaml"]


def test_the_views_tell_disk_index_and_commit_apart(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "committed"})
    made.write("servers/a.yaml", "staged")
    made.git("add", "--all")
    made.write("servers/a.yaml", "on disk")
    found = Registry(made.root)
    assert found.working_tree().read("servers/a.yaml") == b"on disk"
    with found.staging() as index, found.commit() as commit:
        assert index.read("servers/a.yaml") == b"staged"
        assert commit.read("servers/a.yaml") == b"committed"


def test_an_untracked_lock_does_not_count_for_a_hook(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a"})
    made.write("servers/a.package-lock.json", "{}")
    found = Registry(made.root)
    assert found.working_tree().read("servers/a.package-lock.json") == b"{}"
    assert found.tracked().read("servers/a.package-lock.json") is None


def test_the_index_that_a_partial_commit_hands_to_its_hooks_is_the_one_read(
    registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry({"servers/a.yaml": "a"})
    other = made.root / ".git" / "next-index"
    other.write_bytes((made.root / ".git/index").read_bytes())
    made.write("servers/b.yaml", "b")
    made.git("add", "--all")
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index")
    assert list(Registry(made.root).tracked().names()) == ["a.yaml"]
    assert Registry(made.root).staged() == []


def test_foreign_git_variables_lead_nowhere_else(
    registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry({"servers/a.yaml": "1"})
    made.commit({"servers/a.yaml": "2"})
    elsewhere = registry({"servers/evil.yaml": "x"}, name="elsewhere")
    monkeypatch.setenv("GIT_DIR", str(elsewhere.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(elsewhere.root))
    assert [one.path for one in Registry(made.root).changed_since("HEAD~1")] == ["servers/a.yaml"]


def test_a_work_tree_that_the_configuration_moved_hides_no_change(
    registry: MakeRegistry, tmp_path: Path
) -> None:
    made = registry({"servers/a.yaml": "1"})
    made.commit({"servers/a.yaml": "2"})
    made.git("config", "core.worktree", str(tmp_path))
    assert Registry(made.root).changed_since("HEAD~1") == [Change("servers/a.yaml", b"1", b"2")]
    assert list(Registry(made.root).tracked().names()) == ["a.yaml"]


def test_a_replaced_object_is_not_what_is_read(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "reviewed"})
    made.write("evil", "evil")
    evil = made.git("hash-object", "-w", "evil")
    made.git("replace", made.git("rev-parse", "HEAD:servers/a.yaml"), evil)
    assert made.git("cat-file", "blob", "HEAD:servers/a.yaml") == "evil"  # what git itself says
    with Registry(made.root).commit() as view:
        assert view.read("servers/a.yaml") == b"reviewed"


def test_the_configuration_of_the_repository_executes_nothing(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "1"})
    made.commit({"servers/a.yaml": "2", ".gitattributes": "*.yaml diff=evil filter=evil\n"})
    marker = made.root / "executed"
    script = made.write(".git/evil", f"#!/bin/sh\ntouch '{marker}'\ncat\n")
    script.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.gitProxy",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
    ):
        made.git("config", key, str(script))
    for hook in ("post-index-change", "post-checkout", "reference-transaction"):
        made.write(f".git/hooks/{hook}", script.read_bytes()).chmod(0o755)
    found = Registry(made.root)
    assert len(found.changed_since("HEAD~1")) == 1
    assert found.staged() == []
    assert found.tracked().read("servers/a.yaml") == b"2"
    with found.staging() as view:
        assert view.read("servers/a.yaml") == b"2"
    assert not marker.exists()


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~5", "f" * 40])
def test_an_unknown_revision_is_a_usage_error(registry: MakeRegistry, revision: str) -> None:
    with pytest.raises(UsageError, match="is no revision of"):
        Registry(registry().root).changed_since(revision)


@pytest.mark.parametrize("revision", ["", "--output=x", "HEAD\n", "HEAD..HEAD", "^HEAD"])
def test_what_is_no_single_revision_never_reaches_git_as_one(
    registry: MakeRegistry, revision: str
) -> None:
    made = registry()
    with pytest.raises(UsageError):
        Registry(made.root).changed_since(revision)
    assert not (made.root / "x").exists()


def test_a_shallow_clone_without_the_base_is_undecided_and_says_how_to_get_it(
    registry: MakeRegistry, tmp_path: Path
) -> None:
    made = registry()
    base = made.git("rev-parse", "HEAD")
    for number in range(3):
        made.commit({"servers/clock.yaml": str(number)})
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", tmp_path / "shallow")
    with pytest.raises(Undecided, match="is not in this clone") as raised:
        Registry(tmp_path / "shallow").changed_since(base)
    assert raised.value.reason is Reason.TOOL_FAILED
    assert "fetch-depth: 0" in raised.value.hint


def test_histories_without_a_common_commit_are_undecided(registry: MakeRegistry) -> None:
    made = registry()
    made.git("checkout", "--quiet", "--orphan", "island")
    made.commit(message="island")
    with pytest.raises(Undecided, match="no common commit") as raised:
        Registry(made.root).changed_since("main")
    assert raised.value.reason is Reason.TOOL_FAILED


def test_without_git_around_it_the_folder_can_be_listed_but_not_compared(tmp_path: Path) -> None:
    (tmp_path / "servers").mkdir()
    (tmp_path / "servers/a.yaml").write_text("a")
    found = Registry.find(tmp_path)
    assert found.entry_paths() == ["servers/a.yaml"]
    with pytest.raises(UsageError, match="not in a git repository"):
        found.changed_since("HEAD")


def test_without_git_on_the_path_nothing_is_decided(
    registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = registry()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Undecided, match="git does not start") as raised:
        Registry(made.root).staged()
    assert raised.value.reason is Reason.TOOL_FAILED


def test_a_symbolic_link_is_refused_on_disk_in_the_index_and_in_a_commit(
    registry: MakeRegistry, tmp_path: Path
) -> None:
    made = registry()
    (tmp_path / "target").write_text(entry("link"))
    (made.root / "servers/link.yaml").symlink_to(tmp_path / "target")
    made.commit()
    found = Registry(made.root)
    reads: list[Callable[[], object]] = [
        lambda: found.read("servers/link.yaml"),
        lambda: found.tracked().read("servers/link.yaml"),
        lambda: found.changed_since("HEAD~1"),
    ]
    with found.staging() as index, found.commit() as commit:
        reads += [lambda: index.read("servers/link.yaml"), lambda: commit.read("servers/link.yaml")]
        for read in reads:
            with pytest.raises(Refused, match="symbolic link") as raised:
                read()
            assert raised.value.reason is Reason.ENTRY_INVALID


def test_a_linked_folder_of_entries_is_refused(registry: MakeRegistry, tmp_path: Path) -> None:
    made = registry()
    (made.root / "servers").rename(tmp_path / "elsewhere")
    (made.root / "servers").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refused, match="servers is a symbolic link"):
        Registry(made.root).entry_paths()
    with pytest.raises(Refused, match="servers is a symbolic link"):
        Registry(made.root).read("servers/clock.yaml")


def test_a_submodule_among_the_entries_is_refused(registry: MakeRegistry) -> None:
    made = registry()
    head = made.git("rev-parse", "HEAD")
    made.write(".gitmodules", '[submodule "x"]\n\tpath = servers/x.yaml\n\tignore = all\n')
    made.git("update-index", "--add", "--cacheinfo", f"160000,{head},servers/x.yaml")
    made.git("commit", "--quiet", "--no-verify", "-m", "hide it")
    with pytest.raises(Refused, match="a submodule"):
        Registry(made.root).changed_since("HEAD~1")


def test_a_pipe_or_a_folder_for_an_entry_is_refused_and_does_not_hang(
    registry: MakeRegistry,
) -> None:
    made = registry()
    os.mkfifo(made.root / "servers/pipe.yaml")
    (made.root / "servers/folder.yaml").mkdir()
    for path in ("servers/pipe.yaml", "servers/folder.yaml"):
        with pytest.raises(Refused, match="no regular file"):
            Registry(made.root).read(path)


def test_ten_megabytes_are_read_and_seventeen_refused(registry: MakeRegistry) -> None:
    made = registry()
    made.commit({"servers/big.yaml": b"x" * 10_000_000})
    made.commit({"servers/huge.yaml": b"x" * 17 * 1024 * 1024})
    found = Registry(made.root)
    assert len(found.read("servers/big.yaml") or b"") == 10_000_000
    with found.commit() as view:
        assert len(view.read("servers/big.yaml") or b"") == 10_000_000
    for read in (lambda: found.read("servers/huge.yaml"), lambda: found.changed_since("HEAD~1")):
        with pytest.raises(Refused, match="a file of a registry has at most") as raised:
            read()
        assert raised.value.reason is Reason.ENTRY_INVALID


def test_after_a_refusal_the_next_file_is_still_itself(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a", "servers/huge.yaml": b"x" * 17 * 1024 * 1024})
    with Registry(made.root).commit() as view:
        with pytest.raises(Refused):
            view.read("servers/huge.yaml")
        assert view.read("servers/a.yaml") == b"a"


def test_an_object_that_is_not_there_is_undecided(registry: MakeRegistry) -> None:
    made = registry()
    made.commit({"servers/clock.yaml": "lost"})
    identifier = made.git("rev-parse", "HEAD:servers/clock.yaml")
    (made.root / ".git/objects" / identifier[:2] / identifier[2:]).unlink()
    with pytest.raises(Undecided, match="git has no file's bytes") as raised:
        Registry(made.root).changed_since("HEAD~1")
    assert raised.value.reason is Reason.TOOL_FAILED


def test_a_conflict_that_is_not_resolved_is_undecided(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "base\n"})
    made.git("checkout", "--quiet", "-b", "branch")
    made.commit({"servers/a.yaml": "theirs\n"})
    made.git("checkout", "--quiet", "main")
    made.commit({"servers/a.yaml": "ours\n"})
    subprocess.run(["git", "merge", "branch"], cwd=made.root, capture_output=True, check=False)
    for read in (lambda: Registry(made.root).tracked().names(), Registry(made.root).staged):
        with pytest.raises(Undecided, match="not merged yet"):
            read()


@pytest.mark.parametrize("name", ["../assay.yaml", "/etc/passwd", "", ".", "..", "a\\b", "a\0b"])
def test_a_sibling_never_lies_in_another_folder(registry: MakeRegistry, name: str) -> None:
    made = registry({"servers/a.yaml": "a", "assay.yaml": "secret"})
    assert Siblings(Registry(made.root).working_tree()).read(name) is None


def test_a_sibling_is_read_from_beside_the_entry(registry: MakeRegistry) -> None:
    made = registry({"servers/a.yaml": "a", "servers/a.requirements.txt": "lock"})
    assert Siblings(Registry(made.root).working_tree()).read("a.requirements.txt") == b"lock"


def test_a_linked_worktree_reads_as_its_own(registry: MakeRegistry, tmp_path: Path) -> None:
    made = registry({"servers/a.yaml": "1"})
    made.git("worktree", "add", "--quiet", "-b", "second", tmp_path / "second")
    second = Repository(tmp_path / "second")
    second.commit({"servers/a.yaml": "2"})
    assert Registry(second.root).changed_since("main") == [Change("servers/a.yaml", b"1", b"2")]


@pytest.mark.parametrize("files", [3, 300])
def test_the_number_of_git_processes_does_not_grow_with_the_change(
    registry: MakeRegistry, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = registry({f"servers/s{number}.yaml": "old" for number in range(files)})
    made.commit({f"servers/s{number}.yaml": f"new {number}" for number in range(files)})
    log = tmp_path / "calls"
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho x >> "{log}"\nexec {real.stdout.strip()} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    assert len(Registry(made.root).changed_since("HEAD~1")) == files
    assert log.read_text().count("x") == 4  # rev-parse, merge-base, diff-tree, cat-file
