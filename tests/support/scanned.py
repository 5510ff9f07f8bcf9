"""Packages for the scan, from files that are given as text or bytes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from assay.artefact.unpack.inventory import Inventory, Item, nested_kind
from assay.finding import Severity
from assay.scan import kind
from assay.scan.bytes import BYTE_CHECKS
from assay.scan.combine import combined
from assay.scan.model import Hit, Package, ScannedFile


def package(folder: Path, ecosystem: str, files: Mapping[str, bytes | str]) -> Package:
    """A package whose files lie in ``folder`` under names of ours."""
    made = Package("pkg:test/acme@1.0.0", ecosystem, Inventory(()))
    items = []
    for number, (path, content) in enumerate(sorted(files.items())):
        raw = content if isinstance(content, bytes) else content.encode("utf-8")
        place = folder / str(number)
        place.write_bytes(raw)
        nested, digest = nested_kind(raw[:512], raw[-22:]), sha256(raw).hexdigest()
        what = kind.of(path, raw[: kind.HEAD])
        made.files[path] = ScannedFile(path, what, 0o644, len(raw), digest, nested, place, made)
        items.append(Item(path, "file", len(raw), 0o644, digest, nested=nested))
    made.inventory = Inventory(tuple(items))
    return made


def looked_at(folder: Path, ecosystem: str, files: Mapping[str, bytes | str]) -> list[Hit]:
    """What the byte checks and the combinations say of it, signals too."""
    found = package(folder, ecosystem, files)
    hits = [
        hit for file in found.files.values() for check in BYTE_CHECKS for hit in check.run(file)
    ]
    return hits + combined(hits)


def told(hits: list[Hit], *severities: Severity) -> set[str]:
    """The rules of the hits that are reported, of these severities."""
    return {hit.rule for hit in hits if not hit.signal and hit.severity in severities}
