"""Paths in, findings out: what hooks, CI and `assay check` share.

Everything is handed in: which files, where their bytes come from, the policy, the clock, the
sources. What can't be looked at is kept apart from what was found, and both are told.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple, Protocol

from assay import policy as policies
from assay.checks import CHECKS, Check, Context, Siblings
from assay.entry import Reading, read
from assay.errors import Refused, Undecided
from assay.finding import Finding, Severity
from assay.outcome import Outcome, Unseen
from assay.policy import Policy
from assay.reason import Reason
from assay.registry.names import REVOCATIONS

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.revocations import Revocations

# From here on a second process earns its start: some 0.25 s of work on one core.
PARALLEL_FROM = 400


class View(Protocol):
    """The registry's files, whole, by path (``assay.registry.View``)."""

    def read(self, path: str) -> bytes | None: ...

    def names(self) -> Collection[str]: ...


class Rules(NamedTuple):
    """What entries are held against. Without ``sources`` nothing is fetched; without
    ``revocations`` the registry has none."""

    policy: Policy
    today: date
    sources: Sources | None = None
    checks: tuple[Check, ...] = CHECKS
    read: Callable[..., Reading] = read
    revocations: Revocations | None = None


def latest_day(now: datetime) -> date:
    """The day that it is where the day begins first (UTC+14).

    A review dated today in Auckland must not lie in the future for CI in UTC.
    """
    return now.astimezone(timezone(timedelta(hours=14))).date()


def read_policy(view: View) -> tuple[Policy, tuple[Finding, ...]]:
    """The registry's policy and what is wrong with it; the defaults where there is none.

    With an error in it the defaults stand in, so that entries are still looked at; its findings
    fail the run.
    """
    raw = view.read(policies.FILE)
    if raw is None:
        return Policy(), ()
    reading = policies.read(policies.FILE, raw)
    return reading.policy or Policy(), reading.findings


def read_revocations(view: View) -> tuple[Revocations | None, tuple[Finding, ...]]:
    """What the registry revokes, and what is wrong with its ``revocations.yaml``.

    A broken file revokes nothing here; its findings fail the run.
    """
    raw = view.read(REVOCATIONS)
    if raw is None:
        return None, ()
    from assay import revocations  # most registries have nothing to revoke

    reading = revocations.read(raw)
    return reading.revocations, reading.findings


def check_entry(path: str, raw: bytes, siblings: Siblings, rules: Rules) -> Iterator[Finding]:
    """Every finding of one entry; raises ``Undecided`` when a source can't be asked."""
    reading = rules.read(path, raw, today=rules.today)
    yield from reading.findings
    if reading.entry is None or reading.document is None:
        return
    context = Context(
        entry=reading.entry,
        document=reading.document,
        path=path,
        raw=raw,
        policy=rules.policy,
        today=rules.today,
        siblings=siblings,
        revocations=rules.revocations,
    )
    wrong = False
    for check in rules.checks:
        for finding in check.run(context):
            wrong = wrong or finding.severity is Severity.ERROR
            yield finding
    # What is wrong on paper is not fetched: a stranger's entry decides no request before that.
    if rules.sources is not None and not wrong:
        from assay.checks.network import NETWORK_CHECKS

        for network_check in NETWORK_CHECKS:
            yield from network_check.run(context, rules.sources)


def check_paths(
    paths: Sequence[str], view: View, siblings: Siblings, rules: Rules, *, workers: int = 1
) -> Outcome:
    """Hold the entries at ``paths`` against ``rules``; findings in order of place.

    With ``workers`` above 1 a long list is shared out to processes; ``view`` must then survive a
    fork, as the files on disk do.
    """
    if workers > 1 and len(paths) >= PARALLEL_FROM and hasattr(os, "fork"):
        from assay.parallel import shared_out

        return shared_out(paths, view, siblings, rules, workers)
    return check_some(paths, view, siblings, rules)


def check_some(paths: Sequence[str], view: View, siblings: Siblings, rules: Rules) -> Outcome:
    """As ``check_paths``, in this process."""
    findings: list[Finding] = []
    unseen: list[Unseen] = []
    for path in paths:
        try:
            raw = view.read(path)
            if raw is None:
                raise Refused(Reason.ENTRY_MISSING, f"there is no file {path}")
            findings.extend(check_entry(path, raw, siblings, rules))
        except Refused as refused:
            findings.append(Finding(path, 1, 1, str(refused.reason), refused.message, refused.hint))
        except Undecided as undecided:
            unseen.append(Unseen(path, undecided.reason, undecided.message, undecided.hint))
    return Outcome(tuple(sorted(findings)), tuple(unseen))
