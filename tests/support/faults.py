"""A server on loopback that misbehaves as it is told, path by path.

Only the network is faked: whatever asks it does so over a real socket.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Looks up what to do; every request is noted."""

    protocol_version = "HTTP/1.1"
    server: _Server
    body = b""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.seen.append((self.path, dict(self.headers.items())))
        behaviour = self.server.behaviours.get(path, status(404))
        behaviour(self)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""

    def answer(
        self, code: int, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(code)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # A client that goes away in the middle is what these tests are about.
    block_on_close = False

    def __init__(self, host: str) -> None:
        super().__init__((host, 0), Handler)
        self.behaviours: dict[str, Behaviour] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken pipe is no news here."""


class FaultServer:
    """``server[path] = behaviour``; ``requests`` are what came, with headers."""

    def __init__(self, server: _Server, scheme: str, name: str, ca_file: str) -> None:
        self._server = server
        self.host = f"{name}:{server.server_port}"
        self.base = f"{scheme}://{self.host}"
        self.ca_file = ca_file

    def __setitem__(self, path: str, behaviour: Behaviour) -> None:
        self._server.behaviours[path] = behaviour

    def wrap(self, change: Callable[[Behaviour], Behaviour]) -> None:
        """Let ``change`` stand before everything that is served so far."""
        for path, behaviour in self._server.behaviours.items():
            self._server.behaviours[path] = change(behaviour)

    def url(self, path: str) -> str:
        return self.base + path

    @property
    def requests(self) -> list[tuple[str, dict[str, str]]]:
        return self._server.seen


@contextmanager
def serving(
    tls: Path | None = None, *, name: str = "", address: str = "127.0.0.1"
) -> Iterator[FaultServer]:
    """A server for the block; with ``tls`` (a folder for its certificate) over https.

    ``name`` is what its certificate and its addresses call it, ``address`` where it listens.
    """
    server = _Server(address)
    name = name or ("localhost" if tls else address)
    ca_file = ""
    if tls is not None:
        ca_file = str(_certificate(tls, name))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca_file)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield FaultServer(server, "https" if tls else "http", name, ca_file)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Behaviour:
    return lambda handler: handler.answer(code, body, headers)


def good(body: bytes, headers: Mapping[str, str] | None = None) -> Behaviour:
    return status(200, headers, body)


def redirect(to: str) -> Behaviour:
    return status(302, {"Location": to})


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Each once; the last one for ever."""
    left = list(behaviours)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def truncated(body: bytes, promised: int) -> Behaviour:
    def act(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(promised))
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return act


def endless() -> Behaviour:
    def act(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while True:  # until the client has had enough and the pipe breaks
            handler.wfile.write(b"x" * 65536)

    return act


def trickling(pause: float) -> Behaviour:
    """A byte now and then: no single read ever times out."""

    def act(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        while True:
            handler.wfile.write(b"x")
            time.sleep(pause)

    return act


def trickling_headers(pause: float) -> Behaviour:
    def act(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(pause)

    return act


def _certificate(folder: Path, host: str) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
