"""Locking a PyPI package: uv resolves for every platform at once, from wheels alone.

``--no-config`` and a bare environment keep every setting but the index away; ``--no-build``
keeps uv from running a source distribution to learn what it needs. The hashes are then those of
wheels only, and for the artefact that of its own file alone: the one that was reviewed.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from assay.artefact.machine import clean, run
from assay.artefact.reference import Reference
from assay.errors import AssayError, Refused, Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.pypi import PypiSource
    from assay.artefact.source import Sources

_TIMEOUT = 900.0  # seconds
_FLOOR = 11  # the oldest Python that a host may run is 3.11
_NEWEST = 40
_FLAGS = (
    "--universal",
    "--generate-hashes",
    "--no-config",
    "--no-build",
    "--no-sources",
    "--no-python-downloads",
    "--strip-extras",
    "--no-header",
    "--no-annotate",
    "--no-progress",
    "--color=never",
    "--quiet",
    "--resolution=highest",
    "--prerelease=if-necessary-or-explicit",
    "--fork-strategy=requires-python",
)
_PINNED = re.compile(r"([a-z0-9-]+)==([^ ;\\]+)(?: ; ([^\\]+?))? \\")
_HASH = re.compile(r"    --hash=sha256:([0-9a-f]{64})(?: \\)?")


def resolve(reference: Reference, *, resolved_at: datetime, sources: Sources) -> bytes:
    """See ``assay.closure.resolve``."""
    file = sources.pypi.choose(reference)
    python = floor(file.requires_python, reference)
    with tempfile.TemporaryDirectory(prefix="assay-") as temporary:
        folder = Path(temporary)
        (folder / "in.txt").write_text(f"{reference.name}=={reference.version}\n", encoding="ascii")
        instant = f"{resolved_at:%Y-%m-%dT%H:%M:%SZ}"
        words = (
            *_uv(),
            *("pip", "compile", *_FLAGS, f"--exclude-newer={instant}"),
            *(f"--python-version={python}", f"--python={sys.executable}"),
            *("--output-file=out.txt", "in.txt"),
        )
        done = run(words, _environ(sources.pypi), folder=folder, timeout=_TIMEOUT)
        if done.returncode:
            raise _failure(reference, instant, done.stderr)
        pinned = list(_read((folder / "out.txt").read_text(encoding="utf-8")))
    head = [
        f"# Closure of {reference.text} for Python {python} and newer, on every platform,",
        f"# as the index stood at {instant}: `assay lock` writes this file, and nobody else.",
    ]
    wheels = _wheels(pinned, sources.pypi) | {reference.name: frozenset({file.sha256})}
    return _written(head, pinned, wheels)


def floor(requires_python: str, reference: Reference) -> str:
    """The oldest Python from 3.11 on that the artefact runs on, ``3.N``."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(requires_python)
    except InvalidSpecifier:
        wanted = SpecifierSet()
    for minor in range(_FLOOR, _NEWEST):
        if wanted.contains(f"3.{minor}.99"):
            return f"3.{minor}"
    raise Refused(
        Reason.ARTEFACT_INVALID,
        f"{reference.text} runs on Python {requires_python}, and a host runs 3.{_FLOOR} or newer",
        hint="lock a newer version of it",
    )


class _Pin:
    def __init__(self, name: str, version: str, marker: str) -> None:
        self.name, self.version, self.marker = name, version, marker
        self.hashes: set[str] = set()


def _read(text: str) -> Iterator[_Pin]:
    pin: _Pin | None = None
    for line in text.splitlines():
        if match := _PINNED.fullmatch(line):
            if pin:
                yield pin
            pin = _Pin(match[1], match[2], match[3] or "")
        elif pin and (match := _HASH.fullmatch(line)):
            pin.hashes.add(match[1])
        else:
            raise Undecided(
                Reason.TOOL_FAILED,
                f"uv wrote a line that is not understood: {line[:80]}",
                hint="the artefact may depend on an address; otherwise use another version of uv",
            )
    if pin:
        yield pin


def _wheels(pinned: list[_Pin], pypi: PypiSource) -> dict[str, frozenset[str]]:
    """Name → the sha256 of every wheel that the index has of the pinned releases."""

    def ask(pin: _Pin) -> tuple[str, frozenset[str]]:
        files = pypi.files(pin.name, pin.version)
        return pin.name, frozenset(file.sha256 for file in files if file.tags)

    found: dict[str, frozenset[str]] = {}
    with ThreadPoolExecutor(16) as pool:
        for name, hashes in pool.map(ask, pinned):
            found[name] = found.get(name, frozenset()) | hashes
    return found


def _written(head: list[str], pinned: list[_Pin], wheels: Mapping[str, frozenset[str]]) -> bytes:
    lines = list(head)
    for pin in sorted(pinned, key=lambda pin: (pin.name, pin.version, pin.marker)):
        hashes = sorted(pin.hashes & wheels[pin.name])
        if not hashes:
            raise Refused(
                Reason.ARTEFACT_INVALID,
                f"{pin.name} {pin.version} has no wheel, and building it would run it",
                hint="ship the server as an image or .mcpb",
            )
        lines.append(f"{pin.name}=={pin.version}{f' ; {pin.marker}' if pin.marker else ''} \\")
        lines += [f"    --hash=sha256:{item} \\" for item in hashes[:-1]]
        lines.append(f"    --hash=sha256:{hashes[-1]}")
    return ("\n".join(lines) + "\n").encode("ascii")


def _uv() -> tuple[str, ...]:
    """uv of this environment before the one on PATH."""
    beside = Path(sys.executable).with_name("uv")
    return (str(beside) if beside.exists() else "uv",)


def _environ(pypi: PypiSource) -> dict[str, str]:
    """uv's environment: the index with its credentials here, for arguments are seen by all."""
    config = pypi.config
    environ = {k: v for k, v in clean(pypi.environ).items() if not k.startswith(("UV_", "PIP_"))}
    environ.pop("VIRTUAL_ENV", None)
    parts = urlsplit(config.index)
    host = f"{config.credentials}@{parts.netloc}" if config.credentials else parts.netloc
    environ["UV_DEFAULT_INDEX"] = urlunsplit(parts._replace(netloc=host))
    environ["UV_SYSTEM_CERTS"] = environ["UV_NATIVE_TLS"] = "true"
    if config.ca_file:
        environ["SSL_CERT_FILE"] = config.ca_file
    if config.proxy:
        environ["HTTPS_PROXY"] = environ["HTTP_PROXY"] = config.proxy
    return environ


def _failure(reference: Reference, instant: str, errors: str) -> AssayError:
    text = " ".join(errors.split())[:600]
    what = f"uv can't resolve {reference.text}: {text}"
    if "No solution found" in text:
        return Refused(
            Reason.ARTEFACT_INVALID,
            what,
            hint=f"it may want what has no wheel, or what is newer than {instant}",
        )
    if any(word in text for word in ("Failed to fetch", "Request failed", "error sending request")):
        return Undecided(Reason.UNREACHABLE, what, hint="check pip's index, proxy and credentials")
    return Undecided(Reason.TOOL_FAILED, what, hint="run uv by hand to see more")
