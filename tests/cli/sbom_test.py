"""``assay sbom``: valid by the library's own schema, whole, and the same bytes each time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from assay.cli import main

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / "servers"


def sbom(capsys: pytest.CaptureFixture[str], name: str, root: Path = ROOT) -> dict[str, Any]:
    assert main(["sbom", name, "--registry", str(root)]) == 0
    text = capsys.readouterr().out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    data: dict[str, Any] = json.loads(text)
    return data


@pytest.mark.parametrize("name", ["everything", "filesystem", "git", "time"])
def test_every_entry_has_a_valid_document(capsys: pytest.CaptureFixture[str], name: str) -> None:
    data = sbom(capsys, name)
    refs = {item["bom-ref"] for item in data["components"]}
    assert len(refs) == len(data["components"]) > 10
    assert all(item["purl"] == item["bom-ref"] for item in data["components"])
    assert all(item["hashes"] for item in data["components"])
    named = {ref for item in data["dependencies"] for ref in item.get("dependsOn", ())}
    own = data["metadata"]["component"]
    assert own["bom-ref"] not in refs
    assert named == refs
    assert next(item for item in data["dependencies"] if item["ref"] == own["bom-ref"])["dependsOn"]


def test_the_artefact_is_what_the_document_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    raw = (SERVERS / "filesystem.yaml").read_bytes()
    data = sbom(capsys, "filesystem")
    own = data["metadata"]["component"]
    assert own["purl"] == "pkg:npm/%40modelcontextprotocol/server-filesystem@2026.8.31"
    assert {item["alg"] for item in own["hashes"]} == {"SHA-256", "SHA-512"}
    assert data["metadata"]["timestamp"] == "2026-11-22T21:00:00+00:00"
    properties = {item["name"]: item["value"] for item in data["metadata"]["properties"]}
    assert properties["assay:entry:sha256"] == hashlib.sha256(raw).hexdigest()


def test_the_same_files_give_the_same_bytes_and_another_entry_another_serial(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = sbom(capsys, "time")
    assert sbom(capsys, "time") == first
    assert sbom(capsys, "git")["serialNumber"] != first["serialNumber"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    assert sbom(capsys, "time")["metadata"]["timestamp"] == "2020-09-13T12:26:40+00:00"
    place = tmp_path / "time.cdx.json"
    assert main(["sbom", "time", "--registry", str(ROOT), "-o", str(place)]) == 0
    assert json.loads(place.read_bytes())["serialNumber"] == first["serialNumber"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert main(["sbom", "time", "--registry", str(ROOT)]) == 2


def test_a_python_package_tells_its_marker_and_every_wheel(
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = sbom(capsys, "time")
    marked = [item for item in data["components"] if "properties" in item]
    assert {item["scope"] for item in marked} == {"optional"}
    assert {one["name"] for item in marked for one in item["properties"]} == {"assay:python:marker"}
    assert any(len(item["hashes"]) > 10 for item in data["components"])


def test_npms_graph_is_the_locks_own(capsys: pytest.CaptureFixture[str]) -> None:
    data = sbom(capsys, "filesystem")
    wants = {item["ref"]: item.get("dependsOn", []) for item in data["dependencies"]}
    lock = json.loads((SERVERS / "filesystem.package-lock.json").read_bytes())["packages"]
    own = lock["node_modules/@modelcontextprotocol/server-filesystem"]
    found = wants[data["metadata"]["component"]["bom-ref"]]
    assert len(found) == len(own["dependencies"])


def test_a_lock_that_is_not_the_entrys_or_lies_gives_no_document(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "servers").mkdir()
    for name in ("time.yaml", "time.requirements.txt"):
        (tmp_path / "servers" / name).write_bytes((SERVERS / name).read_bytes())
    lock, entry = tmp_path / "servers" / "time.requirements.txt", tmp_path / "servers" / "time.yaml"
    before = hashlib.sha256(lock.read_bytes()).hexdigest()
    lock.write_text(lock.read_text() + "-e .\n")
    assert main(["sbom", "time", "--registry", str(tmp_path)]) == 1
    assert "[lock-mismatch]" in capsys.readouterr().err
    after = hashlib.sha256(lock.read_bytes()).hexdigest()
    entry.write_text(entry.read_text().replace(before, after))
    assert main(["sbom", "time", "--registry", str(tmp_path)]) == 1
    assert "[lock-format]" in capsys.readouterr().out
    lock.unlink()
    assert main(["sbom", "time", "--registry", str(tmp_path)]) == 1
    assert "[lock-missing]" in capsys.readouterr().err
