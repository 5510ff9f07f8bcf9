"""The entries that a command was asked to change, read as far as they go.

An entry may have no lock yet, or break a rule that the change is about to mend, so what is read
here is no whole ``Entry``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.errors import Refused, UsageError
from assay.reason import Reason
from assay.registry import Registry, names

if TYPE_CHECKING:
    from assay.artefact.reference import Reference
    from assay.entry import Document


class Target(NamedTuple):
    """An entry's artefact as its document names it; ``lock`` is empty where there is none."""

    path: str
    document: Document
    reference: Reference
    sha256: str
    lock: dict[str, Any]

    @property
    def name(self) -> str:
        return Path(self.path).name.removesuffix(names.SUFFIX)

    @property
    def lock_path(self) -> str:
        """Where its lock lies, or empty for a kind that has none."""
        from assay.closure import lock_name

        found = lock_name(self.reference, self.name)
        return f"{names.FOLDER}/{found}" if found else ""


def path_of(registry: Registry, given: str) -> str:
    """``servers/NAME.yaml`` for a name or a file; UsageError for what can be no entry."""
    if not given.endswith(names.SUFFIX):
        path = names.entry_path(given)
    else:
        path = registry.relative(Path(given)) if Path(given).exists() else given
    if not names.is_entry(path) or not names.is_file_name(path.rpartition("/")[2]):
        raise UsageError(f"{path} is no entry", hint="name it as in servers/NAME.yaml")
    return path


def paths_of(registry: Registry, given: Sequence[str], every: bool) -> list[str]:
    """The entries asked for: those named, or all of them."""
    if every == bool(given):
        raise UsageError("name one entry or more, or --all")
    return registry.entry_paths() if every else [path_of(registry, name) for name in given]


def read(registry: Registry, path: str) -> Target:
    """Refused(ENTRY_MISSING, ENTRY_INVALID) where it names no artefact."""
    from assay.artefact.reference import parse as reference_of
    from assay.entry.document import parse

    raw = registry.read(path)
    if raw is None:
        raise Refused(Reason.ENTRY_MISSING, f"there is no entry {path}", hint="see `assay new`")
    document, _ = parse(path, raw)
    artefact = document.data.get("artefact") if document else None
    if document is None or not isinstance(artefact, dict):
        raise Refused(Reason.ENTRY_INVALID, f"{path} names no artefact", hint="run `assay check`")
    try:
        reference = reference_of(str(artefact.get("url", "")))
    except ValueError as error:
        raise Refused(
            Reason.ENTRY_INVALID, f"{path}: artefact.url {error}", hint="correct it by hand"
        ) from error
    lock = artefact.get("lock")
    sha256 = str(artefact.get("sha256", ""))
    return Target(path, document, reference, sha256, lock if isinstance(lock, dict) else {})
