"""A long list of entries, shared out to processes by fork.

Each entry is checked alone, so the list splits anywhere. Chunks are small enough that one slow
one does not leave a core idle, and the findings come back in one order whatever ran first.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from assay.checks import Siblings
from assay.outcome import Outcome
from assay.run import Rules, View, check_some

CHUNK = 250  # entries, about 0.1 s

_Work = tuple[Sequence[str], View, Siblings, Rules]
# What the children inherit by fork, so that none of it has to be sent.
_work: list[_Work] = []


def shared_out(
    paths: Sequence[str], view: View, siblings: Siblings, rules: Rules, workers: int
) -> Outcome:
    """``assay.run.check_some`` over ``paths`` in ``workers`` processes.

    A process that dies raises ``BrokenProcessPool``: the run ends undecided, never half clean.
    """
    _work.append((paths, view, siblings, rules))
    gc.freeze()  # the children share the parent's pages as long as nobody counts in them
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            parts = list(pool.map(_chunk, _starts(len(paths))))
    finally:
        gc.unfreeze()
        _work.pop()
    findings = sorted(finding for part in parts for finding in part.findings)
    return Outcome(tuple(findings), tuple(one for part in parts for one in part.unseen))


def _starts(length: int) -> Iterator[int]:
    yield from range(0, length, CHUNK)


def _chunk(start: int) -> Outcome:
    paths, view, siblings, rules = _work[-1]
    return check_some(paths[start : start + CHUNK], view, siblings, rules)
