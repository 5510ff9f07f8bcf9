"""The last step: this process becomes the server, in an empty folder.

The folder that the host opened is not the server's: programmes look there for configuration that
is code (``.puppeteerrc.cjs``, ``.env``, a ``package.json``), and a workspace is a stranger's. A
server that works on a folder takes it as a parameter.

Node.js resolves modules from its script, so from the tree. Python runs isolated (``-I``), without
``site`` (``-S``: no ``.pth`` file, no packages of the machine) and writes nothing (``-B``); the
tree's site folder comes after the standard library, so no package can stand in for a part of it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assay.client.install import Installed
from assay.client.interpreter import Interpreter
from assay.errors import Refused, Undecided
from assay.reason import Reason

# Not from ~/.node_modules, ~/.node_libraries and the interpreter's own lib/node either.
_NODE = "--no-global-search-paths"
_PYTHON = (
    "import sys;"
    "site,module,attribute,name=sys.argv[1:5];"
    "sys.path.append(site);sys.argv[:]=[name,*sys.argv[5:]];"
    "from importlib import import_module;from operator import attrgetter;"
    "sys.exit(attrgetter(attribute)(import_module(module))())"
)


@dataclass(frozen=True, slots=True)
class Start:
    """A process to become: ``command[0]`` is absolute, ``environment`` is all there is."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


def command(
    interpreter: Interpreter, installed: Installed, target: str, arguments: Sequence[str]
) -> list[str]:
    """The words that start ``target``, a command of the installed package."""
    if interpreter.kind == "node":
        return [str(interpreter.path), _NODE, str(installed.root / target), *arguments]
    module, _, attribute = target.partition(":")
    words = [str(interpreter.path), "-I", "-S", "-B", "-c", _PYTHON]
    return [*words, str(installed.root), module, attribute, module.partition(".")[0], *arguments]


def empty_folder(cache: Path) -> Path:
    """A folder with nothing in it, made where it is not there; Refused TREE_CHANGED if it fills."""
    folder = cache / "empty"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o555)
        inside = os.listdir(folder)
    except OSError as error:
        raise Undecided(
            Reason.STORE_UNUSABLE, f"{folder} can't be used: {error.strerror or error}"
        ) from error
    if inside or folder.is_symlink():
        raise Refused(
            Reason.TREE_CHANGED,
            f"{folder} holds {inside[0] if inside else 'a link'}, and servers start in it",
            hint="find out who laid that there, then remove it",
        )
    return folder


def become(start: Start) -> int:
    """Turn this process into the server. Returns on Windows alone, with the server's exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        if sys.platform == "win32":
            # Its exec leaves the host talking to a process that has gone.
            import subprocess

            return subprocess.call(
                list(start.command), env=dict(start.environment), cwd=start.folder
            )
        os.chdir(start.folder)
        # Python ignores these, and an exec'd process would go on ignoring them.
        for name in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(name, signal.SIG_DFL)
        os.execve(start.command[0], list(start.command), dict(start.environment))  # noqa: S606
    except (OSError, ValueError) as error:
        raise Undecided(
            Reason.INTERPRETER_MISSING,
            f"{start.command[0]} can't be started: {error}",
        ) from error
