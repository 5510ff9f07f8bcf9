"""An installed tree: whatever differs from its manifest is seen."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.artefact.unpack.bounds import Member
from assay.client import manifest as manifests
from assay.client import tree
from assay.client.build import Build, remove
from assay.client.manifest import Manifest
from assay.errors import Refused
from assay.reason import Reason

FILES = {"a/one.js": b"one", "a/b/two.js": b"two", "run": b"#!"}


def member(path: str, data: bytes) -> Member:
    return Member(path, path == "run", io.BytesIO(data))


@pytest.fixture
def laid(tmp_path: Path) -> tuple[Path, Manifest]:
    (tmp_path / "tree").mkdir()
    build = Build(tmp_path / "tree")
    build.lay("", [member(path, data) for path, data in FILES.items()], label="x")
    build.finish()
    return build.root, Manifest({}, build.files)


def test_a_tree_as_it_was_laid_holds(laid: tuple[Path, Manifest]) -> None:
    tree.hold(*laid)


def test_a_manifest_is_read_as_it_was_written(laid: tuple[Path, Manifest]) -> None:
    _, manifest = laid
    read = manifests.parse(manifest.to_bytes())
    assert read.to_bytes() == manifest.to_bytes()
    tree.hold(laid[0], read)


def rewrite(root: Path, path: str, data: bytes) -> None:
    times = (root / path).stat()
    os.chmod(root / path, 0o600)
    (root / path).write_bytes(data)
    os.chmod(root / path, 0o444)
    os.utime(root / path, ns=(times.st_atime_ns, times.st_mtime_ns))


def swap(root: Path, path: str, make: Callable[[Path], object]) -> None:
    folder = (root / path).parent
    os.chmod(folder, 0o700)
    (root / path).unlink(missing_ok=True)
    make(root / path)
    os.chmod(folder, 0o555)


def link_to_a_copy(path: Path) -> None:
    copy = path.parents[2] / "copy"
    copy.write_bytes(b"one")
    path.symlink_to(copy)


def link_to_itself(root: Path) -> None:
    os.rename(root, root.with_name("moved"))
    root.symlink_to("moved")


CHANGES: dict[str, Callable[[Path], object]] = {
    "other bytes, same size and time": lambda root: rewrite(root, "a/one.js", b"eno"),
    "one byte more": lambda root: rewrite(root, "a/one.js", b"one!"),
    "a file too many": lambda root: swap(root, "a/evil.js", Path.touch),
    "a hidden file": lambda root: swap(root, "a/.evil", Path.touch),
    "a folder too many": lambda root: swap(root, "a/evil", lambda path: path.mkdir(0o555)),
    "a file missing": lambda root: swap(root, "a/one.js", lambda path: None),
    "a link to the same bytes": lambda root: swap(root, "a/one.js", link_to_a_copy),
    "a link too many": lambda root: swap(root, "a/evil", lambda path: path.symlink_to("b")),
    "a pipe": lambda root: swap(root, "a/one.js", lambda path: os.mkfifo(path, 0o444)),
    "an executable bit": lambda root: os.chmod(root / "a/one.js", 0o555),
    "a setuid bit": lambda root: os.chmod(root / "run", 0o4555),
    "a writable file": lambda root: os.chmod(root / "a/one.js", 0o644),
    "a writable folder": lambda root: os.chmod(root / "a", 0o755),
    "a folder that is a link": lambda root: link_to_itself(root),
    "nothing there": lambda root: remove(root),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_refused(laid: tuple[Path, Manifest], change: Callable[[Path], object]) -> None:
    change(laid[0])
    with pytest.raises(Refused) as caught:
        tree.hold(*laid)
    assert caught.value.reason is Reason.TREE_CHANGED


def test_two_packages_may_bring_the_same_file(tmp_path: Path) -> None:
    build = Build(tmp_path)
    build.lay("", [member("LICENSE", b"free")], label="one")
    build.lay("", [member("LICENSE", b"free")], label="two")
    assert list(build.files) == ["LICENSE"]


@pytest.mark.parametrize("second", ["LICENSE", "LICENSE/x", "folder"])
def test_two_packages_may_not_bring_different_files_of_one_name(
    tmp_path: Path, second: str
) -> None:
    build = Build(tmp_path)
    build.lay("", [member("LICENSE", b"free"), member("folder/x", b"")], label="one")
    with pytest.raises(Refused) as caught:
        build.lay("", [member(second, b"paid")], label="two")
    assert caught.value.reason is Reason.ARTEFACT_INVALID
    assert (tmp_path / "LICENSE").read_bytes() == b"free"


def test_a_tree_is_removed_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").touch()
    (tmp_path / "tree/sub").mkdir(parents=True)
    (tmp_path / "tree/link").symlink_to(tmp_path / "precious")
    os.chmod(tmp_path / "tree/sub", 0o555)
    remove(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert (tmp_path / "precious/file").exists()


def test_thousands_of_files_are_held_in_a_part_of_a_second(tmp_path: Path) -> None:
    build = Build(tmp_path)
    build.lay("", (member(f"{n % 50}/{n}.js", b"x" * 4000) for n in range(3000)), label="many")
    build.finish()
    manifest = Manifest({}, build.files)
    begin = time.perf_counter()
    tree.hold(tmp_path, manifest)
    # About 0.05 s alone; four builders at once must not make this test a gamble.
    assert time.perf_counter() - begin < 1.0


def test_packages_laid_above_a_tree_are_noticed(tmp_path: Path) -> None:
    home = tmp_path / "cache/trees/key"
    (home / "tree").mkdir(parents=True)
    (home / "manifest.json").touch()
    tree.hold_surroundings(home)
    for folder in (home, home.parent, home.parent.parent):
        (folder / "node_modules").mkdir()
        with pytest.raises(Refused) as caught:
            tree.hold_surroundings(home)
        assert caught.value.reason is Reason.TREE_CHANGED
        (folder / "node_modules").rmdir()
