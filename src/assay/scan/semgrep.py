"""semgrep's engine as a process: every target and every rule named, nothing left to its choice.

``semgrep-core`` is run as the ``semgrep`` command runs it, without that command: this one finds
targets by name and folder, obeys ignore files, comments and size limits, reads the environment
and takes seconds to start, and each of these is either a way for an artefact to hide or time lost.
Here a target is a file with a name of ours and the language that we give it, and the rules that
may see it are named with it. Its version is pinned, for the interface is its own: with another
one nothing is scanned.

Found beside our own interpreter, never on the PATH of a workspace. Its answer is read from a file
that did not exist before, and held by the caller against what was asked.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

from assay.errors import Undecided
from assay.reason import Reason

VERSION = "1.182.0"  # as pyproject.toml pins it
_MOST_ANSWER = 512 << 20  # bytes
_HINT = 'install it with: pip install "mcp-assay[scan]"'


class Asked(NamedTuple):
    """One file to be looked at in one language, by some rules alone (their numbers)."""

    path: Path
    language: str  # javascript, typescript, python, regex, generic
    rules: Sequence[int]


class Bounds(NamedTuple):
    """``seconds`` for one rule on one file, ``total`` for all; ``memory`` in MiB for one file."""

    seconds: int = 10
    total: int = 1500
    memory: int = 3000
    jobs: int = 2


class Match(NamedTuple):
    """One match; offsets count bytes from 0."""

    rule: str
    path: str
    offset: int
    end: int


class Fault(NamedTuple):
    """What semgrep could not do with a file. ``spans`` are what it did not parse, as offsets of
    lines (from 1); ``rule`` is empty where it is about the file as a whole."""

    path: str
    kind: str
    rule: str
    spans: tuple[tuple[int, int], ...] = ()


class Report(NamedTuple):
    """What semgrep answered."""

    matches: tuple[Match, ...]
    scanned: frozenset[str]
    faults: tuple[Fault, ...]


def core() -> Path:
    """The engine of the semgrep that is installed with us. Undecided: TOOL_FAILED."""
    try:
        version = metadata.version("semgrep")
    except metadata.PackageNotFoundError as error:
        told = "semgrep is not installed beside assay, so nothing can be scanned"
        raise Undecided(Reason.TOOL_FAILED, told, hint=_HINT) from error
    if version != VERSION:
        told = f"semgrep {version} is installed, and the scan is made for {VERSION}"
        raise Undecided(Reason.TOOL_FAILED, told, hint=_HINT)
    found = util.find_spec("semgrep")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / "bin" / ("semgrep-core.exe" if os.name == "nt" else "semgrep-core")
        if path.is_file():
            return path
    raise Undecided(Reason.TOOL_FAILED, "semgrep's engine is missing", hint=_HINT)


def run(
    rules: Sequence[Mapping[str, Any]], asked: Sequence[Asked], home: Path, bounds: Bounds
) -> Report:
    """Ask about every file; ``home`` is an empty folder of ours.

    Undecided(TOOL_FAILED) for an engine that dies, hangs or answers what can't be read.
    """
    (home / "rules.json").write_text(json.dumps({"rules": _bound(rules)}), encoding="utf-8")
    (home / "targets.json").write_text(json.dumps(["Targets", [_target(one) for one in asked]]))
    words: list[str | Path] = [core(), "-json", "-rules", "rules.json", "-targets", "targets.json"]
    words += ["-j", str(bounds.jobs), "-timeout", str(bounds.seconds), "-timeout_threshold", "0"]
    words += ["-max_memory", str(bounds.memory), "-json_time", "-fast"]
    code = _process(words, home, bounds.total)
    if code != 0:
        raise _failed(f"it answered {code}", home)
    try:
        return read((home / "answer.json").read_bytes())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _failed(f"its answer can't be read: {error}", home) from error


def _bound(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules, each for the targets that name it; what is told about them stays with us."""
    return [
        {
            **{key: value for key, value in rule.items() if key not in ("metadata", "fix")},
            "message": "",
            "paths": {"include": [f"*-r{number}-*"]},
        }
        for number, rule in enumerate(rules)
    ]


def _target(one: Asked) -> list[Any]:
    # The second path is the one that a rule's paths are held against; no such file exists.
    marks = "".join(f"-r{number}-" for number in one.rules)
    path = {"fpath": str(one.path), "ppath": f"/x{marks}{one.path.suffix}"}
    return ["CodeTarget", {"path": path, "analyzer": one.language, "products": ["sast"]}]


def _process(words: Sequence[str | Path], home: Path, seconds: int) -> int:
    with (home / "answer.json").open("xb") as answer, (home / "errors.txt").open("xb") as errors:
        process = subprocess.Popen(
            words,
            cwd=home,
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=errors,
            start_new_session=True,  # its workers are its children: they end with it
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise _failed(f"it was not done after {seconds} seconds", home) from error
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # Windows
        process.kill()
    process.wait()


def _failed(why: str, home: Path) -> Undecided:
    try:
        told = (home / "errors.txt").read_bytes()[-1000:].decode("utf-8", "replace").strip()
    except OSError:
        told = ""
    message = f"semgrep could not scan: {why}" + (f": {told}" if told else "")
    return Undecided(Reason.TOOL_FAILED, message, hint="run it again; report it if it stays so")


def read(raw: bytes) -> Report:
    """An answer's bytes, typed; ValueError, KeyError or TypeError for what is none.

    Dots stand before it, one for each file: its progress.
    """
    if len(raw) > _MOST_ANSWER:
        raise ValueError("it is too large")
    data = json.loads(raw[max(raw.find(b'{"version"'), 0) :])
    return Report(
        tuple(_match(item) for item in data["results"]),
        frozenset(str(path) for path in data["paths"]["scanned"]),
        tuple(_faults(data)),
    )


def _match(item: Mapping[str, Any]) -> Match:
    return Match(
        *(str(item["check_id"]), str(item["path"])),
        *(int(item["start"]["offset"]), int(item["end"]["offset"])),
    )


def _faults(data: Mapping[str, Any]) -> Iterable[Fault]:
    for error in data["errors"]:
        kind = error["error_type"]
        spans: tuple[tuple[int, int], ...] = ()
        if isinstance(kind, list):
            kind, spans = str(kind[0]), _spans(kind[1])
        place = error.get("location") or {}
        rule = str(error.get("rule_id") or "")
        yield Fault(str(place.get("path", "")), str(kind), rule, spans)
    for error in data.get("time", {}).get("fixpoint_timeouts", ()):
        place = error.get("location") or {}
        yield Fault(str(place.get("path", "")), "Fixpoint timeout", "")
    for skipped in data["paths"].get("skipped") or ():
        yield Fault(str(skipped["path"]), f"skipped: {skipped.get('reason', '')}", "")


def _spans(places: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(places, list):
        return ()
    return tuple((int(one["start"]["line"]), int(one["end"]["line"])) for one in places)
