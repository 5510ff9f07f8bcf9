"""What differs between an entry as it is and as it was: one model for checks and renderers.

An entry is held against its previous tagged version, against the base where that differs, and a
first version against nothing, which is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from assay.closure.compare import Comparison, compare
from assay.diff.side import Lock, Side
from assay.entry import capabilities
from assay.entry.capabilities import Capability

if TYPE_CHECKING:
    from assay.policy import Policy


class Against(StrEnum):
    """What an entry is compared with."""

    TAG = "tag"  # the previous tagged version
    BASE = "base"  # what main has, where that is not the tagged version
    RENAMED = "renamed"  # the entry of another name that it replaces
    REVISION = "revision"  # whatever was asked for
    FIRST = "first"  # a first version: with nothing
    NOTHING = "nothing"  # the base has it unchanged, and no version of it counts as tagged


class Diff(NamedTuple):
    """One comparison; ``old`` is None against nothing."""

    against: Against
    old: Side | None
    new: Side
    dependencies: Comparison
    capabilities: tuple[Capability, ...]

    @property
    def empty(self) -> bool:
        return not (self.dependencies.changes or self.capabilities or self.dependencies.aliases)

    def notices(self) -> Iterator[str]:
        """What this comparison could not look at, or looked at only in part; a sentence each."""
        if self.against is Against.FIRST:
            yield "the first version of this entry: compared with nothing"
        elif self.old is None:
            yield "no earlier version of this entry counts: compared with nothing"
        for one, when in ((self.old, "before"), (self.new, "now")):
            if one is None:
                continue
            if one.entry is None:
                yield f"the entry {when} ({one.label}) breaks a rule: no capability is compared"
            if told := _LOCKS.get(one.lock):
                yield f"the lock {when} ({one.label}) {told}"
        if self.old and self.old.closure and self.new.lock is Lock.NONE:
            yield "this kind of artefact has no lock: what it brings along is no longer listed"


_LOCKS = {
    Lock.MISSING: "is missing: its packages are not known",
    Lock.REFUSED: "is against its form (lock-format): shown as far as it can be read",
    Lock.UNREADABLE: "can't be read: its packages are not known",
}


def diff(
    against: Against, old: Side | None, new: Side, policies: tuple[Policy, Policy] | None = None
) -> Diff:
    """Compare two sides; ``policies``, the base's and the present one, for their signers."""
    dependencies = compare(old.closure if old else None, new.closure)
    found: tuple[Capability, ...] = ()
    if old and old.entry and new.entry:
        found = capabilities.compare(old.entry, new.entry)
    if policies is not None:
        found += capabilities.signers(*policies)
    return Diff(against, old, new, dependencies, found)
