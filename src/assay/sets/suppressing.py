"""Whether anything may be put up with at all, and by which baseline: cheap, for most registries
have neither waivers nor a baseline.

The registry's own baseline is used without an option, so that a laptop, a hook and CI agree. In a
pull request it is the base's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from assay.errors import Undecided, UsageError
from assay.reason import Reason
from assay.registry import Registry, names
from assay.registry.views import MAX_FILE
from assay.sets import SETS
from assay.sets.case import Case


class Suppressing(NamedTuple):
    """``baseline`` is a file's path, empty for the registry's own; ``ignored`` for none at all;
    ``anew`` to write the registry's own first."""

    baseline: str = ""
    ignored: bool = False
    anew: bool = False


def is_asked(case: Case, asked: Suppressing) -> bool:
    """Whether there is anything to apply."""
    return bool(case.policy.waivers) or asked.anew or baseline_of(case, asked) is not None


def baseline_of(case: Case, asked: Suppressing) -> bytes | None:
    """The baseline's bytes; None where there is none or none is wanted."""
    if asked.ignored:
        return None
    if asked.baseline:
        return _file(case.registry, asked.baseline)
    request = case.whole.request if case.whole is not None else None
    if request is None:
        return case.view.read(names.BASELINE)
    touched = {one.path for one in request.touched}
    alone = names.BASELINE in touched and not any(names.owner(path) for path in touched)
    # So that the reviewers of a new baseline see what it would leave.
    return (case.view if alone else request.before.view).read(names.BASELINE)


def _file(registry: Registry, given: str) -> bytes:
    """A baseline that whoever runs us has brought along, and no pull request."""
    above = [os.pardir] * registry.prefix.count("/")
    top = os.path.realpath(os.path.join(registry.root, *above))
    if os.path.realpath(given).startswith(top + os.sep):
        raise UsageError(
            f"{given} lies in the repository, where a pull request could bring it",
            hint=f"the registry's own baseline is {names.BASELINE}; it is used without an option",
        )
    try:
        with open(given, "rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        told = f"the baseline {given} can't be read: {error.strerror}"
        raise Undecided(Reason.UNEXPECTED, told) from error


def refuse_partial(case: Case, sets: Sequence[str], *, chosen: bool) -> None:
    """``UsageError`` unless a baseline that is written now would be of everything."""
    if chosen or case.head or set(sets) != set(SETS):
        raise UsageError(
            "a baseline is of every entry and every set of checks",
            hint="run `assay check --only all --write-baseline`",
        )
