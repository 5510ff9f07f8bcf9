"""The checks over every byte of every file, in our own process: what semgrep can't read.

A check is a module: one file, one line in the list. It sees one file and, through
``file.package``, its neighbours; each rule it can tell has a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assay.scan.bytes import (
    archives,
    binaries,
    capabilities,
    commands,
    credentials,
    encoded_payload,
    hosts,
    instructions,
    invisible,
    mining,
    npm_manifest,
    python_start,
    setup_acts,
    shape,
)
from assay.scan.model import Hit, ScannedFile


class ByteCheck(Protocol):
    """What a module under ``assay.scan.bytes`` offers; ``ID`` is its file's name in kebab-case."""

    ID: str

    def run(self, file: ScannedFile) -> Iterator[Hit]: ...


BYTE_CHECKS: tuple[ByteCheck, ...] = (
    npm_manifest,
    python_start,
    setup_acts,
    binaries,
    archives,
    invisible,
    shape,
    commands,
    hosts,
    credentials,
    mining,
    capabilities,
    instructions,
    encoded_payload,
)
