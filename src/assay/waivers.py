"""What the policy puts up with: waivers, each signed off by a reason, an owner and a last day.

A waiver never makes a finding vanish: it is counted and told as suppressed. What says that bytes
are not the reviewed ones, or that nobody looked, can't be waived (``assay.pages``): a run would
call fine what it never saw. Imported only by what tells a whole run, never by a commit hook.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from assay.finding import Finding, Severity, fingerprint
from assay.outcome import Outcome, Suppressed
from assay.pages import page
from assay.policy import FILE, Policy, Waiver
from assay.registry.names import entry_path, owner

EXPIRED = "waiver-expired"
INVALID = "waiver-invalid"
UNUSED = "waiver-unused"
LONGEST = 366  # days: what holds for longer is no decision for a time


def apply(
    outcome: Outcome,
    policy: Policy,
    today: date,
    *,
    looked: Collection[str] = (),
    present: Collection[str] | None = None,
) -> Outcome:
    """``outcome`` with what waivers cover moved to ``suppressed``, and what is wrong with them.

    ``looked`` are the paths of the entries at which everything was looked at: only there can be
    said that a waiver suppresses nothing. ``present`` are those of every entry, where known.
    """
    if not policy.waivers:
        return outcome
    wrong = {waiver: found for waiver in policy.waivers if (found := _wrong(waiver, today))}
    standing = [waiver for waiver in policy.waivers if waiver not in wrong]
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    used: set[Waiver] = set()
    for finding in outcome.findings:
        covering = [waiver for waiver in standing if _covers(waiver, finding)]
        used.update(covering)
        if covering:
            suppressed.append(_suppressed(finding, covering))
        else:
            kept.append(finding)
    unseen = {one.path for one in outcome.unseen}
    kept += wrong.values()
    for waiver in standing:
        path = entry_path(waiver.entry)
        gone = present is not None and path not in present
        if waiver not in used and (gone or (path in looked and path not in unseen)):
            kept.append(_unused(waiver, gone=gone))
    return outcome._replace(
        findings=tuple(sorted(kept)), suppressed=(*outcome.suppressed, *suppressed)
    )


def _wrong(waiver: Waiver, today: date) -> Finding | None:
    """Why it does not stand, as a finding at its line."""
    told = page(waiver.rule)
    if told is None or told.signal:
        message, fix = f"there is no rule `{waiver.rule}`", "`assay explain` lists the rules"
        return _at(waiver, INVALID, message, fix)
    if not told.waivable:
        message = f"`{waiver.rule}` can't be waived"
        return _at(waiver, INVALID, message, f"deal with it; `assay explain {waiver.rule}`")
    if waiver.expires < today:
        message = f"the waiver of `{waiver.rule}` for `{waiver.entry}` ended on {waiver.expires}"
        fix = f"mend what it suppressed and delete it, or have {waiver.owner} decide anew"
        return _at(waiver, EXPIRED, message, fix)
    if (waiver.expires - today).days > LONGEST:
        message = f"the waiver ends on {waiver.expires}, more than {LONGEST} days ahead"
        return _at(waiver, INVALID, message, "write an earlier day")
    return None


def _at(
    waiver: Waiver, rule: str, message: str, fix: str, severity: Severity = Severity.ERROR
) -> Finding:
    subject = f"{waiver.rule} {waiver.entry} {waiver.subject or waiver.fingerprint}".strip()
    return Finding(FILE, waiver.line, waiver.column, rule, message, fix, severity, subject)


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if waiver.rule != finding.rule or owner(finding.path) != entry_path(waiver.entry):
        return False
    if waiver.fingerprint:
        return waiver.fingerprint == fingerprint(finding)
    return not waiver.subject or waiver.subject == finding.subject


def _suppressed(finding: Finding, covering: Sequence[Waiver]) -> Suppressed:
    last = max(covering, key=lambda waiver: waiver.expires)
    return Suppressed(finding, "waiver", last.reason, last.owner, last.expires.isoformat())


def _unused(waiver: Waiver, *, gone: bool) -> Finding:
    message = f"the waiver of `{waiver.rule}` for `{waiver.entry}` suppresses nothing"
    message += ": there is no such entry" if gone else ""
    return _at(waiver, UNUSED, message, "delete it", Severity.NOTE)
