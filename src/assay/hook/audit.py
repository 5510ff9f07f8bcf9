"""assay-audit: what the touched entries bring along, held against known vulnerabilities.

For pre-push and by hand, as it takes seconds and a network. The same question is asked in CI and,
since advisories come without a commit, on a schedule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from assay import advisories
from assay.hook import touched
from assay.outcome import Outcome
from assay.registry import Registry, names
from assay.run import latest_day, read_policy

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.policy import Policy


class _Question(NamedTuple):
    """See ``assay.advisories.Question``."""

    view: advisories.Files
    paths: Sequence[str]
    policy: Policy
    today: date
    sources: Sources | None
    progress: Callable[[int, int], None]


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    from assay.cli.cache import open_sources

    view = registry.working_tree()
    policy, findings = read_policy(view)
    entries = touched(registry, paths) if paths else registry.entry_paths()
    today = latest_day(datetime.now(UTC))
    question = _Question(view, entries, policy, today, open_sources(policy), _silent)
    outcome = advisories.check(question, whole=not paths or names.POLICY in paths)
    return Outcome((*findings, *outcome.findings), outcome.unseen), len(entries)


def _silent(done: int, total: int) -> None:
    """A hook shows nothing before it has something to say."""
