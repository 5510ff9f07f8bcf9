"""Symbolic links that stay inside their archive, however they lead through each other.

A link's text alone says little: ``a/../..`` stays inside or leaves, by where a link ``a`` leads.
So each is followed as a system would follow it, step by step, with all links of the archive in
place, and on a system that folds case. What a link leads to need not be there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.artefact.unpack.bounds import LONGEST_PATH, MOST_DEPTH, refused, safe_path
from assay.artefact.unpack.lookalike import keys
from assay.errors import Refused
from assay.hidden import quoted

_MOST_STEPS = 500_000  # names, for all links of one archive: a second of work
_MOST_FOLLOWED = 32  # links on the way to one end; Linux gives up after 40


@dataclass(slots=True)
class Links:
    """The links of one archive."""

    archive: str
    _targets: dict[str, str] = field(default_factory=dict)  # as written
    _by_key: dict[str, str] = field(default_factory=dict)
    _steps: int = 0

    def add(self, path: str, target: str) -> None:
        """Take in the link at ``path``, which is safe already; ``target`` is as written."""
        names = [part for part in target.split("/") if part not in ("", ".", "..")]
        if not target or target.startswith("/") or len(target) > LONGEST_PATH:
            raise self._leads_out(path)
        for name in names:
            safe_path(self.archive, name)
        self._targets[path] = target
        self._by_key[keys(path)[0]] = target

    def hold(self) -> None:
        """Follow each to its end; ``Refused`` for one that leaves, or that has no end."""
        for path, target in self._targets.items():
            self._follow(path, target)

    def _follow(self, path: str, target: str) -> None:
        here = path.split("/")[:-1]
        ahead = target.split("/")[::-1]
        followed = 0
        while ahead:
            name = ahead.pop()
            self._steps += 1
            if self._steps > _MOST_STEPS or followed > _MOST_FOLLOWED or len(here) >= MOST_DEPTH:
                raise refused(self.archive, f"has links too entangled to follow: {quoted(path)}")
            if name in ("", "."):
                continue
            if name == "..":
                if not here:
                    raise self._leads_out(path)
                here.pop()
                continue
            here.append(name)
            if on := self._by_key.get(keys("/".join(here))[0]):
                followed += 1
                here.pop()
                ahead.extend(reversed(on.split("/")))

    def _leads_out(self, path: str) -> Refused:
        return refused(self.archive, f"has a link that leads outside: {quoted(path, 200)}")
