"""``assay new``, ``lock``, ``update`` and ``sbom`` for what is no package of a registry."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from tests.support import faults, images
from tests.support.faults import FaultServer, serving
from tests.support.images import Shelf

from assay.artefact.reference import parse as reference_of
from assay.cli import main
from assay.cli.draft import proposed_name, version_of
from assay.entry.document import parse

PEOPLE = ["--maintainer=data@example.com", "--reviewer=security@example.com"]
REST = ["--scope=read:files", "--classification=internal", "--lawful-basis=not_applicable"]


def bundle(version: object, files: Mapping[str, str] = {}, **more: object) -> bytes:
    raw = io.BytesIO()
    manifest = {"manifest_version": "0.3", "name": "files", "version": version, **more}
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest))
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return raw.getvalue()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[FaultServer]:
    with serving(tmp_path) as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secure: FaultServer) -> Path:
    """A registry that allows the server on loopback, and its certificate."""
    folder = tmp_path / "registry"
    (folder / "servers").mkdir(parents=True)
    host = secure.base.removeprefix("https://")
    (folder / "assay.yaml").write_text(f'sources:\n  https: ["{host}"]\n')
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca_file)
    return folder


def entered(name: str) -> dict[str, object]:
    document, findings = parse("x", Path(f"servers/{name}.yaml").read_bytes())
    assert document is not None
    assert findings == []
    return document.data


def test_a_bundle_says_what_it_is_and_moves_to_its_next_version(
    here: Path, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = bundle("1.2.0", description="Reads files.", license="MIT"), bundle("1.3.0")
    secure["/v1.2.0/files-1.2.0.mcpb"] = faults.good(old)
    secure["/v1.3.0/files-1.3.0.mcpb"] = faults.good(new)
    assert main(["new", secure.url("/v1.2.0/files-1.2.0.mcpb"), *PEOPLE, *REST]) == 0
    data = entered("files")
    assert (data["version"], data["description"]) == ("1.2.0", "Reads files.")
    assert data["artefact"] == {
        "url": secure.url("/v1.2.0/files-1.2.0.mcpb"),
        "sha256": hashlib.sha256(old).hexdigest(),
    }
    assert main(["lock", "files"]) == 0
    assert "has no lock" in capsys.readouterr().out
    assert main(["lock", "--all"]) == 0
    assert main(["update", "files", "1.3.0"]) == 0
    assert entered("files")["artefact"] == {
        "url": secure.url("/v1.3.0/files-1.3.0.mcpb"),
        "sha256": hashlib.sha256(new).hexdigest(),
    }
    capsys.readouterr()
    assert main(["sbom", "files"]) == 0
    assert "pkg:generic/files-1.3.0.mcpb@1.3.0" in capsys.readouterr().out
    assert main(["update", "files", "1.4.0"]) == 1
    assert "[not-found]" in capsys.readouterr().err


def test_the_software_in_a_bundle_is_in_its_bill_of_materials(
    here: Path, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    below = "node_modules/left/node_modules/@in/ner/package.json"
    inside = {
        "node_modules/left/package.json": '{"name": "left", "version": "1.0.0"}',
        below: '{"name": "@in/ner", "version": "2.0.0"}',
        "server/lib/six-1.16.0.dist-info/METADATA": "Name: six\nVersion: 1.16.0\n",
        "package.json": '{"name": "the-server-itself", "version": "1.2.0"}',
    }
    secure["/files-1.2.0.mcpb"] = faults.good(bundle("1.2.0", inside, description="Files."))
    assert main(["new", secure.url("/files-1.2.0.mcpb"), *PEOPLE, *REST]) == 0
    capsys.readouterr()
    assert main(["sbom", "files"]) == 0
    text = capsys.readouterr().out
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    purls = [item["purl"] for item in json.loads(text)["components"]]
    assert purls == ["pkg:npm/%40in/ner@2.0.0", "pkg:npm/left@1.0.0", "pkg:pypi/six@1.16.0"]


def test_software_that_can_not_be_read_is_told_and_no_whole_answer_is_claimed(
    here: Path, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = {"node_modules/left/package.json": "{"}
    secure["/files-1.2.0.mcpb"] = faults.good(bundle("1.2.0", inside, description="Files."))
    assert main(["new", secure.url("/files-1.2.0.mcpb"), *PEOPLE, *REST]) == 0
    capsys.readouterr()
    assert main(["sbom", "files"]) == 3
    told = capsys.readouterr()
    assert "1 files could not be read" in told.err
    assert "node_modules/left/package.json: is no JSON" in told.out


@pytest.mark.parametrize("raw", [bundle("1.x"), bundle(["1.2.0"]), bundle("1.2.0")[:60]])
def test_what_says_nothing_of_its_version_is_asked_for(
    here: Path, secure: FaultServer, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    secure["/files.mcpb"] = faults.good(raw)
    words = ["new", secure.url("/files.mcpb"), "--description=Files.", *PEOPLE, *REST]
    assert main(words) == 2
    assert "--version" in capsys.readouterr().err
    assert list(Path("servers").iterdir()) == []


def test_an_image_takes_its_tag_for_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as server:
        shelf = Shelf(server)
        digest = images.sha256(shelf.put(images.debian()))
        (tmp_path / "servers").mkdir()
        (tmp_path / "assay.yaml").write_text(f'sources: {{oci: ["{shelf.host}"]}}\n')
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        words = ["--name=image", "--description=An image.", *PEOPLE, *REST]
        assert main(["new", shelf.reference(), *words]) == 0
        data = entered("image")
        assert data["version"] == "1.2.0"
        assert data["artefact"] == {"url": shelf.reference(), "sha256": digest}
        assert main(["check"]) == 0
        capsys.readouterr()
        assert main(["sbom", "image"]) == 0
        text = capsys.readouterr().out
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        bom = json.loads(text)
        assert bom["metadata"]["component"]["type"] == "container"
        assert bom["metadata"]["component"]["purl"].startswith("pkg:oci/")
        purls = [item["purl"] for item in bom["components"]]
        assert any(purl.startswith("pkg:deb/debian/libc6@") for purl in purls)
        assert main(["sbom", "image"]) == 0
        assert capsys.readouterr().out == text


@pytest.mark.parametrize(
    ("text", "told", "name", "version"),
    [
        ("oci://r.example.com/mcp/postgres:1.2.0", "", "postgres", "1.2.0"),
        ("oci://r.example.com/mcp/postgres:v1.2.0_x", "", "postgres", "1.2.0+x"),
        ("oci://r.example.com/mcp/postgres:bookworm", "", "postgres", ""),
        (f"git+https://g.example.com/a/mcp-server-clock.git@{'a' * 40}", "", "clock", ""),
        ("https://d.example.com/files-mcp-1.2.0.tgz", "", "files", "1.2.0"),
        ("https://d.example.com/files-1.2.0.mcpb", "1.2.1", "files", "1.2.1"),
        ("https://d.example.com/files-1.2.0-linux.mcpb", "", "files-1-2-0-linux", ""),
        ("https://d.example.com/files.mcpb", "v1", "files", ""),
        ("pkg:npm/%40scope/server-files@1.0.0", "9", "files", "1.0.0"),
    ],
)
def test_name_and_version_are_proposed(text: str, told: str, name: str, version: str) -> None:
    reference = reference_of(text)
    assert proposed_name(reference) == name
    assert version_of(reference, told) == version
