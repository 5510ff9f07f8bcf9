"""File names in ``servers/`` are plain ASCII, and no two are one on a system without case.

A name that is no UTF-8, or that a Mac or Windows folds into another one, is one file for git and
another for whoever checks it out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from assay.finding import Finding
from assay.hidden import quoted
from assay.registry.names import FOLDER, is_file_name

if TYPE_CHECKING:
    from assay.checks.whole.context import Whole

ID = "path-form"


def run(whole: Whole) -> Iterator[Finding]:
    yield from _odd(whole.shelf.names)
    yield from _folded(f"{FOLDER}/{name}" for name in whole.shelf.names)
    if whole.request is not None:
        here = {one.path for one in whole.request.pull.touched if one.new is not None}
        own = f"{whole.request.pull.prefix}{FOLDER}"
        yield from _beside(here, own)


def _odd(found: Iterable[str]) -> Iterator[Finding]:
    for name in found:
        if not (name.isascii() and is_file_name(name)):
            told = f"{quoted(name)} is no plain ASCII file name"
            yield Finding(f"{FOLDER}/{name}", 1, 1, ID, told, "rename it", subject=name)


def _folded(paths: Iterable[str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(_fold(path), path)
        if other != path:
            told = f"{quoted(path)} and {quoted(other)} are one file where case does not count"
            yield Finding(path, 1, 1, ID, told, "keep one of the two", subject=other)


def _beside(paths: Iterable[str], own: str) -> Iterator[Finding]:
    """``Servers/`` beside ``servers/``: elsewhere its files would land among the entries."""
    for path in sorted(paths):
        start = "/".join(path.split("/")[: own.count("/") + 1])
        if start != own and _fold(start) == _fold(own):
            told = f"{quoted(start)} is {own}/ where case does not count"
            yield Finding(path, 1, 1, ID, told, f"move it out, or to {own}/", subject=path)


def _fold(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())
