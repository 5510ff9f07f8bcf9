"""The store serves whole bytes or none: after a kill, a full disk, rot, and two writers at once."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.support.packages import sri

from assay.artefact.store import Store, file_integrity
from assay.errors import Undecided
from assay.reason import Reason

RAW = b"some bytes" * 1000
SHA256 = hashlib.sha256(RAW).hexdigest()

# Writes the same two contents again and again, a little at a time.
WRITER = """
import sys
from pathlib import Path
from assay.artefact.store import Store
store = Store(Path(sys.argv[1]), grace=0)
print("ready", flush=True)
while True:
    for letter in (b"a", b"b"):
        store.put(letter * 4096 for _ in range(64))
"""


def drafts(store: Store) -> list[Path]:
    folder = store.root / "drafts"
    return list(folder.iterdir()) if folder.exists() else []


def contents(store: Store) -> list[Path]:
    return list((store.root / "sha256").glob("*/*"))


def test_bytes_lie_under_their_digest_and_can_only_be_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get(SHA256) is None
    assert store.put([RAW[:5], RAW[5:]]) == SHA256
    path = store.get(SHA256)
    assert path is not None
    assert path.read_bytes() == RAW
    assert path.stat().st_mode & 0o777 == 0o444
    assert drafts(store) == []


def test_a_draft_that_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.draft() as draft:
        draft.write(RAW)
        assert drafts(store) == [draft.path]
    assert drafts(store) == []
    assert contents(store) == []


def test_a_draft_begun_again_has_the_digest_of_its_second_attempt(tmp_path: Path) -> None:
    with Store(tmp_path).draft() as draft:
        draft.write(b"half")
        draft.restart()
        draft.write(RAW)
        assert (draft.sha256, draft.sha512, draft.size) == (SHA256, sri(RAW), len(RAW))


def test_rotten_bytes_are_dropped_and_may_be_written_anew(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put([RAW])
    path = contents(store)[0]
    path.chmod(0o644)
    path.write_bytes(RAW[:-1])
    assert store.get(SHA256) is None
    store.put([RAW])
    assert store.get(SHA256) == path


@pytest.mark.parametrize("name", ["", "x" * 64, "../../etc/passwd", SHA256.upper()])
def test_what_is_no_digest_is_not_looked_up(tmp_path: Path, name: str) -> None:
    assert Store(tmp_path).get(name) is None


def test_a_note_is_kept_and_a_foreign_one_is_harmless(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.recall("key") == ""
    store.remember("key", SHA256)
    assert store.recall("key") == SHA256
    note = next((tmp_path / "notes").glob("*/*"))
    note.write_bytes(b"\xff\xfe")
    assert store.recall("key") == ""


def test_bytes_are_found_under_their_origin_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put([RAW])
    store.note_origin("pkg:npm/good@1.0.0", SHA256)
    assert store.got("pkg:npm/good@1.0.0", SHA256)
    assert store.got("pkg:npm/other@1.0.0", SHA256) is None


def test_integrity_is_written_as_npm_does(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(RAW)
    assert file_integrity(tmp_path / "file", "sha512") == sri(RAW)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    # A limit on the size of files makes write() fail half-way, as a full disk does.
    code = f"""
import resource
from pathlib import Path
from assay.artefact.store import Store
from assay.errors import Undecided
resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
try:
    Store(Path({str(tmp_path)!r})).put([b"x" * 4096] * 10)
except Undecided as error:
    print(error.reason, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{Reason.STORE_UNUSABLE} free some space")
    store = Store(tmp_path)
    assert drafts(store) == []
    assert contents(store) == []


def test_a_store_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(Undecided) as caught:
        Store(tmp_path / "store").put([RAW])
    assert caught.value.reason is Reason.STORE_UNUSABLE


def test_a_killed_writer_leaves_nothing_that_is_served_or_stays(tmp_path: Path) -> None:
    random.seed(7)
    for _ in range(15):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(random.random() * 0.05)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    store = Store(tmp_path, grace=0)
    for letter in (b"a", b"b"):
        raw = letter * 4096 * 64
        found = store.get(hashlib.sha256(raw).hexdigest())
        assert found is None or found.read_bytes() == raw
    assert len(contents(store)) <= 2
    store.put([RAW])
    assert drafts(store) == []


def test_two_writers_at_once_get_in_nobodys_way(tmp_path: Path) -> None:
    code = WRITER.replace("while True:", "for _ in range(30):")
    words = [sys.executable, "-c", code, str(tmp_path)]
    writers = [subprocess.Popen(words, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    store = Store(tmp_path)
    assert len(contents(store)) == 2
    assert all(store.get(path.name) == path for path in contents(store))
    assert drafts(store) == []


def test_a_sweep_spares_what_is_being_written(tmp_path: Path) -> None:
    store = Store(tmp_path, grace=0)
    with store.draft() as draft:
        os.utime(draft.path, (0, 0))
        Store(tmp_path, grace=0).sweep()
        assert draft.path.exists()
