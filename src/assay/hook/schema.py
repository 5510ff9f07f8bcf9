"""assay-schema: the changed entries, and the policy, break no rule that an offline look can see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from assay.checks import ENTRY_CHECKS
from assay.hook import touched
from assay.outcome import Outcome
from assay.registry import Registry, Siblings, names, orphan
from assay.run import Rules, check_paths, latest_day, read_policy, read_revocations


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    view = registry.working_tree()
    policy, findings = read_policy(view)
    revocations, further = read_revocations(view)
    entries = touched(registry, paths)
    today = latest_day(datetime.now(UTC))
    rules = Rules(policy, today, checks=ENTRY_CHECKS, revocations=revocations)
    outcome = check_paths(entries, view, Siblings(registry.tracked()), rules)
    strangers = orphan.strangers(in_folder(paths))
    found = (*findings, *further, *strangers, *outcome.findings)
    return Outcome(found, outcome.unseen), len(entries)


def in_folder(paths: Sequence[str]) -> list[str]:
    """The names below ``servers/`` of what was handed to the hook."""
    start = f"{names.FOLDER}/"
    return [path.removeprefix(start) for path in paths if path.startswith(start)]
