"""A machine that is set up once, services on loopback, and one call that audits entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from tests.support import packages
from tests.support.advisories import QUERY
from tests.support.faults import FaultServer, serving

from assay import advisories
from assay.artefact.http import Limits
from assay.artefact.source import Sources, open_sources
from assay.artefact.store import Store
from assay.finding import Finding
from assay.outcome import Outcome
from assay.policy import Allow, Audit, Policy

TODAY = date(2026, 11, 22)
LIMITS = Limits(connect=1, read=1, deadline=1, retries=0)


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    """Asking npm and pip for their configuration takes half a second: once is enough.

    The registry and the index that they are configured for have nothing.
    """
    home = tmp_path_factory.mktemp("machine")
    environ = packages.machine(home)
    with serving() as empty:
        environ |= {"npm_config_registry": empty.url("/"), "PIP_INDEX_URL": empty.url("/simple")}
        yield open_sources(Store(home / "store"), environ)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving() as made:
        yield made


class Files(dict[str, bytes]):
    def read(self, path: str) -> bytes | None:
        return self.get(path)


def _silent(done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Question:
    view: Files
    paths: Sequence[str]
    policy: Policy
    sources: Sources | None
    today: date = TODAY
    progress: Callable[[int, int], None] = field(default=_silent)


@dataclass(frozen=True)
class Auditor:
    """``run`` audits all entries among ``files``; both services are at ``server`` by default."""

    server: FaultServer
    sources: Sources

    def run(
        self,
        files: Mapping[str, str | bytes],
        *,
        severity: str = "moderate",
        allow: tuple[Allow, ...] = (),
        npm: str = "",
        osv: str = "",
        sources: Sources | None = None,
        whole: bool = False,
        offline: bool = False,
    ) -> Outcome:
        held = {k: v.encode() if isinstance(v, str) else v for k, v in files.items()}
        policy = Policy(
            audit=Audit(npm or self.server.url("/"), osv or self.server.url(QUERY), severity, allow)
        )
        paths = sorted(path for path in held if path.endswith(".yaml"))
        asked = None if offline else sources or self.sources
        question = Question(Files(held), paths, policy, asked)
        return advisories.check(question, whole=whole, limits=LIMITS)

    def findings(self, files: Mapping[str, str | bytes]) -> list[Finding]:
        return list(self.run(files).findings)


@pytest.fixture
def auditor(server: FaultServer, sources: Sources, tmp_path: Path) -> Auditor:
    return Auditor(server, sources)
