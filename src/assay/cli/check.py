"""``assay check``: hold entries against every rule and say at which line what is wrong."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assay.cli.cache import cache_folder, open_sources
from assay.errors import UsageError
from assay.registry import Registry, names
from assay.report.formats import FORMATS
from assay.report.model import Report
from assay.report.output import write
from assay.run import latest_day
from assay.sets import EVERY, SETS, chosen
from assay.sets.case import Case, of_working_tree
from assay.sets.judge import Means, judge
from assay.sets.suppressing import Suppressing, is_asked, refuse_partial

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from assay.artefact.source import Sources

HELP = (
    "Hold entries against every rule. Without names, --all, --since or --base: all entries, as "
    "they lie on disk. "
    "Exit code 0: clean; 1: findings; 2: usage; 3: something could not be looked at."
)


def configure(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "files", nargs="*", default=[], metavar="NAME|FILE", help="entries, by name or file"
    )
    which.add_argument("--all", action="store_true", help="every entry of the registry")
    which.add_argument("--since", metavar="REV", help="entries that commits touched since REV")
    which.add_argument(
        "--base",
        metavar="REV",
        help="the pull request that would merge --head into REV: by commits alone, judged by the "
        "policy of REV",
    )
    parser.add_argument("--head", default="", metavar="REV", help="with --base (default: HEAD)")
    sets = "; ".join(f"{name}: {one.says}" for name, one in SETS.items())
    usual = ", ".join(name for name, one in SETS.items() if one.usual)
    parser.add_argument(
        "--only",
        metavar="SET,…",
        help=f"the sets of checks to run, or {EVERY} (default: {usual}). {sets}",
    )
    parser.add_argument("--skip", metavar="SET,…", help="the sets to leave out")
    parser.add_argument("--offline", action="store_true", help="fetch nothing: rules alone")
    says = "; ".join(f"{name}: {one}" for name, (_, one) in FORMATS.items())
    parser.add_argument(
        "--format", choices=tuple(FORMATS), default="text", help=f"what is printed. {says}"
    )
    parser.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help="write a report into a file too; may be given several times",
    )
    known = parser.add_mutually_exclusive_group()
    known.add_argument(
        "--baseline",
        default="",
        metavar="FILE",
        help=f"findings that are put up with, of a file outside of the registry instead of its "
        f"own {names.BASELINE}",
    )
    known.add_argument("--no-baseline", action="store_true", help="put up with none of those")
    known.add_argument(
        "--write-baseline",
        action="store_true",
        help=f"write {names.BASELINE}: all that is found now and can be put up with",
    )


def run(args: argparse.Namespace) -> int:
    registry = Registry.find(args.registry or os.curdir)
    if args.head and args.base is None:
        raise UsageError("--head needs --base", hint="name what it is to be merged into")
    sets = chosen(args.only, args.skip, offline=args.offline)
    today = latest_day(datetime.now(UTC))
    if args.base is None:
        whole = "whole" in sets
        case = of_working_tree(registry, args.files, args.since, today, whole=whole)
        return _end(case, sets, args)
    from assay.sets.case import of_pull_request

    with of_pull_request(registry, args.base, args.head or "HEAD", today) as case:
        return _end(case, sets, args)


def _end(case: Case, sets: Sequence[str], args: argparse.Namespace) -> int:
    files = [_output(word) for word in args.output]
    chosen = bool(args.files or args.since)
    if args.write_baseline:
        refuse_partial(case, sets, chosen=chosen)
    asked = Suppressing(args.baseline, ignored=args.no_baseline, anew=args.write_baseline)
    suppressing = is_asked(case, asked)  # before minutes are spent: its file may be the wrong one
    outcome = judge(case, sets, _means(case, args))
    remarks = list(_remarks(sets, args))
    if suppressing:
        from assay.sets.suppress import suppress

        today = latest_day(datetime.now(UTC))
        outcome, told = suppress(outcome, case, sets, today, asked)
        remarks += told
    prefix = case.registry.prefix
    report = Report(outcome, tuple(case.paths), case.view.read, prefix, tuple(remarks))
    return write(report, args.format, files)


def _output(word: str) -> tuple[str, str]:
    name, _, path = word.partition("=")
    if name not in FORMATS or not path:
        raise UsageError(f"--output {word} is not FORMAT=FILE", hint=f"formats: {_listed()}")
    return name, path


def _listed() -> str:
    return ", ".join(FORMATS)


def _remarks(sets: Sequence[str], args: argparse.Namespace) -> Iterator[str]:
    if args.offline:
        yield "offline: no artefact was fetched, no digest and no lock was held against a source"
    if left_out := [name for name in SETS if name not in sets]:
        yield f"not run: {', '.join(left_out)} (assay check --only {EVERY} runs every set)"


def _means(case: Case, args: argparse.Namespace) -> Means:
    from assay.cli.progress import Progress

    def sources() -> Sources:
        return open_sources(case.policy)

    return Means(
        now=datetime.now(UTC),
        workers=os.cpu_count() or 1,
        sources=None if args.offline else sources,
        cache=cache_folder,
        watch=Progress,
    )
