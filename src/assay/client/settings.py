"""client.toml: what the administrator of a host decided about launches.

Read from the system's path alone, and refused where the launching user could have written it or
the trust root it names: otherwise whoever controls the user's files would choose whom to believe.
``trial=True`` (``assay launch --trial-config``) is the one way round, and every event says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assay.client import ownership
from assay.client.places import Places
from assay.errors import Refused, Undecided
from assay.reason import Reason

_MOST_BYTES = 256 * 1024  # of client.toml; a trust root is bounded by _MOST_ROOT
_MOST_ROOT = 4 * 1024 * 1024
KEYS = (
    "registry", "trusted_root", "cache", "state", "audit_log", "identity", "interpreters",
)  # fmt: skip
INTERPRETERS = ("node", "python")


@dataclass(frozen=True, slots=True)
class Settings:
    """client.toml, typed. Paths are absolute; ``identity`` is read by ``assay.trust.identity``.

    ``registry`` is a folder that holds ``servers/``: a checkout, or a copy of one. An interpreter
    that the file does not name is None, and its kind of server can't be launched.
    """

    path: Path
    trial: bool
    registry: Path
    trusted_root: bytes
    cache: Path
    state: Path
    audit_log: Path
    identity: Mapping[str, object]
    node: Path | None
    python: Path | None


def load(path: Path, places: Places, *, trial: bool = False) -> Settings:
    """The settings at ``path``. Relative paths in it count from its own folder, ``~`` from home.

    Refused: CONFIG_MISSING, CONFIG_WRITABLE, CONFIG_INVALID, TRUST_INVALID.
    """
    raw = _read(path, _MOST_BYTES, Reason.CONFIG_MISSING, trial=trial)
    try:
        told = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _invalid(path, f"is not TOML: {error}") from error
    _known(path, told, KEYS, "")
    interpreters = _table(path, told, "interpreters")
    _known(path, interpreters, INTERPRETERS, "interpreters.")
    base = path.absolute().parent
    trusted_root = _path(path, base, told, "trusted_root")
    state = _path(path, base, told, "state", places.state)
    return Settings(
        path=path,
        trial=trial,
        registry=_path(path, base, told, "registry"),
        trusted_root=_read(trusted_root, _MOST_ROOT, Reason.TRUST_INVALID, trial=trial),
        cache=_path(path, base, told, "cache", places.cache),
        state=state,
        audit_log=_path(path, base, told, "audit_log", state / "audit.jsonl"),
        identity=_table(path, told, "identity", required=True),
        node=_interpreter(path, interpreters, "node"),
        python=_interpreter(path, interpreters, "python"),
    )


def _read(path: Path, most: int, missing: Reason, *, trial: bool) -> bytes:
    try:
        step = None if trial else ownership.writable_step(path)
        if step is not None:
            raise Refused(
                Reason.CONFIG_WRITABLE,
                f"{path} can't be relied on: this user could have written {step}",
                hint="lay it by the system's configuration channel, owned by root, mode 0644",
            )
        with path.open("rb") as file:
            raw = file.read(most + 1)
    except FileNotFoundError as error:
        raise Refused(missing, f"{path} is not there", hint=_whom_to_ask(trial)) from error
    except OSError as error:
        raise Undecided(missing, f"{path} can't be read: {error.strerror or error}") from error
    if len(raw) > most:
        raise _invalid(path, f"is over {most // 1024} KiB")
    return raw


def _whom_to_ask(trial: bool) -> str:
    return "correct the path" if trial else "ask who administers this machine"


def _known(path: Path, table: Mapping[str, object], keys: tuple[str, ...], prefix: str) -> None:
    for key in table:
        if key not in keys:
            from difflib import get_close_matches

            close = get_close_matches(key, keys, n=1)
            asked = f"; did you mean {prefix}{close[0]}?" if close else ""
            raise _invalid(path, f"has an unknown key {prefix}{key}{asked}")


def _table(
    path: Path, told: Mapping[str, object], key: str, *, required: bool = False
) -> Mapping[str, object]:
    found = told.get(key, {})
    if not isinstance(found, dict) or (required and not found):
        raise _invalid(path, f"wants a table [{key}]")
    return found


def _path(
    file: Path, base: Path, told: Mapping[str, object], key: str, default: Path | None = None
) -> Path:
    found = told.get(key)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or not found or "\0" in found:
        raise _invalid(file, f"wants {key} as a path")
    if "://" in found:
        raise _invalid(file, f"names {key} by an address; this version reads a folder")
    if found.startswith("~/"):
        from assay.client.places import home

        return home() / found[2:]
    return base / found


def _interpreter(file: Path, table: Mapping[str, object], key: str) -> Path | None:
    found = table.get(key)
    if found is None:
        return None
    if not isinstance(found, str) or not Path(found).is_absolute():
        raise _invalid(file, f"wants interpreters.{key} as an absolute path")
    return Path(found)


def _invalid(path: Path, what: str) -> Refused:
    return Refused(
        Reason.CONFIG_INVALID, f"{path} {what}", hint="docs/hosts.md describes every key"
    )
