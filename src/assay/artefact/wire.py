"""Connections that go where they were meant to, and end when they must.

A server that redirects, or that names where a file lies, chooses our next address: it could have
this machine ask its own loopback services, the network around it or a cloud's metadata service.
So a name is resolved here, each of its addresses is judged, and the very address that was judged
is connected to: a name that answers otherwise the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError


class Zone(StrEnum):
    """Who can be reached at an address."""

    PUBLIC = "public"
    PRIVATE = "private"  # RFC 1918, RFC 6598, RFC 4193 and whatever else is not global
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"  # and where clouds keep the credentials of a machine


# Instance metadata services that do not live in 169.254.0.0/16.
_METADATA = frozenset(
    ip_address(text)
    for text in (
        *("fd00:ec2::254", "fd20:ce::254"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291 section 2.4
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


def zone_of(address: str) -> Zone:
    """The zone of an address; one that wraps an IPv4 address is judged by that."""
    ip = _unwrapped(ip_address(address.partition("%")[0]))
    if ip in _METADATA or ip.is_link_local:
        return Zone.LINK_LOCAL
    if ip.is_loopback or ip.is_unspecified:
        return Zone.LOOPBACK
    if ip.is_multicast or not ip.is_global:
        return Zone.PRIVATE
    return Zone.PUBLIC if ip.version == 4 or ip in _GLOBAL_UNICAST else Zone.PRIVATE


def _unwrapped(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def written_zone(host: str) -> Zone:
    """The zone of a host as it is written, for names that somebody else resolves (a proxy)."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return Zone.LOOPBACK
    with contextlib.suppress(OSError):  # 127.1, 0x7f000001 and 2130706433 are addresses too
        return zone_of(socket.inet_ntoa(socket.inet_aton(bare)))
    try:
        return zone_of(bare)
    except ValueError:
        return Zone.PUBLIC


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


@dataclass(frozen=True, slots=True)
class Network:
    """The network that names are resolved in. Errors of ``resolve`` are OSError."""

    resolve: Callable[[str, int], Sequence[str]] = _resolve
    zone: Callable[[str], Zone] = zone_of


class Forbidden(Exception):
    """An address outside of the zones that a request may reach."""

    def __init__(self, host: str, zone: Zone, address: str = "") -> None:
        super().__init__(host)
        self.host = host
        self.told = f"a {zone} address{f' ({address})' if address else ''}"


class Watch:
    """One request: where it may go, and the deadline at which its connection is cut.

    A socket's time-out starts anew with each byte, so it alone bounds nothing: neither a TLS
    handshake nor headers that trickle. ``zones`` is None for a request that may go anywhere, and
    for one through a proxy, which is where the connection goes then. ``peer`` is the address that
    answered.
    """

    _local = threading.local()

    def __init__(self, end: float, network: Network, zones: frozenset[Zone] | None) -> None:
        self.expired = False
        self.peer = ""
        self._network = network
        self._zones = zones
        self._end = end
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(max(0.0, end - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        Watch._local.current = self
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        Watch._local.current = None
        for held in self._sockets:
            held.close()

    @classmethod
    def current(cls) -> Watch:
        """The watch of the request that this thread is making."""
        watch: Watch = cls._local.current
        return watch

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection to one of the host's addresses, all of them judged. OSError, Forbidden."""
        addresses = self._addresses(host, port, seconds)
        for address in addresses:
            if self._zones is not None and (zone := self._network.zone(address)) not in self._zones:
                # One is enough: a name that means both us and the world is nobody's mirror.
                raise Forbidden(host, zone, address)
        fault: OSError = OSError("the name has no address")
        for address in addresses:
            try:
                return self._held(socket.create_connection((address, port), self._left(seconds)))
            except OSError as error:
                fault = error
        raise fault

    def note(self, sock: socket.socket | None) -> None:
        """A request goes out on ``sock``, which may have served others before."""
        if sock is not None:
            bare: socket.socket = getattr(sock, "socket", sock)  # TLS within a proxy's TLS
            self.peer = str(bare.getpeername()[0])
            self._held(bare)

    def _addresses(self, host: str, port: int, seconds: float) -> Sequence[str]:
        """Resolved beside this thread, for the system's resolver knows no deadline."""
        answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._network.resolve(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error if isinstance(error, OSError) else OSError(str(error)))

        threading.Thread(target=ask, daemon=True).start()
        try:
            answer = answers.get(timeout=self._left(seconds))
        except queue.Empty as error:
            raise TimeoutError("the name did not resolve in time") from error
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _left(self, seconds: float) -> float:
        return max(0.001, min(seconds, self._end - time.monotonic()))

    def _held(self, sock: socket.socket) -> socket.socket:
        # A second handle of our own: TLS takes the first away while it shakes hands.
        self._sockets.append(socket.fromfd(sock.fileno(), sock.family, sock.type))
        if self.expired:
            self._cut()
        return sock

    def _cut(self) -> None:
        self.expired = True
        for held in self._sockets:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


def _dial(connection: HTTPConnection) -> socket.socket:
    host, seconds = connection._dns_host, connection.timeout
    limit = seconds if isinstance(seconds, int | float) else 60.0
    try:
        sock = Watch.current().connect(host, connection.port, limit)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"connecting to {host} took too long") from error
    except OSError as error:
        raise NewConnectionError(connection, f"Failed to connect: {error}") from error
    sock.settimeout(limit)  # for the handshake; what is left of the deadline is the watch's
    for option in connection.socket_options or ():
        sock.setsockopt(*option)
    return sock


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _dial(self)

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override]
        Watch.current().note(self.sock)
        return super().getresponse()


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _dial(self)

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override]
        Watch.current().note(self.sock)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


# The pools to use: a connection that is kept open was judged for the requests of its own manager,
# so requests that may reach different zones never share one.
POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _HttpPool, "https": _HttpsPool}
