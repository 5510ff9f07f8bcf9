"""pip's own configuration of this machine: the index, credentials, certificates, proxy.

pip is asked, in an empty folder. ``extra-index-url`` and ``find-links`` are deliberately left
alone: pip takes the highest version of any of them, so whoever can publish a name on one index
replaces that of another (dependency confusion). ``trusted-host`` is not followed either.
"""

from __future__ import annotations

import ast
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from assay.artefact import netrc
from assay.artefact.http import Access
from assay.artefact.machine import ask, clean, proxy_for
from assay.errors import Undecided
from assay.reason import Reason

_DEFAULT = re.compile(r"--index-url <url>\s.*?\(default\s+(https://[^\s)]+)\)", re.DOTALL)
_CONSTANT = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
# Later wins, as pip reads them: every command's, then install's, then the environment's.
_SECTIONS = ("global.", "install.", ":env:.")


@dataclass(frozen=True, slots=True)
class PipConfig:
    """The index without credentials, ending in a slash; ``ignored`` are settings left alone."""

    index: str
    access: Access
    ignored: tuple[str, ...]
    ca_file: str
    credentials: str  # user:password as the index address carries them, else empty
    proxy: str


def read(environ: Mapping[str, str]) -> PipConfig:
    """Ask pip in an empty folder. Undecided(TOOL_FAILED) when it can't say."""
    environ = clean(environ)
    pip = _pip(environ)
    settings = _settings(ask((*pip, "config", "list"), environ))
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        raise Undecided(
            Reason.UNREACHABLE,
            "pip is configured with no-index, so there is no index to ask",
            hint="name an index with index-url and remove no-index",
        )
    index, credentials = _split(settings.get("index-url") or _default(pip, environ))
    ca_file = settings.get("cert") or _environment_ca(environ)
    return PipConfig(
        index=index,
        access=_access(index, credentials, ca_file, settings, environ),
        ignored=tuple(key for key in ("extra-index-url", "find-links") if settings.get(key)),
        ca_file=ca_file,
        credentials=credentials,
        proxy=settings.get("proxy", ""),
    )


def _pip(environ: Mapping[str, str]) -> tuple[str, ...]:
    """This interpreter's pip, else the one on PATH; ``-I`` keeps the folder and PYTHON* out."""
    import importlib.util

    if importlib.util.find_spec("pip") is not None:
        return (sys.executable, "-I", "-m", "pip")
    for name in ("pip3", "pip"):
        if found := shutil.which(name, path=environ.get("PATH")):
            return (found,)
    raise Undecided(
        Reason.TOOL_FAILED,
        "there is no pip on this machine to say which index it uses",
        hint=f"run {sys.executable} -m ensurepip, or put pip on PATH",
    )


def _settings(output: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    for section in _SECTIONS:
        for line in output.splitlines():
            key, mark, value = line.partition("=")
            if mark and key.startswith(section):
                settings[key.removeprefix(section).replace("_", "-")] = _literal(value)
    return settings


def _literal(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value


def _default(pip: tuple[str, ...], environ: Mapping[str, str]) -> str:
    if pip[0] == sys.executable:
        # The constant itself, where this pip still has it: its help takes ten times as long.
        with suppress(Undecided):
            if (told := ask((*pip[:-2], "-c", _CONSTANT), environ)).startswith("https://"):
                return told.strip()
    # Else pip offers its default in its help alone; wide, lest the address be wrapped.
    text = ask((*pip, "install", "--help"), {**environ, "COLUMNS": "400"})
    match = _DEFAULT.search(text)
    if match is None:
        raise Undecided(
            Reason.TOOL_FAILED,
            "pip does not say which index it uses by default",
            hint="name it: pip config set global.index-url ADDRESS",
        )
    return match[1]


def _split(index: str) -> tuple[str, str]:
    parts = urlsplit(index)
    user, mark, host = parts.netloc.rpartition("@")
    address = urlunsplit((parts.scheme, host, parts.path.rstrip("/") + "/", "", ""))
    return address, user if mark else ""


def _environment_ca(environ: Mapping[str, str]) -> str:
    return environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or ""


def _access(
    index: str,
    credentials: str,
    ca_file: str,
    settings: Mapping[str, str],
    environ: Mapping[str, str],
) -> Access:
    origin = urlsplit(index)[:2]

    def authorization(url: str) -> str:
        if credentials and urlsplit(url)[:2] == origin:
            user, _, password = credentials.partition(":")
            return netrc.basic(unquote(user), unquote(password))
        return netrc.authorization(urlsplit(url).hostname or "", environ)

    return Access(
        authorization=authorization,
        proxy=lambda url: proxy_for(url, settings.get("proxy", ""), (), environ),
        ca_file=ca_file,
        client_cert=settings.get("client-cert", ""),
        advice="pip's trusted-host is not followed; set cert" if "trusted-host" in settings else "",
    )
