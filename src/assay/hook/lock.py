"""assay-lock: a changed entry's lock is there, is the reviewed one, and reads strictly.

Of the entry only its name and its artefact matter here. Where those are well formed the schema is
left to assay-schema, which spares its 25 ms; where they are not, the whole reading says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from assay import entry
from assay.checks import LOCK_CHECKS
from assay.entry.build import build
from assay.entry.document import Document, parse
from assay.hook import touched, tracked_only
from assay.outcome import Outcome
from assay.policy import Policy  # its defaults: no rule of a lock asks the registry's own
from assay.registry import Registry, Siblings, orphan
from assay.run import Rules, check_paths, latest_day


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    view = registry.working_tree()
    entries = touched(registry, paths)
    rules = Rules(Policy(), latest_day(datetime.now(UTC)), checks=LOCK_CHECKS, read=_read)
    outcome = check_paths(entries, view, Siblings(registry.tracked()), rules)
    left_over = tracked_only(registry, orphan.locks(view.names()))
    return Outcome((*left_over, *outcome.findings), outcome.unseen), len(entries)


def _read(path: str, raw: bytes, *, today: date) -> entry.Reading:
    document, findings = parse(path, raw)
    if document is not None and not findings and _is_formed(document):
        try:
            built, _ = build(document, today)
        except (AttributeError, LookupError, TypeError, ValueError):
            built = None  # elsewhere something is not of the schema's form
        if built is not None:
            return entry.Reading(path, raw, document, built, ())
    return entry.read(path, raw, today=today)


def _is_formed(document: Document) -> bool:
    """Whether all that the locks' checks read of the entry is text where text belongs."""
    artefact = document.data.get("artefact", {})
    lock = artefact.get("lock", {}) if isinstance(artefact, dict) else None
    if not isinstance(artefact, dict) or not isinstance(lock, dict):
        return False
    read = [document.data.get("name"), *artefact.values(), *lock.values()]
    return all(isinstance(value, str) or value is lock for value in read)
