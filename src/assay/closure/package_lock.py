"""``NAME.package-lock.json``, read as a claim that may lie.

npm would follow a ``resolved`` to any host, unpack what an alias, a link or a bundle names, and
run an install script. So the lock must be plain: every node a registry package of its own name,
hashed with sha512, wanted by another node, and the artefact the only thing that the root wants.
The bytes are canonical JSON as npm writes it, so nothing hides in duplicate keys or spacing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator
from typing import Any, NamedTuple

from assay.artefact.reference import Reference
from assay.closure.model import Closure, Package, PlatformLimits
from assay.finding import Finding
from assay.hidden import is_hidden

RULE = "lock-format"
MAX_BYTES = 4 << 20  # the largest real lock of a server has 0.3 MB
MAX_NODES = 20_000
MAX_EDGES = 200_000
MAX_PATH = 512  # characters
MAX_FINDINGS = 50  # nobody reads more, and the first ones say what kind of file it is
# Keys of a node that say nothing which we would have to refuse. ``deprecated`` and ``funding``
# are what npm itself adds; ``assay lock`` leaves them out.
_KNOWN = frozenset(
    {"version", "name", "integrity", "license", "bin", "engines", "os", "cpu", "libc"}
    | {"dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"}
    | {"optional", "peer", "dev", "devOptional", "deprecated", "funding"}
)
_NAME = r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*"
_PATH = re.compile(rf"node_modules/{_NAME}(?:/node_modules/{_NAME})*")
_NAME_ALONE = re.compile(_NAME)
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?")
_SHA512 = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
_NODE_LINE = re.compile(r'    "((?:[^"\\]|\\.)*)": \{')
_KEY_LINE = re.compile(r'      "((?:[^"\\]|\\.)*)":')
# What a range may be: anything else names a place that is not the registry.
_PLACE = re.compile(r"(?:[a-z+]+:)|(?:\.{0,2}/)|(?:[^@\s]+/[^\s]+)", re.IGNORECASE)
_RELOCK = "run `assay lock NAME`"


def parse(reference: Reference, raw: bytes, path: str) -> tuple[Closure | None, list[Finding]]:
    """See ``assay.closure.parse``."""
    lock = _Lock(reference, path)
    packages = lock.read(raw)
    if lock.findings:
        return None, sorted(lock.findings)
    root = next(package for package in packages if package.path == _at("", reference.name))
    return Closure("npm", path, tuple(packages), root), []


def canonical(data: object) -> bytes:
    """JSON as npm writes it."""
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


class _Edge(NamedTuple):
    """``source`` (a node's path) wants ``name`` in the range or place ``spec``."""

    source: str
    key: str
    name: str
    spec: str
    optional: bool


class _Lock:
    def __init__(self, reference: Reference, path: str) -> None:
        self.reference = reference
        self.path = path
        self.findings: list[Finding] = []
        self.lines: dict[tuple[str, ...], int] = {}

    def read(self, raw: bytes) -> list[Package]:
        nodes = self._nodes(raw)
        if nodes is None:
            return []
        packages = [p for p in (self._package(*item) for item in nodes.items() if item[0]) if p]
        self._check_root(nodes)
        if not self.findings:
            self._check_edges(nodes)
        return packages

    def _find(self, message: str, *place: str, fix: str = _RELOCK, line: int = 0) -> None:
        number = line or self.lines.get(place) or self.lines.get(place[:1]) or 1
        if len(self.findings) >= MAX_FINDINGS:
            return
        column = 1 + 2 * (len(place) + 1) if place and place[:1] in self.lines else 1
        self.findings.append(Finding(self.path, number, column, RULE, message, fix))

    def _nodes(self, raw: bytes) -> dict[str, dict[str, Any]] | None:
        data = self._json(raw)
        if not isinstance(data, dict):
            if not self.findings:
                self._find("is no mapping, so no lockfile")
            return None
        for key in data.keys() - {"name", "version", "lockfileVersion", "requires", "packages"}:
            self._find(f"has the key {key!r}, which a lockfile of version 3 does not need")
        if data.get("lockfileVersion") != 3:
            self._find("is not a lockfile of version 3")
        nodes = data.get("packages")
        if not isinstance(nodes, dict) or not all(isinstance(n, dict) for n in nodes.values()):
            self._find("has no packages")
            return None
        if len(nodes) > MAX_NODES:
            self._find(f"has more than {MAX_NODES} packages")
            return None
        return None if self.findings else nodes

    def _json(self, raw: bytes) -> object:
        if len(raw) > MAX_BYTES:
            self._find(f"is larger than {MAX_BYTES >> 20} MiB")
            return None
        try:
            text = raw.decode()
            data = json.loads(text)
            written = canonical(data).decode()
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            self._find(
                f"is not JSON: {getattr(error, 'msg', 'not UTF-8 or nested too deep')}", line=line
            )
            return None
        if text != written:
            line = _first_difference(text, written)
            self._find(
                "is not written as npm writes it (spacing, order of bytes, a key twice)", line=line
            )
            return None
        self._note_lines(text)
        self._check_characters(text)
        return data

    def _check_characters(self, text: str) -> None:
        if text.isascii():
            return
        for number, line in enumerate(text.split("\n"), 1):
            if any(is_hidden(char) for char in line):
                self._find("holds a character that nobody sees", line=number)

    def _note_lines(self, text: str) -> None:
        # The text is canonical, so depth is indentation: nodes at 4 spaces, their keys at 6.
        node = ""
        inside = False
        for number, line in enumerate(text.split("\n"), 1):
            if line == '  "packages": {':
                inside = True
            elif inside and (match := _NODE_LINE.match(line)):
                node = json.loads(f'"{match[1]}"')
                self.lines[(node,)] = number
            elif inside and (match := _KEY_LINE.match(line)):
                self.lines[(node, json.loads(f'"{match[1]}"'))] = number

    def _package(self, path: str, node: dict[str, Any]) -> Package | None:
        before = len(self.findings)
        for problem, key, fix in _problems(path, node):
            self._find(f"{path}: {problem}", path, key, fix=fix)
        if len(self.findings) > before:
            return None
        installed = f"/{path}".rpartition("/node_modules/")[2]
        return Package(
            ecosystem="npm",
            name=node.get("name", installed),
            version=node["version"],
            integrity=(node["integrity"],),
            line=self.lines[(path,)],
            path=path,
            optional=bool(node.get("optional")),
            platform=PlatformLimits(*(tuple(node.get(key, ())) for key in ("os", "cpu", "libc"))),
            requires=tuple(sorted((edge.name, edge.spec) for edge in _edges(path, node))),
            licence=licence_of(node),
        )

    def _check_root(self, nodes: dict[str, dict[str, Any]]) -> None:
        reference = self.reference
        root = nodes.get("", {})
        wanted = {reference.name: reference.version}
        if root.get("dependencies") != wanted:
            self._find(
                f"the root must want {reference.name} {reference.version} alone", "", "dependencies"
            )
        for key in root.keys() - {"name", "version", "dependencies"}:
            self._find(
                f"the root has {key!r}, which would bring in more than the artefact", "", key
            )
        own = nodes.get(_at("", reference.name))
        if own is None:
            self._find(f"the artefact's own node node_modules/{reference.name} is missing", "")
        elif own.get("version") != reference.version:
            message = f"locks {own.get('version')!r}, the artefact is {reference.version}"
            self._find(message, _at("", reference.name), "version")

    def _check_edges(self, nodes: dict[str, dict[str, Any]]) -> None:
        if sum(1 for path, node in nodes.items() for _ in _edges(path, node)) > MAX_EDGES:
            self._find(f"has more than {MAX_EDGES} dependencies")
            return
        reached: set[str] = set()
        waiting = [""]
        while waiting:
            source = waiting.pop()
            for edge in _edges(source, nodes[source]):
                found = self._follow(edge, nodes)
                if found and found not in reached:
                    reached.add(found)
                    waiting.append(found)
        for path in nodes.keys() - reached - {""}:
            self._find(f"{path}: nothing in this lock wants it", path)
        folded: dict[str, str] = {}
        for path in nodes:
            other = folded.setdefault(path.casefold(), path)
            if other != path:
                self._find(f"{path}: is {other} on a file system that ignores case", path)

    def _follow(self, edge: _Edge, nodes: dict[str, dict[str, Any]]) -> str:
        place = (edge.source, edge.key)
        found = lookup(edge.source, edge.name, nodes)
        if not found:
            if not edge.optional:
                self._find(
                    f"{edge.source or 'the root'}: {edge.name} is wanted and missing", *place
                )
            return ""
        real = nodes[found].get("name", edge.name)
        meant = _alias(edge.spec) or edge.name
        if real != meant:
            message = f"{found}: holds {real}, but {edge.source or 'the root'} wants {meant}"
            self._find(message, found, "name")
        elif _PLACE.match(edge.spec) and not _alias(edge.spec):
            message = f"{edge.source}: takes {edge.name} from {edge.spec!r}, not from the registry"
            self._find(message, *place, fix="ship it as an image or .mcpb")
        return found


def _problems(path: str, node: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Everything wrong with a node alone: message, key, fix."""
    if len(path) > MAX_PATH or not _PATH.fullmatch(path):
        yield "is not a place under node_modules (a linked or workspace folder)", "", _RELOCK
    for key, why in _FORBIDDEN.items():
        if node.get(key, False) is not False:
            yield why, key, "ship it as an image or .mcpb" if key in _SHIP else _RELOCK
    for key in sorted(node.keys() - _KNOWN - _FORBIDDEN.keys()):
        yield f"has the unknown key {key!r}", key, _RELOCK
    for key, value in node.items():
        if key in _SHAPES and not _SHAPES[key](value):
            yield f"{key} is not of the shape that npm writes", key, _RELOCK
    if not _VERSION.fullmatch(str(node.get("version", ""))):
        yield "has no exact version", "version", _RELOCK
    if not _NAME_ALONE.fullmatch(str(node.get("name", "x"))):
        yield f"names {node['name']!r}, which is no package's name", "name", _RELOCK
    yield from _weak(node)


def _weak(node: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    integrity = node.get("integrity")
    if integrity is None:
        yield "has no integrity, so any bytes would do", "integrity", _RELOCK
    elif not isinstance(integrity, str) or not _SHA512.fullmatch(integrity):
        yield f"has the integrity {integrity!r}; one sha512 is wanted", "integrity", _RELOCK


def licence_of(node: dict[str, Any]) -> str:
    """What the lock says of the licence, empty for anything but text."""
    said = node.get("license")
    return said if isinstance(said, str) else ""


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _mapping(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _mapping_of_mappings(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, dict) for item in value.values())


def _bool(value: object) -> bool:
    return isinstance(value, bool)


def _text(value: object) -> bool:
    return isinstance(value, str)


_SHAPES: dict[str, Callable[[object], bool]] = {
    "dependencies": _mapping,
    "optionalDependencies": _mapping,
    "peerDependencies": _mapping,
    "peerDependenciesMeta": lambda v: (
        isinstance(v, dict) and all(isinstance(item, dict) for item in v.values())
    ),
    "bin": _mapping,
    "os": _strings,
    "cpu": _strings,
    "libc": _strings,
    "optional": _bool,
    "peer": _bool,
    "version": _text,
    "name": _text,
}
_FORBIDDEN = {
    "resolved": "names where to fetch from; the machine's own configuration says that",
    "link": "is a link to a folder outside the lock",
    "inBundle": "is bundled inside another package, where no registry vouches for it",
    "bundleDependencies": "bundles packages that no registry vouches for",
    "hasShrinkwrap": "was published with its own shrinkwrap, which overrides this lock",
    "hasInstallScript": "needs an install script, and none is ever run",
    "extraneous": "is extraneous: nothing wants it",
}
_SHIP = frozenset({"inBundle", "bundleDependencies", "hasShrinkwrap", "hasInstallScript"})


def _edges(path: str, node: dict[str, Any]) -> Iterator[_Edge]:
    meta = node.get("peerDependenciesMeta", {})
    for key in ("dependencies", "optionalDependencies", "peerDependencies"):
        for name, spec in node.get(key, {}).items():
            lax = bool(meta.get(name, {}).get("optional")) and key == "peerDependencies"
            yield _Edge(path, key, name, spec, lax or key == "optionalDependencies")


def lookup(source: str, name: str, nodes: Container[str]) -> str:
    """Where Node.js finds ``name`` from ``source``: its own node_modules, then each above."""
    while True:
        place = _at(source, name)
        if place in nodes:
            return place
        if not source:
            return ""
        source = f"/{source}".rpartition("/node_modules/")[0].lstrip("/")


def _at(parent: str, name: str) -> str:
    return f"{parent}/node_modules/{name}" if parent else f"node_modules/{name}"


def _alias(spec: str) -> str:
    """The real name in ``npm:@scope/name@range``, or empty."""
    if not spec.startswith("npm:"):
        return ""
    body = spec.removeprefix("npm:")
    cut = body.find("@", 1)
    return body if cut < 0 else body[:cut]


def _first_difference(one: str, two: str) -> int:
    pairs = zip(one.split("\n"), two.split("\n"), strict=False)
    return next((number for number, (a, b) in enumerate(pairs, 1) if a != b), 1)
