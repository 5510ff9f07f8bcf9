"""Git's own server program behind the loopback server: smart http, as a forge speaks it."""

from __future__ import annotations

import os
import subprocess
from base64 import b64encode
from pathlib import Path

from tests.support.faults import Behaviour, FaultServer, Handler, status

SERVICES = ("info/refs", "git-upload-pack")


def serve(server: FaultServer, name: str, root: Path, *, login: str = "", **told: str) -> str:
    """Serve the repository at ``root`` as ``/name``; ``told`` is the backend's environment.

    With ``login`` (``user:password``) it asks for one. The answer is its address.
    """
    for service in SERVICES:
        server[f"/{name}/{service}"] = backend(root, f"/{service}", login=login, **told)
    return server.url(f"/{name}")


def backend(root: Path, service: str, *, login: str = "", **told: str) -> Behaviour:
    """What ``git http-backend`` answers (git-http-backend(1): a CGI program, RFC 3875)."""
    wanted = f"Basic {b64encode(login.encode()).decode()}"

    def act(handler: Handler) -> None:
        if login and handler.headers.get("Authorization") != wanted:
            return status(401, {"WWW-Authenticate": 'Basic realm="git"'})(handler)
        _answer(handler, _ask(handler, root, service, told))

    return act


def _ask(handler: Handler, root: Path, service: str, told: dict[str, str]) -> bytes:
    variables = {
        "GIT_PROJECT_ROOT": str(root.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{root.name}{service}",
        "REQUEST_METHOD": handler.command,
        "QUERY_STRING": handler.path.partition("?")[2],
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(handler.body)),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
        **told,
    }
    done = subprocess.run(
        ["git", "http-backend"],
        input=handler.body,
        capture_output=True,
        env=os.environ | variables,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _answer(handler: Handler, output: bytes) -> None:
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    code = int(headers.pop("Status", "200").split()[0])
    handler.answer(code, body, headers)
