"""Git repositories: exactly one commit, fetched by git itself and archived by a rule of ours.

The commit's id is what git's own hashing says of what arrived, so it is verified by being there;
``sha256`` is that of the archive that ``snapshot`` describes. Logins are those of git's own
credential helpers and of ``.netrc``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from assay.artefact import scratch, snapshot
from assay.artefact.gitrun import Bare, GitFailed, TooLarge
from assay.artefact.http import Limits, shown
from assay.artefact.reference import Reference
from assay.artefact.source import Archived, Fetched, Named, nobody
from assay.artefact.store import Store
from assay.errors import AssayError, Refused, Undecided
from assay.hidden import quoted
from assay.reason import Reason

_T = TypeVar("_T")
_ALL = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# What git says, in the C locale, and what it means. In this order.
_ABSENT = re.compile(r"not our ref|couldn't find remote ref")
_NO_REPOSITORY = re.compile(r"repository '.*' not found|does not appear to be a git repository")
_FORBIDDEN = re.compile(r"not allow request for unadvertised object")
_DUMB = re.compile(r"dumb http transport")
_LOGIN = re.compile(r"could not read (?:Username|Password)|Authentication failed|error: 40[13]")
_MOVED = re.compile(r"error: 30[12378]")
_TRANSPORT = re.compile(r"transport '.*' not allowed")
_TLS = re.compile(r"certificate|SSL", re.IGNORECASE)
_FULL = re.compile(r"No space left on device")


class GitSource:
    """Repositories over https. Others in ``protocols`` are for those who trust the machine."""

    def __init__(
        self,
        store: Store,
        environ: Mapping[str, str],
        *,
        limits: Limits | None = None,
        protocols: Sequence[str] = ("https",),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store = store
        self._environ = environ
        self._limits = limits or Limits()
        self._protocols = tuple(protocols)
        self._sleep = sleep

    def fetch(self, reference: Reference, *, sha256: str | None = None) -> Fetched:
        """See ``Source.fetch``. Refused besides: ARTEFACT_INVALID (``snapshot.write``)."""
        name = reference.name.rpartition("/")[2].removesuffix(".git") or "repository"
        file_name = f"{name}-{reference.version}.tar"
        if sha256 and (path := self.store.got(reference.text, sha256)):
            return Fetched(path, sha256, path.stat().st_size, file_name)
        with scratch.folder(self.store.root / "clones") as folder, self.store.draft() as draft:
            end = time.monotonic() + self._limits.deadline
            repository = self._ask(reference, lambda: self._bare(folder / "git", reference, end))
            self._bring(repository, reference, end)
            self._ask(
                reference,
                lambda: snapshot.write(repository, reference.version, draft, label=reference.text),
            )
            if sha256 and draft.sha256 != sha256:
                raise _differs(reference, draft.sha256, sha256)
            path = self.store.keep(draft)
            self.store.note_origin(reference.text, draft.sha256)
            return Fetched(path, draft.sha256, draft.size, file_name)

    def fetch_package(self, package: Archived, tags: Sequence[str] = ()) -> Fetched:
        """A repository has no packages that are fetched one by one."""
        raise Undecided(
            Reason.ARTEFACT_UNSUPPORTED,
            f"{package.name} is part of a repository and comes with it",
        )

    def _bare(self, folder: Path, reference: Reference, end: float) -> Bare:
        return Bare(folder, self._environ, end, address=reference.name, protocols=self._protocols)

    def _bring(self, repository: Bare, reference: Reference, end: float) -> None:
        """The commit and its tree, without history where the server gives it so."""
        wanted: tuple[str, ...] = ("--depth=1", reference.name, reference.version)
        attempt = 0
        while True:
            try:
                self._fetch(repository, reference, wanted)
                break
            except GitFailed as fault:
                if _FORBIDDEN.search(str(fault)) and "--depth=1" in wanted:
                    wanted = (reference.name, *_ALL)
                    continue
                wait = self._limits.backoff * 2**attempt
                attempt += 1
                late = time.monotonic() + wait > end
                if attempt > self._limits.retries or late or not _may_pass(str(fault)):
                    raise _meaning(reference, str(fault), self._limits) from fault
                self._sleep(wait)
        self._hold_commit(repository, reference)

    def _fetch(self, repository: Bare, reference: Reference, wanted: Sequence[str]) -> None:
        try:
            repository.run(
                *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head"),
                *("--no-auto-maintenance", "--no-recurse-submodules", *wanted),
                size=self._limits.size,
            )
        except TooLarge as error:
            told = f"is larger than {self._limits.size} bytes"
            raise _unreachable(reference, told, "name a smaller repository") from error

    def _hold_commit(self, repository: Bare, reference: Reference) -> None:
        try:
            kind = repository.run("cat-file", "-t", reference.version).strip()
        except GitFailed as error:
            raise _no_commit(reference) from error
        if kind != b"commit":  # the id of a tag leads to one, and is another id
            raise _no_commit(reference)

    def _ask(self, reference: Reference, act: Callable[[], _T]) -> _T:
        try:
            return act()
        except GitFailed as error:
            raise _meaning(reference, str(error), self._limits) from error


def open_git(store: Store, environ: Mapping[str, str], named: Named = nobody) -> GitSource:
    """The repositories that this machine can reach. Git is led nowhere, so ``named`` is moot."""
    return GitSource(store, environ)


def _may_pass(words: str) -> bool:
    final = (_ABSENT, _NO_REPOSITORY, _LOGIN, _MOVED, _DUMB, _TRANSPORT, _TLS, _FULL)
    return not any(pattern.search(words) for pattern in final) and words != "timed out"


def _meaning(reference: Reference, words: str, limits: Limits) -> AssayError:
    if _ABSENT.search(words):
        return _no_commit(reference)
    if _NO_REPOSITORY.search(words):
        return Refused(
            Reason.NOT_FOUND,
            f"git has no repository {shown(reference.name)}",
            hint="compare the address with what its host offers",
        )
    if _FULL.search(words):
        return Undecided(
            Reason.STORE_UNUSABLE, "the store can't be used: no space left", hint="free some space"
        )
    if words == "timed out":
        told = f"did not end within {limits.deadline:g} s"
        return _unreachable(reference, told, "check the network and the proxy")
    for pattern, told, hint in _HINTS:
        if pattern.search(words):
            return _unreachable(reference, told, hint)
    return _unreachable(reference, f"fails: {quoted(words[-300:])}", "check network and proxy")


_HINTS = (
    (
        _LOGIN,
        "asks for a login: credentials are missing or not enough",
        "git's own credential helpers and .netrc are asked; see `git help credentials`",
    ),
    (_MOVED, "has moved, and git is not led on", "name the address that it has now"),
    (
        _DUMB,
        "does not answer as a git server does",
        "open the address: it may be a login page; git's dumb protocol is not served",
    ),
    (
        _TRANSPORT,
        "would be fetched by something else than https",
        "git's configuration rewrites the address (url.*.insteadOf); let it be fetched over https",
    ),
    (
        _TLS,
        "shows a certificate that this machine does not trust",
        "set http.sslCAInfo in git's configuration, or SSL_CERT_FILE",
    ),
)


def _no_commit(reference: Reference) -> Refused:
    return Refused(
        Reason.NOT_FOUND,
        f"{shown(reference.name)} has no commit {reference.version}",
        hint="name the id of a commit that its branches or tags lead to",
    )


def _unreachable(reference: Reference, told: str, hint: str) -> Undecided:
    return Undecided(Reason.UNREACHABLE, f"git: {shown(reference.name)} {told}", hint=hint)


def _differs(reference: Reference, found: str, wanted: str) -> Refused:
    return Refused(
        Reason.DIGEST_MISMATCH,
        f"{reference.text}: its archive has sha256 {found}, wanted is {wanted}",
        hint="the same commit always gives the same archive: see docs/artefacts.md for the rule",
    )
