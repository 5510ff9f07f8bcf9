"""What every set of checks is asked: which entries, in which state, by whose policy.

The sets that need more than the files (``deps``, ``audit``, ``scan``) are modules with one
function, ``check(question) -> Outcome``. They never print and never exit, they run beside one
another in threads, and what they could not look at is ``Unseen`` in their outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from assay.artefact.source import Sources
    from assay.policy import Policy
    from assay.registry import Registry
    from assay.run import View


class Question(NamedTuple):
    """``paths`` are the entries without an error on paper, ``every`` says that the registry has
    no others. ``view`` has the files that are judged,
    of the working tree or of a commit; ``base`` and ``head`` are commit ids, ``""`` where there is
    no base and where the working tree is judged. ``policy`` is the base's in a pull request.
    Without ``sources`` nothing may be fetched. ``cache`` is assay's folder; its store lies below.
    ``progress`` takes (done, total) of whatever the set counts."""

    registry: Registry
    view: View
    paths: tuple[str, ...]
    policy: Policy
    today: date
    now: datetime  # UTC
    cache: Path
    every: bool = False
    base: str = ""
    head: str = ""
    sources: Sources | None = None
    progress: Callable[[int, int], None] = lambda done, total: None


class Shared:
    """A view that several threads may read: git answers one question after the other."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = Lock()

    def read(self, path: str) -> bytes | None:
        with self._lock:
            return self._view.read(path)

    def names(self) -> Collection[str]:
        with self._lock:
            return self._view.names()
