"""What the policy and the baseline put up with, applied to what a whole run came to.

The base judges here too: of a pull request that touches an entry, neither its own waivers nor its
own baseline count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assay import baseline, waivers
from assay.errors import Undecided
from assay.finding import Severity
from assay.outcome import Outcome
from assay.pages import page
from assay.registry import names
from assay.sets import SETS
from assay.sets.case import Case
from assay.sets.suppressing import Suppressing, baseline_of


def suppress(
    outcome: Outcome, case: Case, sets: Sequence[str], today: date, asked: Suppressing
) -> tuple[Outcome, tuple[str, ...]]:
    """``outcome`` with what is put up with moved aside, and what is wrong with that; and what is
    to be remarked. A baseline that is asked for anew is written first."""
    looked = _looked(outcome, case, sets)
    present = [f"{names.FOLDER}/{name}" for name in case.view.names()]
    outcome = waivers.apply(outcome, case.policy, today, looked=looked, present=present)
    remarks: tuple[str, ...] = ()
    if asked.anew:
        number = _write(outcome, case)
        told = f"{names.BASELINE} now holds {number} finding(s): a pull request of its own"
        remarks = (told,)
    raw = baseline_of(case, asked)
    if raw is None:
        return outcome, remarks
    known, wrong = baseline.read(raw)
    outcome = outcome._replace(findings=tuple(sorted((*outcome.findings, *wrong))))
    return baseline.apply(outcome, known, looked=looked), remarks


def _looked(outcome: Outcome, case: Case, sets: Sequence[str]) -> frozenset[str]:
    """The entries at which every set looked: what is wrong on paper is not looked into."""
    if set(sets) != set(SETS) or outcome.unseen:
        return frozenset()
    stopped = {
        names.owner(finding.path)
        for finding in outcome.findings
        if finding.severity is Severity.ERROR
        and ((told := page(finding.rule)) is None or not told.waivable)
    }
    return frozenset(path for path in case.paths if path not in stopped)


def _write(outcome: Outcome, case: Case) -> int:
    """Write the registry's baseline, of all that ``outcome`` (with waivers applied) tells and a
    baseline can hold; how many findings. ``Undecided`` when not everything was looked at."""
    from assay.cli.writing import together

    if outcome.unseen:
        first = outcome.unseen[0]
        raise Undecided(
            first.reason,
            f"no baseline was written, for not everything was looked at: {first.message}",
            hint=first.hint,
        )
    raw, number = baseline.write(outcome.findings)
    together(case.registry.root, {names.BASELINE: raw})
    return number
