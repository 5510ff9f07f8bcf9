"""assay-lock: a changed entry's lock is there, is the reviewed one, and reads strictly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from assay.checks import LOCK_CHECKS
from assay.hook import touched, tracked_only
from assay.outcome import Outcome
from assay.registry import Registry, Siblings, orphan
from assay.run import Rules, check_paths, latest_day, read_policy


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    view = registry.working_tree()
    policy, _ = read_policy(view)
    entries = touched(registry, paths)
    rules = Rules(policy, latest_day(datetime.now(UTC)), checks=LOCK_CHECKS)
    outcome = check_paths(entries, view, Siblings(registry.tracked()), rules)
    left_over = tracked_only(registry, orphan.locks(view.names()))
    return Outcome((*left_over, *outcome.findings), outcome.unseen), len(entries)
