"""Answering a registry's challenge: basic, or a token from the server that it names.

The distribution spec's token flow (and RFC 6750, 7235). We ask for one thing, to pull from one
repository, whatever the challenge would have us ask for. A login is sent to the registry itself
or to the realm that it names; that realm is https, or on loopback where the registry is.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from assay import strict_json
from assay.artefact.dockerconf import NOBODY, Login
from assay.artefact.http import Http, split
from assay.errors import Undecided
from assay.hidden import quoted
from assay.reason import Reason

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MAX_ANSWER = 1 << 20  # bytes
_MAX_CHALLENGE = 8192  # characters
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1
_SCHEME = re.compile(r"(?:^|[,\s])(bearer|basic)(?=\s|,|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))')


class Keys:
    """What opens one repository of one registry. Safe to use from several threads.

    ``http`` opens what asks a token server: it shows the login to that very address alone.
    """

    def __init__(
        self, registry: str, repository: str, login: Callable[[], Login], http: OpenHttp
    ) -> None:
        self._registry = registry
        self._scope = f"repository:{repository}:pull"
        self._ask_login = login
        self._http = http
        self._lock = threading.Lock()
        self._login: Login | None = None
        self._header = ""
        self._sent = threading.local()

    def header(self) -> str:
        """What this thread shows with its next request, or empty."""
        self._sent.header = self._header
        return self._header

    def answer(self, challenge: str) -> bool:
        """Get what ``challenge`` asks for; False where there is nothing more to offer.

        Undecided: UNREACHABLE, CONFIG_INVALID, TOOL_FAILED.
        """
        with self._lock:
            # Another thread was challenged too, and has a newer one by now.
            if self._sent.header != self._header:
                return True
            asked = parse(challenge)
            header = ""
            if "bearer" in asked:
                header = f"Bearer {self._token(asked['bearer'])}"
            elif "basic" in asked:
                header = self._who().basic
            # The same once more would be refused once more.
            if not header or header == self._header:
                return False
            self._header = header
            return True

    def _who(self) -> Login:
        if self._login is None:
            self._login = self._ask_login()
        return self._login

    def _token(self, parameters: Mapping[str, str]) -> str:
        login = self._who()
        if login.registry_token:
            return self._plain(login.registry_token)
        realm = self._realm(parameters.get("realm", ""))
        query = {"service": parameters.get("service", ""), "scope": self._scope}
        if login.identity_token:
            grant = {"grant_type": "refresh_token", "refresh_token": login.identity_token}
            form = urlencode({**query, **grant, "client_id": "assay"}).encode()
            raw = self._http("", NOBODY).post(realm, form, led_from=self._registry)
            return self._read(raw, realm)
        mark = "&" if urlsplit(realm).query else "?"
        url = f"{realm}{mark}{urlencode({k: v for k, v in query.items() if v})}"
        http = self._http(url, login)
        raw = http.get(url, size=_MAX_ANSWER, led_from=self._registry)
        return self._read(raw, realm)

    def _realm(self, realm: str) -> str:
        parts = split(realm)
        host = parts.hostname if parts else None
        local = host in _LOOPBACK
        # Loopback is this machine's own: a registry out there has no business sending us to it.
        if local and urlsplit(self._registry).hostname not in _LOOPBACK:
            host = None
        if parts is None or not host or not (parts.scheme == "https" or local):
            told = f"{self._registry} sends us for a token to {quoted(realm)}, where none is sought"
            raise _unreachable(told)
        return realm

    def _read(self, raw: bytes, realm: str) -> str:
        try:
            told = strict_json.read_object(raw, limit=_MAX_ANSWER)
        except ValueError:
            told = {}
        token = told.get("token") or told.get("access_token")
        if not isinstance(token, str):
            raise _unreachable(f"{quoted(realm)} gives no token")
        return self._plain(token)

    def _plain(self, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            raise _unreachable(f"the token for {self._registry} is none (RFC 6750, section 2.1)")
        return token


OpenHttp = Callable[[str, Login], Http]


def parse(challenge: str) -> dict[str, dict[str, str]]:
    """The schemes of a ``WWW-Authenticate`` that we know, in small letters, with parameters."""
    challenge = challenge[:_MAX_CHALLENGE]
    # A scheme's name within quotes is a parameter's value.
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', lambda match: " " * len(match[0]), challenge)
    starts = [*_SCHEME.finditer(bare)]
    found: dict[str, dict[str, str]] = {}
    for number, match in enumerate(starts, 1):
        end = starts[number].start() if number < len(starts) else len(challenge)
        rest = challenge[match.end() : end]
        parameters = {
            key.lower(): re.sub(r"\\(.)", r"\1", quoted_) or plain
            for key, quoted_, plain in _PARAMETER.findall(rest)
        }
        found.setdefault(match[1].lower(), parameters)
    return found


def _unreachable(what: str) -> Undecided:
    return Undecided(
        Reason.UNREACHABLE, f"oci: {what}", hint="check the address; ask who runs the registry"
    )
