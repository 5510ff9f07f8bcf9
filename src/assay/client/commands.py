"""Which programme of a package is started: read from the verified archives when they are laid.

npm: ``bin`` of package.json. PyPI: ``console_scripts`` of entry_points.txt. An entry picks one
by ``launch.entrypoint``; without it the only one counts, or the one named like the package.
"""

from __future__ import annotations

import configparser
import json
import posixpath
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from assay.artefact.unpack.bounds import refused, safe_path
from assay.errors import Refused
from assay.reason import Reason

_OBJECT = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_MOST_BYTES = 4 * 1024**2


def npm_commands(root: Path, files: Collection[str], folder: str, name: str) -> dict[str, str]:
    """Command → its file's path in the tree, for the package laid at ``folder``.

    ``files`` are those that the package itself brought.
    """
    raw = _small(root / folder / "package.json", name)
    try:
        told = json.loads(raw)
        bins = told.get("bin", {})
    except (ValueError, AttributeError, RecursionError) as error:
        raise refused(name, f"package.json can't be read: {error}") from error
    if isinstance(bins, str):
        bins = {name.rpartition("/")[2]: bins}
    if not isinstance(bins, dict) or not all(isinstance(one, str) for one in bins.values()):
        raise refused(name, "bin of package.json is neither a path nor a map of paths")
    found = {
        str(command): f"{folder}/{safe_path(name, posixpath.normpath(path.lstrip('/')))}"
        for command, path in bins.items()
    }
    # Node would go on to look for a name like it.
    return {command: path for command, path in found.items() if path in files}


def python_commands(root: Path, files: Collection[str], name: str) -> dict[str, str]:
    """Command → ``module:attribute``, for the wheel of ``name``, which brought ``files``."""
    normal = re.sub(r"[-_.]+", "_", name).lower()
    for path in sorted(files):
        top, _, rest = path.partition("/")
        told = re.sub(r"[-_.]+", "_", top.removesuffix(".dist-info").rpartition("-")[0]).lower()
        if rest == "entry_points.txt" and top.endswith(".dist-info") and told == normal:
            return _console_scripts(_small(root / path, name), name)
    return {}


def _console_scripts(raw: bytes, name: str) -> dict[str, str]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(raw.decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise refused(name, f"entry_points.txt can't be read: {error}") from error
    found: dict[str, str] = {}
    section = parser["console_scripts"] if parser.has_section("console_scripts") else {}
    for command, value in section.items():
        told = "".join(value.partition("[")[0].split())  # an extra may follow in brackets
        if not _OBJECT.fullmatch(told):
            raise refused(name, f"entry_points.txt names no object for {command}: {value}")
        found[command] = told
    return found


def _small(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise refused(name, f"has no {path.name}") from error
    if len(raw) > _MOST_BYTES:
        raise refused(name, f"{path.name} is over {_MOST_BYTES // 1024**2} MiB")
    return raw


def pick(commands: Mapping[str, str], entrypoint: str, package: str) -> str:
    """What starts the server; Refused ARTEFACT_UNSUPPORTED where that is not one thing."""
    bare = package.rpartition("/")[2]
    if entrypoint:
        wanted = entrypoint
    elif len(commands) == 1:
        wanted = next(iter(commands))
    else:
        wanted = bare
    if wanted not in commands:
        known = ", ".join(sorted(commands)) or "none at all"
        raise Refused(
            Reason.ARTEFACT_UNSUPPORTED,
            f"{package} has no command {wanted}; it has: {known}",
            hint="name one of them in the entry as launch.entrypoint",
        )
    return commands[wanted]
