"""A hostile npm mirror on loopback: it passes everything through but one tarball.

What an attacker does who owns a mirror, a proxy or a publisher's account. Its metadata is honest,
so only the digest that was reviewed can tell.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests


@contextmanager
def hostile_mirror(victim: str, folder: Path) -> Iterator[Path]:
    """Serve npm packages, ``victim``'s tarball with one byte more; gives an npmrc that uses it."""
    upstream = _registry()
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    here = f"http://127.0.0.1:{server.server_port}/"
    server.RequestHandlerClass = _handler(upstream, here, victim)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    npmrc = folder / "hostile-mirror.npmrc"
    npmrc.write_text(f"registry={here}\n")
    try:
        yield npmrc
    finally:
        server.shutdown()
        server.server_close()


def _registry() -> str:
    with tempfile.TemporaryDirectory() as empty:  # no project's .npmrc has a say
        done = subprocess.run(
            ["npm", "config", "get", "registry"],
            cwd=empty,
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout.strip().rstrip("/") + "/"


def _handler(upstream: str, here: str, victim: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            accept = {"Accept": self.headers.get("Accept", "*/*")}
            answer = requests.get(upstream + self.path.lstrip("/"), headers=accept, timeout=60)
            body = answer.content
            if self.path.endswith(".tgz"):
                body += b"\0" if victim in self.path else b""
            else:
                body = body.replace(upstream.encode(), here.encode())
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demo shows what assay says."""

    return Handler
