"""semgrep as a process: hardened flags, an environment of ours, its report read and not believed.

Found beside our own interpreter, never on the PATH of a workspace.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assay.errors import Undecided
from assay.reason import Reason

# An artefact's ignore files, its folders' names, its sizes and its comments have no say.
_FLAGS = (
    "--metrics=off",
    "--disable-version-check",
    "--no-git-ignore",
    "--x-ignore-semgrepignore-files",
    "--disable-nosem",
    "--scan-unknown-extensions",
    "--no-rewrite-rule-ids",
    "--max-target-bytes=0",
    "--oss-only",
    "--quiet",
)


class Match(NamedTuple):
    """One match: the rule, the file as it was given, and the place (1-based; offsets in bytes)."""

    rule: str
    path: Path
    line: int
    column: int
    offset: int
    end: int


class Report(NamedTuple):
    """What semgrep answered. ``errors`` are its own objects, as they came."""

    matches: tuple[Match, ...]
    scanned: frozenset[Path]
    errors: tuple[dict[str, Any], ...]


def command() -> Path:
    """The semgrep of this very installation. Undecided: TOOL_MISSING."""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        found = folder / "semgrep"
        if found.is_file():
            return found
    raise Undecided(
        Reason.TOOL_FAILED,
        "semgrep is not installed beside assay, so nothing can be scanned",
        hint='install it with: pip install "mcp-assay[scan]"',
    )


def run(files: Path, rules: Sequence[Path], home: Path, *, timeout: float = 600) -> Report:
    """Scan the flat folder ``files`` with ``rules``; ``home`` is an empty folder of ours."""
    answer = home / "report.json"
    words: list[str | Path] = [sys.executable, "-I", command(), "scan", *_FLAGS]
    words += [word for rule in rules for word in ("--config", rule)]
    done = subprocess.run(
        [*words, "--json-output", answer, files],
        cwd=home,
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    if not answer.is_file():
        told = done.stderr.decode("utf-8", "replace")[-2000:]
        raise Undecided(Reason.TOOL_FAILED, f"semgrep answered {done.returncode}: {told}")
    return read(answer.read_bytes())


def read(raw: bytes) -> Report:
    """A report's bytes, typed."""
    data = json.loads(raw)
    return Report(
        tuple(_match(item) for item in data["results"]),
        frozenset(Path(path) for path in data["paths"]["scanned"]),
        tuple(data["errors"]),
    )


def _match(item: dict[str, Any]) -> Match:
    start = item["start"]
    return Match(
        *(item["check_id"], Path(item["path"])),
        *(start["line"], start["col"], start["offset"], item["end"]["offset"]),
    )


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_SEND_METRICS": "off",
        "LC_ALL": "C.UTF-8",
    }
