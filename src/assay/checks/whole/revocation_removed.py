"""``revocations.yaml`` is append-only: what was revoked stays so (``assay.revocations``).

In a pull request against the base; else against all that main's history ever had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.registry import git
from assay.registry.names import REVOCATIONS
from assay.registry.past import versions

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole

ID = "revocation-removed"


def run(whole: Whole) -> Iterator[Finding]:
    olds = [raw for raw in _before(whole) if raw]
    if not olds:
        return
    from assay.revocations import read, taken_back

    raw = whole.shelf.raw(REVOCATIONS)
    if raw is None:
        told = "the file was deleted, and with it every revocation"
        yield Finding(REVOCATIONS, 1, 1, ID, told, "put it back as it was", subject="file")
        return
    new = read(raw)
    if new.revocations is None:
        return  # it is not readable, which is told as such and is no pass
    found: dict[Finding, None] = {}
    for old in olds:
        was = read(old).revocations
        if was is not None and old != raw:
            found.update(dict.fromkeys(taken_back(was, new.revocations, new.document)))
    yield from found


def _before(whole: Whole) -> Iterator[bytes | None]:
    if whole.request is not None:
        yield whole.request.before.raw(REVOCATIONS)
    elif whole.past:
        past = list(versions(whole.root, whole.past, (REVOCATIONS,)))
        with git.Objects(whole.root) as objects:
            yield from objects.read_all(dict.fromkeys(one.blob for one in past))
