"""MCP bundles: what ``manifest.json`` says of how the server is started (MCPB, MANIFEST.md).

Read strictly where it decides what runs: the server, its overrides by platform, the values that a
person gives and the platforms. A text for people may be anything; a version of the format that is
not known may mean anything, and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from assay import strict_json
from assay.artefact.mcpbstart import KINDS, OPTIONS, PLATFORMS, Manifest, Option, Start, Value
from assay.artefact.unpack import inventory
from assay.artefact.unpack.bounds import refused
from assay.errors import Refused
from assay.hidden import quoted

FILE = "manifest.json"
VERSIONS = ("0.1", "0.2", "0.3", "0.4")

_MOST_JSON = 1 << 20  # bytes
_MOST_ITEMS = 1000
_GREATEST = 1e15
_LONGEST = 32 * 1024  # characters of one argument or value
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,128}")


class Bundle(NamedTuple):
    """A bundle's manifest, and the paths of all its files."""

    manifest: Manifest
    files: frozenset[str]


def read(archive: Path, *, label: str) -> Bundle:
    """The bundle at ``archive``. Refused: ARTEFACT_INVALID, also for what ``unpack`` refuses."""
    raw, files = load(archive, label=label)
    return Bundle(parse(raw, label=label), files)


def load(archive: Path, *, label: str) -> tuple[bytes, frozenset[str]]:
    """The manifest's bytes and the paths of all files. Refused: what ``unpack`` refuses."""
    raw = b""
    files = []
    for member in inventory.members(archive, form="mcpb", label=label):
        files.append(member.path)
        if member.path == FILE:
            raw = member.stream.read(_MOST_JSON + 1)
    return raw, frozenset(files)


def parse(raw: bytes, *, label: str) -> Manifest:
    """The manifest in ``raw``. Refused: ARTEFACT_INVALID, with the key that is wrong."""
    try:
        return _manifest(strict_json.read_object(raw, limit=_MOST_JSON))
    except ValueError as error:
        raise _invalid(label, str(error)) from error


def _manifest(data: Mapping[str, Any]) -> Manifest:
    server = _object(data, "server")
    start, overrides = _starts(server)
    compatibility = _object(data, "compatibility", {})
    return Manifest(
        format=_format(data),
        name=_text(data, "name"),
        version=_text(data, "version"),
        description=_text(data, "description"),
        author=_text(_object(data, "author"), "name", "author.name"),
        licence=_text(data, "license", default=""),
        repository=_text(_object(data, "repository", {}), "url", "repository.url", default=""),
        kind=_one_of(server, "type", "server.type", KINDS),
        entry_point=_text(server, "entry_point", "server.entry_point"),
        start=start,
        overrides=overrides,
        options=_options(_object(data, "user_config", {})),
        platforms=_platforms(compatibility),
        runtimes=_strings(compatibility, "runtimes", "compatibility.runtimes"),
    )


def _format(data: Mapping[str, Any]) -> str:
    found = [data[key] for key in ("manifest_version", "dxt_version") if key in data]
    if not found or any(item != found[0] for item in found) or found[0] not in VERSIONS:
        told = " and ".join(quoted(str(item)) for item in found) or "none"
        raise ValueError(f"manifest_version is {told}, known are {', '.join(VERSIONS)}")
    return str(found[0])


def _starts(server: Mapping[str, Any]) -> tuple[Start | None, Mapping[str, Start]]:
    _only(server, "server", "type", "entry_point", "mcp_config")
    where = "server.mcp_config"
    if "mcp_config" not in server and server.get("type") == "uv":
        return None, {}
    config = _object(server, "mcp_config", where=where)
    _only(config, where, "command", "args", "env", "platform_overrides")
    overrides = _object(config, "platform_overrides", {}, where=f"{where}.platform_overrides")
    if unknown := sorted(set(overrides) - set(PLATFORMS)):
        raise ValueError(f"{where}.platform_overrides has {_few(unknown)}, which is no platform")
    _text(config, "command", f"{where}.command")
    return _start(config, where), {
        name: _override(overrides, name, f"{where}.platform_overrides.{name}") for name in overrides
    }


def _override(overrides: Mapping[str, Any], name: str, where: str) -> Start:
    told = _object(overrides, name, where=where)
    _only(told, where, "command", "args", "env")
    return _start(told, where)


def _start(config: Mapping[str, Any], where: str) -> Start:
    command = _text(config, "command", f"{where}.command", default="")
    args = _texts(config, "args", f"{where}.args") if "args" in config else None
    env = _strings(config, "env", f"{where}.env") if "env" in config else None
    for name in env or {}:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{where}.env has {quoted(name)}, which is no variable's name")
    return Start(command or None, args, env)


def _options(data: Mapping[str, Any]) -> Mapping[str, Option]:
    if len(data) > _MOST_ITEMS:
        raise ValueError(f"user_config has over {_MOST_ITEMS} values")
    return {key: _option(data, key) for key in data}


def _option(data: Mapping[str, Any], key: str) -> Option:
    where = f"user_config.{key}"
    if not _KEY.fullmatch(key):
        raise ValueError(f"user_config has a key that is no name: {quoted(key)}")
    told = _object(data, key, where=where)
    flags = ("required", "multiple", "sensitive")
    words = ("type", "title", "description", "default", "min", "max")
    _only(told, where, *words, *flags)
    required, multiple, sensitive = (_flag(told, flag, f"{where}.{flag}") for flag in flags)
    kind = _one_of(told, "type", f"{where}.type", OPTIONS)
    if multiple and kind not in ("directory", "file"):
        raise ValueError(f"{where} is multiple, which only a directory or a file may be")
    return Option(
        key=key,
        kind=kind,
        title=_text(told, "title", f"{where}.title"),
        description=_text(told, "description", f"{where}.description"),
        required=required,
        multiple=multiple,
        sensitive=sensitive,
        default=_default(told.get("default"), kind, multiple, f"{where}.default"),
        minimum=_number(told, "min", f"{where}.min"),
        maximum=_number(told, "max", f"{where}.max"),
    )


def _default(value: object, kind: str, multiple: bool, where: str) -> Value:
    if value is None:
        return None
    if isinstance(value, list) and multiple and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "number" and _is_number(value):
        return float(value)
    if kind in ("string", "directory", "file") and isinstance(value, str):
        return (value,) if multiple else value
    raise ValueError(f"{where} is no value of type {kind}")


def _platforms(compatibility: Mapping[str, Any]) -> tuple[str, ...]:
    where = "compatibility.platforms"
    found = _texts(compatibility, "platforms", where) if "platforms" in compatibility else ()
    if unknown := sorted(set(found) - set(PLATFORMS)):
        raise ValueError(f"{where} has {_few(unknown)}; known are {', '.join(PLATFORMS)}")
    return found


def _object(
    data: Mapping[str, Any], key: str, default: dict[str, Any] | None = None, where: str = ""
) -> dict[str, Any]:
    found = data.get(key, default)
    if not isinstance(found, dict):
        raise ValueError(f"{where or key} is {'missing' if found is None else 'no object'}")
    return found


def _text(data: Mapping[str, Any], key: str, where: str = "", *, default: str | None = None) -> str:
    found = data.get(key, default)
    if not isinstance(found, str) or (default is None and not found):
        raise ValueError(f"{where or key} is {'missing' if found is None else 'no text'}")
    return _bounded(found, where or key)


def _texts(data: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = data[key]
    if not isinstance(found, list) or len(found) > _MOST_ITEMS:
        raise ValueError(f"{where} is no list of at most {_MOST_ITEMS} texts")
    if not all(isinstance(item, str) for item in found):
        raise ValueError(f"{where} holds what is no text")
    return tuple(_bounded(item, where) for item in found)


def _strings(data: Mapping[str, Any], key: str, where: str) -> Mapping[str, str]:
    found = _object(data, key, {}, where)
    if len(found) > _MOST_ITEMS or not all(isinstance(item, str) for item in found.values()):
        raise ValueError(f"{where} is no object of at most {_MOST_ITEMS} texts")
    return {name: _bounded(text, where) for name, text in found.items()}


def _bounded(text: str, where: str) -> str:
    if len(text) > _LONGEST or "\0" in text:
        raise ValueError(f"{where} is longer than {_LONGEST} characters or holds a NUL")
    return text


def _flag(data: Mapping[str, Any], key: str, where: str) -> bool:
    found = data.get(key, False)
    if not isinstance(found, bool):
        raise ValueError(f"{where} is neither true nor false")
    return found


def _number(data: Mapping[str, Any], key: str, where: str) -> float | None:
    found = data.get(key)
    if found is None:
        return None
    if not _is_number(found):
        raise ValueError(f"{where} is no number")
    return float(found)


def _is_number(value: object) -> TypeGuard[int | float]:
    """JSON has no bounds of its own: 1e999 and a thousand digits are no number to anybody."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_GREATEST <= value <= _GREATEST


def _one_of(data: Mapping[str, Any], key: str, where: str, known: tuple[str, ...]) -> str:
    found = _text(data, key, where)
    if found not in known:
        raise ValueError(f"{where} is {quoted(found)}, known are {', '.join(known)}")
    return found


def _only(data: Mapping[str, Any], where: str, *known: str) -> None:
    if unknown := sorted(set(data) - set(known)):
        raise ValueError(f"{where} has {_few(unknown)}, which the format does not know")


def _few(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names[:3])


def _invalid(label: str, what: str) -> Refused:
    return refused(label, f"{FILE}: {what}")
