"""What an MCP bundle starts: a command by platform, with variables and values to put in (MCPB).

The official host replaces one variable after the other, so that a value which a person typed may
be read for variables again. Here each text is gone through once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

KINDS = ("node", "python", "binary", "uv")
PLATFORMS = ("darwin", "win32", "linux")
OPTIONS = ("string", "number", "boolean", "directory", "file")
# What a host puts in place of ${…}; besides these only ${user_config.KEY}.
FOLDERS = ("__dirname", "HOME", "DESKTOP", "DOCUMENTS", "DOWNLOADS")
SEPARATORS = ("pathSeparator", "/")
USER_CONFIG = "user_config."
VARIABLE = re.compile(r"\$\{([^{}]*)\}")

Value = str | float | bool | tuple[str, ...] | None


class Start(NamedTuple):
    """A command with its arguments and variables; in an override what it leaves alone is None."""

    command: str | None
    args: tuple[str, ...] | None
    env: Mapping[str, str] | None


class Option(NamedTuple):
    """One value that each person gives (``user_config``)."""

    key: str
    kind: str  # string, number, boolean, directory, file
    title: str
    description: str
    required: bool
    multiple: bool
    sensitive: bool
    default: Value
    minimum: float | None
    maximum: float | None


class Manifest(NamedTuple):
    """What decides of a bundle. ``start`` is None for ``uv``, whose host makes up the command."""

    format: str
    name: str
    version: str
    description: str
    author: str
    licence: str
    repository: str
    kind: str  # node, python, binary, uv
    entry_point: str
    start: Start | None
    overrides: Mapping[str, Start]
    options: Mapping[str, Option]
    platforms: tuple[str, ...]  # empty: all
    runtimes: Mapping[str, str]  # node, python → the versions that it takes

    def start_on(self, platform: str) -> Start | None:
        """What is started on ``platform`` (darwin, win32, linux), before values are put in.

        What an override gives replaces the whole of the same key; an empty command gives nothing.
        """
        if self.start is None:
            return None
        over = self.overrides.get(platform, Start(None, None, None))
        return Start(
            over.command or self.start.command,
            self.start.args if over.args is None else over.args,
            self.start.env if over.env is None else over.env,
        )


def expand(
    start: Start,
    *,
    folders: Mapping[str, str],
    separator: str,
    values: Mapping[str, Value],
) -> tuple[list[str], dict[str, str]]:
    """The command line and the variables, with every ``${…}`` put in its place, once.

    ``folders`` gives the paths of ``FOLDERS``, ``values`` those of ``user_config``. An argument
    that is one value of several becomes as many; what nobody gave goes without a trace, as an
    argument of its own. A value is never read for variables again: it is what a person typed.
    ValueError for a variable that means nothing here.
    """
    known: dict[str, Value] = {**folders, **dict.fromkeys(SEPARATORS, separator)}
    known |= {f"{USER_CONFIG}{key}": value for key, value in values.items()}
    line = [_filled(start.command or "", known)]
    for item in start.args or ():
        line.extend(_argument(item, known))
    return line, {name: _filled(text, known) for name, text in (start.env or {}).items()}


def variables(text: str) -> list[str]:
    """The names in the ``${…}`` of a text."""
    return VARIABLE.findall(text)


def _argument(item: str, known: Mapping[str, Value]) -> Iterator[str]:
    whole = VARIABLE.fullmatch(item)
    if whole is None or not whole[1].startswith(USER_CONFIG):
        yield _filled(item, known)
        return
    value = known.get(whole[1])
    if isinstance(value, tuple):
        yield from value
    elif value is not None:
        yield _text_of(value)


def _filled(text: str, known: Mapping[str, Value]) -> str:
    def value(match: re.Match[str]) -> str:
        found = known.get(match[1])
        if found is None or isinstance(found, tuple):
            raise ValueError(f"{match[0]} has no single value")
        return _text_of(found)

    return VARIABLE.sub(value, text)


def _text_of(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
