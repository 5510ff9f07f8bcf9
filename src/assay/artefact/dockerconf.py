"""Docker's own configuration of this machine: credentials for image registries.

``config.json`` in ``DOCKER_CONFIG``, else ``~/.docker``; the store or helper that it names is a
program ``docker-credential-NAME``, found on PATH, never by a shell, and asked only once a
registry has challenged us. ``/etc/docker/certs.d/HOST/ca.crt`` is what the engine trusts besides.
What the file says of proxies is for containers, and is not followed.
"""

from __future__ import annotations

import json
import re
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay import strict_json
from assay.artefact.machine import clean, run
from assay.errors import Undecided
from assay.reason import Reason

_MAX_FILE = 1 << 20  # bytes
_MAX_ANSWER = 1 << 20  # characters
_TIMEOUT = 30.0  # seconds; a helper may have to ask a cloud
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A key with any other path is one namespace's (containers-auth.json), not the whole host's.
_WHOLE_HOST = frozenset({"", "/", "/v1", "/v1/", "/v2", "/v2/"})
# docker-credential-helpers, credentials.IsErrCredentialsNotFoundMessage: no failure.
_NOT_FOUND = "credentials not found in native keychain"
_CERTIFICATES = Path("/etc/docker/certs.d")


@dataclass(frozen=True, slots=True)
class Login:
    """What this machine is to a registry; all empty for nobody. Its text shows no secret.

    ``identity_token`` is an OAuth2 refresh token, ``registry_token`` a bearer token as it stands.
    """

    user: str = ""
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    @property
    def basic(self) -> str:
        """The header's value (RFC 7617), or empty."""
        if not self.user:
            return ""
        pair = f"{self.user}:{self.password}".encode()
        return f"Basic {b64encode(pair).decode()}"

    def __repr__(self) -> str:
        return "Login(…)" if self != NOBODY else "Login()"


NOBODY = Login()


class DockerConfig:
    """The credentials of this machine, read when a registry first asks for some."""

    def __init__(self, environ: Mapping[str, str], certificates: Path = _CERTIFICATES) -> None:
        self._environ = environ
        self._certificates = certificates

    def login(self, host: str) -> Login:
        """Who we are to ``host`` (or ``host:port``).

        Undecided: CONFIG_INVALID for a file that can't be read, TOOL_FAILED for a helper that is
        missing, fails or does not end.
        """
        settings = self._read()
        # As Docker: where there is a helper, what the file itself holds for the host is stale.
        helper = _text(_mapping(settings, "credHelpers"), host) or _text(settings, "credsStore")
        if helper:
            return self._ask(helper, host)
        logins = _mapping(settings, "auths")
        for key, value in logins.items():
            if _host(key) == host and isinstance(value, dict):
                return self._login(value, host)
        return NOBODY

    def ca_file(self, host: str) -> str:
        """The certificate that the engine trusts besides for ``host``, or empty."""
        path = self._certificates / host / "ca.crt"
        return str(path) if path.is_file() else ""

    @property
    def path(self) -> Path:
        """Where the configuration lies, or would."""
        folder = self._environ.get("DOCKER_CONFIG")
        if folder:
            return Path(folder) / "config.json"
        home = self._environ.get("HOME") or self._environ.get("USERPROFILE")
        return (Path(home) if home else Path.home()) / ".docker" / "config.json"

    def _read(self) -> dict[str, Any]:
        try:
            with self.path.open("rb") as file:
                return strict_json.read_object(file.read(_MAX_FILE + 1), limit=_MAX_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, ValueError) as error:
            # Its text may quote the file, which holds passwords.
            told = (error.strerror or "") if isinstance(error, OSError) else "it is no plain JSON"
            raise self._invalid(f"can't be read: {told}") from None

    def _login(self, value: Mapping[str, Any], host: str) -> Login:
        user, password = _text(value, "username"), _text(value, "password")
        if pair := _text(value, "auth"):
            user, password = self._pair(pair, host)
        return Login(user, password, _text(value, "identitytoken"), _text(value, "registrytoken"))

    def _pair(self, pair: str, host: str) -> tuple[str, str]:
        try:
            user, mark, password = b64decode(pair, validate=True).decode().partition(":")
        except ValueError:
            mark = ""
        if not mark:
            raise self._invalid(f"holds an auth for {host} that is not user:password in base64")
        return user, password.rstrip("\0")

    def _ask(self, helper: str, host: str) -> Login:
        if not _HELPER.fullmatch(helper):
            raise self._invalid("names a credential helper that is no plain name")
        program = f"docker-credential-{helper}"
        with tempfile.TemporaryDirectory(prefix="assay-") as folder:
            words = (program, "get")
            environ = clean(self._environ)
            done = run(words, environ, folder=Path(folder), timeout=_TIMEOUT, told=f"{host}\n")
        if done.returncode:
            if _NOT_FOUND in done.stdout + done.stderr:
                return NOBODY
            # What it printed may hold a secret: a person runs it to see.
            raise _failed(program, f"fails with exit code {done.returncode} for {host}")
        return _answer(program, host, done.stdout)

    def _invalid(self, what: str) -> Undecided:
        return Undecided(
            Reason.CONFIG_INVALID,
            f"Docker's configuration {self.path} {what}",
            hint="correct it, or log in anew with docker login",
        )


def _answer(program: str, host: str, output: str) -> Login:
    try:
        told = json.loads(output[:_MAX_ANSWER])
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise _failed(program, f"does not answer in JSON for {host}") from None
    user, secret = _text(told, "Username"), _text(told, "Secret")
    # The helpers' protocol: this user name says that the secret is a refresh token.
    return Login(identity_token=secret) if user == "<token>" else Login(user, secret)


def _failed(program: str, what: str) -> Undecided:
    return Undecided(
        Reason.TOOL_FAILED,
        f"{program} {what}",
        hint=f"run it by hand: echo HOST | {program} get; or change Docker's config.json",
    )


def _host(key: str) -> str:
    """The host that a key of ``auths`` is for, or empty where it is for a part of one."""
    bare = key.removeprefix("https://").removeprefix("http://")
    host, slash, path = bare.partition("/")
    return host if slash + path in _WHOLE_HOST else ""


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
