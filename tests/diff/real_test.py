"""Two published versions of real servers: every change is there, and nothing else.

``real/*.changes.txt`` was checked by hand against the two locks; here it is also held against a
reading of them that shares no line with ours. ``real/regenerate.py`` makes the locks anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assay.artefact.reference import Reference, npm, pypi
from assay.closure import Closure, parse
from assay.closure.compare import Comparison, compare
from assay.closure.lookalike import likeness

REAL = Path(__file__).parent / "real"
EVERYTHING = "@modelcontextprotocol/server-everything"
CASES: dict[str, tuple[tuple[Reference, str], tuple[Reference, str]]] = {
    "everything": (
        (npm(EVERYTHING, "2025.9.25"), "everything-1.package-lock.json"),
        (npm(EVERYTHING, "2026.8.31"), "everything-2.package-lock.json"),
    ),
    "git": (
        (pypi("mcp-server-git", "2025.9.25"), "git-1.requirements.txt"),
        (pypi("mcp-server-git", "2026.10.19"), "git-2.requirements.txt"),
    ),
}


def closure(reference: Reference, file: str) -> Closure:
    found, findings = parse(reference, (REAL / file).read_bytes(), file)
    assert findings == []
    assert found is not None
    return found


def compared(name: str) -> Comparison:
    old, new = CASES[name]
    return compare(closure(*old), closure(*new))


def lines(found: Comparison) -> list[str]:
    """``KIND NAME OLD NEW WHERE``; a dash for what is not there."""
    told = []
    for one in found.changes:
        sides = [side.version if side else "-" for side in (one.old, one.new)]
        where = {True: "direct", False: "transitive", None: "-"}[one.direct]
        told.append(" ".join([one.kind, one.package.name, *sides, where]))
    return told


def plainly(file: str) -> set[tuple[str, str]]:
    """Name and version of everything in a lock, read the simplest way."""
    text = (REAL / file).read_text()
    if file.endswith(".txt"):
        return set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))
    nodes = json.loads(text)["packages"]
    return {
        (path.split("node_modules/")[-1], node["version"]) for path, node in nodes.items() if path
    }


@pytest.mark.parametrize("name", CASES)
def test_the_changes_are_those_that_were_checked_by_hand(name: str) -> None:
    assert lines(compared(name)) == (REAL / f"{name}.changes.txt").read_text().splitlines()


@pytest.mark.parametrize("name", CASES)
def test_every_package_that_came_or_went_is_in_one_change(name: str) -> None:
    (_, first), (_, second) = CASES[name]
    found = compared(name)
    went = [(one.old.name, one.old.version) for one in found.changes if one.old]
    came = [(one.new.name, one.new.version) for one in found.changes if one.new]
    assert len(set(went)) == len(went)
    assert len(set(came)) == len(came)
    assert set(went) == plainly(first) - plainly(second)
    assert set(came) == plainly(second) - plainly(first)
    assert found.unchanged == len(plainly(first) & plainly(second))


@pytest.mark.parametrize("name", CASES)
def test_no_real_package_is_taken_for_another(name: str) -> None:
    for side in CASES[name]:
        for package in closure(*side).packages:
            assert likeness(package.ecosystem, package.name) is None, package.name


@pytest.mark.parametrize("name", CASES)
def test_a_lock_does_not_differ_from_itself(name: str) -> None:
    for side in CASES[name]:
        found = compare(closure(*side), closure(*side))
        assert found.changes == ()
        assert found.fresh == ()
