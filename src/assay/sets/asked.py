"""The sets that wait for a network or for another process: name → what is asked.

Each takes the question and gives an outcome. Their modules are imported when they are asked, in a
thread of their own: nobody else's start pays for semgrep.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from assay.errors import Undecided
from assay.outcome import Outcome
from assay.reason import Reason
from assay.registry import Siblings
from assay.run import Rules, check_some
from assay.sets.question import Question

_AT_ONCE = 4  # entries that are held against the network: each waits most of its time


def network(question: Question) -> Outcome:
    """Each entry against its sources, a few at a time."""
    if question.sources is None:
        raise Undecided(Reason.UNREACHABLE, "nothing was fetched, for the run is offline")
    rules = Rules(question.policy, question.today, question.sources, checks=())
    siblings = Siblings(question.view)
    parts: list[Outcome] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [
            pool.submit(check_some, (path,), question.view, siblings, rules)
            for path in question.paths
        ]
        for done, one in enumerate(asked, start=1):
            parts.append(one.result())
            question.progress(done, len(asked))
    return Outcome(
        tuple(finding for part in parts for finding in part.findings),
        tuple(one for part in parts for one in part.unseen),
    )


def deps(question: Question) -> Outcome:
    """Entries against what they were: the previous tagged version, and the base."""
    from assay import diff

    rules = Rules(question.policy, question.today, question.sources)
    base = question.base or None
    return diff.check(question.registry, base, question.paths, rules, view=question.view)


def audit(question: Question) -> Outcome:
    """The closures against advisories."""
    from assay import advisories

    return advisories.check(question, whole=question.every)


def scan(question: Question) -> Outcome:
    """Artefacts and closures against patterns of malice: not by this version, which says so."""
    raise Undecided(
        Reason.TOOL_FAILED,
        "the scan for malicious patterns is not part of `assay check` yet: nothing was scanned",
        hint="leave it out by --skip scan, and read the artefact yourself",
    )


ASKED: dict[str, Callable[[Question], Outcome]] = {
    "network": network,
    "deps": deps,
    "audit": audit,
    "scan": scan,
}
