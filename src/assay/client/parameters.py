"""What each person gives a server: declared by the entry, typed, and turned into arguments.

Values come from the person's own parameters file and, over it, from ``--param``. A value stays a
value: one that starts with ``-`` is refused, whatever its kind but a number, since the server
would read it as an option that nobody reviewed. Paths are absolute when the server gets them, for
it is not started in the folder that the host opened.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.entry.model import Launch, Parameter
from assay.errors import Refused
from assay.reason import Reason

Values = Mapping[str, Sequence[str]]

_MOST_BYTES = 64 * 1024
_LONGEST = 4096  # characters of one value
_MOST_VALUES = 200
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")


def stored(path: Path, home: Path) -> dict[str, list[str]]:
    """The values in a person's parameters file; none where there is no file.

    TOML: a key is a parameter, its value a text, number, boolean or a list of them; ``~/`` is the
    home folder. Refused PARAMETER_INVALID where it can't be read or others could have written it.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            raw = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _invalid(f"{path} can't be read: {error.strerror or error}") from error
    _own(path, found)
    try:
        told = tomllib.loads(raw[:_MOST_BYTES].decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(f"{path} is not TOML: {error}") from error
    return {
        key: [
            _text(path, key, one, home) for one in (value if isinstance(value, list) else [value])
        ]
        for key, value in told.items()
    }


def _own(path: Path, found: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    if found.st_uid not in (0, os.getuid()) or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise _invalid(f"{path} could have been written by somebody else")


def _text(path: Path, key: str, value: object, home: Path) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return str(home / value[2:]) if value.startswith("~/") else value
    raise _invalid(f"{path}: {key} is neither a text, a number, a boolean nor a list of them")


def given(words: Sequence[str], kinds: Mapping[str, str], here: Path) -> dict[str, list[str]]:
    """``NAME=VALUE`` words of a command line; a relative path counts from ``here``.

    ``kinds`` maps a declared parameter to its kind.
    """
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise _invalid(f"write a parameter as NAME=VALUE, not {word[:80]}")
        if kinds.get(name) in ("path", "folder") and value:
            value = os.path.normpath(here / value)
        found.setdefault(name, []).append(value)
    return found


def arguments(launch: Launch, values: Values) -> list[str]:
    """The entry's arguments with each ``${NAME}`` replaced.

    Refused: PARAMETER_MISSING, PARAMETER_INVALID, and ENTRY_INVALID for one never declared.
    """
    declared = {one.name: one for one in launch.parameters}
    for name in values:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise _invalid(f"this server has no parameter {name[:80]}; it has: {known}")
    checked = {name: _checked(one, values.get(name, ())) for name, one in declared.items()}
    found: list[str] = []
    for item in launch.args:
        place = _PLACE.fullmatch(item)
        if place is None:
            found.append(item)
        elif place[1] not in checked:
            raise Refused(
                Reason.ENTRY_INVALID, f"launch.args uses {item}, which the entry does not declare"
            )
        else:
            found.extend(checked[place[1]])
    return found


def _checked(parameter: Parameter, values: Sequence[str]) -> list[str]:
    if not values:
        if parameter.required:
            raise Refused(
                Reason.PARAMETER_MISSING,
                f"this server wants the parameter {parameter.name} ({parameter.kind})",
                hint=parameter.description or f"give it as --param {parameter.name}=VALUE",
            )
        return []
    if len(values) > (_MOST_VALUES if parameter.multiple else 1):
        raise _invalid(f"the parameter {parameter.name} takes fewer values than {len(values)}")
    for value in values:
        wrong = _wrong(parameter.kind, value)
        if wrong:
            raise _invalid(f"the parameter {parameter.name} {wrong}: {value[:80]}")
    return list(values)


def _wrong(kind: str, value: str) -> str:
    """What is wrong with ``value``, empty where nothing is."""
    if not value or len(value) > _LONGEST:
        return "is empty or too long"
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in value):
        return "holds a control character"
    if kind == "integer":
        return "" if _INTEGER.fullmatch(value) else "is no whole number"
    if kind == "boolean":
        return "" if value in ("true", "false") else "is neither true nor false"
    if value.startswith("-"):
        return "would be read as an option"
    if kind in ("path", "folder") and not os.path.isabs(value):
        return "is no absolute path"
    if kind == "path" and not os.path.exists(value):
        return "is not there"
    if kind == "folder" and not os.path.isdir(value):
        return "is no folder"
    return ""


def _invalid(what: str) -> Refused:
    return Refused(Reason.PARAMETER_INVALID, what)
