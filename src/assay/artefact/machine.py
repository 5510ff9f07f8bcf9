"""Asking the machine's own tools how it reaches its registries, where nobody else has a say.

A tool runs in a folder that was made for it and is empty, so that no ``.npmrc``, ``pip.conf`` or
``package.json`` of a workspace, of the registry or of an artefact is in force; and without the
variables that make an interpreter load code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from assay.errors import Undecided
from assay.reason import Reason

_LOADS_CODE = ("NODE_OPTIONS", "NODE_PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")
_TIMEOUT = 60.0  # seconds


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what makes an interpreter load other code."""
    return {key: value for key, value in environ.items() if key.upper() not in _LOADS_CODE}


def ask(
    words: Sequence[str],
    environ: Mapping[str, str],
    *,
    folder: Path | None = None,
    timeout: float = _TIMEOUT,
) -> str:
    """The standard output of a tool. Undecided(TOOL_FAILED) when it is missing or fails."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="assay-") as empty:
            return ask(words, environ, folder=Path(empty), timeout=timeout)
    done = run(words, environ, folder=folder, timeout=timeout)
    if done.returncode:
        tail = (done.stderr or done.stdout).strip()[-400:]
        raise Undecided(
            Reason.TOOL_FAILED,
            f"{Path(words[0]).name} {words[1]} failed: {tail}",
            hint="run the same by hand and correct its configuration",
        )
    return done.stdout


def run(
    words: Sequence[str],
    environ: Mapping[str, str],
    *,
    folder: Path,
    timeout: float,
    told: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run a tool in ``folder``, whatever its exit code; ``told`` is its standard input."""
    program = shutil.which(words[0], path=environ.get("PATH"))
    # A relative path comes of a PATH that names the current folder, which is anybody's.
    if program is None or not os.path.isabs(program):
        raise Undecided(
            Reason.TOOL_FAILED,
            f"{words[0]} is not on this machine",
            hint=f"install {words[0]}, or put it on PATH",
        )
    try:
        return subprocess.run(
            [program, *words[1:]],
            cwd=folder,
            env=dict(environ),
            input=told,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Undecided(
            Reason.TOOL_FAILED, f"{words[0]} did not end within {timeout:g} s", hint="try again"
        ) from error


def proxy_for(url: str, configured: str, bypass: Sequence[str], environ: Mapping[str, str]) -> str:
    """The proxy for ``url``: the tool's own setting before the environment's, or empty."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    lower = {key.lower(): value for key, value in environ.items() if value}
    # HTTP_PROXY in capitals is a request's header to a CGI program (CVE-2016-5385).
    if "REQUEST_METHOD" in environ:
        lower.pop("http_proxy", None)
    exempt = [*bypass, *lower.get("no_proxy", "").split(",")]
    if any(_matches(host, pattern.strip().lower()) for pattern in exempt):
        return ""
    return configured or lower.get(f"{parts.scheme}_proxy", "") or lower.get("all_proxy", "")


def _matches(host: str, pattern: str) -> bool:
    bare = pattern.partition(":")[0].removeprefix("*").lstrip(".")
    return pattern == "*" or (bool(bare) and (host == bare or host.endswith(f".{bare}")))
