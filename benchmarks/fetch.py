"""Fetching 200 MB over loopback into the store, hashed, against ``curl | sha256sum``.

Both are whole processes that start with nothing. The peer writes no file; ours keeps one, synced
to the disk. Memory is told beside: it must not grow with what is fetched.
"""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Contestant, Result, built_once, compare

SIZE = 200 << 20
MEMORY = 100.0  # MB
_OURS = """
import sys
from pathlib import Path
from assay.artefact.http import Http
from assay.artefact.store import Store
store = Store(Path(sys.argv[2]))
with store.draft() as draft:
    Http("benchmark").download(sys.argv[1], draft)
    store.keep(draft)
if len(sys.argv) > 3:
    # Of this program alone: getrusage's figure starts from that of the process that forked it.
    print(*[line for line in open("/proc/self/status") if line.startswith("VmHWM")])
"""


def run() -> Iterator[Result]:
    """Two rows: time against the peer, and the greatest memory (in MB, not milliseconds)."""
    place = built_once("fetch-1", _build)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Sender)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    _Sender.file = place / "artefact"
    store = place / "store"
    words = [sys.executable, "-I", "-c", _OURS, url, str(store)]
    try:
        ours = Contestant(
            "fetch, hash, keep and sync",
            words,
            before=lambda: shutil.rmtree(store, ignore_errors=True),
        )
        pipe = f"set -o pipefail; curl -sSf {url} | sha256sum"
        theirs = Contestant("curl | sha256sum", ["bash", "-c", pipe])
        yield from compare("fetch and hash 200 MB over loopback", ours, theirs, aim=1.3, rounds=7)
        if sys.platform != "linux":
            return
        done = subprocess.run([*words, "memory"], capture_output=True, text=True, check=True)
        used = int(done.stdout.split()[1]) * 1024 / 1e6
        yield Result("memory of that fetch", "peak, in MB", used, "", None, MEMORY, 1)
    finally:
        server.shutdown()
        shutil.rmtree(store, ignore_errors=True)


def _build(place: Path) -> None:
    with (place / "artefact").open("wb") as file:
        for _ in range(SIZE >> 20):
            file.write(os.urandom(1 << 20))


class _Sender(http.server.BaseHTTPRequestHandler):
    """Sends the file by the kernel, so that the server costs both sides the least."""

    file: Path

    def do_GET(self) -> None:
        with self.file.open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(SIZE))
            self.end_headers()
            self.wfile.flush()
            sent = 0
            while sent < SIZE:
                sent += os.sendfile(self.connection.fileno(), file.fileno(), sent, SIZE - sent)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""
