"""The trial instance as one HTTP server on loopback, with GitHub's token endpoint beside it."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assay.dev.sigstore.fulcio import Fulcio
from assay.dev.sigstore.oidc import AUDIENCE, Issuer
from assay.dev.sigstore.rekor import RekorV1, RekorV2
from assay.dev.sigstore.tsa import Tsa

_BODY_LIMIT = 1 << 20  # bytes
_JSON = "application/json"


class Services:
    """What the server answers with. ``secret`` is the runner's bearer token."""

    def __init__(
        self, issuer: Issuer, fulcio: Fulcio, v1: RekorV1, v2: RekorV2, tsa: Tsa, secret: str
    ) -> None:
        self.issuer, self.secret, self._fulcio = issuer, secret, fulcio
        self.posts: dict[str, Callable[[str, bytes], tuple[str, bytes]]] = {
            "/api/v2/signingCert": self._issue,
            "/api/v1/log/entries": lambda _, body: _json(v1.add(json.loads(body))),
            "/api/v2/log/entries": lambda _, body: _json(v2.add(json.loads(body))),
            "/api/v1/timestamp": lambda _, body: ("application/timestamp-reply", tsa.answer(body)),
        }

    def _issue(self, authorization: str, body: bytes) -> tuple[str, bytes]:
        token = authorization.removeprefix("Bearer ")
        return _json(self._fulcio.issue(token, json.loads(body)))


class Server(ThreadingHTTPServer):
    """Listens on loopback alone; ``port`` 0 takes any free one."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.services: Services | None = None
        self.url = f"http://127.0.0.1:{self.server_port}"

    def begin(self, services: Services) -> None:
        """Answer in the background until ``shutdown``."""
        self.services = services
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer: without it loopback waits for delayed ACKs
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        services = self._services()
        if address.path == "/oidc/token":
            self._give_token(services, parse_qs(address.query).get("audience", [AUDIENCE])[0])
        elif address.path == "/oidc/jwks":
            self._answer(200, *_json(services.issuer.jwks()))
        elif address.path == "/oidc/.well-known/openid-configuration":
            self._answer(200, *_json(_discovery(self.server.url, services.issuer.claims["iss"])))
        else:
            self._refuse(404, "no such endpoint")

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", "0"))
        serve = self._services().posts.get(self.path)
        if serve is None or size > _BODY_LIMIT:
            self.close_connection = True
            self._refuse(404 if serve is None else 413, "no such endpoint, or too long")
            return
        body = self.rfile.read(size)
        try:
            self._answer(201, *serve(self.headers.get("Authorization", ""), body))
        except Exception as error:
            self._refuse(400, f"{type(error).__name__}: {error}")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: its stdout is for the environment block."""

    def _services(self) -> Services:
        if self.server.services is None:
            raise RuntimeError("the trial instance has not begun")
        return self.server.services

    def _give_token(self, services: Services, audience: str) -> None:
        """As a runner's ACTIONS_ID_TOKEN_REQUEST_URL answers."""
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode(), f"bearer {services.secret}".encode()):
            self._answer(200, *_json({"value": services.issuer.token(audience)}))
        else:
            self._refuse(401, "wrong request token")

    def _refuse(self, status: int, message: str) -> None:
        self._answer(status, *_json({"code": status, "message": message}))

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _discovery(url: str, issuer: str) -> dict[str, object]:
    """OpenID Connect Discovery 1.0 section 4.2, as far as a client asks."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{url}/oidc/auth",
        "token_endpoint": f"{url}/oidc/token",
        "jwks_uri": f"{url}/oidc/jwks",
    }


def _json(answer: object) -> tuple[str, bytes]:
    return _JSON, json.dumps(answer).encode()
