"""assay-light: what assay-schema, assay-lock and assay-bundle ask, in one process.

Three hooks are three starts of an interpreter and three rounds of pre-commit's own work; the
entry is read once here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from assay.checks import ENTRY_CHECKS, LOCK_CHECKS
from assay.hook import bundle, touched, tracked_only
from assay.hook.schema import in_folder
from assay.outcome import Outcome
from assay.registry import Registry, Siblings, orphan
from assay.run import Rules, check_paths, latest_day, read_policy, read_revocations

_CHECKS = (*ENTRY_CHECKS, *LOCK_CHECKS)


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    view = registry.working_tree()
    policy, findings = read_policy(view)
    revocations, further = read_revocations(view)
    entries = touched(registry, paths)
    rules = Rules(policy, latest_day(datetime.now(UTC)), checks=_CHECKS, revocations=revocations)
    outcome = check_paths(entries, view, Siblings(registry.tracked()), rules)
    strangers = orphan.strangers(in_folder(paths))
    locks = tracked_only(registry, orphan.locks(view.names()))
    bundles, _ = bundle.ask(registry, paths)
    found = (*findings, *further, *strangers, *locks, *bundles.findings, *outcome.findings)
    return Outcome(found, outcome.unseen), len(entries)
