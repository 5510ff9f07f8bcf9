"""Every check against its examples on disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.support.examples import TODAY, Folder, examples, expected, places

from assay import policy as policies
from assay.checks import CHECKS, Check, Context
from assay.checks.version_exact import SEMVER
from assay.entry import read

FOLDER = Path(__file__).parent / "examples"
BY_ID = {check.ID: check for check in CHECKS}
VERSIONS = """
1.0.0 0.0.0 1.2.3-rc.1 1.0.0-0A.is.legal 1.2.3----R-S.12.9.1--.12+meta 1.0.0+0.build.1
1 1.2 1.2.3.4 01.2.3 1.02.3 1.2.3-01 1.2.3-rc..1 1.2.3+ v1.2.3 1.2.3-é 1.2.3+a+b
"""
IDS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def _cases(verdict: str) -> list[tuple[str, Path]]:
    return [(ident, path) for ident in IDS for path in examples(FOLDER / ident, verdict)]


def _context(path: Path) -> Context:
    raw = path.read_bytes()
    reading = read(f"servers/{path.name}", raw, today=TODAY)
    assert reading.findings == ()
    assert reading.entry is not None
    assert reading.document is not None
    policy = policies.read("assay.yaml", (FOLDER / "assay.yaml").read_bytes()).policy
    assert policy is not None
    return Context(
        entry=reading.entry,
        document=reading.document,
        path=reading.path,
        raw=raw,
        policy=policy,
        today=TODAY,
        siblings=Folder(path.parent),
    )


def _name(case: object) -> str:
    return case.stem if isinstance(case, Path) else str(case)


@pytest.mark.parametrize(("ident", "path"), _cases("accepted"), ids=_name)
def test_a_check_passes_its_good_examples(ident: str, path: Path) -> None:
    assert list(BY_ID[ident].run(_context(path))) == []


@pytest.mark.parametrize(("ident", "path"), _cases("rejected"), ids=_name)
def test_a_check_refuses_its_bad_examples_where_they_say(ident: str, path: Path) -> None:
    findings = list(BY_ID[ident].run(_context(path)))
    assert places(findings) == expected(path)
    assert all(finding.message and finding.fix for finding in findings)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.ID)
def test_a_check_is_called_as_its_file(check: Check) -> None:
    module = check.__name__  # type: ignore[attr-defined]
    assert module.rpartition(".")[2].replace("_", "-") == check.ID


@pytest.mark.parametrize("version", VERSIONS.split())
def test_our_expression_agrees_with_the_semver_package(version: str) -> None:
    import semver

    assert bool(re.fullmatch(SEMVER, version)) == semver.Version.is_valid(version)
