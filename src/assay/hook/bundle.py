"""assay-bundle: a changed entry keeps no bundle that no longer matches it.

Nothing of the entry is parsed: what is signed is bytes. A changed policy changes none of them, so
here it means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assay.errors import Refused
from assay.finding import Finding
from assay.hook import touched, tracked_only
from assay.outcome import Outcome
from assay.registry import Registry, names, orphan
from assay.registry.stale import stale


def ask(registry: Registry, paths: Sequence[str]) -> tuple[Outcome, int]:
    entries = touched(registry, [path for path in paths if path != names.POLICY])
    found = [finding for path in entries for finding in _one(registry, path)]
    left_over = orphan.bundles(registry.working_tree().names())
    return Outcome(tuple(tracked_only(registry, [*left_over, *found]))), len(entries)


def _one(registry: Registry, path: str) -> Iterator[Finding]:
    try:
        raw, bundle = registry.read(path), registry.read(names.bundle_path(path))
        if raw is not None and bundle is not None:
            yield from stale(path, raw, bundle)
    except Refused as refused:
        yield Finding(path, 1, 1, str(refused.reason), refused.message, refused.hint)
