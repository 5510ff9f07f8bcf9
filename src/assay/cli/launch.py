"""``assay launch NAME[@VERSION]``: verify a server, then become it. For hosts, not for people."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from assay.report.plain import plain

# OpenSSL reads its configuration when hashlib is imported, and loads the modules that it names
# into our own process; -I keeps Python from obeying variables, not OpenSSL.
_STEERS_OPENSSL = ("OPENSSL_CONF", "OPENSSL_CONF_INCLUDE", "OPENSSL_MODULES", "OPENSSL_ENGINES")

HELP = """Verify a server and everything it consists of, then start it over stdio. Nothing of ours
is written to standard output. Settings come from the system's client.toml, which no plain user may
be able to write; --trial-config names another one, for trials alone."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", metavar="NAME[@VERSION]", help="the entry, and the version meant")
    parser.add_argument(
        "--param",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a parameter of the server, over the stored one; may be given again",
    )
    parser.add_argument(
        "--reinstall", action="store_true", help="fetch and unpack it anew, whatever is installed"
    )
    parser.add_argument(
        "--trial-config",
        metavar="PATH",
        type=Path,
        help="for trials: a client.toml that this user may write; each event says so",
    )


def run(args: argparse.Namespace) -> int:
    for name in _STEERS_OPENSSL:
        os.environ.pop(name, None)
    from assay.client import launch, places

    trial = args.trial_config is not None
    if trial:
        _tell("for trials alone: this configuration could have been written by anybody who is you")
    name, _, version = args.server.partition("@")
    asked = launch.Asked(name, version, tuple(args.param), args.reinstall)
    host = launch.Host(
        config=args.trial_config if trial else places.system_config(),
        trial=trial,
        places=places.places(),
        workspace=launch.workspace(),
        environment=dict(os.environ),
        tell=_tell,
        progress=_progress,
    )
    return launch.started(asked, host, launch.prepare(asked, host))


def _tell(line: str) -> None:
    print(f"assay: {plain(line)}", file=sys.stderr)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else "\r"
        print(f"assay: {done} of {total} archives", end=end, file=sys.stderr, flush=True)
