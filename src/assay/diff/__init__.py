"""What changed in an entry: its closure, and what it lets a server do.

``check`` is the one question for hooks, CI and ``assay check``; ``comparing`` is for whoever shows
a diff or wants the packages that came new (``Diff.dependencies.fresh``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from assay.diff.comparing import Change, Comparing, comparing
from assay.diff.facts import Fact, gather
from assay.errors import Refused, Undecided
from assay.finding import Finding
from assay.outcome import Outcome, Unseen

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.checks.change import ChangeCheck
    from assay.policy import Policy
    from assay.registry import Registry, View
    from assay.run import Rules

__all__ = ["Change", "Comparing", "ask", "check", "comparing", "findings"]


def check(
    registry: Registry,
    base: str | None,
    paths: Sequence[str],
    rules: Rules,
    *,
    view: View | None = None,
    checks: Collection[ChangeCheck] | None = None,
) -> Outcome:
    """Hold the entries at ``paths`` against what they were, by ``assay.checks.change``.

    ``base`` is a revision (None: what main is known to be at), ``view`` the files as they are
    (None: on disk). With ``rules.sources`` the registries are asked about changed packages.
    """
    found: list[Finding] = []
    unseen: list[Unseen] = []
    offline = rules.sources is None
    with comparing(registry, base, rules.policy, view=view, offline=offline) as against:
        for path in paths:
            try:
                change = against.of(path)
                facts, silent = ask(change, rules.sources)
                unseen += silent
                found += findings(change, against, rules.policy, facts, checks)
            except Refused as refused:
                reason = str(refused.reason)
                found.append(Finding(path, 1, 1, reason, refused.message, refused.hint))
            except Undecided as undecided:
                unseen.append(Unseen(path, undecided.reason, undecided.message, undecided.hint))
    return Outcome(tuple(sorted(found)), tuple(unseen))


def ask(
    change: Change, sources: Sources | None
) -> tuple[Mapping[str, Fact] | None, tuple[Unseen, ...]]:
    """What the registries say of the changed packages; not asked is None, and told if wanted."""
    if sources is None:
        return None, ()
    try:
        return gather(change.diffs, sources), ()
    except (Refused, Undecided) as error:
        return None, (Unseen(change.new.path, error.reason, error.message, error.hint),)


def findings(
    change: Change,
    against: Comparing,
    policy: Policy,
    facts: Mapping[str, Fact] | None = None,
    checks: Collection[ChangeCheck] | None = None,
) -> Iterator[Finding]:
    """What ``checks`` (all, if None) say of one entry, each thing once, though two comparisons
    show it."""
    # Late, for the checks stand on what is compared here.
    from assay.checks.change import CHANGE_CHECKS, ChangeContext

    context = ChangeContext(
        new=change.new,
        diffs=change.diffs,
        previous=change.previous,
        changed=change.changed,
        policy=policy,
        before=against.base_policy,
        facts=facts,
    )
    told: set[tuple[str, str, int, str]] = set()
    for one in CHANGE_CHECKS if checks is None else checks:
        for finding in one.run(context):
            key = (finding.rule, finding.path, finding.line, finding.subject or finding.message)
            if key not in told:
                told.add(key)
                yield finding
