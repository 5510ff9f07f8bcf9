"""What a registry holds is regular files that nobody can run: no link, submodule or program.

A link shows one thing to a reviewer and is another, and an executable bit on a YAML file serves
nobody but whoever wants it run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.registry.names import FOLDER, POLICY, REVOCATIONS

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole

ID = "irregular-file"

_KINDS = {"120000": "a symbolic link", "160000": "a submodule", "100755": "executable"}


def run(whole: Whole) -> Iterator[Finding]:
    for path, (mode, _) in sorted((whole.files or {}).items()):
        if mode != "100644" and path.partition("/")[0] in (FOLDER, POLICY, REVOCATIONS):
            kind = _KINDS.get(mode, f"of mode {mode}")
            yield Finding(path, 1, 1, ID, f"is {kind}", _fix(mode), subject=mode)


def _fix(mode: str) -> str:
    if mode == "100755":
        return "git update-index --chmod=-x FILE, then commit"
    return "put the file itself there, so that what is reviewed is what is signed"
