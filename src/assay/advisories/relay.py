"""A server on loopback that an engine asks, and that answers with what the service told us.

So nothing of this machine's credentials, proxy or certificates is handed to another program, the
service is asked within our bounds of time and size, and both sides of the conversation are known:
what the engine asked about is held against what it was to ask, and what it made of the answer
against the answer. Its address holds a random word, for other users share the loopback.
"""

from __future__ import annotations

import gzip
import json
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST = 32 << 20  # bytes of one request
# Method, path below the secret word, JSON that was sent → JSON to answer with; None is a 404.
Respond = Callable[[str, str, Any], object]


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """The address for the block, ending in a slash."""
    word = secrets.token_hex(16)
    server = _Server(word, respond)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{word}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, word: str, respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.prefix = f"/{word}/"
        self.respond = respond

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An engine that goes away is told of by what it did not answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30.0  # seconds
    # Headers and body in one piece: in two, each answer waits 40 ms for the other side's ACK.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST:
            self.send_error(413)
            self.close_connection = True
            return
        raw = self.rfile.read(int(length))
        try:
            self._answer(json.loads(_plain(raw, self.headers.get("Content-Encoding", ""))))
        except (ValueError, OSError, EOFError, zlib.error):
            self.send_error(400)

    def _answer(self, sent: Any) -> None:
        path = self.path
        inside = path.startswith(self.server.prefix)
        told = (
            self.server.respond(self.command, path.removeprefix(self.server.prefix), sent)
            if inside
            else None
        )
        body = json.dumps(told).encode()
        self.send_response(404 if told is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what matters is in the answer."""


def _plain(raw: bytes, encoding: str) -> bytes:
    return gzip.decompress(raw) if encoding == "gzip" else raw
