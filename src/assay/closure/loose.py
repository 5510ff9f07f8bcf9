"""A lock read as far as it goes, to show what it brings in where the strict reader refuses it.

A reviewer must see which package came with an address, a bundle or an install script; the strict
reader (``package_lock``, ``requirements``) stops there and gives no closure. Nothing is decided by
what is read here: ``lock-format`` has refused the lock already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from assay.artefact.reference import Reference
from assay.closure.model import Closure, Package
from assay.closure.package_lock import MAX_BYTES, MAX_NODES, licence_of

_MAX_TEXT = 300  # characters of anything that is shown
_PINNED = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_DIRECT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*@\s*(?P<place>\S+)")
_HASH = re.compile(r"--hash=(?P<hash>[a-z0-9]+:[0-9a-fA-F]+)")
_NODE = re.compile(r'^\s*"((?:[^"\\]|\\.)*)"\s*:\s*\{')


def read(reference: Reference, raw: bytes, path: str) -> Closure | None:
    """What the lock seems to bring in; None where nothing of it can be read, or no artefact."""
    if len(raw) > MAX_BYTES or reference.kind not in ("npm", "pypi"):
        return None
    reader = _npm if reference.kind == "npm" else _pypi
    try:
        packages = tuple(reader(raw))
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError):
        return None
    root = next((package for package in packages if package.name == reference.name), None)
    return Closure(reference.kind, path, packages, root) if root else None


def _npm(raw: bytes) -> Iterator[Package]:
    text = raw.decode("utf-8", "replace")
    nodes: dict[str, dict[str, Any]] = json.loads(text)["packages"]
    if len(nodes) > MAX_NODES:
        return
    lines = _lines(text)
    for path, node in nodes.items():
        if path:
            yield _node(path, node, lines.get(path, 1))


def _node(path: str, node: dict[str, Any], line: int) -> Package:
    installed = f"/{path}".rpartition("/node_modules/")[2]
    integrity = node.get("integrity")
    wanted = {**node.get("dependencies", {}), **node.get("optionalDependencies", {})}
    wanted |= node.get("peerDependencies", {})
    return Package(
        ecosystem="npm",
        name=_text(node.get("name")) or installed[:_MAX_TEXT],
        version=_text(node.get("version")),
        integrity=(_text(integrity),) if integrity else (),
        line=line,
        path=path,
        install_script=node.get("hasInstallScript", False) is not False,
        requires=tuple(sorted((_text(key), _text(value)) for key, value in wanted.items())),
        licence=licence_of(node),
        source=_source(node),
    )


def _source(node: dict[str, Any]) -> str:
    """Where it says that it comes from, if that is not the registry that the machine names."""
    if node.get("link", False) is not False:
        return f"link {_text(node.get('resolved'))}"
    if node.get("inBundle", False) is not False:
        return "bundled in another package"
    return _text(node.get("resolved"))


def _pypi(raw: bytes) -> Iterator[Package]:
    found: Package | None = None
    for number, line in enumerate(raw.decode("utf-8", "replace").split("\n"), 1):
        if match := _HASH.search(line):
            if found:
                found = found._replace(integrity=(*found.integrity, match["hash"]))
            continue
        if found:
            yield found
        found = _requirement(line.strip(), number)
    if found:
        yield found


def _requirement(line: str, number: int) -> Package | None:
    if not line or line.startswith("#"):
        return None
    if match := _PINNED.match(line):
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        return Package("pypi", name, match["version"], (), number)
    if match := _DIRECT.match(line):
        name = re.sub(r"[-_.]+", "-", match["name"]).lower()
        return Package("pypi", name, "", (), number, source=match["place"][:_MAX_TEXT])
    # An option, an editable folder, another file: no name to go by, and a source all the same.
    return Package("pypi", line[:_MAX_TEXT], "", (), number, source=line[:_MAX_TEXT])


def _lines(text: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if match := _NODE.match(line):
            try:
                found.setdefault(json.loads(f'"{match[1]}"'), number)
            except ValueError:
                continue
    return found


def _text(value: object) -> str:
    return value[:_MAX_TEXT] if isinstance(value, str) else ""
