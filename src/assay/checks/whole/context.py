"""What a check of the whole registry may look at, with everything read at most once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from assay.entry import Entry, Reading, read
from assay.finding import Finding, Severity
from assay.policy import Policy
from assay.registry import View, names
from assay.registry.history import Listing
from assay.registry.pull import Pull, Touched
from assay.registry.views import read_many

Where = tuple[str | int, ...]


class Shelf:
    """The files of one state of the registry; entries are parsed when first asked for."""

    def __init__(self, view: View, today: date) -> None:
        self.view = view
        self._today = today
        self._readings: dict[str, Reading | None] = {}
        self._raws: dict[str, bytes] | None = None
        self.names: tuple[str, ...] = tuple(view.names())
        found = (f"{names.FOLDER}/{name}" for name in self.names)
        self.paths: tuple[str, ...] = tuple(path for path in found if names.is_entry(path))

    def raw(self, path: str) -> bytes | None:
        """The bytes at ``path``; None for none and for what is no regular file."""
        return next(read_many(self.view, (path,)))[1]

    def reading(self, path: str) -> Reading | None:
        """The entry at ``path`` as far as it can be read; None where there is no file."""
        if path not in self._readings:
            raw = self.raw(path)
            made = None if raw is None else read(path, raw, today=self._today)
            self._readings[path] = made
        return self._readings[path]

    def entry(self, path: str) -> Entry | None:
        """The entry at ``path`` if it keeps to the schema."""
        reading = self.reading(path)
        return reading.entry if reading else None

    def raws(self) -> Mapping[str, bytes]:
        """The bytes of every entry by path, read in one go."""
        if self._raws is None:
            self._raws = {path: raw for path, raw in read_many(self.view, self.paths) if raw}
        return self._raws

    def finding(
        self,
        path: str,
        where: Where,
        rule: str,
        message: str,
        fix: str = "",
        severity: Severity = Severity.ERROR,
        subject: str = "",
    ) -> Finding:
        """A finding at the key ``where`` of the entry at ``path``; at its top if unreadable."""
        reading = self.reading(path)
        document = reading.document if reading else None
        line, column = document.position(*where) if document else (1, 1)
        return Finding(path, line, column, rule, message, fix, severity, subject)


class Request(NamedTuple):
    """A pull request: its commits and paths, and the registry as it was at the base's tip."""

    pull: Pull
    before: Shelf

    @property
    def touched(self) -> tuple[Touched, ...]:
        """What is touched of the registry's own files."""
        return self.pull.inside


class Whole(NamedTuple):
    """The registry as it would be, and how it came to be.

    ``files`` has git's modes and ids, None in a folder without git. ``root`` is for history, of
    which ``past`` is the newest commit that counts: the base's tip, HEAD, or "" where there is
    none. ``policy`` is the base's.
    """

    root: str
    shelf: Shelf
    files: Listing | None
    past: str
    policy: Policy
    request: Request | None = None

    @property
    def concerned(self) -> tuple[str, ...]:
        """The entries that are asked about: those that a pull request touches, else all."""
        if self.request is None:
            return self.shelf.paths
        touched = {names.owner(one.path) for one in self.request.touched}
        return tuple(path for path in self.shelf.paths if path in touched)

    @property
    def new(self) -> frozenset[str] | None:
        """The entries that a pull request brings; None without one, when each may be judged."""
        if self.request is None:
            return None
        return frozenset(self.shelf.paths).difference(self.request.before.paths)


def stems(paths: Iterable[str]) -> dict[str, str]:
    """Entry's name by its file → its path."""
    start = len(names.FOLDER) + 1
    return {path[start : -len(names.SUFFIX)]: path for path in paths}
