"""What a check says: one problem, at one place, with what to do about it.

A named tuple, as all that the commit hooks import: ``dataclasses`` would load ``inspect`` and
compile each class, 15 ms of a hook that should take 80.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding weighs: an error refuses, a warning and a note are told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(NamedTuple):
    """One problem found by one check.

    ``path`` is relative to the registry with forward slashes; ``line`` and ``column`` count from
    1, in characters; ``rule`` is the check's id. Order is by place, so output is deterministic.
    ``message``, ``fix`` and ``subject`` may hold what a stranger wrote: renderers escape.
    ``subject`` is what the finding is about, stable when lines move and words change: a key, a
    package URL, ``pkg:npm/x@1.0.0!/dist/index.js``. About a file inside an artefact ``path`` and
    ``line`` are the entry's, for a forge annotates what the pull request holds.
    """

    path: str
    line: int
    column: int
    rule: str
    message: str
    fix: str = ""
    severity: Severity = Severity.ERROR
    subject: str = ""


def fingerprint(finding: Finding) -> str:
    """64 hex digits by which waivers, baselines and forges know a finding again.

    Over the rule, the path and the subject (the message where there is none): no line numbers,
    for a finding does not become another one when somebody adds a comment above it.
    """
    import hashlib  # late: a hook that finds nothing needs no digest

    parts = (finding.rule, finding.path, finding.subject or finding.message)
    # Each with its length, or what one part ends with could pass for what the next begins with.
    raw = "".join(f"{len(part)}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(raw).hexdigest()
