"""``assay diff NAME``: what changed in an entry's closure and in what it lets a server do."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from assay.cli import target
from assay.outcome import Outcome, Unseen
from assay.registry import Registry
from assay.report.plain import plain

if TYPE_CHECKING:
    import argparse

    from assay.diff.report import Report
    from assay.policy import Policy

HELP = (
    "Show what changed in an entry: the packages that it brings along, and what it lets a server "
    "do. By default the files on disk against the previous tagged version, and against main where "
    "that differs; without names, every entry that main has otherwise. Nothing is fetched but "
    "with --online. Exit code 1 where a check refuses what changed."
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help="an entry's name, or its file")
    parser.add_argument("--base", metavar="REV", help="what main is at (default: as known here)")
    parser.add_argument("--from", dest="old", metavar="REV|TAG", help="compare with this instead")
    parser.add_argument("--to", dest="new", metavar="REV", help="(default: the files on disk)")
    parser.add_argument(
        "--online", action="store_true", help="ask the registries for publishers and provenance"
    )
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    from assay.cli import believed
    from assay.cli.cache import open_sources
    from assay.diff import ask, comparing, findings
    from assay.diff.report import Report

    registry = Registry.find(args.registry or os.curdir)
    paths = list(dict.fromkeys(target.path_of(registry, name) for name in args.names))
    policy = believed.policy_of(registry)
    sources = open_sources(policy) if args.online else None
    reports: list[Report] = []
    unseen: list[Unseen] = []
    with ExitStack() as stack:
        view = stack.enter_context(registry.commit(args.new)) if args.new else None
        base = args.base or (_base(registry, policy, args.new) if args.new else None)
        against = stack.enter_context(
            comparing(registry, base, policy, view=view, offline=not args.online)
        )
        before = stack.enter_context(registry.commit(args.old)) if args.old else None
        for path in paths or against.changed():
            change = against.of(path)
            if before is not None:
                change = against.with_revision(change, args.old, before)
            facts, silent = ask(change, sources)
            unseen += silent
            found = tuple(sorted(findings(change, against, policy, facts)))
            reports.append(Report(change, found, facts is not None))
    return _told(reports, unseen, args.format)


def _base(registry: Registry, policy: Policy, revision: str) -> str:
    """What ``revision`` is held against: itself where it is main's, for its tags lie before it;
    else main, for a branch must not say whose signatures hold."""
    from assay.diff.comparing import main_of
    from assay.registry import history, tags

    root = str(registry.root)
    (commit,) = history.resolve(root, revision)
    main = main_of(root, policy)
    return commit if not main or tags.is_first_parent(root, main, commit) else main


def _told(reports: list[Report], unseen: list[Unseen], form: str) -> int:
    """Print the reports; what was not looked at goes to stderr where a program reads the rest."""
    if form == "text":
        from assay.diff.text import render

        for line in render(reports):
            print(line)
    elif form == "markdown":
        from assay.diff import markdown

        print(markdown.render(reports), end="")
    else:
        from assay.diff import machine

        print(machine.render(reports), end="")
    for one in unseen:
        told = f"{plain(one.path)}: not looked at [{one.reason}]: {plain(one.message)}"
        print(told, file=sys.stdout if form == "text" else sys.stderr)
    whole = Outcome(tuple(found for one in reports for found in one.findings), tuple(unseen))
    return whole.exit_code
