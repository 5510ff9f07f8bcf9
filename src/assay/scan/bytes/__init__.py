"""The checks over every byte of every file, in our own process: what semgrep can't read.

A check is a module: one file, one rule, one line in the list. It sees one file and, through
``file.package``, its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assay.scan.model import Hit, ScannedFile


class ByteCheck(Protocol):
    """What a module under ``assay.scan.bytes`` offers; ``ID`` is its file's name in kebab-case."""

    ID: str

    def run(self, file: ScannedFile) -> Iterator[Hit]: ...


BYTE_CHECKS: tuple[ByteCheck, ...] = ()
