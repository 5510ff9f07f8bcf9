"""One way to fetch over HTTP: bounded in size, time and attempts, and honest about faults.

A server may trickle, never end, lie about its length, redirect in a loop or to plain http, or ask
for patience that never pays; each ends within ``Limits``. Credentials are looked up anew for each
address, so a redirect takes none along. "Not there" is only what the server says in so many
words; everything else that keeps us from looking is Undecided.

The first address is the configuration's or the entry's, whose host ``allowed-source`` holds
against the policy, so it may lie anywhere. Where an answer leads on, it leads to public addresses
or stays in the zone that it came from, unless the policy names the host; see ``wire``. Through a
proxy it is the proxy that resolves names: only what is written as such an address is refused.
"""

from __future__ import annotations

import contextlib
import io
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from assay import __version__
from assay.artefact.source import Named, nobody
from assay.artefact.wire import POOLS, Forbidden, Network, Watch, Zone, written_zone
from assay.errors import Refused, Undecided
from assay.reason import Reason

_CHUNK = 1 << 17  # bytes
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_GONE = frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # the characters of RFC 3986
_MAX_REDIRECTS = 5
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_Zones = frozenset[Zone] | None  # None: anywhere


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one fetch: ``size`` in bytes, all else in seconds; ``retries`` after the first."""

    size: int = 1 << 30
    connect: float = 10.0
    read: float = 30.0
    deadline: float = 600.0
    retries: int = 3
    backoff: float = 0.5


@dataclass(frozen=True, slots=True)
class Access:
    """How this machine reaches a registry, as its own configuration says.

    ``authorization`` gives the header's value for an address, or empty; ``proxy`` the proxy for
    it, or empty. ``ca_file`` and ``ca_pem`` replace the system's certificates, ``extra_ca_file``
    adds to them; ``client_cert`` is a PEM file of certificate and key. ``advice`` is added to the
    hint of a failure. ``challenged`` is told the address and the ``WWW-Authenticate`` of a 401;
    when it says that ``authorization`` now knows more, the same address is asked again.
    """

    authorization: Callable[[str], str] = lambda url: ""
    challenged: Callable[[str, str], bool] = lambda url, challenge: False
    proxy: Callable[[str], str] = lambda url: ""
    ca_file: str = ""
    ca_pem: str = ""
    extra_ca_file: str = ""
    client_cert: str = ""
    advice: str = ""


class Body(NamedTuple):
    """What is posted; ``kind`` and ``encoding`` are its Content-Type and Content-Encoding."""

    raw: bytes
    kind: str = "application/x-www-form-urlencoded"
    encoding: str = ""


class Sink(Protocol):
    """Where a body goes; ``restart`` before each attempt. A ``Draft`` of the store is one."""

    def restart(self) -> None: ...
    def write(self, chunk: bytes) -> None: ...


class _Memory:
    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.body = io.BytesIO()

    def write(self, chunk: bytes) -> None:
        self.body.write(chunk)


class _Transient(Exception):
    """A fault that may pass; ``wait`` is what the server asked for, in seconds."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class _Challenged(Exception):
    """A 401, with what the server asks for."""


@dataclass
class Http:
    """Fetches for one source, named in every message. Safe to use from several threads.

    ``named`` says whether the policy names a host (``host`` or ``host:port``), so that an answer
    may lead there wherever it lies. ``reached`` notes in which zone each host answered.
    """

    source: str
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep
    named: Named = nobody
    network: Network = field(default_factory=Network)
    reached: dict[str, Zone] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None
        self._pools: dict[tuple[str, _Zones], urllib3.PoolManager] = {}

    def get(
        self, url: str, *, accept: str = "*/*", size: int = 64 << 20, led_from: str = ""
    ) -> bytes:
        """A small answer, whole. Refused(NOT_FOUND) or Undecided(UNREACHABLE)."""
        memory = _Memory()
        self.download(url, memory, accept=accept, size=size, led_from=led_from)
        return memory.body.getvalue()

    def post(
        self, url: str, body: bytes | Body, *, size: int = 1 << 20, led_from: str = ""
    ) -> bytes:
        """The small answer to a form, or to another ``Body``.

        Never redirected: what it holds is for this address.
        """
        memory = _Memory()
        body = Body(body) if isinstance(body, bytes) else body
        self.download(url, memory, size=size, body=body, led_from=led_from)
        return memory.body.getvalue()

    def download(
        self,
        url: str,
        sink: Sink,
        *,
        accept: str = "*/*",
        size: int = 0,
        body: Body | None = None,
        led_from: str = "",
    ) -> Mapping[str, str]:
        """Stream an answer into ``sink``: all of it, or an error. At most ``size`` bytes.

        With ``body`` that is posted. ``led_from`` is the address whose answer named ``url``:
        what it leads to is held to the rules of a redirect. What comes back are the headers of
        the last answer.
        """
        end = time.monotonic() + self.limits.deadline
        attempt = 0
        while True:
            sink.restart()
            try:
                return self._follow(
                    url, sink, accept, size or self.limits.size, end, body, led_from
                )
            except _Transient as fault:
                wait = min(max(self.limits.backoff * 2**attempt, fault.wait), 30.0)
                attempt += 1
                if attempt > self.limits.retries or time.monotonic() + wait > end:
                    raise self._unreachable(url, str(fault)) from fault
                self.sleep(wait)

    def _follow(
        self,
        url: str,
        sink: Sink,
        accept: str,
        size: int,
        end: float,
        body: Body | None,
        led_from: str,
    ) -> Mapping[str, str]:
        came_from = led_from
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_scheme(url)
            zones = self._open_to(url, came_from)
            try:
                target, headers = self._once(url, sink, accept, size, end, body, zones)
            except Forbidden as fault:
                raise self._led_astray(came_from, fault) from fault
            except _Challenged as fault:
                if not self.access.challenged(url, str(fault)):
                    told = "answers 401: credentials are missing or not enough"
                    raise self._unreachable(url, told) from fault
                continue
            if not target:
                return headers
            if body:
                raise self._unreachable(url, "redirects what is meant for it alone")
            came_from, url = url, target
        raise self._unreachable(url, f"is redirected more than {_MAX_REDIRECTS} times")

    def _open_to(self, url: str, came_from: str) -> _Zones:
        """Where a request may go, by where it was led from."""
        if not came_from:
            return None
        if came_from.startswith("https:") and not url.startswith("https:"):
            raise self._unreachable(came_from, "is redirected from https to an address without it")
        if self.named(host_of(url)):
            return None
        # Never wider than the last step: who was led out into the world is not led back in.
        return frozenset({Zone.PUBLIC, self.reached.get(host_of(came_from), Zone.PUBLIC)})

    def _led_astray(self, came_from: str, fault: Forbidden) -> Undecided:
        return Undecided(
            Reason.UNREACHABLE,
            f"{self.source}: {shown(came_from)} leads to {fault.host}, {fault.told}",
            hint=f"if that is meant, name {fault.host} under sources in assay.yaml",
        )

    def _once(
        self,
        url: str,
        sink: Sink,
        accept: str,
        size: int,
        end: float,
        body: Body | None,
        zones: _Zones,
    ) -> tuple[str, Mapping[str, str]]:
        """One request: where it is redirected to, or empty when it is done, and the headers."""
        proxy = self.access.proxy(url)
        host = host_of(url)
        if proxy and zones is not None and (written := written_zone(_bare(url))) not in zones:
            raise Forbidden(host, written)
        watch = Watch(end, self.network, None if proxy else zones)
        try:
            with watch:
                response = self._pool(proxy, zones).request(
                    "POST" if body else "GET",
                    url,
                    body=body.raw if body else None,
                    headers=self._headers(url, accept, body),
                    preload_content=False,
                    decode_content=False,
                    redirect=False,
                    retries=False,
                    timeout=Timeout(connect=self.limits.connect, read=self.limits.read),
                )
                self.reached[host] = (
                    written_zone(_bare(url)) if proxy else self.network.zone(watch.peer)
                )
                with contextlib.closing(response):  # read to its end, it is back in the pool
                    target = self._judge(url, response)
                    if not target:
                        self._receive(url, response, sink, size, end)
            # Cut off at the deadline, headers or a body without a length look like a whole answer.
            if watch.expired:
                raise self._fault(url, TimeoutError(), expired=True)
            return target, response.headers
        except (HTTPError, OSError) as error:
            raise self._fault(url, error, watch.expired) from error

    def _judge(self, url: str, response: urllib3.BaseHTTPResponse) -> str:
        status = response.status
        if status in _REDIRECTS:
            return _joined(url, response.headers.get("Location", ""))
        if status == 200:
            return ""
        if status in _GONE:
            raise Refused(
                Reason.NOT_FOUND,
                f"{self.source} has no {shown(url)} ({status})",
                hint=f"compare name and version with what the registry offers{self._advice()}",
            )
        if status in _TRANSIENT:
            raise _Transient(f"answers {status}", _retry_after(response.headers))
        if status == 401:
            raise _Challenged(", ".join(response.headers.getlist("WWW-Authenticate")))
        if status == 403:
            raise self._unreachable(url, "answers 403: credentials are missing or not enough")
        raise self._unreachable(url, f"answers {status}")

    def _receive(
        self, url: str, response: urllib3.BaseHTTPResponse, sink: Sink, size: int, end: float
    ) -> None:
        promised = _length(response.headers)
        if promised is not None and promised > size:
            raise self._unreachable(url, f"is {promised} bytes long, more than {size}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            # Asked for plain: what is hashed is what lies at the registry, not a rewrapping of it.
            raise self._unreachable(url, "sends an encoded body though a plain one was asked for")
        received = 0
        # read1 returns after each arrival: a trickle can't hold the loop beyond the deadline.
        while chunk := response.read1(_CHUNK):
            received += len(chunk)
            if received > size:
                raise self._unreachable(url, f"is longer than {size} bytes")
            if time.monotonic() > end:
                raise self._unreachable(url, "did not end in time")
            sink.write(chunk)
        if promised is not None and received != promised:
            raise _Transient(f"was cut off after {received} of {promised} bytes")

    def _fault(self, url: str, error: Exception, expired: bool) -> Exception:
        if expired:
            return self._unreachable(url, f"did not end within {self.limits.deadline:g} s")
        text = f"{error} {error.__cause__ or ''} {error.__context__ or ''}"
        if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
            return self._unreachable(url, "shows a certificate that this machine does not trust")
        return _Transient(f"fails: {_plain_error(error)}")

    def _unreachable(self, url: str, what: str) -> Undecided:
        return Undecided(
            Reason.UNREACHABLE,
            f"{self.source}: {shown(url)} {what}",
            hint=f"check the network, proxy, certificate and credentials{self._advice()}",
        )

    def _advice(self) -> str:
        return f"; {self.access.advice}" if self.access.advice else ""

    def _headers(self, url: str, accept: str, body: Body | None) -> dict[str, str]:
        headers = {
            "Accept": accept,
            "Accept-Encoding": "identity",
            "User-Agent": f"assay/{__version__}",
        }
        if body:
            headers["Content-Type"] = body.kind
            if body.encoding:
                headers["Content-Encoding"] = body.encoding
        if authorization := self.access.authorization(url):
            headers["Authorization"] = authorization
        return headers

    def _check_scheme(self, url: str) -> None:
        parts = split(url)
        if parts is None:
            # Two parsers could see two hosts in it: credentials of one would go to the other.
            raise self._unreachable(url, "is an address that can be read in two ways")
        if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            return
        raise self._unreachable(url, "is not https, so anybody on the way could answer")

    def _pool(self, proxy: str, zones: _Zones) -> urllib3.PoolManager:
        key = (proxy, zones)
        with self._lock:
            if self._context is None:
                self._context = tls_context(self.access)
            if key not in self._pools:
                auth = urllib3.util.parse_url(proxy).auth if proxy else ""
                told = urllib3.make_headers(proxy_basic_auth=unquote(auth)) if auth else None
                pool = (
                    urllib3.ProxyManager(
                        proxy, proxy_headers=told, ssl_context=self._context, maxsize=32
                    )
                    if proxy
                    else urllib3.PoolManager(ssl_context=self._context, maxsize=32)
                )
                pool.pool_classes_by_scheme = POOLS
                self._pools[key] = pool
            return self._pools[key]


def tls_context(access: Access) -> ssl.SSLContext:
    """Verification always on: the configured certificates, else the system's with certifi's."""
    import certifi

    try:
        if access.ca_file or access.ca_pem:
            context = ssl.create_default_context(
                cafile=access.ca_file or None, cadata=access.ca_pem or None
            )
        else:
            context = ssl.create_default_context()
            context.load_verify_locations(certifi.where())
            if access.extra_ca_file:
                context.load_verify_locations(access.extra_ca_file)
        if access.client_cert:
            context.load_cert_chain(access.client_cert)
    except (OSError, ValueError) as error:
        raise Undecided(
            Reason.UNREACHABLE,
            f"the configured certificates can't be read: {access.ca_file or access.client_cert}",
            hint=f"{_plain_error(error)}; correct cafile or cert in npm's or pip's configuration",
        ) from error
    return context


def split(url: str) -> SplitResult | None:
    """The parts of an address; None where another parser could see another host in it."""
    try:
        parts = urlsplit(url)
        plain = _PLAIN.fullmatch(url) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if plain else None


def host_of(url: str) -> str:
    """``host``, or ``host:port`` where the port is not the scheme's own; in lower case."""
    parts = split(url)
    if parts is None or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"


def _bare(url: str) -> str:
    parts = split(url)
    return (parts.hostname if parts else None) or ""


def shown(url: str) -> str:
    """An address fit for a message: no credentials, no query (signed addresses carry both)."""
    parts = split(url)
    if parts is None:
        return "an address"
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    return f"{parts.scheme}://{host}{parts.path}"


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _length(headers: Mapping[str, str]) -> int | None:
    text = headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and len(text) < 20 else None


def _retry_after(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")  # the date form is as good as no answer: we back off
    return float(text) if text.isdecimal() and len(text) < 6 else 0.0


def _plain_error(error: Exception) -> str:
    """The innermost cause, without urllib3's object addresses and the address with its query."""
    reason = getattr(error, "reason", None) or error
    text = str(reason).rpartition(": ")[2] or type(reason).__name__
    return text.strip("()'\"") or type(reason).__name__
