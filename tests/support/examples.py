"""Examples on disk: whole files, good ones and bad ones, which say themselves what is expected.

A bad one begins with a comment line for each finding, ``# expect LINE:COLUMN RULE``, where the
lines are those of the file with its comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from assay.finding import Finding

TODAY = date(2026, 11, 22)
_EXPECT = re.compile(r"^# expect (\d+):(\d+) ([a-z0-9-]+)$", re.MULTILINE)

Place = tuple[int, int, str]


def examples(folder: Path, verdict: str) -> list[Path]:
    """The YAML files of ``folder/verdict``; a folder that is empty is a mistake."""
    found = sorted((folder / verdict).glob("*.yaml"))
    assert found, f"no examples in {folder / verdict}"
    return found


def expected(path: Path) -> list[Place]:
    """What a bad example says that must be found, in order of place."""
    text = path.read_text(encoding="utf-8")
    return sorted((int(line), int(column), rule) for line, column, rule in _EXPECT.findall(text))


def places(findings: Iterable[Finding]) -> list[Place]:
    """Line, column and rule of each finding."""
    return sorted((finding.line, finding.column, finding.rule) for finding in findings)


class Folder:
    """The files beside an example, as a check sees them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str) -> bytes | None:
        file = self._path / name
        return file.read_bytes() if file.is_file() else None
