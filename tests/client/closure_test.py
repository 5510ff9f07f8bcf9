"""What a package of the closure can and can't say about the others, through a real index."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.faults import serving
from tests.support.host import ENTRY, Machine
from tests.support.packages import Index

from assay.cli import main
from assay.client import start


def wheel(name: str, files: dict[str, str]) -> bytes:
    """A wheel of version 1.0.0 whose RECORD is right."""
    top = f"{name}-1.0.0.dist-info"
    files = files | {
        f"{top}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n",
        f"{top}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text)}\n"
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for path, text in (files | {f"{top}/RECORD": record + f"{top}/RECORD,,\n"}).items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return raw.getvalue()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    with serving() as server:
        index = Index(server, tmp_path / "home")
        monkeypatch.setenv("PIP_INDEX_URL", index.environ["PIP_INDEX_URL"])
        yield index


def test_another_package_does_not_choose_the_command_that_starts(
    machine: Machine, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.configure(cold=True)
    places = {
        "aaa": "aaa-1.0.0.data/purelib/SRV-0.dist-info/entry_points.txt",  # reads as srv's
        "srv": "srv-1.0.0.dist-info/entry_points.txt",
    }
    digests = {}
    for name, place in places.items():
        files = {f"{name}.py": "", place: f"[console_scripts]\nsrv = {name}:main\n"}
        raw = index.publish(name, "1.0.0", raw=wheel(name, files))
        digests[name] = hashlib.sha256(raw).hexdigest()
    lock = "".join(f"{n}==1.0.0 \\\n    --hash=sha256:{d}\n" for n, d in digests.items()).encode()
    told = {
        "name": "srv", "version": "1.0.0", "url": "pkg:pypi/srv@1.0.0", "sha256": digests["srv"],
        "lock": "srv.requirements.txt", "lock_sha256": hashlib.sha256(lock).hexdigest(), "more": "",
    }  # fmt: skip
    machine.publish(ENTRY.format(**told), lock)
    begun: list[start.Start] = []
    monkeypatch.chdir(machine.workspace)

    def become(ready: start.Start) -> int:
        begun.append(ready)
        return 0

    monkeypatch.setattr(start, "become", become)
    assert main(["launch", "--trial-config", str(machine.config), "srv"]) == 0
    assert list(begun[0].command)[-3:] == ["srv", "main", "srv"]
