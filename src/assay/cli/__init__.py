"""The ``assay`` command: one module a command, behind the one boundary (``assay.boundary``).

0 clean, 1 findings or refusal, 2 usage, 3 could not decide. A command is a module with ``HELP``,
``configure`` and ``run``; only the one asked for is imported, for a hook is judged by its start.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import NoReturn, Protocol, cast

from assay import __version__
from assay.boundary import end, guarded


class Command(Protocol):
    """What a module under ``assay.cli`` offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


# Name → module and one line of help; the help stands here so that `assay --help` imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("assay.cli.new", "write an entry and its lock from a package URL"),
    "lock": ("assay.cli.lock", "write or check the lock of an entry"),
    "update": ("assay.cli.update", "bring an entry to a newer version of its artefact"),
    "check": ("assay.cli.check", "hold entries against every rule"),
    "diff": ("assay.cli.diff", "show what changed in an entry's packages and capabilities"),
    "explain": ("assay.cli.explain", "say what a rule is about, and what to do"),
    "sbom": ("assay.cli.sbom", "export what an entry brings along as CycloneDX"),
    "sign": ("assay.cli.sign", "sign entries keyless and write their bundles"),
    "verify": ("assay.cli.verify", "verify entries and bundles as a host would"),
    "launch": ("assay.cli.launch", "verify a server, then start it over stdio"),
    "store": ("assay.cli.store", "verify or prune what this machine has fetched"),
    "dev": ("assay.cli.dev", "for trials alone: an embedded Sigstore"),
}

_REGISTRY = "the registry's folder (default: the nearest one, upwards from here)"
_WITHOUT_REGISTRY = ("explain", "launch", "store", "dev")  # a host's comes from client.toml


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the table above."""
    words = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _run(words))


def _run(words: list[str]) -> int:
    name = words[0] if words else ""
    known = name in COMMANDS
    parser = _command(name) if known else _overview()
    try:
        args = parser.parse_args(words[1:] if known else words)
    except SystemExit as stop:  # argparse's own: 0 for --help, 2 for usage
        return int(stop.code or 0)
    if not known:
        parser.print_help(sys.stderr)
        return 2
    return _load(name).run(args)


def script() -> NoReturn:
    """What the console script does: ``main``, and the end of the process."""
    gc.set_threshold(100_000)  # importing makes no garbage; to look for it took 3 ms of 60
    end(main())


# A width of its own, for argparse asks shutil at each argument, which loads three compressors.
_FORMATTER = partial(argparse.HelpFormatter, width=96)


def _command(name: str) -> argparse.ArgumentParser:
    command = _load(name)
    parser = argparse.ArgumentParser(
        prog=f"assay {name}", description=command.HELP, formatter_class=_FORMATTER
    )
    if name not in _WITHOUT_REGISTRY:
        parser.add_argument("--registry", metavar="DIR", help=_REGISTRY)
    command.configure(parser)
    return parser


def _overview() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assay", description="A registry of MCP servers that is a git repository."
    )
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for name, (_, help_line) in COMMANDS.items():
        commands.add_parser(name, help=help_line)
    return parser


def _load(name: str) -> Command:
    return cast(Command, import_module(COMMANDS[name][0]))
