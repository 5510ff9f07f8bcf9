"""Git as a reader of bytes: a few plumbing commands, run so that no repository can run anything.

A registry's checkout is a stranger's folder until its bundles verify. Its configuration could
name a program (``core.fsmonitor``, ``core.hooksPath``, an external diff, an ssh command that a
partial clone's lazy fetch would start), its ``refs/replace`` could swap one object for another,
and the caller's ``GIT_*`` variables could point elsewhere. All of that is switched off here.
Paths travel NUL-terminated, objects by id, and what git writes is read up to a limit.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping

from assay.errors import AssayError, Undecided, UsageError
from assay.reason import Reason
from assay.registry.views import MAX_FILE, too_large

MAX_OUTPUT = 64 * 1024 * 1024  # bytes of one listing: some 500,000 paths
MAX_ERROR = 8 * 1024
SECONDS = 120  # for one git process; a local repository answers in milliseconds

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
)
# Wins over what the caller has set. An empty GIT_ALLOW_PROTOCOL allows no transport at all.
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# `git commit -a` and `git commit PATH` hand their hooks an index of their own; the configuration
# files are the user's own choice, and where `safe.directory` is written.
_KEPT = frozenset(
    {"GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
)
_CHUNK = 64  # requests: two chunks are far below a pipe's buffer, so that nobody blocks
_BUFFER = 256 * 1024


def environment(caller: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without what could point git elsewhere."""
    kept = {key: value for key, value in caller.items() if _is_kept(key)}
    if index := kept.get("GIT_INDEX_FILE"):
        kept["GIT_INDEX_FILE"] = os.path.abspath(index)
    return kept | _ENVIRONMENT


def _work_tree(root: str) -> dict[str, str]:
    """Where the files are: where ``.git`` is, whatever ``core.worktree`` says.

    With another folder for its top git would match our paths against nothing, and nothing would
    have changed.
    """
    folder = os.path.abspath(root)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return {}  # git says that this is no repository
        folder = above
    return {"GIT_WORK_TREE": folder}


def _is_kept(key: str) -> bool:
    return not key.startswith("GIT_") or key in _KEPT


class GitError(Exception):
    """Git answered with an exit code that the caller did not ask for."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


def run(root: str, *arguments: str, limit: int = MAX_OUTPUT) -> bytes:
    """What one git command writes. ``GitError`` when it fails.

    ``Undecided`` when git is missing, writes more than ``limit`` bytes or takes too long.
    """
    with _Process(root, arguments) as process:
        output = process.read(limit + 1)
        if len(output) > limit:
            process.kill()
            raise Undecided(
                Reason.TOOL_FAILED, f"git {arguments[0]} wrote more than {limit} bytes; stopped"
            )
        code, words = process.end()
    if code:
        raise GitError(code, words)
    return output


def ask(root: str, *arguments: str) -> bytes:
    """As ``run``, where a failure means that nothing can be decided.

    ``UsageError`` outside of a git repository, else ``Undecided`` with git's own words.
    """
    try:
        return run(root, *arguments)
    except GitError as error:
        if "not a git repository" in error.words:
            raise UsageError(
                f"{root} is not in a git repository", hint="`git init` there, or name another"
            ) from error
        raise Undecided(
            Reason.TOOL_FAILED, f"git {arguments[0]} failed ({error.code}): {error.words}"
        ) from error


class _Process:
    """One git process with a time limit; its complaints are kept up to ``MAX_ERROR``."""

    def __init__(self, root: str, arguments: Iterable[str], *, stdin: bool = False) -> None:
        self.what = next(iter(arguments))
        try:
            self._process = subprocess.Popen(
                ["git", *_OPTIONS, *arguments],
                cwd=root,
                env=environment(os.environ) | _work_tree(root),
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=_BUFFER,
            )
        except OSError as error:
            raise _not_started(root, error) from error
        self._words = b""
        self._drain = threading.Thread(target=self._listen, daemon=True)
        self._drain.start()
        self._late = False
        self._clock = threading.Timer(SECONDS, self._expire)
        self._clock.daemon = True
        self._clock.start()

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *error: object) -> None:
        self._clock.cancel()
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def read(self, size: int) -> bytes:
        assert self._process.stdout  # noqa: S101 - it was opened as a pipe
        return self._process.stdout.read(size)

    def line(self) -> bytes:
        assert self._process.stdout  # noqa: S101 - it was opened as a pipe
        return self._process.stdout.readline(4096)

    def write(self, data: bytes) -> None:
        assert self._process.stdin  # noqa: S101 - it was opened as a pipe
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """The exit code, and what git said on stderr."""
        code = self._process.wait()
        self._drain.join()
        if self._late:
            raise Undecided(Reason.TOOL_FAILED, f"git {self.what} took over {SECONDS} s; stopped")
        return code, self._words.decode("utf-8", "replace").strip()

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._drain.join()

    def _listen(self) -> None:
        assert self._process.stderr  # noqa: S101 - it was opened as a pipe
        while piece := os.read(self._process.stderr.fileno(), 4096):
            self._words += piece[: MAX_ERROR - len(self._words)]

    def _expire(self) -> None:
        self._late = True
        self._process.kill()


def _not_started(root: str, error: OSError) -> Undecided:
    if not os.path.isdir(root):
        return Undecided(Reason.TOOL_FAILED, f"{root} is not a folder that can be read: {error}")
    return Undecided(
        Reason.TOOL_FAILED, f"git does not start: {error}", hint="install git; it must be on PATH"
    )


class Objects:
    """Blobs by object id, through one ``git cat-file --batch`` for however many there are."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._process: _Process | None = None

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *error: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._process:
            self._process.__exit__()
            self._process = None

    def read(self, identifier: str) -> bytes:
        """The blob's bytes; ``Refused`` over ``MAX_FILE``, ``Undecided`` if it is not there."""
        return next(self.read_all([identifier]))

    def find(self, name: str) -> bytes | None:
        """The blob that ``COMMIT:./PATH`` names, the path as seen from ``root``; None for none.

        ``name`` is ASCII without a line end. A folder or a submodule is no blob: None too.
        """
        self._ask([name])
        assert self._process  # noqa: S101 - asked before
        try:
            return _answer(self._process, name, lax=True)
        except AssayError:
            self._close()
            raise

    def read_all(self, identifiers: Iterable[str]) -> Iterator[bytes]:
        """Each blob's bytes, in the order asked."""
        asked = list(identifiers)
        chunks = [asked[start : start + _CHUNK] for start in range(0, len(asked), _CHUNK)]
        # One chunk ahead, so that git reads on while we take in what it has.
        if chunks:
            self._ask(chunks[0])
        for number, chunk in enumerate(chunks, start=1):
            if number < len(chunks):
                self._ask(chunks[number])
            yield from self._answers(chunk)

    def _ask(self, chunk: list[str]) -> None:
        if self._process is None:
            self._process = _Process(self._root, ("cat-file", "--batch"), stdin=True)
        try:
            self._process.write("".join(f"{one}\n" for one in chunk).encode("ascii"))
        except OSError as error:
            raise self._ended() from error

    def _answers(self, chunk: list[str]) -> list[bytes]:
        assert self._process  # noqa: S101 - asked before
        try:
            return [_answer(self._process, one) or b"" for one in chunk]
        except AssayError:
            # The rest of the answers is still in the pipe: nothing may take it for another's.
            self._close()
            raise

    def _ended(self) -> Undecided:
        assert self._process  # noqa: S101 - it was written to
        code, words = self._process.end()
        return Undecided(Reason.TOOL_FAILED, f"git cat-file ended ({code}): {words}")


def _answer(process: _Process, identifier: str, *, lax: bool = False) -> bytes | None:
    """One answer: ``<id> SP blob SP <size> LF <bytes> LF`` (git-cat-file, BATCH OUTPUT).

    With ``lax`` None for what is not there (``<name> SP missing LF`` is the whole answer) and for
    what is no file.
    """
    header = process.line()
    if lax and header.endswith(b" missing\n"):
        return None
    fields = header.split()
    if lax and len(fields) == 3 and fields[1] in (b"tree", b"commit", b"tag"):
        process.read(int(fields[2]) + 1)
        return None
    if len(fields) != 3 or fields[1] != b"blob":
        raise Undecided(
            Reason.TOOL_FAILED,
            f"git has no file's bytes under {identifier}: {header.decode('ascii', 'replace')!r}",
            hint="a partial clone or a damaged repository; `git fsck`, or clone it whole",
        )
    size = int(fields[2])
    if size > MAX_FILE:
        raise too_large(f"object {identifier}", size)
    body = process.read(size + 1)
    if len(body) != size + 1:
        raise Undecided(Reason.TOOL_FAILED, f"git cat-file broke off in {identifier}")
    return body[:-1]
