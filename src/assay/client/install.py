"""Installed trees: laid once from verified archives, held against their manifest ever after.

Neither npm nor pip runs here: each archive of the closure that fits this machine is fetched into
the store against the lock's own digest, unpacked at the place that the lock gives it, and nothing
of it is executed. A tree lies under a key of all that it depends on: the lock's sha256, the
artefact's, the interpreter and this layout.

A tree counts once its manifest's sha256 is recorded in the state folder, which is the last thing
that happens. Whatever a killed process left behind has no record, and is removed by the next one
under the same lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assay.client import manifest as manifests
from assay.client import tree
from assay.client.interpreter import Interpreter
from assay.client.locking import locked
from assay.entry.model import Artefact, Lock
from assay.errors import Refused
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.artefact.unpack.bounds import Member
    from assay.client.build import Build
    from assay.client.plan import Step
    from assay.closure.model import Closure

Progress = Callable[[int, int], None]  # archives fetched, archives in all

_AT_ONCE = 8  # downloads
_PATIENCE = 900.0  # seconds to wait for another process that lays the same tree


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a tree is laid from. ``lock_raw`` are the bytes whose sha256 the entry names."""

    artefact: Artefact
    lock: Lock
    lock_raw: bytes
    interpreter: Interpreter

    @property
    def key(self) -> str:
        """Hex, the name of the tree."""
        what = [
            manifests.LAYOUT,
            self.artefact.reference.text,
            self.artefact.sha256,
            self.lock.sha256,
            self.interpreter.identity,
        ]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Installed:
    """A tree that was held against its manifest just now."""

    root: Path
    commands: dict[str, str]


class Trees:
    """The trees under ``cache``, recorded under ``state``. Safe to use from many processes."""

    def __init__(self, cache: Path, state: Path, open_sources: Callable[[], Sources]) -> None:
        self._trees = cache / "trees"
        # One state may see several caches, such as a trial's: each has records of its own.
        self._records = state / "trees" / hashlib.sha256(str(cache).encode()).hexdigest()[:16]
        self._open_sources = open_sources

    def laid(self, wanted: Wanted) -> bool:
        """Whether there is a tree that counts; ``hold`` says whether it is unchanged."""
        return self._record(wanted.key) is not None and (self._trees / wanted.key).is_dir()

    def hold(self, wanted: Wanted) -> Installed:
        """The tree, every byte of it held against its manifest; Refused TREE_CHANGED."""
        home = self._trees / wanted.key
        try:
            raw = (home / "manifest.json").read_bytes()
        except OSError as error:
            raise tree.changed(home, "the manifest can't be read") from error
        if hashlib.sha256(raw).hexdigest() != self._record(wanted.key):
            raise tree.changed(home, "the manifest is not the one that was recorded")
        told = manifests.parse(raw)
        tree.hold(home / "tree", told)
        tree.hold_surroundings(home)
        if wanted.interpreter.kind == "node":
            tree.hold_above(home)
        return Installed(home / "tree", dict(told.commands))

    def lay(self, wanted: Wanted, progress: Progress, *, anew: bool = False) -> bool:
        """Fetch and unpack what is missing; False where another process did so meanwhile.

        Refused: LOCK_UNTRUE, DIGEST_MISMATCH, NOT_FOUND, ARTEFACT_INVALID, ARTEFACT_UNSUPPORTED.
        Undecided: UNREACHABLE, STORE_UNUSABLE.
        """
        try:
            with self._alone(wanted.key):
                if self.laid(wanted) and not anew:
                    return False
                self._clear(wanted.key)
                self._lay(wanted, progress)
        except OSError as error:
            raise tree.unreadable(self._trees, error) from error
        return True

    def _lay(self, wanted: Wanted, progress: Progress) -> None:
        from assay.client.build import Build, remove
        from assay.client.plan import plan

        closure = _closure(wanted)
        steps = plan(closure, wanted.interpreter)
        archives = self._fetch(wanted, closure, steps, progress)
        aside = self._trees / f".{wanted.key}.{secrets.token_hex(4)}"
        try:
            (aside / "tree").mkdir(parents=True)
            build = Build(aside / "tree")
            own: set[str] = set()
            for step, archive in zip(steps, archives, strict=True):
                laid = _unpack(build, step, archive)
                own |= laid if step.package == closure.root else set()
            told = _manifest(build, closure, own, wanted.interpreter)
            build.finish()
            self._place(wanted.key, aside, told)
        except BaseException:
            with suppress(OSError):
                remove(aside)
            raise

    def _fetch(
        self, wanted: Wanted, closure: Closure, steps: list[Step], progress: Progress
    ) -> list[Path]:
        """The archive of each step, in order, each held against the digest that was reviewed."""
        sources = self._open_sources()
        reference = wanted.artefact.reference
        # The first one alone: it opens the source, which asks npm or pip how they are set up.
        own = sources.fetch(reference, sha256=wanted.artefact.sha256)
        tags = wanted.interpreter.tags if wanted.interpreter.kind == "python" else ()
        _fits(own.file_name, tags)
        done = 0

        def one(step: Step) -> Path:
            nonlocal done
            if step.package == closure.root:
                path = own.path
            else:
                path = sources.fetch_package(step.package, tags=tags)
            done += 1
            progress(done, len(steps))
            return path

        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            return list(pool.map(one, steps))
        finally:
            pool.shutdown(cancel_futures=True)

    def _place(self, key: str, aside: Path, told: manifests.Manifest) -> None:
        (aside / "manifest.json").write_bytes(told.to_bytes())
        if hasattr(os, "sync"):
            os.sync()  # one call for thousands of files; each on its own would take seconds
        aside.rename(self._trees / key)
        self._records.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = self._records / f".{key}.{secrets.token_hex(4)}"
        with note.open("w", encoding="ascii") as file:
            file.write(told.sha256())
            file.flush()
            os.fsync(file.fileno())
        note.replace(self._records / key)

    def _clear(self, key: str) -> None:
        """Take away what no longer counts: the record first, so that no half tree ever counts."""
        from assay.client.build import remove

        (self._records / key).unlink(missing_ok=True)
        for path in (self._trees / key, *self._trees.glob(f".{key}.*")):
            remove(path)

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        self._trees.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(self._trees / f"{key}.lock", flags, 0o600)
        try:
            with locked(descriptor, seconds=_PATIENCE):
                yield
        finally:
            os.close(descriptor)

    def _record(self, key: str) -> str | None:
        try:
            return (self._records / key).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return None


def _closure(wanted: Wanted) -> Closure:
    from assay.closure import parse
    from assay.finding import Severity

    closure, findings = parse(wanted.artefact.reference, wanted.lock_raw, wanted.lock.file)
    errors = [one for one in findings if one.severity is Severity.ERROR]
    if closure is None or errors:
        what = f"line {errors[0].line}: {errors[0].message}" if errors else "it can't be read"
        raise Refused(Reason.LOCK_UNTRUE, f"{wanted.lock.file}: {what}")
    return closure


def _fits(file_name: str, tags: tuple[str, ...]) -> None:
    """The artefact's own wheel is the one that was reviewed, whether it runs here or not."""
    if not tags:
        return
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        offered = {str(tag) for tag in parse_wheel_filename(file_name)[3]}
    except InvalidWheelFilename as error:
        raise Refused(
            Reason.ARTEFACT_UNSUPPORTED,
            f"{file_name} is not a wheel; nothing is built at a launch",
        ) from error
    if offered.isdisjoint(tags):
        raise Refused(
            Reason.ARTEFACT_UNSUPPORTED, f"{file_name} does not run on this host's Python"
        )


def _unpack(build: Build, step: Step, archive: Path) -> set[str]:
    from assay.artefact.unpack import tarball, wheel

    package = step.package
    if package.ecosystem == "npm":
        members = _without_packages(tarball.members(archive, label=package.purl), package.purl)
    else:
        members = wheel.members(
            archive, name=package.name, version=package.version, label=package.purl
        )
    return build.lay(step.folder, members, label=package.purl)


def _without_packages(members: Iterator[Member], label: str) -> Iterator[Member]:
    """A tarball's own node_modules would come before the packages that the lock names."""
    from assay.artefact.unpack.bounds import refused

    for member in members:
        if member.path.startswith("node_modules/"):
            raise refused(label, f"brings packages that the lock does not name: {member.path}")
        yield member


def _manifest(
    build: Build, closure: Closure, own: set[str], interpreter: Interpreter
) -> manifests.Manifest:
    """``own`` are the artefact's own files: no other package says which commands it has."""
    from assay.client import commands

    root = closure.root
    if closure.ecosystem == "npm":
        found = commands.npm_commands(build.root, own, root.path, root.name)
    else:
        found = commands.python_commands(build.root, own, root.name)
        build.compile(interpreter.path)
    return manifests.Manifest(found, build.files)
