"""``assay check`` on entries of an address and of a repository, over real TLS and real git."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import faults, githttp
from tests.support.faults import FaultServer, serving
from tests.support.repository import Repository, entry

from assay.artefact.reference import parse
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.cli import main

MakeRegistry = Callable[..., Repository]


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    with serving(tmp_path) as made:
        for key in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(key, made.ca_file)
        monkeypatch.setenv("NO_PROXY", "localhost")
        monkeypatch.setenv("ASSAY_CACHE", str(tmp_path / "cache"))
        monkeypatch.setenv("HOME", str(tmp_path))
        yield made


def bundle(version: str = "1.2.0", command: str = "node") -> bytes:
    start = {"command": command, "args": ["${__dirname}/server/index.js"]}
    told = {
        "manifest_version": "0.3",
        "name": "clock",
        "version": version,
        "description": "Tells the time.",
        "author": {"name": "Ann"},
        "server": {"type": "node", "entry_point": "server/index.js", "mcp_config": start},
    }
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("manifest.json", json.dumps(told))
        archive.writestr("server/index.js", "//")
    return raw.getvalue()


def check(registry: MakeRegistry, server: FaultServer, url: str, sha256: str) -> int:
    head = entry("clock").partition("artefact:")[0]
    policy = f'sources: {{https: ["{server.host}"], git: ["{server.host}"]}}\n'
    text = f"{head}artefact:\n  url: {url}\n  sha256: {sha256}\n"
    made = registry({"assay.yaml": policy, "servers/clock.yaml": text})
    return main(["check", "--registry", str(made.root)])


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def test_a_good_bundle_is_clean(registry: MakeRegistry, secure: FaultServer) -> None:
    secure["/clock.mcpb"] = faults.good(bundle())
    assert check(registry, secure, secure.url("/clock.mcpb"), digest(bundle())) == 0


@pytest.mark.parametrize(
    ("raw", "told"),
    [(bundle(version="1.3.0"), "calls itself version"), (bundle(command="npx"), "starts `npx`")],
    ids=["version", "command"],
)
def test_a_bundle_that_says_something_else_is_a_finding_at_the_address(
    registry: MakeRegistry,
    secure: FaultServer,
    capsys: pytest.CaptureFixture[str],
    raw: bytes,
    told: str,
) -> None:
    secure["/clock.mcpb"] = faults.good(raw)
    assert check(registry, secure, secure.url("/clock.mcpb"), digest(raw)) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "error:" in line]
    assert line.startswith("servers/clock.yaml:13:3: error: ")
    assert line.endswith("[mcpb-manifest]")
    assert told in line


def test_other_bytes_are_one_finding_and_nothing_of_them_is_read(
    registry: MakeRegistry, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    secure["/clock.mcpb"] = faults.good(bundle(version="6.6.6"))
    assert check(registry, secure, secure.url("/clock.mcpb"), digest(bundle())) == 1
    out = capsys.readouterr().out
    assert "[artefact-digest]" in out
    assert "mcpb-manifest" not in out


def test_a_server_that_does_not_answer_is_undecided(
    registry: MakeRegistry, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    secure["/clock.mcpb"] = faults.status(403)
    assert check(registry, secure, secure.url("/clock.mcpb"), digest(bundle())) == 3
    assert "answers 403" in capsys.readouterr().out


def test_a_host_that_the_policy_does_not_name_is_never_asked(
    registry: MakeRegistry, secure: FaultServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving() as other:
        other["/clock.mcpb"] = faults.good(bundle())
        url = other.url("/clock.mcpb").replace("http:", "https:")
        assert check(registry, secure, url, digest(bundle())) == 1
        assert "[allowed-source]" in capsys.readouterr().out
        assert other.requests == []


def test_a_commit_of_a_repository_is_clean_and_its_submodule_a_finding(
    registry: MakeRegistry,
    secure: FaultServer,
    repository: Repository,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commit = repository.commit({"server.js": "//"})
    url = f"git+{githttp.serve(secure, 'clock.git', repository.root)}@{commit}"
    sha256 = open_sources(Store(tmp_path / "other")).fetch(parse(url)).sha256
    assert check(registry, secure, url, sha256) == 0
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor")
    repository.git("commit", "--quiet", "--message", "vendor")
    second = repository.git("rev-parse", "HEAD")
    made = registry(name="second")
    text = (made.root / "servers/clock.yaml").read_text().partition("artefact:")[0]
    capsys.readouterr()
    policy = f'sources: {{git: ["{secure.host}"]}}\n'
    url = url.replace(commit, second)
    made.commit(
        {
            "assay.yaml": policy,
            "servers/clock.yaml": f"{text}artefact:\n  url: {url}\n  sha256: {sha256}\n",
        }
    )
    assert main(["check", "--registry", str(made.root)]) == 1
    out = capsys.readouterr().out
    assert "holds a submodule" in out
    assert "[artefact-digest]" in out
