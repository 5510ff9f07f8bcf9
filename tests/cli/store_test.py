"""``assay store``: bounded, held against its digests, and of use where it can only be read."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.artefact.pruning import IN_USE
from assay.artefact.store import Store
from assay.cli import main

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path))
    return Store(tmp_path / "store")


def put(store: Store, letter: str, days: float, size: int = 1 << 20) -> Path:
    """A file that was last used ``days`` ago."""
    path = store.get(store.put([letter.encode() * size]))
    assert path is not None
    os.utime(path, (0, time.time() - days * DAY))
    return path


def test_the_least_recently_used_goes_first(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [put(store, letter, days) for letter, days in (("a", 9), ("b", 5), ("c", 7), ("d", 1))]
    assert main(["store", "prune", "--max-size", "2M", "--dry-run"]) == 0
    assert "2 files (2 MiB) would be removed, 2 (2 MiB) left" in capsys.readouterr().out
    assert all(path.exists() for path in paths)
    assert main(["store", "prune", "--max-size", "2M"]) == 0
    assert [path.exists() for path in paths] == [False, True, False, True]


def test_what_was_not_used_for_long_goes(store: Store) -> None:
    old, new = put(store, "a", 91), put(store, "b", 89)
    store.remember("key", "value")
    for note in store.notes():
        os.utime(note, (0, time.time() - 91 * DAY))
    assert main(["store", "prune", "--older-than", "90d"]) == 0
    assert [old.exists(), new.exists()] == [False, True]
    assert store.recall("key") == ""


def test_using_a_file_or_a_note_keeps_it(store: Store) -> None:
    path = put(store, "a", 100)
    store.remember("key", "value")
    for note in store.notes():
        os.utime(note, (0, time.time() - 100 * DAY))
    assert store.get(path.name) == path
    assert store.recall("key") == "value"
    assert main(["store", "prune", "--max-size", "0", "--older-than", "90d"]) == 0
    assert path.exists()
    assert store.recall("key") == "value"


def test_what_another_process_was_just_told_of_stays_whatever_the_bounds(store: Store) -> None:
    used, idle = put(store, "a", (IN_USE - 60) / DAY), put(store, "b", (IN_USE + 60) / DAY)
    assert main(["store", "prune", "--max-size", "0"]) == 0
    assert [used.exists(), idle.exists()] == [True, False]


def test_what_is_open_is_read_to_its_end(store: Store) -> None:
    path = put(store, "a", 100)
    with path.open("rb") as file:
        assert main(["store", "prune", "--max-size", "0"]) == 0
        assert not path.exists()
        assert hashlib.file_digest(file, "sha256").hexdigest() == path.name


def test_nothing_else_in_the_folder_is_touched(store: Store) -> None:
    put(store, "a", 100)
    mine = store.root / "sha256" / "aa" / "README"
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")
    os.utime(mine, (0, 0))
    assert main(["store", "prune", "--max-size", "0"]) == 0
    assert mine.exists()


def test_verify_finds_and_removes_what_rotted(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = put(store, "a", 1), put(store, "b", 1)
    assert main(["store", "verify"]) == 0
    bad.chmod(stat.S_IWUSR | stat.S_IRUSR)
    bad.write_bytes(b"rot")
    capsys.readouterr()
    assert main(["store", "verify"]) == 1
    out = capsys.readouterr().out
    assert bad.name in out
    assert "1 files hold, 1 did not" in out
    assert [good.exists(), bad.exists()] == [True, False]
    assert main(["store", "verify"]) == 0


def test_an_empty_store_is_no_fault(store: Store) -> None:
    assert main(["store", "verify"]) == 0
    assert main(["store", "prune"]) == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["prune", "--max-size", "much"],
        ["prune", "--max-size", "-1"],
        ["prune", "--older-than", "90"],
        ["prune", "--older-than", "90y"],
        ["burn"],
    ],
)
def test_words_that_make_no_sense_are_a_usage_error(store: Store, words: list[str]) -> None:
    path = put(store, "a", 100)
    assert main(["store", *words]) == 2
    assert path.exists()


# -- a store that belongs to somebody else -----------------------------------------------------

READER = """
import os
import sys
from pathlib import Path
from assay.artefact.store import Store
from assay.errors import Undecided
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
store = Store(Path(sys.argv[1]))
for sha256 in sys.argv[2:]:
    found = store.get(sha256)
    print(found.name if found else "none")
print(store.recall("key"))
try:
    store.put([b"more"])
except Undecided as error:
    print(error.reason, error.message, error.hint)
"""


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody may read; pytest's own are this user's alone."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="to be somebody else takes root")
def test_a_store_that_can_only_be_read_serves_what_it_has(shared: Path) -> None:
    store = Store(shared / "store")
    good, bad = store.put([b"good"]), store.put([b"bad"])
    store.remember("key", "value")
    rotten = store.get(bad)
    assert rotten is not None
    rotten.chmod(0o644)
    rotten.write_bytes(b"rot")
    done = subprocess.run(
        [sys.executable, "-c", READER, str(store.root), good, bad],
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    assert lines[:3] == [good, "none", "value"], done.stderr
    assert lines[3].startswith("store-unusable the store can only be read")
    assert "ASSAY_CACHE" in lines[3]
