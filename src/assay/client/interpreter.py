"""What runs a server, and what it says of itself: its platform, its markers, its wheel tags.

Interpreters come from client.toml by absolute path. What one says costs a process of 30 to 100
ms, so it is asked once and kept in the state folder, under the file's own identity (device,
inode, size, time of change): a replaced interpreter is asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from assay.client.places import home
from assay.errors import Refused, Undecided
from assay.reason import Reason

_PATIENCE = 30.0  # seconds for an interpreter to say what it is

_ASK_PYTHON = """
import json, sys
sys.path.append(sys.argv[1])
from packaging.markers import default_environment
from packaging.tags import sys_tags
print(json.dumps({
    "tags": [str(tag) for tag in sys_tags()],
    "markers": default_environment(),
    "cache_tag": sys.implementation.cache_tag,
    "version": sys.version,
}))
"""
_ASK_NODE = """
const header = process.report ? process.report.getReport().header : {};
console.log(JSON.stringify({
  os: process.platform,
  cpu: process.arch,
  libc: process.platform !== "linux" ? "" : header.glibcVersionRuntime ? "glibc" : "musl",
}));
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """``kind`` is node or python. ``identity`` (hex) changes with whatever a tree depends on."""

    kind: str
    path: Path
    told: Mapping[str, object]
    identity: str

    def text(self, key: str) -> str:
        """One of the strings that it told."""
        return str(self.told.get(key) or "")

    @property
    def tags(self) -> tuple[str, ...]:
        """A Python's wheel tags, best first."""
        return tuple(cast("list[str]", self.told["tags"]))

    @property
    def markers(self) -> dict[str, str]:
        """A Python's environment for PEP 508 markers."""
        return dict(cast("dict[str, str]", self.told["markers"]))


def open_interpreter(kind: str, path: Path | None, state: Path, workspace: Path) -> Interpreter:
    """The interpreter at ``path``, asked or remembered under ``state``.

    ``workspace`` is the folder that the host started us in. INTERPRETER_MISSING, refused or
    undecided, where there is none to be relied on.
    """
    if path is None:
        raise _missing(f"client.toml names no interpreters.{kind}, which this server needs")
    real = _programme(path, kind, workspace)
    found = real.stat()
    stamp = [str(real), found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns]
    kept = state / "interpreters" / f"{_digest(stamp)}.json"
    told = _remembered(kept, stamp)
    if told is None:
        told = _ask(kind, path)
        _remember(kept, stamp, told)
    what = {key: told[key] for key in sorted(told)}
    # The path too: Python's compiled files and a virtual environment depend on it.
    return Interpreter(kind, path, told, _digest([kind, str(path), what]))


def _programme(path: Path, kind: str, workspace: Path) -> Path:
    try:
        real = path.resolve(strict=True)
        usable = stat.S_ISREG(real.stat().st_mode) and os.access(real, os.X_OK)
    except OSError as error:
        raise _missing(f"interpreters.{kind} of client.toml is not there: {path}") from error
    if not usable:
        raise _missing(f"interpreters.{kind} of client.toml can't be executed: {path}")
    inside = real.is_relative_to(workspace) or path.is_relative_to(workspace)
    # Started in / or in the home folder, everything would be "inside the workspace".
    if inside and not home().is_relative_to(workspace):
        raise _missing(f"interpreters.{kind} of client.toml lies in the opened folder: {path}")
    return real


def _missing(what: str) -> Refused:
    return Refused(
        Reason.INTERPRETER_MISSING, what, hint="whoever administers this machine sets it"
    )


def _ask(kind: str, path: Path) -> Mapping[str, object]:
    if kind == "python":
        command = [str(path), "-I", "-S", "-c", _ASK_PYTHON, _packaging()]
    else:
        command = [str(path), "-e", _ASK_NODE]
    try:
        done = subprocess.run(
            command, cwd="/" if os.sep == "/" else None, env=bare(), stdin=subprocess.DEVNULL,
            capture_output=True, timeout=_PATIENCE, check=True,
        )  # fmt: skip
        told = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise Undecided(
            Reason.INTERPRETER_MISSING, f"{path} does not say what it is: {error}"
        ) from error
    return cast("dict[str, object]", told)


def _packaging() -> str:
    """The folder that our own ``packaging`` lies in: it knows the rules of tags and markers."""
    import packaging

    return str(Path(packaging.__path__[0]).parent)


def bare() -> dict[str, str]:
    """No environment at all, but for what Windows can't start a process without."""
    return {key: os.environ[key] for key in ("SYSTEMROOT",) if key in os.environ}


def _remembered(kept: Path, stamp: list[object]) -> Mapping[str, object] | None:
    try:
        told = json.loads(kept.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict) or told.get("stamp") != stamp:
        return None
    return cast("dict[str, object]", told["told"])


def _remember(kept: Path, stamp: list[object], told: Mapping[str, object]) -> None:
    aside = kept.with_name(f"{kept.name}.{os.getpid()}")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.write_text(json.dumps({"stamp": stamp, "told": told}), encoding="utf-8")
        aside.replace(kept)
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE, f"{kept} can't be written: {error.strerror or error}"
        ) from error


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
