"""``npm audit``: asked about a lock that holds each release once, and read by its JSON.

Every release stands at the root under an alias, so that one run serves all entries, and several
versions of a package stand side by side. npm's exit code is 1 for findings and for a dead
endpoint alike, and what it does not understand it leaves out without a word: so what it asked is
held against what it was to ask, and its counts against its lists.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assay.advisories import engine, relay
from assay.advisories.model import LEVELS, BrokenAnswer
from assay.artefact.npmrc import HERE, NO_FILES

ENDPOINT = "-/npm/v1/security/advisories/bulk"
_NAME = "npm audit"
_WORDS = (
    *("npm", "audit", "--json", "--package-lock-only", "--package-lock", *HERE, *NO_FILES),
    *("--no-update-notifier", "--no-progress", "--no-offline", "--omit=", "--loglevel=error"),
    *("--fetch-retries=0", "--fetch-timeout=60000", "--audit-level=info", "--ignore-scripts"),
)


class Told(NamedTuple):
    """What npm audit says of one package: by which advisories, and which versions are hit."""

    advisories: frozenset[str]
    versions: frozenset[str]


Asked = Mapping[str, Sequence[str]]  # name → versions
Packument = Callable[[str], Mapping[str, Any] | None]


def audit(
    asked: Asked,
    told: Mapping[str, Sequence[Mapping[str, Any]]],
    packument: Packument,
    environ: Mapping[str, str],
) -> dict[str, Told]:
    """What npm makes of ``told``, the service's advisories by name. BrokenAnswer."""
    nodes = {f"p{number}": pair for number, pair in enumerate(_pairs(asked))}
    bodies: list[Any] = []

    def respond(method: str, path: str, sent: Any) -> object:
        if method == "POST" and path == ENDPOINT:
            bodies.append(sent)
            return told
        name = path.partition("?")[0].replace("%2f", "/").replace("%2F", "/")
        return packument(name) if method == "GET" and name in told else None

    with (
        tempfile.TemporaryDirectory(prefix="assay-") as temporary,
        relay.serving(respond) as address,
    ):
        folder = Path(temporary)
        _lay(engine.sibling(folder), nodes)
        words = (*_WORDS, f"--registry={address}", f"--cache={folder / 'cache'}")
        done = engine.start(_NAME, words, environ, folder)
    report = _report(engine.output(_NAME, done))
    if [_sets(body) for body in bodies] != [_sets(asked)]:
        raise BrokenAnswer(f"{_NAME} did not ask about the packages that it was given")
    return _read(report, nodes)


def _pairs(asked: Asked) -> Iterator[tuple[str, str]]:
    for name, versions in asked.items():
        for version in versions:
            yield name, version


def _lay(folder: Path, nodes: Mapping[str, tuple[str, str]]) -> None:
    wanted = {alias: f"npm:{name}@{version}" for alias, (name, version) in nodes.items()}
    packages = {
        f"node_modules/{alias}": {"name": name, "version": version}
        for alias, (name, version) in nodes.items()
    }
    root = {"name": "audit", "dependencies": wanted}
    lock = {"name": "audit", "lockfileVersion": 3, "requires": True}
    (folder / "package.json").write_text(json.dumps(root), encoding="utf-8")
    (folder / "package-lock.json").write_text(
        json.dumps({**lock, "packages": {"": root, **packages}}), encoding="utf-8"
    )


def _sets(body: Any) -> dict[str, frozenset[str]]:
    if not isinstance(body, Mapping):
        return {}
    return {str(name): frozenset(versions) for name, versions in body.items()}


def _report(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """npm's report, whose counts are those of its list."""
    found = data.get("vulnerabilities")
    if not isinstance(found, dict):
        error = data.get("error")
        said = data.get("message") or (error.get("summary") if isinstance(error, dict) else "")
        raise BrokenAnswer(f"{_NAME} gave no report: {str(said)[:200] or 'no vulnerabilities'}")
    metadata = data.get("metadata")
    counts = metadata.get("vulnerabilities") if isinstance(metadata, dict) else None
    counted = dict.fromkeys(LEVELS, 0)
    for item in found.values():
        severity = item.get("severity") if isinstance(item, dict) else None
        if severity not in LEVELS:
            raise BrokenAnswer(f"{_NAME} names a severity that is not known")
        counted[severity] += 1
    if counts != {**counted, "total": len(found)}:
        raise BrokenAnswer(f"{_NAME} counts other vulnerabilities than it lists")
    return data


def _read(report: Mapping[str, Any], nodes: Mapping[str, tuple[str, str]]) -> dict[str, Told]:
    total = _of(_of(report["metadata"], "dependencies"), "total")
    if total != len(nodes):
        raise BrokenAnswer(f"{_NAME} looked at {total} packages of {len(nodes)}")
    try:
        return {name: _one(name, item, nodes) for name, item in report["vulnerabilities"].items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise BrokenAnswer(f"{_NAME} gave a report of another form") from error


def _one(name: str, item: Mapping[str, Any], nodes: Mapping[str, tuple[str, str]]) -> Told:
    hit = [nodes[place.removeprefix("node_modules/")] for place in item["nodes"]]
    if any(other != name for other, _ in hit):
        raise BrokenAnswer(f"{_NAME} mixes up two packages")
    advisories = frozenset(str(via["source"]) for via in item["via"])
    return Told(advisories, frozenset(version for _, version in hit))


def _of(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, Mapping) else None
