"""Writing an entry's files: each whole or not at all, and all of them or none.

A file appears under its name by a rename. Several change in the order given, the entry last: it
names its lock by digest, so a run that was killed in between leaves an entry that does not pass,
and the same command run again completes it. Where one can't be written, the others are put back.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from assay.errors import Undecided
from assay.reason import Reason

_BESIDE = ".assay-"
_STALE = 60.0  # seconds; writing takes milliseconds


def together(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write each path of the registry at ``root``, remove those with None; a link is replaced.

    Undecided(STORE_UNUSABLE) where that can't be done; then everything is as it was.
    """
    with ExitStack() as stack:
        steps = [
            (
                root / path,
                stack.enter_context(_draft(root / path, raw)),
                stack.enter_context(_draft(root / path, _now(root / path))),
            )
            for path, raw in changes.items()
        ]
        begun: list[tuple[Path, Path | None]] = []
        try:
            for target, draft, before in steps:
                begun.append((target, before))
                _move(target, draft)
        except BaseException:
            for target, before in reversed(begun):
                with suppress(Undecided):
                    _move(target, before)
            raise


def _now(target: Path) -> bytes | None:
    with _writable(target):
        return target.read_bytes() if target.is_file() and not target.is_symlink() else None


def _move(target: Path, draft: Path | None) -> None:
    with _writable(target):
        if draft is None:
            target.unlink(missing_ok=True)
        else:
            os.replace(draft, target)


@contextmanager
def _draft(target: Path, raw: bytes | None) -> Iterator[Path | None]:
    """The bytes on the disk, beside their place; gone when the block ends."""
    if raw is None:
        yield None
        return
    with _writable(target):
        _sweep(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=_BESIDE)
        path = Path(name)
    try:
        with _writable(target), os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(name, 0o644)
        yield path
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """What a run that was killed left."""
    for stale in folder.glob(f"{_BESIDE}*"):
        with suppress(OSError):
            if time.time() - stale.lstat().st_mtime > _STALE:
                stale.unlink()


@contextmanager
def _writable(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE,
            f"{target.name} can't be written: {error.strerror or error}",
            hint="free some space or make the registry's folder writable",
        ) from error
