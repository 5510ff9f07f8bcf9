"""Closures as npm and uv really resolve them, with advisories that the world has on them."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.advisories.conftest import Auditor
from tests.support.advisories import Bulk, Osv
from tests.support.faults import FaultServer
from tests.support.repository import entry

from assay.artefact.reference import parse
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.closure import lock_name, resolve

AT = datetime(2026, 11, 20, tzinfo=UTC)
# As the public registry gives them for qs 6.5.1: a row for each branch.
QS: list[dict[str, Any]] = [
    {
        "id": 1104115 + number,
        "url": "https://github.com/advisories/GHSA-hrpp-h998-j3pp",
        "title": "qs vulnerable to Prototype Pollution",
        "severity": "high",
        "vulnerable_versions": wanted,
    }
    for number, wanted in enumerate([">=6.5.0 <6.5.3", ">=6.4.0 <6.4.1", "<6.2.4"])
]
URLLIB3: dict[str, Any] = {
    "id": "GHSA-mh33-7rrq-662w",
    "aliases": ["CVE-2019-11324", "PYSEC-2019-133"],
    "summary": "Improper Certificate Validation in urllib3",
    "database_specific": {"severity": "HIGH"},
    "affected": [
        {
            "package": {"name": "urllib3", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.24.2"}]}],
        }
    ],
}


@pytest.mark.full
def test_the_closures_of_old_releases_are_told_with_the_way_that_led_there(
    server: FaultServer, auditor: Auditor, tmp_path: Path
) -> None:
    machine = open_sources(Store(tmp_path / "store"))
    files: dict[str, str | bytes] = {}
    for name, url in (
        ("express", "pkg:npm/express@4.16.0"),
        ("requests", "pkg:pypi/requests@2.19.1"),
    ):
        reference = parse(url)
        lock = resolve(reference, resolved_at=AT, sources=machine)
        file = lock_name(reference, name)
        artefact = (
            f"artefact:\n  url: {url}\n  sha256: {sha256(url.encode()).hexdigest()}\n  lock:\n"
            f"    file: {file}\n    sha256: {sha256(lock).hexdigest()}\n"
            f"    resolved_at: {AT:%Y-%m-%dT%H:%M:%SZ}\n"
        )
        head = entry(name, reference.version).partition("artefact:")[0]
        files |= {f"servers/{name}.yaml": head + artefact, f"servers/{file}": lock}
    Bulk(server, {"qs": QS})
    Osv(server, {("urllib3", "1.23"): [URLLIB3]})
    told = [finding.message for finding in auditor.run(files, sources=machine).findings]
    assert "it comes in by express 4.16.0 → qs 6.5.1" in told[0]
    assert "fixed in 6.5.3" in told[0]
    assert "it comes in by requests 2.19.1 → urllib3 1.23" in told[1]
    assert "fixed in 1.24.2" in told[1]
    assert len(told) == 2
