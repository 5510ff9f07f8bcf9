"""The launch: verify, hold, record, start. In this order, and nothing falls back to less.

client.toml and trust root → the entry's bytes and bundle → signature and identity → the entry's
own rules → lock → parameters and environment → installed tree → audit event → the server.
The bytes that were verified are the bytes that are parsed. Whatever stops a launch, a fault of
ours included, is an audit event with the reason that the person sees.

Index and revocations (TUF's timestamp and snapshot roles) come in between the entry's bytes and
its signature. Until a registry has them, a replay of an older signed entry is not noticed, and
each launch says so.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from assay.client import parameters, settings, start
from assay.client.audit import HOLDS, AuditLog, Event, Kind, Outcome
from assay.client.environment import environment, for_fetching
from assay.client.install import Trees, Wanted
from assay.client.interpreter import open_interpreter
from assay.client.places import Places, home, user_id
from assay.client.published import Folder, Published
from assay.errors import AssayError, Refused, Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.client.install import Installed
    from assay.client.interpreter import Interpreter
    from assay.entry.model import Entry
    from assay.trust.verify import Verified

# Those of Python's variables (its manual, 1.2) that choose code: where modules
# and their compiled files lie, and PYTHONWARNINGS, which imports the module that it names.
_STEERS_PYTHON = (
    "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONPLATLIBDIR", "PYTHONPYCACHEPREFIX",
    "PYTHONWARNINGS", "PYTHONEXECUTABLE", "PYTHONCASEOK", "PYTHON_PRESITE",
)  # fmt: skip
_INTERPRETERS = {"npm": "node", "pypi": "python"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says. ``version`` is an assertion, empty for none."""

    name: str
    version: str = ""
    parameters: Sequence[str] = ()
    reinstall: bool = False


@dataclass(frozen=True, slots=True)
class Host:
    """The machine around a launch. ``trial`` is a client.toml of the user's own, or None.

    ``tell`` says a line to the person; stdout belongs to the server alone. ``progress`` hears of
    archives fetched, of how many.
    """

    config: Path
    trial: bool
    places: Places
    workspace: Path
    environment: dict[str, str]
    tell: Callable[[str], None]
    progress: Callable[[int, int], None]


@dataclass(slots=True)
class Attempt:
    """One attempt, as far as it got: what its audit event will say."""

    name: str
    version: str
    log: AuditLog
    digests: dict[str, str] = field(default_factory=dict)

    def record(self, kind: Kind, error: BaseException | None = None) -> None:
        """Write the event; Undecided AUDIT_UNWRITABLE."""
        if error is None:
            outcome, reason, detail = Outcome.ALLOWED, HOLDS, ""
        else:
            outcome, reason, detail = _judged(error)
        self.log.write(
            Event(kind, self.name, self.version, outcome, reason, detail, dict(self.digests))
        )


def prepare(asked: Asked, host: Host) -> start.Start:
    """Everything up to the start itself; on return the event of an allowed launch is written.

    Raises ``AssayError``, after an event was written wherever one could be.
    """
    default = host.places.state / "audit.jsonl"  # until client.toml has said another
    attempt = Attempt(asked.name, asked.version, _log(default, host))
    try:
        found = _prepare(asked, host, attempt)
        attempt.record(Kind.LAUNCH)
    except BaseException as error:
        _record_refusal(attempt, error, host)
        raise
    return found


def started(asked: Asked, host: Host, ready: start.Start) -> int:
    """Become the server; a start that fails is an event of its own."""
    try:
        return start.become(ready)
    except Undecided as error:
        path = settings.load(host.config, host.places, trial=host.trial).audit_log
        _record_refusal(Attempt(asked.name, asked.version, _log(path, host)), error, host)
        raise


def _prepare(asked: Asked, host: Host, attempt: Attempt) -> start.Start:
    told = settings.load(host.config, host.places, trial=host.trial)
    attempt.log = _log(told.audit_log, host)
    _hold_ourselves(host)
    entry, raw, verified = _verified(Folder(told.registry), told, attempt)
    _hold_entry(entry, asked, host)
    values = _values(entry, asked, host)
    arguments = parameters.arguments(entry.launch, values)
    variables = environment(entry.launch.env, host.environment, host.workspace)
    kind = _kind(entry)
    path = told.node if kind == "node" else told.python
    interpreter = open_interpreter(kind, path, told.state, host.workspace)
    installed = _installed(_wanted(entry, raw, interpreter), told, asked, attempt, host)
    target = _target(entry, installed)
    host.tell(
        f"{entry.name} {entry.version}: signed {verified.signed_at:%Y-%m-%d %H:%M} UTC, verified; "
        "this registry has no index yet, so a replay of an older entry would not be noticed"
    )
    return start.Start(
        start.command(interpreter, installed, target, arguments),
        variables,
        start.empty_folder(told.cache),
    )


def _hold_ourselves(host: Host) -> None:
    """Our own interpreter obeyed these before our first line ran, unless it runs isolated: what
    we would vouch for with other people's modules is worth nothing."""
    steered = [name for name in _STEERS_PYTHON if host.environment.get(name)]
    if steered and not sys.flags.isolated:
        raise Refused(
            Reason.SURROUNDINGS_UNSAFE,
            f"{steered[0]} is set, so other code than ours may have run before this check",
            hint="start it as: PYTHON -I -m assay.cli launch NAME",
        )


def _verified(
    published: Published, told: settings.Settings, attempt: Attempt
) -> tuple[Entry, bytes, Verified]:
    """The entry, its lock's bytes and what its signature proves."""
    raw = published.entry(attempt.name)
    attempt.digests["entry"] = hashlib.sha256(raw).hexdigest()
    bundle = published.bundle(attempt.name)
    verified = _signature(told, raw, bundle)
    entry = _parsed(attempt.name, raw)
    attempt.version = entry.version
    if entry.artefact is None or entry.artefact.lock is None:
        lock = b""
    else:
        attempt.digests |= {"artefact": entry.artefact.sha256, "lock": entry.artefact.lock.sha256}
        lock = published.lock(entry.artefact.lock.file)
    return entry, lock, verified


def _signature(told: settings.Settings, raw: bytes, bundle: bytes) -> Verified:
    from assay.trust.identity import identity_from
    from assay.trust.root import load_trusted_root
    from assay.trust.verify import Verifier

    try:
        identity = identity_from(told.identity)
    except ValueError as error:
        raise Refused(Reason.CONFIG_INVALID, f"{told.path}: identity.{error}") from error
    return Verifier(load_trusted_root(told.trusted_root), identity).verify(raw, bundle)


def _parsed(name: str, raw: bytes) -> Entry:
    from assay.entry import read
    from assay.finding import Severity

    # The day is a reviewer's matter, long past here; whoever signed has held it.
    reading = read(f"servers/{name}.yaml", raw, today=date.max)
    errors = [one for one in reading.findings if one.severity is Severity.ERROR]
    if reading.entry is None or errors:
        what = f"line {errors[0].line}: {errors[0].message}" if errors else "can't be read"
        raise Refused(Reason.ENTRY_INVALID, f"servers/{name}.yaml: {what}")
    return reading.entry


def _hold_entry(entry: Entry, asked: Asked, host: Host) -> None:
    """The rules that the moment of a launch decides. The signature says nothing of the name:
    without this, a signed entry could be laid under the name of another."""
    if entry.name != asked.name:
        raise Refused(
            Reason.ENTRY_INVALID, f"the entry laid as {asked.name} is the one of {entry.name}"
        )
    if asked.version and asked.version != entry.version:
        raise Refused(
            Reason.VERSION_MISMATCH,
            f"the registry has {entry.name} {entry.version}, not {asked.version}",
        )
    if entry.review_expires is not None and datetime.now(UTC).date() > entry.review_expires:
        raise Refused(
            Reason.REVIEW_EXPIRED,
            f"the review of {entry.name} held until {entry.review_expires}",
            hint=f"ask {entry.maintainer} to have it reviewed again",
        )
    if entry.status == "deprecated":
        instead = f"; use {entry.replaced_by}" if entry.replaced_by else ""
        host.tell(f"{entry.name} is deprecated: {entry.status_reason}{instead}")


def _kind(entry: Entry) -> str:
    """Which interpreter starts it."""
    if entry.artefact is None or entry.transport != "stdio":
        raise Refused(
            Reason.ARTEFACT_UNSUPPORTED, f"{entry.name} is a remote server: nothing starts here"
        )
    kind = entry.artefact.reference.kind
    if kind not in _INTERPRETERS:
        raise Refused(
            Reason.ARTEFACT_UNSUPPORTED, f"artefacts of kind {kind} can't be launched yet"
        )
    return _INTERPRETERS[kind]


def _values(entry: Entry, asked: Asked, host: Host) -> parameters.Values:
    kinds = {one.name: one.kind for one in entry.launch.parameters}
    kept = parameters.stored(host.places.parameters / f"{entry.name}.toml", home())
    return {**kept, **parameters.given(asked.parameters, kinds, host.workspace)}


def _wanted(entry: Entry, lock_raw: bytes, interpreter: Interpreter) -> Wanted:
    artefact = entry.artefact
    if artefact is None or artefact.lock is None:
        raise Refused(Reason.LOCK_MISSING, f"{entry.name} names no lock, so its dependencies float")
    if hashlib.sha256(lock_raw).hexdigest() != artefact.lock.sha256:
        raise Refused(
            Reason.LOCK_MISMATCH,
            f"{artefact.lock.file} is not the lock whose sha256 the signed entry names",
        )
    return Wanted(artefact, artefact.lock, lock_raw, interpreter)


def _installed(
    wanted: Wanted, told: settings.Settings, asked: Asked, attempt: Attempt, host: Host
) -> Installed:
    trees = Trees(told.cache, told.state, lambda: _sources(told, host))
    if asked.reinstall or not trees.laid(wanted):
        try:
            fetched = trees.lay(wanted, host.progress, anew=asked.reinstall)
        except BaseException as error:
            attempt.record(Kind.FETCH, error)
            raise
        if fetched:
            attempt.record(Kind.FETCH)
    return trees.hold(wanted)


def _sources(told: settings.Settings, host: Host) -> Sources:
    from assay.artefact.source import open_sources
    from assay.artefact.store import Store

    variables = for_fetching(host.environment, (told.node, told.python), host.workspace)
    return open_sources(Store(told.cache / "store"), variables)


def _target(entry: Entry, installed: Installed) -> str:
    from assay.client.commands import pick

    assert entry.artefact is not None  # noqa: S101  _kind has seen to it
    return pick(installed.commands, entry.launch.entrypoint, entry.artefact.reference.name)


def _log(path: Path, host: Host) -> AuditLog:
    return AuditLog(path, user_id=user_id(), trial=host.trial)


def _record_refusal(attempt: Attempt, error: BaseException, host: Host) -> None:
    """Write the event of a refusal; where that fails, say so beside the refusal's own reason."""
    if isinstance(error, Undecided) and error.reason is Reason.AUDIT_UNWRITABLE:
        return
    try:
        attempt.record(Kind.LAUNCH, error)
    except Undecided as unwritten:
        host.tell(f"[{unwritten.reason}] {unwritten.message}")


def _judged(error: BaseException) -> tuple[Outcome, str, str]:
    if isinstance(error, Refused):
        return Outcome.REFUSED, error.reason, error.message
    if isinstance(error, Undecided):
        return Outcome.UNDECIDED, error.reason, error.message
    if isinstance(error, AssayError):
        return Outcome.REFUSED, Reason.UNEXPECTED, error.message
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return Outcome.UNDECIDED, Reason.UNEXPECTED, told


def workspace() -> Path:
    """The folder that the host opened, or the root where it has been removed meanwhile."""
    try:
        return Path(os.getcwd()).resolve()
    except OSError:
        return Path("/")
