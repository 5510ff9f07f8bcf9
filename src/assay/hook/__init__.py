"""The commit hooks: what they share around the one question that each of them asks.

A hook looks at the files on disk that pre-commit names, which are those to be committed, for
pre-commit stashes what is not staged; what stands beside them counts only if git tracks it.
``assay.yaml`` among the names means every entry. Deleted files are never named, so what an entry
left behind is looked for in the whole folder.

A hook's time is its start: nothing here imports what only another hook needs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from assay.boundary import end as end
from assay.boundary import guarded
from assay.errors import CLEAN
from assay.registry import Registry, names

if TYPE_CHECKING:
    from assay.finding import Finding
    from assay.outcome import Outcome

# A hook's question: the registry, and the paths that were named → what it came to, of how many.
Question = Callable[[Registry, Sequence[str]], "tuple[Outcome, int]"]


def main(name: str, question: Question, argv: Sequence[str] | None) -> int:
    """Ask ``question`` of the files in ``argv``; the exit code is that of ``assay.errors``."""
    words = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _run(name, question, words))


def _run(name: str, question: Question, words: list[str]) -> int:
    start, files = os.curdir, words
    if any(word.startswith("-") for word in words):
        try:
            start, files = _options(name, words)
        except SystemExit as stop:  # argparse's own: 0 for --help, 2 for usage
            return int(stop.code or 0)
    if not files and not Registry.is_at(start):
        return CLEAN  # a commit to a repository that has no registry yet, or no longer
    registry = Registry.find(start)
    outcome, checked = question(registry, [registry.relative(file) for file in files])
    if outcome.findings or outcome.unseen:
        from assay.report.output import tell

        tell(outcome, checked, registry.read)
    return outcome.exit_code


def _options(name: str, words: list[str]) -> tuple[str, list[str]]:
    import argparse

    parser = argparse.ArgumentParser(name, description=f"The commit hook {name}.")
    parser.add_argument("--registry", default=os.curdir, metavar="DIR")
    parser.add_argument("files", nargs="*", metavar="FILE")
    args = parser.parse_args(words)
    return args.registry, args.files


def touched(registry: Registry, paths: Iterable[str]) -> list[str]:
    """The entries that ``paths`` belong to, as far as they are there, in order."""
    named = set(paths)
    if names.POLICY in named:
        return registry.entry_paths()
    owners = {owner for path in named if (owner := names.owner(path))}
    return sorted(path for path in owners if path in named or registry.read(path) is not None)


def tracked_only(registry: Registry, findings: Iterable[Finding]) -> list[Finding]:
    """Those about files that git tracks: what is never committed is nobody's business.

    Git is asked only when there is something to ask about.
    """
    found = list(findings)
    if not found:
        return []
    present = set(registry.tracked().names())
    return [finding for finding in found if finding.path.rpartition("/")[2] in present]
