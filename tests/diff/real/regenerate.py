"""Writes the locks beside this file: two published versions of two servers, at fixed instants.

``python tests/diff/real/regenerate.py`` asks the registries that npm and pip are configured for.
A lock at an instant regenerates exactly, as long as nothing of it was taken back since.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from assay.artefact.reference import npm, pypi
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.closure import resolve

HERE = Path(__file__).parent
EVERYTHING = "@modelcontextprotocol/server-everything"
LOCKS = {
    "everything-1.package-lock.json": (npm(EVERYTHING, "2025.9.25"), "2025-10-15T00:00:00+00:00"),
    "everything-2.package-lock.json": (npm(EVERYTHING, "2026.8.31"), "2026-11-22T21:00:00+00:00"),
    "git-1.requirements.txt": (pypi("mcp-server-git", "2025.9.25"), "2025-10-15T00:00:00+00:00"),
    "git-2.requirements.txt": (pypi("mcp-server-git", "2026.10.19"), "2026-11-22T21:00:00+00:00"),
}


def main() -> None:
    with TemporaryDirectory() as folder:
        sources = open_sources(Store(Path(folder)))
        for name, (reference, instant) in LOCKS.items():
            at = datetime.fromisoformat(instant)
            (HERE / name).write_bytes(resolve(reference, resolved_at=at, sources=sources))


if __name__ == "__main__":
    main()
