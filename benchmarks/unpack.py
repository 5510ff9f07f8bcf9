"""Laying an archive, every file hashed, against ``tar xzf`` and ``unzip`` of the same bytes.

The peers hash nothing and hold no path against another. Both sides are whole processes that write
to the same disk; ours is the interpreter's start, then what the first launch of a server does.
Two shapes: a package of small files, where each costs a few system calls, and one large file,
where bytes count.
"""

from __future__ import annotations

import io
import random
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Contestant, Result, built_once, compare

_SMALL, _LARGE = 5_000, 128 * 1024**2  # files; bytes
_LAY = """
import sys
from pathlib import Path
from assay.artefact.unpack import inventory
from assay.client.build import Build
archive, form, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
out.mkdir()
Build(out).lay("", inventory.members(archive, form=form, label=archive.name), label=archive.name)
"""


def run() -> Iterator[Result]:
    """A row for each archive and peer; the aim is three times the peer's time."""
    place = built_once("unpack-1", _build)
    for what in ("small", "large"):
        for form, ending, peer in (
            ("npm-tgz", "tgz", ["tar", "xzf"]),
            ("zip", "zip", ["unzip", "-q"]),
        ):
            archive = place / f"{what}.{ending}"
            name = f"unpack {archive.name} ({_SHAPES[what]})"
            yield from compare(name, _ours(archive, form), _peer(archive, peer), aim=3, rounds=5)


_SHAPES = {"small": f"{_SMALL:,} files of 4 KB", "large": f"{_LARGE >> 20} MB in one file"}


def _ours(archive: Path, form: str) -> Contestant:
    out = archive.with_name("out")
    command: list[str | Path] = [sys.executable, "-I", "-c", _LAY, archive, form, out]
    return Contestant("lay and hash", command, before=lambda: _clear(out))


def _peer(archive: Path, command: list[str]) -> Contestant:
    out = archive.with_name("out")

    def before() -> None:
        _clear(out)
        out.mkdir()

    return Contestant(" ".join([*command, archive.name]), [*command, archive], out, before=before)


def _clear(out: Path) -> None:
    shutil.rmtree(out, ignore_errors=True)


def _build(place: Path) -> None:
    """Text-like bytes that compress to about a third, as a package's do."""
    words = [bytes(_RANDOM.choices(range(97, 123), k=_RANDOM.randint(2, 10))) for _ in range(4000)]
    _write(
        place / "small", ((f"{n % 97}/{n % 7}/{n}.js", _text(words, 4096)) for n in range(_SMALL))
    )
    _write(place / "large", [("model.bin", _text(words, _LARGE))])


_RANDOM = random.Random(3)


def _text(words: list[bytes], size: int) -> bytes:
    block = b" ".join(_RANDOM.choices(words, k=min(size, 1 << 22) // 6))
    return (block * (size // len(block) + 1))[:size]


def _write(path: Path, files: Iterator[tuple[str, bytes]] | list[tuple[str, bytes]]) -> None:
    with (
        tarfile.open(path.with_suffix(".tgz"), "w:gz", compresslevel=6) as tar,
        zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, data in files:
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            archive.writestr(name, data)
