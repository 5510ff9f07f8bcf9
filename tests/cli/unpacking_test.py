"""``assay check`` on artefacts that would lead an unpacker astray, by the front door."""

from __future__ import annotations

import json

import pytest
from tests.artefact.unpack.corpus import CASES
from tests.artefact.unpack.making import npm as npm_package
from tests.artefact.unpack.making import tar_file, wheel
from tests.support.packages import Index, Npm

from assay.cli import main

AT = "2026-06-01T00:00:00Z"
SAYING = [
    "--maintainer=data@example.com",
    "--reviewer=security@example.com",
    "--scope=read:files",
    "--classification=internal",
    "--lawful-basis=not_applicable",
    "--description=Reads files.",
    f"--at={AT}",
]
RULE = "[artefact-unpacks]"
# A few of the corpus: one of a name, a link, a bomb, a header, an end, and the compression.
OF_NPM = [
    "npm-tgz: traversal",
    "npm-tgz: a Cyrillic twin",
    "npm-tgz: a symbolic link",
    "npm-tgz: a bomb by ratio",
    "npm-tgz: a pax size that hides members",
    "npm-tgz: members behind the end",
    "npm-tgz: two gzip members",
]


def offer_npm(npm: Npm, raw: bytes) -> None:
    npm.publish("hostile", "1.0.0", raw=raw, bin={"hostile": "index.js"})
    assert main(["new", "pkg:npm/hostile@1.0.0", *SAYING]) == 0


@pytest.mark.parametrize("case", OF_NPM)
def test_a_hostile_package_is_a_finding_at_the_artefacts_line(
    machine: tuple[Npm, Index], case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    offer_npm(machine[0], CASES[case].hostile())
    capsys.readouterr()
    assert main(["check", "--all"]) == 1
    told = capsys.readouterr().out
    (line,) = [line for line in told.splitlines() if RULE in line]
    place, _, said = line.partition(": error: pkg:npm/hostile@1.0.0: ")
    assert said
    with open("servers/hostile.yaml", encoding="utf-8") as file:
        lines = file.read().splitlines()
    at = int(place.split(":")[1])
    assert lines[at - 1] == "  url: pkg:npm/hostile@1.0.0"
    assert "tell the maintainer" in told


def test_a_package_like_it_is_clean(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = json.dumps({"name": "hostile", "version": "1.0.0"}).encode()
    offer_npm(machine[0], npm_package(tar_file("package/lib/package.json", manifest)))
    assert main(["check", "--all"]) == 0
    assert RULE not in capsys.readouterr().out


def python_wheel(**more: bytes) -> dict[str, bytes]:
    metadata = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nSummary: A test.\n"
    points = b"[console_scripts]\ndemo = demo:main\n"
    return {
        "demo.py": b"def main(): ...\n",
        "demo-1.0.dist-info/METADATA": metadata,
        "demo-1.0.dist-info/entry_points.txt": points,
        **{name.replace("_pth", ".pth"): data for name, data in more.items()},
    }


@pytest.mark.parametrize(("more", "code"), [({}, 0), ({"evil_pth": b"import os"}, 1)])
def test_a_hostile_wheel_is_a_finding_and_one_like_it_is_clean(
    machine: tuple[Npm, Index],
    more: dict[str, bytes],
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine[1].publish("demo", "1.0", raw=wheel(python_wheel(**more)))
    assert main(["new", "pkg:pypi/demo@1.0", *SAYING]) == 0
    capsys.readouterr()
    assert main(["check", "--all"]) == code
    told = capsys.readouterr().out
    assert (RULE in told) == bool(code)


def test_an_artefact_of_other_bytes_is_told_once(
    machine: tuple[Npm, Index], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    offer_npm(machine[0], CASES["npm-tgz: traversal"].benign())
    monkeypatch.setenv("ASSAY_CACHE", "elsewhere")
    machine[0].publish("hostile", "1.0.0", raw=CASES["npm-tgz: traversal"].hostile())
    assert main(["check", "--all"]) == 1
    told = capsys.readouterr().out
    assert "[artefact-digest]" in told
    assert RULE not in told
