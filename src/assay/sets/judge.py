"""Every chosen set over one case: one outcome, whatever ran beside what.

What is wrong on paper is neither fetched nor scanned: a stranger's entry decides no request before
that. The sets that wait for a network or for another process run side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from assay.checks import CHECKS, ENTRY_CHECKS, LOCK_CHECKS, Check, bundle_stale
from assay.errors import AssayError, Refused, Undecided
from assay.finding import Finding, Severity
from assay.outcome import Outcome, Unseen
from assay.reason import Reason
from assay.registry import names
from assay.run import Rules, check_paths, latest_day
from assay.sets import SETS
from assay.sets.case import Case

if TYPE_CHECKING:
    from pathlib import Path

    from assay.artefact.source import Sources
    from assay.sets.question import Question

Progress = Callable[[int, int], None]
_HERE = ("schema", "lock", "whole")  # the others have modules of their own, and wait for much


class Means(NamedTuple):
    """What a run works with. Without ``sources`` nothing is fetched."""

    now: datetime
    workers: int
    sources: Callable[[], Sources] | None
    cache: Callable[[], Path]
    watch: Callable[[str], AbstractContextManager[Progress]]  # what is waited for → a display


def judge(case: Case, sets: Sequence[str], means: Means) -> Outcome:
    """Findings in order of place, and all that could not be looked at."""
    parts = [Outcome(case.findings, case.unseen), _on_paper(case, sets, means)]
    if "whole" in sets and case.whole is not None:
        from assay.checks import whole

        parts.append(whole.check(case.whole))
    elsewhere = [name for name in sets if name not in _HERE]
    if elsewhere:
        wrong = {one.path for one in parts[1].findings if one.severity is Severity.ERROR}
        good = tuple(path for path in case.paths if path not in wrong)
        parts += _elsewhere(case, good, elsewhere, means)
    found = {finding for part in parts for finding in part.findings}
    unseen = dict.fromkeys(one for part in parts for one in part.unseen)
    return Outcome(tuple(sorted(found)), tuple(unseen))


def _on_paper(case: Case, sets: Sequence[str], means: Means) -> Outcome:
    checks = _checks(sets)
    if set(sets) == {"whole"}:
        return Outcome(())  # what an entry says by itself was not asked
    if any(SETS[name].fetches for name in sets):
        checks = CHECKS  # they say what may be asked for at all
    today = latest_day(means.now)
    rules = Rules(case.policy, today, checks=checks, revocations=case.revocations)
    outcome = check_paths(
        case.paths, case.view, case.siblings, rules, workers=1 if case.head else means.workers
    )
    if not case.announced:
        return outcome
    return outcome._replace(findings=tuple(_told(one, case) for one in outcome.findings))


def _checks(sets: Sequence[str]) -> tuple[Check, ...]:
    if "schema" in sets and "lock" in sets:
        return CHECKS
    if "lock" in sets:
        return (*LOCK_CHECKS, bundle_stale)
    return ENTRY_CHECKS if "schema" in sets else ()


def _told(finding: Finding, case: Case) -> Finding:
    if finding.rule == "revoked" and finding.path in case.announced:
        return finding._replace(severity=Severity.WARNING)
    return finding


def _elsewhere(
    case: Case, paths: tuple[str, ...], sets: Sequence[str], means: Means
) -> list[Outcome]:
    from concurrent.futures import ThreadPoolExecutor

    from assay.sets.question import Question, Shared

    question = Question(
        registry=case.registry,
        view=Shared(case.view),
        paths=paths,
        policy=case.policy,
        today=latest_day(means.now),
        now=means.now,
        cache=means.cache(),
        every=set(paths) == set(_entries(case)),
        base=case.base,
        head=case.head,
        sources=means.sources() if means.sources else None,
    )
    pool = ThreadPoolExecutor(len(sets))
    try:
        with means.watch(", ".join(sets)) as progress:
            together = _Together(progress)
            asked = [
                pool.submit(_ask, name, question._replace(progress=together.of(name)))
                for name in sets
            ]
            return [one.result() for one in asked]
    finally:
        # An interrupt waits for nobody; whoever ends the process ends the threads with it.
        pool.shutdown(wait=False, cancel_futures=True)


def _entries(case: Case) -> list[str]:
    found = (f"{names.FOLDER}/{name}" for name in case.view.names())
    return [path for path in found if names.is_entry(path)]


class _Together:
    """The progress of several sets as one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._parts: dict[str, tuple[int, int]] = {}

    def of(self, name: str) -> Progress:
        def note(done: int, total: int) -> None:
            self._parts[name] = (done, total)
            parts = tuple(self._parts.values())
            self._progress(sum(one for one, _ in parts), sum(all_ for _, all_ in parts))

        return note


def _ask(name: str, question: Question) -> Outcome:
    """One set. Whatever stops it stops it alone, and is told: it did not look."""
    from assay.sets.asked import ASKED

    try:
        return ASKED[name](question)
    except Refused as refused:
        found = Finding("assay.yaml", 1, 1, str(refused.reason), refused.message, refused.hint)
        return Outcome((found,))
    except AssayError as error:
        reason = error.reason if isinstance(error, Undecided) else Reason.UNEXPECTED
        return Outcome((), (Unseen(name, reason, error.message, error.hint),))
    except ImportError as error:
        hint = f"pip install 'mcp-assay[{SETS[name].extra}]'" if SETS[name].extra else ""
        told = f"the set {name} was not run: {error}"
        return Outcome((), (Unseen(name, Reason.TOOL_FAILED, told, hint),))
    except Exception as error:
        told = f"a fault of assay: {type(error).__name__}: {error}"
        return Outcome((), (Unseen(name, Reason.UNEXPECTED, told),))
