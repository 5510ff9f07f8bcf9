"""Advisories that the policy puts up with, each until a day; see ``assay.policy.Allow``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import unquote

from assay import policy
from assay.advisories.model import Advisory, Release
from assay.finding import Finding, Severity
from assay.hidden import quoted
from assay.policy import Allow

EXPIRED_ID = "audit-allow-expired"
UNUSED_ID = "audit-allow-unused"


class Allowed:
    """The policy's list on one day, and which of it was of use."""

    def __init__(self, allow: Sequence[Allow], today: date) -> None:
        self._allow = allow
        self._today = today
        self._used: set[int] = set()

    def find(self, release: Release, advisory: Advisory) -> Allow | None:
        """The one that lets this advisory pass today; what has expired is noted as of use too."""
        found = None
        for number, one in enumerate(self._allow):
            if one.advisory.upper() in advisory.ids and _covers(one.package, release):
                self._used.add(number)
                if one.expires >= self._today:
                    found = found or one
        return found

    def findings(self, *, whole: bool) -> Iterator[Finding]:
        """What is wrong with the list; only a ``whole`` audit knows which of it has no use."""
        for number, one in enumerate(self._allow):
            what = f"{quoted(one.advisory)} of {quoted(one.owner)}"
            if one.expires < self._today:
                told = f"the leave for {what} ended on {one.expires}"
                fix = "update what it is about, or have it looked at and signed off anew"
                yield _about_leave(one, EXPIRED_ID, told, fix, Severity.WARNING)
            elif whole and number not in self._used:
                told = f"the leave for {what} matches nothing that any entry brings along"
                yield _about_leave(one, UNUSED_ID, told, "delete it", Severity.NOTE)


def _about_leave(one: Allow, rule: str, message: str, fix: str, severity: Severity) -> Finding:
    subject = f"{one.advisory} {one.package}".rstrip()
    return Finding(policy.FILE, one.line, one.column, rule, message, fix, severity, subject)


def _covers(package: str, release: Release) -> bool:
    if not package:
        return True
    ecosystem, _, rest = unquote(package).removeprefix("pkg:").partition("/")
    name, at, version = rest[1:].partition("@")
    name = rest[:1] + name  # the first @ may be a scope's
    if ecosystem == "pypi":
        name = re.sub(r"[-_.]+", "-", name).lower()
    same = (ecosystem, name) == (release.ecosystem, release.name)
    return same and (not at or version == release.version)
