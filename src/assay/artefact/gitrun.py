"""Git on a stranger's repository, so that nothing of it can run and nothing of it can hang us.

The repository is a bare one of our own making, with no hook, no attribute and no configuration of
the stranger's in it. The user's own configuration is in force, for it holds the logins; whatever
of it starts a program on a fetch is switched off, credential helpers apart. Each process has a
deadline, a limit of memory, and nobody to ask for a password.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from assay.artefact.https import CA_VARIABLES
from assay.errors import Undecided
from assay.reason import Reason

_MOST_WORDS = 16 * 1024  # bytes of git's complaints
_MEMORY = 2 << 20  # KiB of address space: a pack of a few kilobytes can unfold to gigabytes
_LOOK = 0.05  # seconds between two looks at what has arrived

# Wins over the user's configuration. Redirects are git's own to follow, and git knows nothing of
# private addresses: a repository that moved is named anew.
_OPTIONS = (
    *("--no-pager", "--no-replace-objects", "--literal-pathspecs"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.attributesFile={os.devnull}"),
    *("-c", "core.bigFileThreshold=32m"),
    *("-c", "core.packedGitWindowSize=32m"),
    *("-c", "core.packedGitLimit=256m"),
    *("-c", "core.protectHFS=true"),
    *("-c", "core.protectNTFS=true"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
    *("-c", "pack.threads=2"),
    *("-c", "fetch.unpackLimit=1"),
    *("-c", "transfer.unpackLimit=1"),
    *("-c", "fetch.writeCommitGraph=false"),
    *("-c", "fetch.recurseSubmodules=false"),
    *("-c", "fetch.uriProtocols="),
    *("-c", "transfer.bundleURI=false"),
    *("-c", "protocol.version=2"),
    *("-c", "http.followRedirects=false"),
    *("-c", "http.lowSpeedLimit=1"),
    *("-c", "http.lowSpeedTime=60"),
)
# The user's own choices; any other GIT_* could point elsewhere, load code or trace secrets.
_KEPT = frozenset(
    {
        *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_ASKPASS"),
        *("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY"),
    }
)
_DROPPED = frozenset({"SSH_ASKPASS"})  # a window that nobody sees
# Kept out of Python, whose preexec_fn is not safe beside other threads. The size of a file is a
# second line, for a git whose parent was killed: blocks are of 512 bytes, in some shells of 1024.
_LIMITED = f'ulimit -c 0; ulimit -v {_MEMORY} 2>/dev/null; ulimit -f $0; exec "$@"'


class GitFailed(Exception):
    """Git ended with an error; the text is git's own, without what the server had it say."""


class TooLarge(Exception):
    """More arrived than may."""


class Bare:
    """A new bare repository at ``folder``, and git in it until ``end`` (``time.monotonic``).

    ``address`` is what will be fetched from, ``protocols`` are the transports that it may use, as
    git calls them.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        end: float,
        *,
        address: str,
        protocols: Sequence[str],
    ) -> None:
        self._folder = folder
        self._end = end
        self._environ = _environment(environ, protocols) | _closest(address)
        self._git = shutil.which("git", path=environ.get("PATH"))
        if self._git is None:
            raise Undecided(
                Reason.TOOL_FAILED,
                "git is not on this machine",
                hint="install git, or put it on PATH",
            )
        self.run("init", "--quiet", "--bare", "--template=", "--object-format=sha1", str(folder))

    def run(self, *words: str, size: int = 0) -> bytes:
        """The first words that a command writes. Errors as ``reading``."""
        with self.reading(*words, size=size) as stream:
            found = stream.read(_MOST_WORDS)
            while stream.read(_MOST_WORDS):
                pass
            return found

    @contextlib.contextmanager
    def reading(
        self,
        *words: str,
        size: int = 0,
        stdin: IO[bytes] | None = None,
    ) -> Iterator[IO[bytes]]:
        """The standard output of one command.

        When the block ends, GitFailed; TooLarge when the folder grew beyond ``size`` bytes.
        """
        process = subprocess.Popen(
            self._command(words, size),
            cwd=self._folder.parent,
            env=self._environ,
            stdin=stdin or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout  # noqa: S101  opened as a pipe
        guard = _Guard(process, self._folder, self._end, size)
        try:
            yield process.stdout
            guard.finish()
        finally:
            guard.stop()
            process.stdout.close()

    def _command(self, words: Sequence[str], size: int) -> list[str]:
        where = () if words[0] == "init" else (f"--git-dir={self._folder}",)
        command = [str(self._git), *_OPTIONS, *where, *words]
        if os.name == "posix":
            blocks = str(2 * size // 512) if size else "unlimited"
            command = ["/bin/sh", "-c", _LIMITED, blocks, *command]
        return command


class _Guard:
    """Listens to a process and ends it, with all that it started, when its time is up."""

    def __init__(
        self, process: subprocess.Popen[bytes], folder: Path, end: float, size: int
    ) -> None:
        self._process = process
        self._folder, self._deadline, self._size = folder, end, size
        self._late = self._large = False
        self._words = b""
        self._done = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._listener.start()
        self._watcher.start()

    def finish(self) -> None:
        """Wait for the end, and say how it was."""
        code = self._process.wait()
        self._join()
        if self._large or (self._size and _size(self._folder) > self._size):
            raise TooLarge
        if self._late:
            raise GitFailed("timed out")
        if code:
            raise GitFailed(_own_words(self._words) or f"git ended with {code}")

    def stop(self) -> None:
        """Leave nothing running of a command that was not read to its end.

        Of one that was, a daemon may stay that the user's own credential helper started.
        """
        if self._process.poll() is None:
            self._kill()
        self._process.wait()
        self._join()
        if self._process.stderr and not self._listener.is_alive():
            self._process.stderr.close()

    def _join(self) -> None:
        self._done.set()
        self._watcher.join()
        self._listener.join(1.0)  # such a daemon may keep the other end open

    def _listen(self) -> None:
        assert self._process.stderr  # noqa: S101  opened as a pipe
        while piece := os.read(self._process.stderr.fileno(), 4096):
            self._words += piece[: _MOST_WORDS - len(self._words)]

    def _watch(self) -> None:
        while not self._done.wait(_LOOK if self._size else self._left()):
            if time.monotonic() >= self._deadline:
                self._late = True
            elif not self._size or _size(self._folder) <= self._size:
                continue
            else:
                self._large = True
            return self._kill()

    def _left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()


def _environment(environ: Mapping[str, str], protocols: Sequence[str]) -> dict[str, str]:
    kept = {
        key: value
        for key, value in environ.items()
        if key in _KEPT or not (key.startswith("GIT_") or key in _DROPPED)
    }
    if ca_file := next((environ[key] for key in CA_VARIABLES if environ.get(key)), ""):
        kept.setdefault("GIT_SSL_CAINFO", ca_file)
    return kept | {
        "GIT_ALLOW_PROTOCOL": ":".join(protocols),
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": os.devnull,
        "GIT_CEILING_DIRECTORIES": os.sep,
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }


def _closest(address: str) -> dict[str, str]:
    """Settings for the very address: of several that fit, git obeys the longest.

    In the environment, for an address may hold the sign at which an option is split.
    """
    settings = {f"http.{address}.sslVerify": "true", f"http.{address}.followRedirects": "false"}
    told = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings.items()):
        told |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return told


def _size(folder: Path) -> int:
    """Bytes below ``folder``; a file that vanishes meanwhile counts for nothing."""
    total = 0
    for top, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(top, name)).st_size
    return total


def _own_words(words: bytes) -> str:
    lines = words.decode("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines if line and not line.startswith("remote:"))
