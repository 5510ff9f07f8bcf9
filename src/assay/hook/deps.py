"""assay-deps: what came into the closures of changed entries, and what they widen.

Held against the previous tagged version and what main is known to be at here. Nothing is fetched:
who published what is for CI to ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from assay import diff
from assay.hook import touched
from assay.outcome import Outcome
from assay.registry import Registry
from assay.run import Rules, latest_day, read_policy


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    entries = touched(registry, paths)
    policy, findings = read_policy(registry.working_tree())
    rules = Rules(policy, latest_day(datetime.now(UTC)))
    outcome = diff.check(registry, None, entries, rules)
    return Outcome((*findings, *outcome.findings), outcome.unseen), len(entries)
