"""``assay dev``: an embedded Sigstore, for trials alone."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from assay.errors import CLEAN, Undecided, UsageError
from assay.reason import Reason

HELP = """\
FOR TRIALS ALONE: an embedded Sigstore that signs for whoever asks, as whoever they say they are.
No host may ever trust it. `assay dev sigstore DIR` serves on loopback until it is interrupted, and
writes into DIR what is needed to sign and to verify with it; `assay dev token DIR` prints an
identity token of any job."""

_SERVE = """\
FOR TRIALS ALONE. Serves until interrupted and writes into DIR: trust_config.json to sign with,
trusted_root.json to verify with, signer.yaml (the identity it plays, for assay.yaml), environment
(what a CI runner would set; also printed) and url. Its keys stay in DIR/keys, so that another run
goes on with the same trust root."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``assay dev``."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    serve = commands.add_parser("sigstore", help="serve until interrupted", description=_SERVE)
    serve.add_argument("--port", type=int, help="default: the one of the last run, or a free one")
    serve.add_argument("--rekor", type=int, choices=(1, 2), default=2, help="version of the log")
    token = commands.add_parser("token", help="print an identity token of the instance in DIR")
    for command in (serve, token):
        command.add_argument("folder", metavar="DIR", type=Path)
        command.add_argument(
            "--claim",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a claim of the job that is played, as GitHub names it; may be given again",
        )


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted, or print a token."""
    claims = _claims(args.claim)
    return _print_token(args.folder, claims) if args.what == "token" else _serve(args, claims)


def _claims(words: Sequence[str]) -> dict[str, str]:
    from assay.dev.sigstore.oidc import CLAIMS

    claims = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in CLAIMS:
            raise UsageError(f"{word!r} is no NAME=VALUE of a claim", hint=", ".join(CLAIMS))
        claims[name] = value
    return claims


def _print_token(folder: Path, claims: dict[str, str]) -> int:
    from assay.dev.sigstore.folder import KEYS
    from assay.dev.sigstore.keys import Keys
    from assay.dev.sigstore.oidc import Issuer

    if not (folder / KEYS).is_dir():
        raise UsageError(f"{folder} holds no trial instance", hint=f"assay dev sigstore {folder}")
    print(Issuer(Keys(folder / KEYS), claims).token())
    return CLEAN


def _serve(args: argparse.Namespace, claims: dict[str, str]) -> int:
    from assay.dev.sigstore import WARNING
    from assay.dev.sigstore.folder import environment_block, open_instance, write_documents

    print(f"assay: {WARNING}", file=sys.stderr)
    try:
        instance = open_instance(args.folder, port=args.port, claims=claims)
    except OSError as error:
        raise Undecided(
            Reason.TOOL_FAILED,
            f"can't serve from {args.folder}: {error}",
            hint="DIR is a folder to write into; if another one runs, --port 0 takes a free port",
        ) from error
    with instance:
        write_documents(args.folder, instance, args.rekor)
        print(environment_block(instance), end="", flush=True)
        print(f"assay: serving {instance.url} until interrupted", file=sys.stderr)
        _until_interrupted()
    return CLEAN


def _until_interrupted() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
