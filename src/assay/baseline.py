"""What was there when a registry began to check: told as suppressed, so that it can adopt.

``assay-baseline.json`` lies beside ``assay.yaml`` and is of the same class: a pull request that
touches it together with an entry is refused, so nobody brings a finding and its excuse at once.
It names findings by rule, path and what they are about, in words that its reviewer reads, and
never by a digest, behind which another finding could hide. What can't be waived can't stand in
it. It covers as many findings as it counts, and none that weighs more than it did.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from assay.finding import Finding, Severity
from assay.outcome import Outcome, Suppressed
from assay.pages import page
from assay.registry.names import BASELINE, owner
from assay.registry.views import MAX_FILE
from assay.strict_json import read_object

INVALID_ID = "baseline-invalid"
STALE_ID = "baseline-stale"
VERSION = 1
MOST = 100_000  # findings
_AGAIN = "write it anew with `assay check --write-baseline`, as a change of policy"
_WEIGHT = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 0}


class Known(NamedTuple):
    """A finding of a baseline: ``about`` is its subject, or its message where it has none."""

    rule: str
    path: str
    about: str


class Baseline(NamedTuple):
    """How often each finding was there, and how much it weighed at most."""

    counts: Counter[Known]
    severities: dict[Known, Severity]


def read(raw: bytes) -> tuple[Baseline, tuple[Finding, ...]]:
    """A baseline, or an empty one and the finding that says why: then everything is told."""
    try:
        return _parse(raw), ()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        told = f"not a baseline: {error}" if isinstance(error, ValueError) else "not a baseline"
        return Baseline(Counter(), {}), (Finding(BASELINE, 1, 1, INVALID_ID, told, _AGAIN),)


def _parse(raw: bytes) -> Baseline:
    data: Any = read_object(raw, limit=MAX_FILE)
    if (data["format"], data["version"]) != ("assay-baseline", VERSION):
        raise ValueError(f"format or version is another than assay-baseline {VERSION}")
    if len(data["findings"]) > MOST:
        raise ValueError(f"more than {MOST} findings")
    made = Baseline(Counter(), {})
    for item in data["findings"]:
        known = Known(_text(item["rule"]), _text(item["path"]), _text(item["about"]))
        number = item["count"]
        if type(number) is not int or not 0 < number <= MOST:
            raise ValueError("a count is no number of findings")
        told = page(known.rule)
        if told is None or not told.waivable:
            raise ValueError(f"nobody can suppress {known.rule[:80]!r}")
        if known in made.counts:
            raise ValueError(f"a finding of {known.rule} stands in it twice")
        made.counts[known] = number
        made.severities[known] = Severity(item["severity"])
    return made


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def apply(outcome: Outcome, baseline: Baseline, *, looked: Collection[str] = ()) -> Outcome:
    """``outcome`` with what ``baseline`` holds moved to ``suppressed``.

    ``looked`` as for ``assay.waivers.apply``.
    """
    left = Counter(baseline.counts)
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for finding in outcome.findings:
        known = _known(finding)
        before = baseline.severities.get(known)
        if before and left[known] > 0 and _WEIGHT[finding.severity] <= _WEIGHT[before]:
            left[known] -= 1
            suppressed.append(Suppressed(finding, "baseline"))
        else:
            kept.append(finding)
    unseen = {one.path for one in outcome.unseen}
    whole = set(looked) - unseen
    gone = sum(number for known, number in left.items() if owner(known.path) in whole)
    if gone:
        told = f"{gone} of the {baseline.counts.total()} findings in it are no longer there"
        kept.append(Finding(BASELINE, 1, 1, STALE_ID, told, _AGAIN, Severity.NOTE, "gone"))
    return outcome._replace(
        findings=tuple(sorted(kept)), suppressed=(*outcome.suppressed, *suppressed)
    )


def write(findings: Iterable[Finding]) -> tuple[bytes, int]:
    """A baseline of the ``findings`` that one can hold, as bytes, and how many it holds.

    A finding to a line, in order, so that its diff tells what came and what went.
    """
    count: Counter[Known] = Counter()
    severity: dict[Known, Severity] = {}
    for finding in findings:
        told = page(finding.rule)
        if told is None or not told.waivable or finding.severity is Severity.NOTE:
            continue  # a note refuses nothing, so there is nothing to put up with
        known = _known(finding)
        count[known] += 1
        severity[known] = max(finding.severity, severity.get(known, finding.severity), key=_weigh)
    lines = [
        json.dumps({**known._asdict(), "severity": severity[known], "count": count[known]})
        for known in sorted(count)
    ]
    body = ",\n".join(f"  {line}" for line in lines)
    whole = f'{{"format": "assay-baseline", "version": {VERSION}, "findings": [\n{body}\n]}}\n'
    return whole.encode("ascii"), count.total()


def _known(finding: Finding) -> Known:
    return Known(finding.rule, finding.path, finding.subject or finding.message)


def _weigh(severity: Severity) -> int:
    return _WEIGHT[severity]
