"""The merged root of an image: what a container would see, not what its layers only claim."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import time
from pathlib import Path

import pytest
from tests.support import images
from tests.support.images import Made, folder, hard, link, node

from assay.artefact.image import Layer
from assay.artefact.unpack import layer as layers
from assay.artefact.unpack import packing
from assay.artefact.unpack.layer import Filesystem, Item, merged
from assay.errors import Refused, Undecided
from assay.reason import Reason

LABEL = "oci://registry.example.com/mcp/x:1.0.0"
PACKINGS = {f"{images.LAYER}+gzip": "gzip", f"{images.LAYER}+zstd": "zstd", images.LAYER: "tar"}


def merge(tmp_path: Path, *made: Made, wanted: str = "") -> Filesystem:
    found = []
    for number, each in enumerate(made):
        path = tmp_path / f"layer-{number}"
        path.write_bytes(each.raw)
        found.append(Layer(path, PACKINGS[each.media_type], each.diff_id))
    return merged(found, label=LABEL, wanted=lambda path: path == wanted)


def kinds(found: Filesystem) -> dict[str, str]:
    return {item.path: item.kind for item in found.items}


def refused(tmp_path: Path, *made: Made, reason: Reason = Reason.ARTEFACT_INVALID) -> str:
    with pytest.raises(Refused) as caught:
        merge(tmp_path, *made)
    assert caught.value.reason is reason
    assert caught.value.message.startswith(LABEL)
    return caught.value.message


@pytest.mark.parametrize("packed", ["tar", "gzip", "zstd"])
def test_every_kind_is_recorded_with_what_it_is(tmp_path: Path, packed: str) -> None:
    found = merge(
        tmp_path,
        images.layer(
            folder("./bin"),
            node("bin/su", b"x" * 700, mode=0o4755),
            link("lib", "/usr/lib"),
            hard("bin/su2", "bin/su"),
            node("dev/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
            node("run/pipe", type=tarfile.FIFOTYPE),
            node("/etc/motd", "hello"),
            packing=packed,
        ),
        wanted="etc/motd",
    )
    digest = images.sha256(b"x" * 700)
    assert found.items == (
        Item("bin", "folder", 0, 0o755, "", ""),
        Item("bin/su", "file", 700, 0o4755, digest, ""),
        Item("bin/su2", "file", 700, 0o4755, digest, ""),
        Item("dev", "folder", 0, 0o755, "", ""),
        Item("dev/null", "device", 0, 0o644, "", ""),
        Item("etc", "folder", 0, 0o755, "", ""),
        Item("etc/motd", "file", 5, 0o644, images.sha256(b"hello"), ""),
        Item("lib", "link", 0, 0o644, "", "/usr/lib"),
        Item("run", "folder", 0, 0o755, "", ""),
        Item("run/pipe", "fifo", 0, 0o644, "", ""),
    )
    assert found.files == {"etc/motd": b"hello"}


def test_a_later_layer_replaces_and_whites_out_what_lies_below(tmp_path: Path) -> None:
    lower = images.layer(
        node("keep", "1"), node("gone", "1"), node("dir/a", "1"), node("dir/b/c", "1"),
        node("changed", "old"), node("opaque/x", "1"), node("opaque/y/z", "1"),
    )  # fmt: skip
    upper = images.layer(
        node(".wh.gone"),
        node("dir/.wh.b"),
        node("changed", "new"),
        node("opaque/new", "1"),
        node("opaque/y/new", "1"),
        node("opaque/.wh..wh..opq"),  # after what it must not take away
        node("absent/.wh.thing"),
    )
    found = merge(tmp_path, lower, upper, wanted="changed")
    assert kinds(found) == {
        "keep": "file",
        "dir": "folder",
        "dir/a": "file",
        "changed": "file",
        "opaque": "folder",
        "opaque/new": "file",
        "opaque/y": "folder",
        "opaque/y/new": "file",
    }
    assert found.files == {"changed": b"new"}


def test_a_folder_stays_itself_and_a_file_takes_the_place_of_all_below_a_folder(
    tmp_path: Path,
) -> None:
    lower = images.layer(node("a/x", "1"), node("b/x", "1"), node("b/y", "1"))
    upper = images.layer(node("a/", type=tarfile.DIRTYPE, mode=0o700), node("b", "now a file"))
    found = merge(tmp_path, lower, upper)
    assert kinds(found) == {"a": "folder", "a/x": "file", "b": "file"}


def test_a_path_through_a_link_is_found_where_the_link_leads_inside(tmp_path: Path) -> None:
    found = merge(
        tmp_path,
        images.layer(folder("usr/lib"), link("lib", "usr/lib"), link("out", "../../../etc")),
        images.layer(node("lib/a.so", "1"), node("out/passwd", "root")),
        wanted="etc/passwd",
    )
    assert "usr/lib/a.so" in kinds(found)
    # Above the root there is only the root, as in a container.
    assert found.files == {"etc/passwd": b"root"}
    assert found.through_links == ("lib/a.so", "out/passwd")


def test_what_is_wanted_and_no_plain_file_is_told(tmp_path: Path) -> None:
    found = merge(tmp_path, images.layer(link("status", "elsewhere")), wanted="status")
    assert (found.files, found.unread) == ({}, ("status",))


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([node("../x")], "leads outside"),
        ([node("a/../../x")], "leads outside"),
        ([hard("x", "../../etc/shadow")], "leads outside"),
        ([hard("x", "missing")], "not there"),
        ([hard("x", "dir"), folder("dir")], "not there"),
        ([link("a", "b"), link("b", "a"), node("a/x")], "in a circle"),
        ([link("a", "a/a"), node("a/x")], "in a circle"),
        ([node("a", "file"), node("a/x")], "in the place of a folder"),
        ([folder(".wh.dir"), node(".wh.dir/x")], "whiteout"),
        ([node(".wh.")], "whiteout that is none"),
        ([node(".wh...")], "whiteout that is none"),
        ([node(".wh..wh.plnk")], "whiteout that is none"),
        ([node("./", "x")], "size|root"),
        ([node("x" * 300)], "too long"),
        ([node("d/" * 300 + "x")], "too deep"),
        ([node("x", type=b"S")], "kind that is none"),
        ([node("x", type=b"V")], "kind that is none"),
    ],
)
def test_what_leads_astray_is_refused(
    tmp_path: Path, nodes: list[tuple[tarfile.TarInfo, bytes]], told: str
) -> None:
    message = refused(tmp_path, images.layer(*nodes))
    assert any(word in message for word in told.split("|")), message


def test_a_layer_that_unpacks_to_another_digest_is_refused(tmp_path: Path) -> None:
    made = images.debian()._replace(diff_id="ab" * 32)
    message = refused(tmp_path, made, reason=Reason.DIGEST_MISMATCH)
    assert f"wanted is {'ab' * 32}" in message


# -- how a layer is packed -------------------------------------------------------------------


def test_a_layer_of_several_gzip_members_is_read_whole(tmp_path: Path) -> None:
    raw = images.tar(node("a", b"1" * 5000), node("b", "2"))
    halves = gzip.compress(raw[:3000]) + gzip.compress(b"") + gzip.compress(raw[3000:])
    made = images.layer(raw=raw)._replace(raw=halves)
    assert kinds(merge(tmp_path, made)) == {"a": "file", "b": "file"}


@pytest.mark.parametrize("packed", ["gzip", "zstd"])
@pytest.mark.parametrize("fault", ["cut", "flipped", "trailing", "empty"])
def test_a_broken_stream_is_refused(tmp_path: Path, packed: str, fault: str) -> None:
    made = images.layer(node("a", bytes(range(256)) * 40), packing=packed)
    raw = {
        "cut": made.raw[:-5],
        "flipped": made.raw[:30] + bytes([made.raw[30] ^ 0xFF]) + made.raw[31:],
        "trailing": made.raw + b"trailing bytes",
        "empty": b"",
    }[fault]
    with pytest.raises(Refused) as caught:
        merge(tmp_path, made._replace(raw=raw))
    assert caught.value.reason in (Reason.ARTEFACT_INVALID, Reason.DIGEST_MISMATCH)


def test_several_zstd_frames_with_a_skippable_one_are_read_whole(tmp_path: Path) -> None:
    raw = images.tar(node("a", b"1" * 5000), node("b", "2"))
    skippable = struct.pack("<II", 0x184D2A50, 4) + b"toc!"
    frames = images.zstd(raw[:3000]) + skippable + images.zstd(raw[3000:]) + skippable
    made = images.layer(raw=raw, packing="zstd")._replace(raw=frames)
    assert kinds(merge(tmp_path, made)) == {"a": "file", "b": "file"}


def test_without_a_library_zstd_is_undecided_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(b"(\xb5/\xfd", f"{images.LAYER}+zstd", "00" * 32)
    monkeypatch.setattr(packing, "zstd", lambda: None)
    with pytest.raises(Undecided) as caught:
        merge(tmp_path, made)
    assert caught.value.reason is Reason.ARTEFACT_UNSUPPORTED
    assert "backports.zstd" in caught.value.hint


def test_a_bomb_ends_early_and_a_layer_that_packs_well_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "RATIO_FROM", 1 << 20)
    assert "200 times" in refused(tmp_path, images.layer(node("zeros", bytes(8 << 20))))
    mixed = bytes(range(256)) * 8000
    merge(tmp_path, images.layer(node("mixed", mixed, mode=0o644), packing="tar"))
    monkeypatch.setattr(layers, "MOST_BYTES", 1 << 20)
    assert "GiB" in refused(tmp_path, images.layer(node("mixed", mixed), packing="tar"))
    monkeypatch.setattr(layers, "MOST_NODES", 3)
    assert "over 3 files" in refused(tmp_path, images.layer(node("a/b/c/d/e")))


def test_streams_of_nothing_and_paths_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_MOST_STREAMS", 100)
    made = images.layer(node("a", "1"))
    flood = made._replace(raw=made.raw + gzip.compress(b"", mtime=0) * 100)
    assert "over 100 compressed streams" in refused(tmp_path, flood)
    monkeypatch.setattr(layers, "MOST_TEXT", 10_000)
    deep = "/".join(["folder"] * 100)
    nodes = [link("l", deep), *(node(f"l/{number}") for number in range(20))]
    assert "too long a path" in refused(tmp_path, images.layer(*nodes))
    assert "too long a path" in refused(tmp_path, images.layer(link("l", "x" * 5000)))


def test_whiteouts_that_make_work_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MOST_STEPS", 20_000)
    nodes = [node(f"d/{number}") for number in range(500)]
    many = images.layer(*nodes, *(node(".wh.d") for _ in range(500)))
    assert "too entangled" in refused(tmp_path, many)


# -- the tar itself --------------------------------------------------------------------------


def pax(records: dict[str, str], kind: bytes = b"x") -> bytes:
    body = b""
    for key, value in records.items():
        text = f" {key}={value}\n".encode("utf-8", "surrogateescape")
        size = len(text)
        while len(str(size)) + len(text) != size:
            size = len(str(size)) + len(text)
        body += str(size).encode() + text
    return images.tar(node("pax", body, type=kind))[: 512 + -(-len(body) // 512) * 512]


def packed(*parts: bytes) -> Made:
    return images.layer(raw=b"".join(parts) + bytes(1024), packing="tar")


def member(name: str, raw: bytes = b"") -> bytes:
    return images.tar(node(name, raw))[: 512 + -(-len(raw) // 512) * 512]


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_are_read_in_every_form_that_writes_them(tmp_path: Path, form: int) -> None:
    name = "/".join(["folder" * 5] * 6) + "/é"
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo(name))
        archive.addfile(link("to", "folder" * 5)[0])
    found = kinds(merge(tmp_path, images.layer(raw=raw.getvalue())))
    assert (found[name], found["to"]) == ("file", "link")


def test_a_name_that_is_no_utf8_is_kept_as_it_is(tmp_path: Path) -> None:
    info = tarfile.TarInfo("caf\udce9")
    raw = info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape") + bytes(1024)
    assert kinds(merge(tmp_path, images.layer(raw=raw))) == {"caf\udce9": "file"}


def test_a_pax_header_overrides_and_a_comment_for_all_is_harmless(tmp_path: Path) -> None:
    made = packed(pax({"comment": "a commit"}, b"g"), pax({"path": "real"}), member("shown", b"1"))
    assert kinds(merge(tmp_path, made)) == {"real": "file"}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (pax({"path": "evil"}, b"g") + member("a"), "global header"),
        (pax({"path": "a"}) + pax({"path": "b"}) + member("c"), "several extended headers"),
        (pax({"path": "a"}), "not there"),
        (pax({"GNU.sparse.realsize": "9"}) + member("a"), "sparse"),
        (pax({"hdrcharset": "EBCDIC"}) + member("a"), "not all readers know"),
        (pax({"size": "-1"}) + member("a"), "number"),
        (pax({"size": "9" * 30}) + member("a"), "number"),
        (pax({"path": "a\0b"}) + member("a"), "read differently"),
        (images.tar(node("pax", b"99 path=x\n", type=b"x"))[:1024] + member("a"), "can't be read"),
        (images.tar(node("pax", b"1" * 400, type=b"x"))[:1024] + member("a"), "can't be read"),
        (member("a")[:148] + b"0000000\0" + member("a")[156:], "checksum"),
        (member("a", b"1" * 600)[:900], "cut off|checksum"),
        (member("a") + bytes(1024) + member("hidden", b"x"), "after its end"),
        (b"not a tar at all" * 64, "number|checksum"),
    ],
)
def test_a_tar_that_two_readers_could_read_differently_is_refused(
    tmp_path: Path, raw: bytes, told: str
) -> None:
    message = refused(tmp_path, packed(raw))
    assert any(word in message for word in told.split("|")), message


def test_a_header_that_claims_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = b"L", 8 << 30
    started = time.monotonic()
    refused(tmp_path, packed(info.tobuf(tarfile.GNU_FORMAT)))
    assert time.monotonic() - started < 1


def test_a_file_that_claims_more_than_there_is_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.size = 1 << 40
    assert "cut off" in refused(tmp_path, packed(info.tobuf(tarfile.GNU_FORMAT)))
