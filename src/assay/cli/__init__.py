"""The ``assay`` command: one module a command, behind the one boundary (``assay.boundary``).

0 clean, 1 findings or refusal, 2 usage, 3 could not decide. A command is a module with ``HELP``,
``configure`` and ``run``; only the one asked for is imported, for a hook is judged by its start.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from assay import __version__
from assay.boundary import guarded


class Command(Protocol):
    """What a module under ``assay.cli`` offers."""

    HELP: str

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


# Name → module and one line of help; the help stands here so that `assay --help` imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("assay.cli.new", "write an entry and its lock from a package URL"),
    "lock": ("assay.cli.lock", "write or check the lock of an entry"),
    "check": ("assay.cli.check", "hold entries against every rule"),
    "sign": ("assay.cli.sign", "sign entries keyless and write their bundles"),
    "verify": ("assay.cli.verify", "verify entries and bundles as a host would"),
    "launch": ("assay.cli.launch", "verify a server, then start it over stdio"),
    "dev": ("assay.cli.dev", "for trials alone: an embedded Sigstore"),
}

_REGISTRY = "the registry's folder (default: the nearest one, upwards from here)"
_WITHOUT_REGISTRY = ("launch", "dev")  # a host's comes from client.toml; trials need none


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is the table above."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = next((word for word in words if not word.startswith("-")), "")
    parser = _parser(name)
    try:
        args = parser.parse_args(words)
    except SystemExit as stop:  # argparse's own: 0 for --help, 2 for usage
        return int(stop.code or 0)
    if name not in COMMANDS:
        parser.print_help(sys.stderr)
        return 2
    return guarded(lambda: _load(name).run(args))


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assay", description="A registry of MCP servers that is a git repository."
    )
    parser.add_argument("--version", action="version", version=f"assay {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND")
    for known, (_, help_line) in COMMANDS.items():
        sub = commands.add_parser(known, help=help_line, description=help_line)
        if known == name:
            sub.description = _load(name).HELP
            if known not in _WITHOUT_REGISTRY:
                sub.add_argument("--registry", metavar="DIR", help=_REGISTRY)
            _load(name).configure(sub)
    return parser


def _load(name: str) -> Command:
    return cast(Command, import_module(COMMANDS[name][0]))
