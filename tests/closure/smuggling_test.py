"""Lies that hold together: every name, version and hash in the lock is true, and it still lies.

The registry's metadata tells some of them (``lock-true``), resolving anew tells all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.faults import serving
from tests.support.packages import Index, Npm, sri

from assay.artefact.reference import npm as npm_reference
from assay.artefact.reference import pypi as pypi_reference
from assay.artefact.source import Sources
from assay.artefact.store import Store
from assay.closure import hold, parse, resolve
from assay.closure.package_lock import canonical
from assay.closure.regenerating import compare

AT = datetime(2026, 6, 1, tzinfo=UTC)
SERVER = npm_reference("server", "1.0.0")
Nodes = dict[str, dict[str, Any]]


@pytest.fixture
def npm(tmp_path: Path) -> Iterator[Npm]:
    with serving() as server:
        made = Npm(server, tmp_path / "home")
        made.publish(
            "server",
            "1.0.0",
            dependencies={"dep": "^1.0.0"},
            peerDependencies={"tempting": "*"},
            peerDependenciesMeta={"tempting": {"optional": True}},
        )
        for version in ("1.0.0", "1.1.0", "9.0.0"):
            made.publish("dep", version)
        made.publish("tempting", "1.0.0")
        made.publish("evil", "1.0.0")
        yield made


def node(npm: Npm, name: str, version: str, **more: object) -> dict[str, Any]:
    told = npm.documents[name]["versions"][version]
    return {"version": version, "integrity": told["dist"]["integrity"], **more}


def smuggled(key: str) -> Callable[[Nodes, Npm], None]:
    def tell(nodes: Nodes, npm: Npm) -> None:
        nodes["node_modules/dep"][key] = {"evil": "1.0.0"}
        nodes["node_modules/evil"] = node(npm, "evil", "1.0.0")

    return tell


def tempted(nodes: Nodes, npm: Npm) -> None:
    """An optional peer, which npm installs for nobody who did not ask."""
    nodes["node_modules/tempting"] = node(npm, "tempting", "1.0.0", optional=True, peer=True)


def aged(nodes: Nodes, npm: Npm) -> None:
    nodes["node_modules/dep"] = node(npm, "dep", "1.0.0")


def out_of_range(nodes: Nodes, npm: Npm) -> None:
    nodes["node_modules/dep"] = node(npm, "dep", "9.0.0")


def left_out(nodes: Nodes, npm: Npm) -> None:
    """A dependency that each platform skips."""
    nodes["node_modules/dep"] |= {"optional": True, "os": ["none"]}


LIES = {
    "dependency": (smuggled("dependencies"), "does not want evil"),
    "optional-dependency": (smuggled("optionalDependencies"), "does not want evil"),
    "peer-dependency": (smuggled("peerDependencies"), "does not want evil"),
    "optional-peer": (tempted, ""),
    "older-release": (aged, ""),
    "release-out-of-range": (out_of_range, ""),
    "left-out-everywhere": (left_out, ""),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lock_of_true_packages_that_nobody_wants_so_is_found(
    npm: Npm, tmp_path: Path, lie: str
) -> None:
    tell, why = LIES[lie]
    given = Sources(Store(tmp_path / "store"), npm.environ)
    honest = resolve(SERVER, resolved_at=AT, sources=given)
    data = json.loads(honest)
    tell(data["packages"], npm)
    data["packages"] = dict(sorted(data["packages"].items()))
    lied = canonical(data)
    closure, findings = parse(SERVER, lied, "lock")
    assert findings == []
    assert closure is not None
    told = list(hold(closure, given, given.fetch(SERVER)))
    assert [why in finding.message for finding in told] == ([True] if why else [])
    found = compare(SERVER, lied, "lock", resolved_at=AT, sources=given)
    assert [finding.rule for finding in found] == ["lock-regenerates"]
    assert compare(SERVER, honest, "lock", resolved_at=AT, sources=given) == []


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"_hasShrinkwrap": True}, "its own shrinkwrap"),
        ({"bundleDependencies": ["evil"]}, "bundles packages"),
        ({"gypfile": True}, "install script"),
    ],
)
def test_what_the_registry_says_of_a_package_a_lock_cannot_hide(
    npm: Npm, tmp_path: Path, manifest: dict[str, Any], why: str
) -> None:
    given = Sources(Store(tmp_path / "store"), npm.environ)
    closure, _ = parse(SERVER, resolve(SERVER, resolved_at=AT, sources=given), "lock")
    assert closure is not None
    npm.documents["dep"]["versions"]["1.1.0"].update(manifest)
    assert [why in finding.message for finding in hold(closure, given)] == [True]


def test_the_bytes_of_another_package_under_a_good_name_are_found(npm: Npm, tmp_path: Path) -> None:
    given = Sources(Store(tmp_path / "store"), npm.environ)
    data = json.loads(resolve(SERVER, resolved_at=AT, sources=given))
    data["packages"]["node_modules/dep"]["integrity"] = sri(npm.publish("evil", "2.0.0"))
    closure, _ = parse(SERVER, canonical(data), "lock")
    assert closure is not None
    assert ["dep 1.1.0 is locked as" in found.message for found in hold(closure, given)] == [True]


@pytest.mark.parametrize("lie", ["another-release", "another-packages-wheel", "another-marker"])
def test_a_python_lock_of_true_hashes_that_lies_is_found(tmp_path: Path, lie: str) -> None:
    with serving() as server:
        index = Index(server, tmp_path / "home")
        reference = pypi_reference("some-server", "1.0")
        index.publish("some-server", "1.0", requires=("dep>=1",))
        for version in ("1.0", "1.1"):
            index.publish("dep", version)
        hashes = {item["filename"]: item["hashes"]["sha256"] for item in index.files["dep"]}
        old, new = hashes["dep-1.0-py3-none-any.whl"], hashes["dep-1.1-py3-none-any.whl"]
        given = Sources(Store(tmp_path / "store"), index.environ)
        honest = resolve(reference, resolved_at=AT, sources=given).decode()
        lied = {
            "another-release": honest.replace("dep==1.1", "dep==1.0").replace(new, old),
            "another-packages-wheel": honest.replace(new, old),
            "another-marker": honest.replace("dep==1.1", "dep==1.1 ; os_name == 'nt'"),
        }[lie]
        assert lied != honest
        closure, findings = parse(reference, lied.encode(), "lock")
        assert findings == []
        assert closure is not None
        told = [finding.message for finding in hold(closure, given)]
        wanted = ["no file with"] if lie == "another-packages-wheel" else []
        assert [why in one for why, one in zip(wanted, told, strict=True)] == [True] * len(wanted)
        found = compare(reference, lied.encode(), "lock", resolved_at=AT, sources=given)
        assert [finding.rule for finding in found] == ["lock-regenerates"]
