"""Running an engine: in an empty folder, with an empty home, and nothing else of this machine.

It has no business with our settings or credentials, for it asks nobody but the relay.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assay import strict_json
from assay.advisories.model import BrokenAnswer
from assay.artefact.machine import run
from assay.errors import Undecided

TIMEOUT = 300.0  # seconds; three thousand packages take npm 1 s and pip-audit 10
_MOST_OUTPUT = 128 << 20  # bytes; what the relay answers is bounded already
_KEPT = frozenset({"PATH", "PATHEXT", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP", "TMPDIR"})
_HOMES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")


def start(
    name: str,
    words: Sequence[str],
    environ: Mapping[str, str],
    folder: Path,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run an engine below ``folder``; ``more`` are variables for it.

    BrokenAnswer where it can't be run or does not end in time.
    """
    home = folder / "home"
    home.mkdir()
    kept = {key: value for key, value in environ.items() if key.upper() in _KEPT}
    kept |= dict.fromkeys(_HOMES, str(home)) | {"NO_PROXY": "*", "no_proxy": "*"} | more
    work = folder / "work"
    try:
        return run(words, kept, folder=work, timeout=TIMEOUT)
    except Undecided as error:
        raise BrokenAnswer(f"{name}: {error.message}") from error
    except OSError as error:
        raise BrokenAnswer(f"{name}: {error.strerror or error}") from error


def output(name: str, done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON object that an engine printed. Its exit code says nothing that counts."""
    try:
        return strict_json.read_object(
            done.stdout.encode("utf-8", "surrogatepass"), limit=_MOST_OUTPUT
        )
    except ValueError as error:
        tail = [line for line in done.stderr.strip().split("\n") if line.strip()]
        said = f": {tail[-1][:200]}" if tail else ""
        raise BrokenAnswer(f"{name} gave no report ({error}){said}") from error


def sibling(folder: Path) -> Path:
    """The empty folder that an engine works in."""
    work = folder / "work"
    os.mkdir(work)
    return work
