"""What an audit speaks of: releases, advisories about them, and what could not be audited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

# As npm's registry and GitHub's advisories name them, mildest first.
LEVELS = ("info", "low", "moderate", "high", "critical")


class Release(NamedTuple):
    """One version of one package, whoever brings it along. ``ecosystem`` is npm or pypi."""

    ecosystem: str
    name: str
    version: str

    @property
    def purl(self) -> str:
        """The package URL, canonical."""
        scope, _, bare = self.name.rpartition("/")
        path = f"{quote(scope, safe='~')}/{bare}" if scope else bare
        return f"pkg:{self.ecosystem}/{path}@{quote(self.version, safe='~')}"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Advisory(NamedTuple):
    """What a service says against a release; a stranger wrote its texts.

    ``severity`` is one of ``LEVELS``, empty where the service gives none that is known. ``fixed``
    is the lowest version above the release's own that is told to be free of it, or empty.
    """

    id: str
    aliases: tuple[str, ...]
    title: str
    severity: str
    fixed: str
    url: str = ""

    @property
    def ids(self) -> frozenset[str]:
        """All its names, in capitals, for GHSA ids are written in either."""
        return frozenset(name.upper() for name in (self.id, *self.aliases))


class Answer(NamedTuple):
    """What became of an audit. Each release that was asked about stands in one of the two:
    ``found`` with its advisories, none for a clean one, or ``gaps`` with why it is not audited."""

    found: Mapping[Release, tuple[Advisory, ...]]
    gaps: Mapping[Release, str]


def nothing(releases: tuple[Release, ...], why: str) -> Answer:
    """An audit that did not take place."""
    return Answer({}, dict.fromkeys(releases, why))


class BrokenAnswer(Exception):
    """What a service or an engine says can't be an honest and whole answer; says why."""
