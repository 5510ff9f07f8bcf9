"""Debian's ``docker-registry`` on loopback, and ``skopeo`` that pushes to it: both the real ones.

Installed here where they are missing and may be (root and apt); else the test is skipped, loudly.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_PACKAGES = {
    "docker-registry": "docker-registry",
    "skopeo": "skopeo",
    "htpasswd": "apache2-utils",
}
_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {folder}/data}}
  delete: {{enabled: true}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


@dataclass(frozen=True)
class DockerRegistry:
    """A registry that is running. ``login`` is ``user:password`` where it wants one."""

    host: str
    folder: Path
    login: str = ""

    def push(self, layout: Path, name: str) -> str:
        """Push an OCI layout's ``image``, all platforms; the sha256 of what the tag now names."""
        credentials = ["--dest-creds", self.login] if self.login else []
        skopeo(
            *("copy", "--all", "--preserve-digests", "--dest-tls-verify=false", *credentials),
            *(f"oci:{layout}:image", f"docker://{self.host}/{name}"),
        )
        return self.digest(name)

    def digest(self, name: str) -> str:
        """What ``skopeo`` itself finds behind a tag: the sha256 of its raw manifest."""
        import hashlib

        credentials = ["--creds", self.login] if self.login else []
        raw = skopeo(
            *("inspect", "--raw", "--tls-verify=false", *credentials),
            f"docker://{self.host}/{name}",
        )
        return hashlib.sha256(raw).hexdigest()


def skopeo(*words: str) -> bytes:
    """What it writes; a failure is the test's."""
    # Nobody's logins: a file that is not there is none.
    environ = {**os.environ, "REGISTRY_AUTH_FILE": "/nonexistent/auth.json"}
    words = ("--insecure-policy", *words)
    done = subprocess.run(["skopeo", *words], capture_output=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


def install() -> None:
    """Have the programs, or skip the test."""
    missing = [package for program, package in _PACKAGES.items() if not shutil.which(program)]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        pytest.skip(f"{', '.join(missing)}: not here, and not ours to install")
    words = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(words, capture_output=True, env=environ, check=False, timeout=600)
    if done.returncode:
        tail = done.stderr.decode("utf-8", "replace")[-200:]
        pytest.skip(f"{', '.join(missing)}: apt-get could not install them: {tail}")


@contextmanager
def running(folder: Path, *, auth: str = "", login: str = "") -> Iterator[DockerRegistry]:
    """A registry for the block; ``auth`` is its configuration's section."""
    install()
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    (folder / "config.yml").write_text(_CONFIG.format(folder=folder, port=port, auth=auth))
    process = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"},
    )
    try:
        _wait(port, process)
        yield DockerRegistry(f"127.0.0.1:{port}", folder, login)
    finally:
        process.terminate()
        process.wait(10)


def basic(login: str) -> str:
    """``user:password`` as ``config.json`` holds it."""
    return b64encode(login.encode()).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/", timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it wants a login: it is there
        except OSError:
            time.sleep(0.05)
    raise AssertionError("docker-registry did not start")
