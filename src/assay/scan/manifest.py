"""What a package says of itself, read as far as it can be read: a scan goes on without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.scan.model import Package, ScannedFile

_MOST = 4 << 20  # bytes


def package_json(package: Package) -> Mapping[str, Any]:
    """The uppermost ``package.json``, as npm reads it; ``{}`` where there is none."""
    file = _uppermost(package, ("package.json",))
    if file is None or file.size > _MOST:
        return {}
    try:
        data = json.loads(file.raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def metadata(package: Package) -> Mapping[str, list[str]]:
    """Header → its values, from the uppermost ``METADATA`` or ``PKG-INFO``."""
    from email import message_from_bytes

    file = _uppermost(package, ("METADATA", "PKG-INFO"))
    if file is None or file.size > _MOST:
        return {}
    found: dict[str, list[str]] = {}
    for name, value in message_from_bytes(file.raw).items():
        found.setdefault(name.lower(), []).append(str(value))
    return found


def _uppermost(package: Package, names: tuple[str, ...]) -> ScannedFile | None:
    found = [file for file in package.files.values() if file.name in names]
    return min(found, key=lambda file: (file.path.count("/"), file.path), default=None)
