"""Images and bundles: what the engines know is audited, and what they don't is told."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from tests.support import faults, images
from tests.support.advisories import JINJA, LODASH, QUERY, Bulk, Osv
from tests.support.faults import FaultServer, serving
from tests.support.images import Shelf
from tests.support.repository import Repository, entry

from assay.cli import main

METADATA = "Metadata-Version: 2.1\nName: Jinja2\nVersion: 2.11.2\n\nText\n"
SITE = "usr/lib/python3/site-packages"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[FaultServer]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def checked(
    server: FaultServer,
    registry: Callable[..., Repository],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Audit one entry of an artefact; what was printed comes back."""

    def check(url: str, sha256: str, sources: str, *, code: int) -> str:
        text = entry().partition("artefact:")[0] + f"artefact:\n  url: {url}\n  sha256: {sha256}\n"
        services = f"  npm: {server.url('/')}\n  osv: {server.url(QUERY)}\n"
        policy = f"sources: {sources}\naudit:\n{services}"
        monkeypatch.chdir(registry({"assay.yaml": policy, "servers/clock.yaml": text}).root)
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
        assert main(["check", "--only", "audit"]) == code
        return capsys.readouterr().out

    return check


def test_an_images_packages_are_audited_and_those_that_no_engine_knows_are_told(
    server: FaultServer, checked: Callable[..., str]
) -> None:
    Bulk(server, {"lodash": [LODASH]})
    Osv(server, {("jinja2", "2.11.2"): JINJA})
    shelf = Shelf(server)
    files = [
        images.node("app/node_modules/lodash/package.json", _manifest("lodash", "4.17.15")),
        images.node(f"{SITE}/Jinja2-2.11.2.dist-info/METADATA", METADATA),
        images.node("var/lib/dpkg/status", images.DPKG),
    ]
    digest = images.sha256(shelf.put(images.layer(*files)))
    told = checked(shelf.reference(), digest, f'{{oci: ["{shelf.host}"]}}', code=1)
    assert "servers/clock.yaml:13:3: error: lodash 4.17.15: `Command Injection" in told
    assert "it lies at `app/node_modules/lodash/package.json`" in told
    assert "jinja2 2.11.2" in told
    assert "1 Debian package is not audited" in told
    assert "[audit-no-engine]" in told


def test_a_bundles_packages_are_audited(
    server: FaultServer,
    secure: FaultServer,
    checked: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca_file)
    Bulk(server, {})
    raw = _bundle({"node_modules/lodash/package.json": _manifest("lodash", "4.17.15")})
    told = checked(*_served(secure, raw), code=0)
    assert "1 entry checked: no findings" in told
    Bulk(server, {"lodash": [LODASH]})
    assert "[audit-vulnerable]" in checked(*_served(secure, raw), code=1)


def test_a_bundle_that_names_nothing_is_not_called_clean(
    secure: FaultServer, checked: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca_file)
    told = checked(*_served(secure, _bundle({"dist/index.js": "1"})), code=1)
    assert "names nothing of what it is made of" in told
    assert "[audit-no-engine]" in told


def test_an_artefact_that_can_not_be_had_is_not_audited(
    secure: FaultServer, checked: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", secure.ca_file)
    where = _served(secure, b"x")
    secure["/clock-1.2.0.mcpb"] = faults.status(404)
    assert "[not-audited]" in checked(*where, code=1)


def _served(secure: FaultServer, raw: bytes) -> tuple[str, str, str]:
    secure["/clock-1.2.0.mcpb"] = faults.good(raw)
    host = secure.base.removeprefix("https://")
    return secure.url("/clock-1.2.0.mcpb"), images.sha256(raw), f'{{https: ["{host}"]}}'


def _manifest(name: str, version: str) -> str:
    return json.dumps({"name": name, "version": version})


def _bundle(files: Mapping[str, str]) -> bytes:
    raw = io.BytesIO()
    manifest = {"manifest_version": "0.3", "name": "clock", "version": "1.2.0"}
    with zipfile.ZipFile(raw, "w") as archive:
        for path, text in {"manifest.json": json.dumps(manifest), **files}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return raw.getvalue()
