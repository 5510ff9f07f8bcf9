"""The vulnerability audit: everything that entries bring along, held against advisories.

    advisories.check(question, limits=LIMITS) -> Outcome

``question`` is that of a set of checks (``Question`` below says what of it is used). All entries
are audited at once: the union of their releases goes to each service once and through each
engine (``npm audit``, ``pip-audit``) once, and what comes back is told entry by entry.

For each release there are three outcomes: clean, vulnerable (``audit-vulnerable``) and not
audited (``not-audited``), which is an error as well. Nothing is kept between runs: an advisory of
this morning must be found this morning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Protocol

from assay.advisories.model import Answer, Release
from assay.outcome import Outcome, Unseen
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.http import Limits
    from assay.artefact.source import Sources
    from assay.policy import Audit, Policy

MOST = 20_000  # releases of one ecosystem in one run


class Files(Protocol):
    """The registry's files by path."""

    def read(self, path: str) -> bytes | None: ...


class Question(Protocol):
    """What is asked. ``sources`` is None offline; ``every`` is whether ``paths`` are all entries.

    ``progress`` is told how many of how many releases have an answer.
    """

    @property
    def view(self) -> Files: ...
    @property
    def paths(self) -> Sequence[str]: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def today(self) -> date: ...
    @property
    def sources(self) -> Sources | None: ...
    @property
    def progress(self) -> Callable[[int, int], None]: ...


def check(question: Question, *, whole: bool = False, limits: Limits | None = None) -> Outcome:
    """Audit the entries at ``question.paths``, in order of place.

    ``whole`` says that these are all entries of the registry: only then can it be told which of
    the policy's allowed advisories has no use. ``limits`` bound each request to a service.
    """
    from assay.advisories.allowed import Allowed
    from assay.advisories.brought import look
    from assay.advisories.verdict import Judge

    sources = question.sources
    if sources is None:
        told = "nothing was audited: that takes a network, and this run is offline"
        return Outcome((), tuple(_unseen(path, told) for path in question.paths))
    policy = question.policy.audit
    brought = [look(path, question.view, question.today, sources) for path in question.paths]
    releases = sorted({item.release for one in brought for item in one.items})
    question.progress(0, len(releases))
    answer = _ask(releases, policy, sources, limits)
    question.progress(len(releases), len(releases))
    allowed = Allowed(policy.allow, question.today)
    judge = Judge(answer, policy.severity, allowed, sources)
    findings = [finding for one in brought for finding in judge.findings(one)]
    findings += allowed.findings(whole=whole and not answer.gaps)
    return Outcome(tuple(sorted(findings)))


def _ask(
    releases: Sequence[Release], policy: Audit, sources: Sources, limits: Limits | None
) -> Answer:
    """Both ecosystems side by side, for each waits for the network most of the time."""
    from assay.artefact.http import Limits as Bounds

    bounds = limits or Bounds(connect=10.0, read=45.0, deadline=60.0, retries=2)
    npm = [one for one in releases if one.ecosystem == "npm"]
    pypi = [one for one in releases if one.ecosystem == "pypi"]
    with ThreadPoolExecutor(2) as pool:
        asked = [
            pool.submit(_npm, npm, sources, policy.npm, bounds),
            pool.submit(_pypi, pypi, sources, policy.osv, bounds),
        ]
        answers = [one.result() for one in asked]
    found = {release: told for answer in answers for release, told in answer.found.items()}
    gaps = {release: why for answer in answers for release, why in answer.gaps.items()}
    return Answer(found, gaps)


def _npm(releases: list[Release], sources: Sources, url: str, limits: Limits) -> Answer:
    from assay.advisories import npm, ranges

    fit, gaps = _fitting(releases, ranges.is_version)
    if not fit:
        return Answer({}, gaps)
    answer = npm.audit(fit, sources.npm, url=url, limits=limits)
    return Answer(answer.found, {**answer.gaps, **gaps})


def _pypi(releases: list[Release], sources: Sources, url: str, limits: Limits) -> Answer:
    from assay.advisories import osv

    fit, gaps = _fitting(releases, _is_canonical)
    if not fit:
        return Answer({}, gaps)
    answer = osv.audit(fit, sources.pypi, url=url, limits=limits)
    return Answer(answer.found, {**answer.gaps, **gaps})


def _fitting(
    releases: list[Release], known: Callable[[str], bool]
) -> tuple[list[Release], Mapping[Release, str]]:
    """Those that an engine can be asked about, and why the others can't be."""
    wrong = "no advisory can name such a version"
    gaps = {one: wrong for one in releases if not known(one.version)}
    fit = [one for one in releases if one not in gaps]
    over = dict.fromkeys(fit[MOST:], f"more than {MOST} packages in one run")
    return fit[:MOST], {**gaps, **over}


def _is_canonical(version: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(version)) == version
    except InvalidVersion:
        return False


def _unseen(path: str, told: str) -> Unseen:
    return Unseen(path, Reason.UNREACHABLE, told, "run it again without --offline")
