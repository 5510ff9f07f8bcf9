"""Archives that would lead an unpacker astray, each beside one that would not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.artefact.unpack import bounds, tarball, wheel
from assay.errors import Refused
from assay.reason import Reason

MIB = 1024**2
Change = Callable[[tarfile.TarInfo], None]


def tgz(path: Path, *members: tuple[str, bytes, int] | tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            name, data, mode = member
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            tar.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def read_tar(path: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        one.path: (one.stream.read(MIB * 300), one.executable)
        for one in tarball.members(path, label="a")
    }


def refused_tar(path: Path, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        read_tar(path)
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_a_tarball_is_read_without_its_first_folder_and_with_plain_modes(tmp_path: Path) -> None:
    path = tgz(
        tmp_path / "a.tgz",
        special("package", tarfile.DIRTYPE),
        ("package/package.json", b"{}", 0o600),
        ("package/bin/x.js", b"run", 0o4755),
    )
    assert read_tar(path) == {"package.json": (b"{}", False), "bin/x.js": (b"run", True)}


@pytest.mark.parametrize(
    "name",
    [
        "package/../../evil",
        "/etc/evil",
        "package/a/../../../evil",
        "../package/x",
        "package//x",
        "package/./x",
        "package/a\\..\\evil",
        "package/c:evil",
        "package/NUL.txt",
        "package/x\n",
        "package/dot.",
        "lonely",
        f"package/{'a/' * 60}x",
        f"package/{'a' * 300}",
    ],
)
def test_a_path_that_is_not_plain_is_refused(tmp_path: Path, name: str) -> None:
    refused_tar(
        tgz(tmp_path / "a.tgz", ("package/ok", b"", 0o644), (name, b"evil", 0o644)),
        "a path |a name |top ",
    )


@pytest.mark.parametrize(
    ("kind", "link"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "ok"),
        (tarfile.LNKTYPE, "package/ok"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes, link: str) -> None:
    archive = tgz(tmp_path / "a.tgz", ("package/ok", b"", 0o644), special("package/x", kind, link))
    refused_tar(archive, "a link, a device")


@pytest.mark.parametrize(
    "pair", [("a", "a"), ("README", "readme"), ("\u00e9", "e\u0301"), ("a", "a/b"), ("A/b", "a")]
)
def test_two_paths_that_some_system_takes_for_one_are_refused(
    tmp_path: Path, pair: tuple[str, str]
) -> None:
    members = [(f"package/{name}", b"x", 0o644) for name in pair]
    refused_tar(tgz(tmp_path / "a.tgz", *members), "take for one|place of a folder")


def test_a_bomb_is_stopped_by_its_ratio_before_it_is_unpacked(tmp_path: Path) -> None:
    refused_tar(tgz(tmp_path / "a.tgz", ("package/zeros", bytes(200 * MIB), 0o644)), "200 times")


def test_a_bomb_that_is_no_tar_at_all_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(bytes(200 * MIB)))
    refused_tar(path, "holds no file")


def test_a_header_that_claims_too_much_is_stopped(tmp_path: Path) -> None:
    info = tarfile.TarInfo("package/x")
    info.size = 1 << 40
    raw = info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(raw))
    refused_tar(path, "not a gzipped tar")


def test_many_folders_count_as_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tarball, "MOST_MEMBERS", 10)
    folders = [special(f"package/{number}", tarfile.DIRTYPE) for number in range(12)]
    refused_tar(tgz(tmp_path / "a.tgz", *folders), "over 10 files")


@pytest.mark.parametrize("cut", [0, 1, 20, 60])
def test_a_tarball_that_was_cut_is_refused(tmp_path: Path, cut: int) -> None:
    path = tgz(tmp_path / "a.tgz", ("package/x", bytes(range(256)) * 64, 0o644))
    path.write_bytes(path.read_bytes()[:cut])
    refused_tar(path, "not a gzipped tar")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(b"<html>Please log in</html>")
    refused_tar(path, "not a gzipped tar")


# Wheels

WHEEL = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
TOP = "demo-1.0.dist-info"


def hashed(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest},{len(data)}"


def whl(
    path: Path, files: dict[str, bytes], *, record: str | None = None, kind: int = 0, top: str = TOP
) -> Path:
    files = {**files, f"{top}/WHEEL": WHEEL}
    told = "".join(f"{name},{hashed(data)}\n" for name, data in files.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = kind << 16
            archive.writestr(info, data)
        archive.writestr(f"{top}/RECORD", f"{told}{top}/RECORD,,\n" if record is None else record)
    return path


def read_wheel(path: Path) -> dict[str, bytes]:
    members = wheel.members(path, name="Demo", version="1.0", label="w")
    return {one.path: one.stream.read(MIB * 300) for one in members}


def refused_wheel(path: Path, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        read_wheel(path)
    assert caught.value.reason is Reason.ARTEFACT_INVALID


def test_a_wheel_lands_in_one_site_folder(tmp_path: Path) -> None:
    path = whl(
        tmp_path / "w.whl",
        {
            "demo/__init__.py": b"x = 1",
            "demo/__pycache__/__init__.cpython-311.pyc": b"other code",
            "demo-1.0.data/purelib/demo_pure.py": b"y = 1",
            "demo-1.0.data/platlib/demo_plat.py": b"z = 1",
            "demo-1.0.data/scripts/demo": b"#!python",
            "demo-1.0.data/data/share/x": b"x",
        },
    )
    found = read_wheel(path)
    assert {name for name in found if not name.startswith(TOP)} == {
        "demo/__init__.py",
        "demo_pure.py",
        "demo_plat.py",
    }
    assert found["demo/__init__.py"] == b"x = 1"


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/evil", "demo/../../evil", "C:/evil", "demo\\evil.py", "demo/CON"]
)
def test_a_wheels_path_that_is_not_plain_is_refused(tmp_path: Path, name: str) -> None:
    refused_wheel(whl(tmp_path / "w.whl", {name: b"evil"}), "a path ")


@pytest.mark.parametrize("place", ["evil.pth", "demo-1.0.data/purelib/evil.pth", "EVIL.PTH"])
def test_a_pth_file_is_refused(tmp_path: Path, place: str) -> None:
    refused_wheel(whl(tmp_path / "w.whl", {place: b"import os"}), "runs at each start")


def test_a_pth_file_that_no_start_looks_at_is_data(tmp_path: Path) -> None:
    assert "demo/model.pth" in read_wheel(whl(tmp_path / "w.whl", {"demo/model.pth": b"weights"}))


def test_a_file_that_record_does_not_name_is_refused(tmp_path: Path) -> None:
    record = f"{TOP}/WHEEL,{hashed(WHEEL)}\n"
    refused_wheel(whl(tmp_path / "w.whl", {"demo.py": b""}, record=record), "does not name demo.py")


def test_a_file_that_record_names_and_nobody_packed_is_refused(tmp_path: Path) -> None:
    record = f"{TOP}/WHEEL,{hashed(WHEEL)}\nghost.py,{hashed(b'')}\n"
    refused_wheel(whl(tmp_path / "w.whl", {}, record=record), "names a file that is not there")


@pytest.mark.parametrize("digest", [hashed(b"other!"), "md5=x,6", ",", "sha256=!!,6"])
def test_a_file_that_is_not_what_record_says_is_refused(tmp_path: Path, digest: str) -> None:
    record = f"{TOP}/WHEEL,{hashed(WHEEL)}\ndemo.py,{digest}\n"
    refused_wheel(whl(tmp_path / "w.whl", {"demo.py": b"import"}, record=record), "RECORD")


@pytest.mark.parametrize("top", ["other-1.0.dist-info", "demo-1.1.dist-info"])
def test_a_wheel_of_another_package_is_refused(tmp_path: Path, top: str) -> None:
    refused_wheel(whl(tmp_path / "w.whl", {}, top=top), "calls itself")


def test_a_wheel_with_a_second_packages_metadata_is_refused(tmp_path: Path) -> None:
    refused_wheel(whl(tmp_path / "w.whl", {"mcp-9.dist-info/METADATA": b""}), "2 .dist-info")


def test_a_link_in_a_wheel_is_refused(tmp_path: Path) -> None:
    path = whl(tmp_path / "w.whl", {"demo.py": b"/etc/passwd"}, kind=stat.S_IFLNK | 0o777)
    refused_wheel(path, "a link")


def test_a_wheels_bomb_is_stopped_by_its_ratio(tmp_path: Path) -> None:
    refused_wheel(whl(tmp_path / "w.whl", {"demo.bin": bytes(200 * MIB)}), "200 times")


def test_a_name_twice_in_a_wheel_is_refused(tmp_path: Path) -> None:
    path = whl(tmp_path / "w.whl", {"demo.py": b"good"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("demo.py", b"evil")
    refused_wheel(path, "take for one")


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.whl"
    path.write_bytes(b"<html>")
    refused_wheel(path, "not a wheel")


def test_limits_are_those_that_the_documents_name() -> None:
    assert (bounds.MOST_MEMBERS, bounds.MOST_BYTES, bounds.MOST_RATIO) == (100_000, 1024 * MIB, 200)
