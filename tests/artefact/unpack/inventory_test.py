"""What an inventory says of good archives, and where a launch lays their files."""

from __future__ import annotations

import hashlib
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.artefact.unpack.making import (
    END,
    TOP,
    Packed,
    npm,
    tar_file,
    tar_header,
    tar_special,
    tgz,
    wheel,
    zipped,
)

from assay.artefact import reference
from assay.artefact.unpack import bounds, form_of, inventory, tarball
from assay.artefact.unpack import wheel as wheels
from assay.artefact.unpack.inventory import Item
from assay.errors import Refused, Undecided
from assay.reason import Reason

MIB = 1024**2


def taken(path: Path, raw: bytes, form: str) -> dict[str, Item]:
    path.write_bytes(raw)
    return {item.path: item for item in inventory.take(path, form=form, label="it").items}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def test_an_item_tells_kind_size_mode_and_sha256(path: Path) -> None:
    raw = tgz(
        tar_header("a/", kind=b"5", mode=0o2775),
        tar_file("a/run", b"#!/bin/sh", 0o755),
        tar_special("a/link", b"2", "run"),
        tar_special("hard", b"1", "a/run"),
    )
    found = taken(path, raw, "tar")
    assert list(found) == ["a", "a/link", "a/run", "hard"]
    assert found["a"] == Item("a", "folder", 0, 0o2775)
    digest = hashlib.sha256(b"#!/bin/sh").hexdigest()
    assert found["a/run"] == Item("a/run", "file", 9, 0o755, digest)
    assert found["a/link"] == Item("a/link", "link", 0, 0o644, target="run")
    assert found["hard"] == Item("hard", "hardlink", 0, 0o644, target="a/run")


NESTED = {
    "zip": zipped(Packed("x", b"x")),
    "gzip": tgz(tar_file("x", b"x")),
    "tar": tar_file("x", b"x") + END,
    "xz": b"\xfd7zXZ\0rest",
    "bzip2": b"BZh9rest",
    "zstd": b"\x28\xb5\x2f\xfdrest",
    "7z": b"7z\xbc\xaf\x27\x1crest",
    "rar": b"Rar!\x1a\x07\x01\0",
    "ar": b"!<arch>\ndebian-binary",
    "cab": b"MSCF\0\0",
}


@pytest.mark.parametrize("form", ["npm-tgz", "zip"])
@pytest.mark.parametrize("kind", NESTED)
def test_an_archive_inside_is_told_by_its_bytes_whatever_it_is_called(
    path: Path, kind: str, form: str
) -> None:
    if form == "zip":
        raw = zipped(Packed("logo.png", NESTED[kind]), Packed("x", b"plain"))
    else:
        raw = npm(tar_file("package/logo.png", NESTED[kind]))
    assert taken(path, raw, form)["logo.png"].nested == kind
    found = inventory.take(path, form=form, label="it")
    assert [item.path for item in found.nested] == ["logo.png"]


@pytest.mark.parametrize("size", [0, 600, MIB])
def test_a_zip_behind_something_else_is_told(path: Path, size: int) -> None:
    raw = npm(tar_file("package/setup.exe", b"M" * size + NESTED["zip"]))
    assert taken(path, raw, "npm-tgz")["setup.exe"].nested == "zip"


def test_the_tools_that_people_use_make_archives_that_pass(path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name in ("package/index.js", f"package/{'deep/' * 30}x.js", "package/\xfcber.js"):
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uid = 3, 1.5, 1 << 40  # what only pax can say
            tar.addfile(info, io.BytesIO(b"abc"))
    assert len(taken(path, made.getvalue(), "npm-tgz")) == 3
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", "{}")
        archive.writestr("\xfcber/", "")
        with archive.open("big", "w", force_zip64=True) as file:
            file.write(b"x" * 100_000)
    assert list(taken(path, made.getvalue(), "mcpb")) == ["big", "manifest.json", "\xfcber"]


def test_a_streamed_zip_passes(path: Path) -> None:
    class Pipe(io.RawIOBase):
        """Not to be sought in: zipfile then writes data descriptors."""

        def __init__(self) -> None:
            self.raw = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object, /) -> int:
            added = bytes(data)  # type: ignore[call-overload]
            self.raw += added
            return len(added)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"one" * 1000)
        archive.writestr("b", b"")
    assert list(taken(path, bytes(pipe.raw), "zip")) == ["a", "b"]


def test_a_package_is_laid_without_its_first_folder_and_with_plain_modes(path: Path) -> None:
    raw = npm(
        tar_header("package/bin/", kind=b"5", mode=0o777),
        tar_file("package/bin/x.js", b"run", 0o711),
    )
    path.write_bytes(raw)
    laid = {one.path: (one.executable, one.stream.read(9)) for one in members(path)}
    assert laid == {"package.json": (False, b"{}"), "bin/x.js": (True, b"run")}


def members(path: Path) -> list[bounds.Member]:
    """With bytes that stay, for a stream is good until the next member only."""
    return [
        bounds.Member(one.path, one.executable, io.BytesIO(one.stream.read(MIB)))
        for one in tarball.members(path, label="it")
    ]


def test_a_wheel_is_laid_in_one_site_folder_and_told_as_it_lies(path: Path) -> None:
    files = {
        "demo/__init__.py": b"x = 1",
        "demo/__pycache__/__init__.cpython-311.pyc": b"other code",
        "demo-1.0.data/purelib/demo_pure.py": b"y = 1",
        "demo-1.0.data/platlib/demo_plat.py": b"z = 1",
        "demo-1.0.data/scripts/demo": b"#!python",
        "demo-1.0.data/data/share/x": b"x",
    }
    assert set(files) < set(taken(path, wheel(files), "wheel"))
    found = {one.path for one in wheels.members(path, name="Demo", version="1.0", label="it")}
    laid = {name for name in found if not name.startswith(TOP)}
    assert laid == {"demo/__init__.py", "demo_pure.py", "demo_plat.py"}


def test_what_nobody_reads_is_proven_all_the_same(path: Path) -> None:
    path.write_bytes(wheel({"demo.py": b"x" * 100_000}, record=f"demo.py,sha256={'A' * 43},100000"))
    with pytest.raises(Refused, match=r"does not name|not the file"):
        for _ in wheels.members(path, name="demo", version="1.0", label="it"):
            pass


def test_many_folders_count_as_members(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_MEMBERS", 10)
    path.write_bytes(npm(*(tar_special(f"package/{n}/", b"5") for n in range(12))))
    with pytest.raises(Refused, match="over 10 files"):
        inventory.take(path, form="npm-tgz", label="it")


def test_what_names_an_archive_in_a_message_cannot_forge_one(path: Path) -> None:
    path.write_bytes(npm(tar_file("package/x\n::error::forged\x1b[2J", b"x")))
    with pytest.raises(Refused) as caught:
        inventory.take(path, form="npm-tgz", label="it")
    assert caught.value.message.isprintable()


def test_a_file_that_is_gone_is_undecided(path: Path) -> None:
    with pytest.raises(Undecided) as caught:
        inventory.take(path, form="zip", label="it")
    assert caught.value.reason is Reason.STORE_UNUSABLE


@pytest.mark.parametrize(
    ("text", "file_name", "form"),
    [
        ("pkg:npm/a@1.0.0", "a-1.0.0.tgz", "npm-tgz"),
        ("pkg:pypi/a@1.0", "", "wheel"),
        ("oci://example.com/a:1", "manifest.json", "image"),
        ("https://example.com/a.mcpb", "a.mcpb", "mcpb"),
        ("https://example.com/a.tar.gz", "", "tar"),
        ("https://example.com/a-1-py3-none-any.whl", "a-1-py3-none-any.whl", "wheel"),
        ("https://example.com/a.zip", "a.zip", "zip"),
    ],
)
def test_the_form_of_an_artefact_is_known_before_it_is_opened(
    text: str, file_name: str, form: str
) -> None:
    assert form_of(reference.parse(text), file_name) == form


def test_a_file_of_no_known_form_is_undecided() -> None:
    with pytest.raises(Undecided) as caught:
        form_of(reference.parse("https://example.com/a.zip"), "a.exe")
    assert caught.value.reason is Reason.ARTEFACT_UNSUPPORTED


def test_limits_are_those_that_the_documents_name() -> None:
    assert (bounds.MOST_MEMBERS, bounds.MOST_BYTES, bounds.MOST_RATIO) == (100_000, 1024 * MIB, 200)


def test_a_link_of_a_zip_is_told_where_it_may_be(path: Path) -> None:
    raw = zipped(Packed("bin/x", b"../lib/x.js", mode=stat.S_IFLNK | 0o777))
    assert taken(path, raw, "zip")["bin/x"] == Item("bin/x", "link", 0, 0o777, target="../lib/x.js")
