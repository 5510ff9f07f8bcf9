"""What every test stands on: git without anybody's configuration, and a registry on demand.

With ``ASSAY_TEST_ALL=1`` (``make test-all``) a skip that ``allowed_skips.txt`` does not name fails
the run: a skipped test proves nothing, and nobody reads the list of skips.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.repository import POLICY, Repository, entry

if TYPE_CHECKING:
    from tests.support.sigstore import Trial

ALLOWED = Path(__file__).with_name("allowed_skips.txt")
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Test Author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "Test Committer",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
}
_skipped: dict[str, str] = {}


def pytest_configure() -> None:
    # The suite may itself run in a git hook, whose GIT_* would point every test at that repository.
    for key in [key for key in os.environ if key.startswith("GIT_")]:
        del os.environ[key]
    os.environ.update(_GIT)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty git repository."""
    return Repository.create(tmp_path / "repository")


@pytest.fixture
def registry(tmp_path: Path) -> Callable[..., Repository]:
    """Make a registry of one commit: the files given, or a policy and one good entry, ``clock``."""

    def make(files: dict[str, str | bytes] | None = None, name: str = "registry") -> Repository:
        made = Repository.create(tmp_path / name)
        good: dict[str, str | bytes] = {"assay.yaml": POLICY, "servers/clock.yaml": entry("clock")}
        made.commit(good if files is None else files)
        return made

    return make


@pytest.fixture(scope="session")
def sigstore() -> Iterator[Trial]:
    """The embedded Sigstore; imported when first wanted, for most tests have no use for it."""
    from tests.support.sigstore import running

    with running() as trial:
        yield trial


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped:
        _skipped[report.nodeid] = _why(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped:
        _skipped[report.nodeid] = _why(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    yield
    if _not_allowed() and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for nodeid, why in _not_allowed().items():
        terminalreporter.write_line(
            f"SKIPPED, and {ALLOWED.name} does not name it: {nodeid}: {why}"
        )


def _not_allowed() -> dict[str, str]:
    if not os.environ.get("ASSAY_TEST_ALL"):
        return {}
    allowed = _allowed()
    return {
        nodeid: why
        for nodeid, why in _skipped.items()
        if not any(fnmatchcase(nodeid, pattern) for pattern in allowed)
    }


def _allowed() -> list[str]:
    """The patterns of node ids: each line is ``PATTERN  # reason``, and the reason is a must."""
    lines = [line for line in ALLOWED.read_text().splitlines() if line and line[0] != "#"]
    pairs = [line.partition("  # ") for line in lines]
    without = [line for line, (_, _, reason) in zip(lines, pairs, strict=True) if not reason]
    assert not without, f"no reason given in {ALLOWED.name}: {without}"
    return [pattern.strip() for pattern, _, _ in pairs]


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
