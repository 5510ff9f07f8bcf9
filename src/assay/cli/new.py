"""``assay new REF``: a whole entry, with comments, and its lock, from a reference."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.cli import believed, locking, writing
from assay.cli.cache import open_sources
from assay.cli.draft import Draft, describe, proposed_name, render
from assay.cli.progress import Progress
from assay.errors import UsageError
from assay.finding import Finding
from assay.outcome import Outcome
from assay.registry import Registry, names
from assay.report.output import tell
from assay.report.plain import plain

if TYPE_CHECKING:
    import argparse

    from assay.artefact.reference import Reference
    from assay.artefact.source import Fetched, Sources

HELP = (
    "Write a whole entry and its lock from a reference. What the package says of itself is "
    "taken over as a proposal; what only you know is asked for on a terminal, or given as options."
)
_CLASSES = ("public", "internal", "confidential", "restricted")
_BASES = (
    "consent",
    "contract",
    "legal_obligation",
    "vital_interests",
    "public_task",
    "legitimate_interests",
    "not_applicable",
)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reference", metavar="REF", help="such as pkg:npm/%%40scope/name@1.2.3 or oci://…"
    )
    parser.add_argument("--name", help="the entry's name (default: from the package's)")
    parser.add_argument("--version", default="", help="where the reference names none")
    parser.add_argument("--title", default="", help="what people see in a list")
    parser.add_argument("--description", default="", help="(default: the package's own)")
    parser.add_argument("--maintainer", metavar="MAIL", default="")
    parser.add_argument("--reviewer", metavar="MAIL", action="append", default=[])
    parser.add_argument("--scope", metavar="ACTION:RESOURCE", action="append", default=[])
    parser.add_argument("--classification", choices=_CLASSES, default="")
    parser.add_argument("--lawful-basis", choices=_BASES, default="")
    parser.add_argument("--entrypoint", default="", help="which of the package's commands")
    parser.add_argument("--arg", action="append", default=[], help="an argument; ${NAME} for one")
    parser.add_argument("--env", metavar="NAME", action="append", default=[])
    parser.add_argument(
        "--parameter",
        metavar="NAME:KIND[:multiple]",
        action="append",
        default=[],
        help="what each person gives: kind is string, integer, boolean, path or folder",
    )
    parser.add_argument("--egress", metavar="HOST", action="append", default=[])
    parser.add_argument("--at", metavar="INSTANT", help="lock as of then: 2026-11-22T20:30:00Z")


def run(args: argparse.Namespace) -> int:
    reference = locking.reference_of(args.reference)
    registry = Registry.find(Path(args.registry or "."))
    name = args.name or proposed_name(reference)
    path = names.entry_path(name)
    if not names.is_file_name(f"{name}{names.SUFFIX}"):
        raise UsageError(f"{name} is no name of an entry", hint="lower case, digits and hyphens")
    if args.version and reference.kind in ("npm", "pypi") and args.version != reference.version:
        raise UsageError(f"{reference.text} is not version {args.version}")
    if registry.read(path) is not None:
        raise UsageError(f"{path} is there already", hint="give another --name")
    draft = _draft(args, reference, name)
    sources = open_sources(believed.policy_of(registry))
    with Progress(f"fetching {reference.name}"):
        fetched = sources.fetch(reference)
        describe(draft, fetched, sources)
    draft.sha256 = fetched.sha256
    _ask_all(draft)
    lock, findings = _lock(draft, fetched, sources)
    text = render(draft)
    findings += locking.read_back(path, text)
    if not locking.wrong(findings):
        locks = {f"{names.FOLDER}/{draft.lock_file}": lock} if lock else {}
        writing.together(registry.root, {**locks, path: text.encode()})
    told = _told(registry, path, text, lock, findings)
    if offered := locking.provenance(reference, sources):
        print(offered)
    return told


def _draft(args: argparse.Namespace, reference: Reference, name: str) -> Draft:
    return Draft(
        reference=reference,
        name=name,
        reviewed_at=f"{datetime.now(UTC):%Y-%m-%d}",
        resolved_at=locking.instant(args.at).strftime(locking.INSTANT),
        version=args.version,
        title=args.title,
        description=args.description,
        maintainer=args.maintainer,
        reviewers=args.reviewer,
        scope=args.scope,
        classification=args.classification,
        lawful_basis=args.lawful_basis,
        entrypoint=args.entrypoint,
        args=args.arg,
        env=args.env,
        parameters=args.parameter,
        egress=args.egress,
    )


def _ask_all(draft: Draft) -> None:
    """What is still unknown, from the person; UsageError naming the options where nobody is."""
    asked = _Asked(sys.stdin.isatty() and sys.stderr.isatty())
    draft.version = draft.version or asked.one("--version", "Which version is it?")
    draft.description = draft.description or asked.one("--description", "What does it do?")
    draft.maintainer = draft.maintainer or asked.one("--maintainer", "Who answers for it (mail)?")
    draft.reviewers = draft.reviewers or asked.several("--reviewer", "Who reviewed it (mails)?")
    draft.scope = draft.scope or asked.several("--scope", "What may it do (ACTION:RESOURCE)?")
    classes = f"What is the most sensitive data it reaches ({', '.join(_CLASSES)})?"
    draft.classification = draft.classification or asked.one("--classification", classes, _CLASSES)
    bases = f"On what lawful basis ({', '.join(_BASES)})?"
    draft.lawful_basis = draft.lawful_basis or asked.one("--lawful-basis", bases, _BASES)
    own = draft.reference.name.rpartition("/")[2]
    if len(draft.commands) > 1 and own not in draft.commands and not draft.entrypoint:
        which = f"Which command starts it ({', '.join(map(plain, draft.commands))})?"
        draft.entrypoint = asked.one("--entrypoint", which, draft.commands)
    asked.finish()


class _Asked:
    """Questions on a terminal; elsewhere the options that would have answered them."""

    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal
        self._missing: list[str] = []

    def one(self, option: str, question: str, choices: Sequence[str] = ()) -> str:
        if not self._terminal:
            self._missing.append(option)
            return ""
        while True:
            # On standard error: what a script reads from standard output stays the result.
            print(f"{question} ", end="", file=sys.stderr, flush=True)
            line = sys.stdin.readline()
            if not line:
                raise UsageError("the questions were not answered", hint=f"give {option}")
            if (answer := line.strip()) and (not choices or answer in choices):
                return answer

    def several(self, option: str, question: str) -> list[str]:
        return self.one(option, question).replace(",", " ").split()

    def finish(self) -> None:
        if self._missing:
            raise UsageError(
                f"nobody is here to ask, and {', '.join(self._missing)} is missing",
                hint="give the options, or run it on a terminal",
            )


def _lock(draft: Draft, fetched: Fetched, sources: Sources) -> tuple[bytes, list[Finding]]:
    from assay.closure import lock_name

    draft.lock_file = lock_name(draft.reference, draft.name)
    if not draft.lock_file:
        return b"", []
    at = locking.instant(draft.resolved_at)
    path = f"{names.FOLDER}/{draft.lock_file}"
    raw, findings = locking.make_lock(draft.reference, fetched, at, path, sources)
    draft.lock_sha256 = hashlib.sha256(raw).hexdigest()
    return raw, findings


def _told(registry: Registry, path: str, text: str, lock: bytes, findings: list[Finding]) -> int:
    outcome = Outcome(tuple(sorted(findings)))
    if findings:
        tell(outcome, 1, lambda asked: text.encode() if asked == path else lock)
    if outcome.exit_code:
        print("nothing was written", file=sys.stderr)
    else:
        print(f"{path}: written; read it, then `assay check {path}`")
    return outcome.exit_code
