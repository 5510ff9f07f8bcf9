"""Whatever an archive holds, nothing leaves its folder, and what lies there was told.

Trees and mutations come from hypothesis; archives are laid for real, by what a launch uses.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.artefact.unpack.making import END, Packed, npm, pax, tar_file, tar_special, wheel, zipped

from assay.artefact.unpack import inventory
from assay.client.build import Build, remove
from assay.errors import Refused
from assay.reason import Reason

# A minute where everything is tested, some seconds on each change.
EXAMPLES = 1000 if os.environ.get("ASSAY_TEST_ALL") else 40
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Names of all sorts: plain, hostile, and whatever Unicode has.
PARTS = st.one_of(
    st.sampled_from(["a", "b", "A", "lib", "..", ".", "", "x.js", "NUL", "c:", "\\", "\xe9", "~"]),
    st.text("abcAB.-", min_size=1, max_size=4),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4),
)
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
TREES = st.dictionaries(PATHS, st.binary(max_size=2000), min_size=1, max_size=6)
LINKS = st.dictionaries(PATHS, PATHS, max_size=4)


def tar_of(tree: dict[str, bytes], links: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for path, data in tree.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for path, target in links.items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return made.getvalue()


def package_of(tree: dict[str, bytes], links: dict[str, str]) -> bytes:
    return tar_of({f"package/{path}": data for path, data in tree.items()}, links)


def zip_of(tree: dict[str, bytes], links: dict[str, str]) -> bytes:
    files = [Packed(path, data) for path, data in tree.items()]
    made = [Packed(path, target.encode(), mode=0o120777) for path, target in links.items()]
    return zipped(*files, *made)


def bundle_of(tree: dict[str, bytes], links: dict[str, str]) -> bytes:
    return zip_of({"manifest.json": b"{}", **tree}, links)


def wheel_of(tree: dict[str, bytes], links: dict[str, str]) -> bytes:
    return wheel(tree, *(Packed(path, target.encode()) for path, target in links.items()))


MAKERS: dict[str, Callable[[dict[str, bytes], dict[str, str]], bytes]] = {
    "tar": tar_of,
    "npm-tgz": package_of,
    "zip": zip_of,
    "mcpb": bundle_of,
    "wheel": wheel_of,
}


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of its own for each example, with a neighbour that nobody may touch."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
        remove(Path(name) / "tree")


def walked(root: Path) -> dict[str, tuple[int, str]]:
    """Every file below ``root``, as it lies there; a link among them is a failure."""
    found = {}
    for here, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(here, name)
            assert stat.S_IFMT(path.lstat().st_mode) in (stat.S_IFREG, stat.S_IFDIR)
        for name in names:
            raw = Path(here, name).read_bytes()
            found[Path(here, name).relative_to(root).as_posix()] = (
                len(raw),
                hashlib.sha256(raw).hexdigest(),
            )
    return found


def lay(build: Build, archive: Path, form: str, taken: inventory.Inventory) -> Refused | None:
    """What was taken is laid, but for links."""
    try:
        build.lay("", inventory.members(archive, form=form, label="it"), label="it")
    except Refused as error:
        if any("link" in item.kind for item in taken.items):
            return error
        raise
    return None


def unpack(raw: bytes, form: str) -> bool:
    """Take the inventory, lay the files, compare; False where it was refused."""
    with folder() as here:
        (here / "archive").write_bytes(raw)
        (here / "tree").mkdir()
        archive, build = here / "archive", Build(here / "tree")
        try:
            taken = inventory.take(archive, form=form, label="it")
        except Refused as error:
            refusal: Refused | None = error
        else:
            refusal = lay(build, archive, form, taken)
        assert sorted(os.listdir(here)) == ["archive", "tree"], "something was laid outside"
        if refusal is not None:
            assert refusal.reason is Reason.ARTEFACT_INVALID
            return False
        told = {item.path: item for item in taken.items if item.kind == "file"}
        assert walked(here / "tree") == {
            path: (item.size, item.sha256) for path, item in told.items()
        }
        return True


@pytest.mark.parametrize("form", MAKERS)
@QUICK
@given(tree=TREES, links=LINKS)
def test_no_tree_leaves_its_folder_and_no_hash_differs(
    form: str, tree: dict[str, bytes], links: dict[str, str]
) -> None:
    if form == "npm-tgz" and any("\0" in path for path in [*tree, *links, *links.values()]):
        return  # tarfile can't write them; the corpus does
    unpack(MAKERS[form](tree, links), form)


SAFE = st.text("abcdefghij0123456789_-", min_size=1, max_size=12)
SAFE_TREES = st.dictionaries(
    st.lists(SAFE, min_size=1, max_size=3).map(lambda parts: "x/" + "/".join(parts) + ".js"),
    st.binary(max_size=70_000),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("form", MAKERS)
@QUICK
@given(tree=SAFE_TREES)
def test_every_plain_tree_is_unpacked_whole(form: str, tree: dict[str, bytes]) -> None:
    raw = MAKERS[form](tree, {})
    assert unpack(raw, form)


GOOD: dict[str, bytes] = {
    "npm-tgz": npm(pax({"path": "package/long"}), tar_file("package/x", bytes(range(256)) * 9)),
    "tar": tar_file("a", b"x" * 700) + tar_special("b", b"2", "a") + END,
    "zip": zipped(Packed("a", b"one" * 400), Packed("b", b"two", method=0), comment=b"note"),
    "mcpb": zipped(Packed("manifest.json", b"{}"), Packed("server/x.js", b"x" * 900)),
    "wheel": wheel({"demo.py": b"import os\n" * 40}),
}
# Positions count from either end, for a zip is read from its end.
CHANGES = st.lists(
    st.tuples(st.integers(-400, 1500), st.sampled_from(["set", "cut", "add", "copy"]), st.binary()),
    min_size=1,
    max_size=6,
)


def changed(raw: bytes, changes: list[tuple[int, str, bytes]]) -> bytes:
    for place, how, data in changes:
        at = place % max(1, len(raw))
        if how == "set":
            raw = raw[:at] + data[: len(raw) - at] + raw[at + len(data) :]
        elif how == "cut":
            raw = raw[:at] + raw[at + len(data) + 1 :]
        elif how == "add":
            raw = raw[:at] + data + raw[at:]
        else:
            raw = raw[:at] + raw[at : at + 40] + raw[at:]
    return raw


@pytest.mark.parametrize("form", GOOD)
@QUICK
@given(changes=CHANGES)
def test_a_changed_archive_is_unpacked_or_refused_and_never_a_crash(
    form: str, changes: list[tuple[int, str, bytes]]
) -> None:
    unpack(changed(GOOD[form], changes), form)


@pytest.mark.parametrize("form", GOOD)
@QUICK
@given(raw=st.binary(max_size=2000), magic=st.sampled_from([b"", b"\x1f\x8b", b"PK\3\4", b"BZh9"]))
def test_any_bytes_at_all_are_refused(form: str, raw: bytes, magic: bytes) -> None:
    assert not unpack(magic + raw, form)


@QUICK
@given(tree=SAFE_TREES)
def test_the_inventory_is_what_zipfile_reads(tree: dict[str, bytes]) -> None:
    """A second reader, for what the first would get wrong in the same way twice."""
    raw = zip_of(tree, {})
    with folder() as here, zipfile.ZipFile(io.BytesIO(raw)) as archive:
        (here / "tree").mkdir()
        (here / "archive").write_bytes(raw)
        found = inventory.take(here / "archive", form="zip", label="it")
        read = {one.filename: archive.read(one) for one in archive.infolist()}
    told = {item.path: item.sha256 for item in found.items}
    assert told == {path: hashlib.sha256(data).hexdigest() for path, data in read.items()}
