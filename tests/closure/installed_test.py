"""What an artefact's own package databases say is listed, and nothing that they only pretend."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packageurl import PackageURL

from assay.closure import installed
from assay.errors import Refused
from assay.reason import Reason

DEBIAN = b'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n'
ALPINE = b"ID=alpine\nVERSION_ID=3.20.3\n"
STATUS = "var/lib/dpkg/status"


def purls(files: dict[str, bytes]) -> list[str]:
    found = installed.read(files)
    assert found.unread == ()
    return [item.purl for item in found.software]


def unread(files: dict[str, bytes]) -> tuple[str, ...]:
    found = installed.read(files)
    assert found.software == ()
    return found.unread


def manifest(**told: object) -> bytes:
    return json.dumps(told).encode()


def test_dpkg_lists_what_is_installed_with_its_source() -> None:
    status = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.36-9)
Version: 2.36-9+deb12u10
Description: GNU C Library
 Package: not-a-package
 .

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1.0

Package: tzdata
Status: install ok installed
Architecture: all
Version: 1:2024a-0
"""
    found = installed.read({"etc/os-release": DEBIAN, STATUS: status})
    assert [(item.purl, item.source) for item in found.software] == [
        ("pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12", "glibc"),
        ("pkg:deb/debian/tzdata@1:2024a-0?arch=all&distro=debian-12", "tzdata"),
    ]
    assert found.unread == ()


def test_distroless_keeps_a_file_a_package() -> None:
    files = {
        "usr/lib/os-release": DEBIAN,
        "var/lib/dpkg/status.d/base": b"Package: base-files\nVersion: 12.4\nArchitecture: amd64\n",
        "var/lib/dpkg/status.d/base.md5sums": b"d41d8  etc/x\n",
    }
    assert purls(files) == ["pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12"]
    assert not installed.wanted("var/lib/dpkg/status.d/base.md5sums")


@pytest.mark.parametrize("path", ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
def test_apk_lists_what_is_installed(path: str) -> None:
    database = b"C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\nF:lib\nR:x\n\nP:zlib\nV:1.3.1-r1\n"
    assert purls({"etc/os-release": ALPINE, path: database}) == [
        "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.3",
        "pkg:apk/alpine/zlib@1.3.1-r1?distro=alpine-3.20.3",
    ]


def test_npm_packages_are_found_at_every_depth_once_each() -> None:
    lodash = manifest(name="lodash", version="4.17.21")
    files = {
        "app/node_modules/lodash/package.json": lodash,
        "app/node_modules/a/node_modules/lodash/package.json": lodash,
        "app/node_modules/@s/b/package.json": manifest(name="@s/b", version="1.0.0-rc.1"),
        "app/node_modules/lodash/fp/package.json": manifest(name="no", version="1.0.0"),
        "app/package.json": manifest(name="app", version="1.0.0"),
        "app/node_modules/.package-lock.json": b"{}",
    }
    found = installed.read({path: raw for path, raw in files.items() if installed.wanted(path)})
    assert [(item.purl, len(item.paths)) for item in found.software] == [
        ("pkg:npm/%40s/b@1.0.0-rc.1", 1),
        ("pkg:npm/lodash@4.17.21", 2),
    ]


def test_python_distributions_are_found_by_their_metadata() -> None:
    root = "usr/lib/python3/dist-packages"
    files = {
        f"{root}/Foo_Bar-1.0.dist-info/METADATA": (
            b"Metadata-Version: 2.1\r\nName: Foo_Bar\r\nVersion: 1.0+l\r\n\r\nName: text\r\n"
        ),
        f"{root}/old-2.egg-info/PKG-INFO": b"Name: old\nVersion: 2\n",
    }
    assert purls(files) == ["pkg:pypi/foo-bar@1.0%2Bl", "pkg:pypi/old@2"]


def test_without_os_release_there_is_no_distribution_to_name() -> None:
    status = b"Package: base\nVersion: 1\nArchitecture: amd64\n"
    assert purls({STATUS: status}) == ["pkg:deb/base@1?arch=amd64"]
    hostile = b"ID=debian&x=y\nVERSION_ID=12?z\n"
    assert purls({STATUS: status, "etc/os-release": hostile}) == ["pkg:deb/base@1?arch=amd64"]


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("node_modules/x/package.json", b"["),
        ("node_modules/x/package.json", b"[" * 200_000),
        ("node_modules/x/package.json", b"\xff\xfe\x00"),
        ("node_modules/x/package.json", b"[]"),
        ("node_modules/x/package.json", manifest(name="x")),
        ("node_modules/x/package.json", manifest(name="x", version=1)),
        ("node_modules/x/package.json", manifest(name="x@9.9.9?a=b#c", version="1.0.0")),
        ("node_modules/x/package.json", manifest(name="../y", version="1.0.0")),
        ("node_modules/x/package.json", manifest(name="x", version="1.0.0/../../deb/y")),
        ("node_modules/x/package.json", manifest(name="x\n", version="1.0.0")),
        ("node_modules/\n/package.json", manifest(name="", version="1.0.0")),
        ("a.dist-info/METADATA", b""),
        ("a.dist-info/METADATA", b"Name: a\nName: b\nVersion: 1\n"),
        ("a.dist-info/METADATA", b"Name: a\nVersion: 1?x=y\n"),
        (STATUS, b"Package: a\nPackage: b\nVersion: 1\n"),
        (STATUS, b"Package: a\nVersion: 1\nArchitecture: amd64&distro=x\n"),
        (STATUS, b"Version: 1\n"),
        ("lib/apk/db/installed", b"P:a b\nV:1.0\n"),
        ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0"),
    ],
)
def test_what_names_no_package_makes_none_and_is_told(path: str, raw: bytes) -> None:
    assert installed.wanted(path)
    (told,) = unread({path: raw})
    assert told.startswith(f"{path}: ")


def test_a_record_that_breaks_the_grammar_hides_no_other() -> None:
    status = b"Package: A!\nVersion: 1\n\nPackage: good\nVersion: 2\n\nPackage: x\nVersion: \n"
    found = installed.read({STATUS: status})
    assert [item.purl for item in found.software] == ["pkg:deb/good@2"]
    assert len(found.unread) == 2


def test_a_record_with_two_states_counts_as_installed() -> None:
    status = b"Package: a\nVersion: 1\nStatus: install ok installed\nStatus: purge ok none\n"
    assert purls({STATUS: status}) == ["pkg:deb/a@1"]


def test_files_that_could_not_be_had_are_told() -> None:
    found = installed.read({}, unread=("var/lib/dpkg/status",))
    assert found.unread == ("var/lib/dpkg/status: is no small plain file",)


def test_a_flood_of_packages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "MOST_PACKAGES", 100)
    status = b"\n\n".join(b"Package: p%d\nVersion: 1" % number for number in range(101))
    with pytest.raises(Refused) as caught:
        installed.read({STATUS: status})
    assert caught.value.reason is Reason.ARTEFACT_INVALID


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(
        [STATUS, "lib/apk/db/installed", "node_modules/x/package.json", "x.dist-info/METADATA"]
    ),
    st.binary(max_size=200)
    | st.text(max_size=60).map(lambda text: manifest(name=text, version="1.0.0"))
    | st.text(max_size=60).map(lambda text: f"Package: {text}\nVersion: 1\n".encode())
    | st.text(max_size=60).map(lambda text: f"P:x\nV:{text}\n".encode()),
)
def test_whatever_is_written_each_package_url_reads_back_as_what_it_says(
    path: str, raw: bytes
) -> None:
    for item in installed.read({path: raw, "etc/os-release": raw}).software:
        again = PackageURL.from_string(item.purl)
        assert again.type == item.ecosystem
        assert again.version == item.version
        assert not again.subpath
        assert item.purl.isascii()
        assert item.purl.isprintable()
