"""What an installed tree consists of: each file's path, size, mode and sha256.

Made while the verified archives are unpacked, from the bytes that were written. It lies beside
the tree, in the cache, and could be changed together with it; so its own sha256 is recorded in
the state folder, which nothing but `assay` writes to. A cleaner, a backup that was restored, a
cache shared with a container: whatever reaches the cache alone can't make tree, manifest and
record agree. (Making it anew from the archives at each launch would take longer than the server
takes to start. Who can write both folders is the user, or malware as the user: out of scope.)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

LAYOUT = 1  # of a tree: raised when what install lays for the same lock changes


@dataclass(frozen=True, slots=True)
class Manifest:
    """``files`` maps a path to (executable, size in bytes, sha256 in hex).

    ``commands`` maps each command of the artefact's own package to what starts it: a path in the
    tree (npm) or ``module:attribute`` (PyPI).
    """

    commands: Mapping[str, str]
    files: Mapping[str, tuple[bool, int, str]]

    def to_bytes(self) -> bytes:
        """The one spelling of this manifest, so that its sha256 stands for it."""
        told = {"layout": LAYOUT, "commands": self.commands, "files": self.files}
        return json.dumps(told, sort_keys=True, separators=(",", ":")).encode("ascii")

    def sha256(self) -> str:
        """In hex, of ``to_bytes``."""
        return hashlib.sha256(self.to_bytes()).hexdigest()


def parse(raw: bytes) -> Manifest:
    """The manifest in ``raw``, whose sha256 the caller has already held against its record."""
    told = json.loads(raw)
    if told["layout"] != LAYOUT:
        raise ValueError(f"a manifest of layout {told['layout']}, not {LAYOUT}")
    return Manifest(told["commands"], told["files"])
