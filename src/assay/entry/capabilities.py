"""What an entry lets a server do, before and now: wider, narrower or only different.

Where an order is known (a scope or a host that covers another, the classes of data), it is told.
Where there is none (other arguments, maintainer, artefact), nobody can show that a change
is no widening, so it counts as one; the policy can say otherwise for each kind. Scope and egress
are declared and reviewed, not enforced. Pure: two entries in, changes out, in the entry's order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from assay.entry.model import Artefact, Entry, Variable
    from assay.policy import Policy

_CLASSES = ("public", "internal", "confidential", "restricted")
_MAX_SHOWN = 300  # characters of one side


class Effect(StrEnum):
    """Which way a capability went."""

    WIDENED = "widened"
    NARROWED = "narrowed"
    CHANGED = "changed"


class Capability(NamedTuple):
    """One changed capability. ``kind`` is its key in the policy's ``reviewers.widening``.

    ``old`` and ``new`` are what stood and stands there, a stranger's words, one empty where it was
    added or removed; ``where`` is the key of the new entry that a finding is told at.
    """

    kind: str
    effect: Effect
    old: str
    new: str
    where: tuple[str | int, ...]

    @property
    def counts(self) -> bool:
        """Whether it may let the server do more than before."""
        return self.effect is not Effect.NARROWED


_Changes = Iterator[Capability]
_Compare = Callable[["Entry", "Entry"], _Changes]


def compare(old: Entry, new: Entry) -> tuple[Capability, ...]:
    """Everything that differs, in the order of ``KINDS``."""
    return tuple(change for one in KINDS.values() for change in one(old, new))


def signers(old: Policy, new: Policy) -> tuple[Capability, ...]:
    """A changed signer: it stands in the policy, and vouches for every entry.

    A first one changes nothing: nobody vouched before.
    """
    if old.signer is None:
        return ()
    before, after = dict(old.signer or {}), dict(new.signer or {})
    return tuple(
        Capability("signer", Effect.CHANGED, _text(before.get(key)), _text(after.get(key)), ())
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    )


def more_reviewers(policy: Policy, changes: Iterable[Capability]) -> int:
    """How many reviewers more than the quorum the widest of ``changes`` wants."""
    usual = policy.widening.get("extra", 0)
    wanted = (policy.widening.get(change.kind, usual) for change in changes if change.counts)
    return max(wanted, default=0)


def required_approvals(policy: Policy, old: Entry | None, new: Entry) -> int:
    """The reviewers other than the maintainer that a change from ``old`` to ``new`` wants.

    The quorum for the new entry's data, and what its widening adds. A first version has nothing
    that it could widen.
    """
    quorum = policy.reviews[new.data_classification].quorum
    return quorum if old is None else quorum + more_reviewers(policy, compare(old, new))


def _one(kind: str, *where: str) -> Callable[[str, str], _Changes]:
    """A capability that is one text, of which no order is known."""

    def told(old: str, new: str) -> _Changes:
        if old != new:
            yield Capability(kind, Effect.CHANGED, _text(old), _text(new), where)

    return told


def _scope(old: Entry, new: Entry) -> _Changes:
    yield from _items("scope", old.scope, new.scope, _scope_covers, ("scope",))


def _egress(old: Entry, new: Entry) -> _Changes:
    yield from _items("egress", old.egress, new.egress, _host_covers, ("egress",))


def _items(
    kind: str,
    old: tuple[str, ...],
    new: tuple[str, ...],
    covers: Callable[[str, str], bool],
    where: tuple[str, ...],
) -> _Changes:
    """Items of a list: what came and was covered is narrower, and wider what was not."""
    gone = [item for item in old if item not in new]
    shown: set[str] = set()
    for place, item in enumerate(new):
        if item in old:
            continue
        around = next((one for one in old if covers(one, item)), "")
        below = [one for one in gone if covers(item, one)]
        before = [around] if around in gone else below
        shown.update(before)
        effect = Effect.NARROWED if around else Effect.WIDENED
        yield Capability(kind, effect, _text(", ".join(before)), _text(item), (*where, place))
    for item in gone:
        if item not in shown:
            yield Capability(kind, Effect.NARROWED, _text(item), "", where)


def _scope_covers(wide: str, narrow: str) -> bool:
    """``read:finance.*`` covers ``read:finance.invoices``; a star elsewhere covers itself alone."""
    stem = wide.removesuffix("*")
    return wide == narrow or (stem != wide and "*" not in stem and narrow.startswith(stem))


def _host_covers(wide: str, narrow: str) -> bool:
    """``*.example.com`` covers the hosts below, and a host without port any port of it."""
    (host, _, port), (other, _, its) = wide.partition(":"), narrow.partition(":")
    if port not in ("", its):
        return False
    return host == other or (host.startswith("*.") and other.endswith(host[1:]))


def _classification(old: Entry, new: Entry) -> _Changes:
    was, now = old.data_classification, new.data_classification
    if was != now:
        wider = _CLASSES.index(now) > _CLASSES.index(was)
        effect = Effect.WIDENED if wider else Effect.NARROWED
        yield Capability("data_classification", effect, was, now, ("data_classification",))


def _environment(old: Entry, new: Entry) -> _Changes:
    before = {one.name: one for one in old.launch.env}
    after = {one.name: one for one in new.launch.env}
    where = ("launch", "env")
    for place, (name, variable) in enumerate(after.items()):
        was = before.get(name)
        if was is None:
            yield Capability(
                "environment", Effect.WIDENED, "", _variable(variable), (*where, place)
            )
        elif was.secret != variable.secret:
            # What is no secret any more is shown and logged.
            effect = Effect.WIDENED if was.secret else Effect.NARROWED
            sides = _variable(was), _variable(variable)
            yield Capability("environment", effect, *sides, (*where, place))
    for name in sorted(before.keys() - after.keys()):
        yield Capability("environment", Effect.NARROWED, _variable(before[name]), "", where)


def _variable(variable: Variable) -> str:
    return f"{variable.name} (secret)" if variable.secret else variable.name


def _transport(old: Entry, new: Entry) -> _Changes:
    yield from _one("transport", "transport")(old.transport, new.transport)
    yield from _one("transport", "url")(old.url, new.url)


def _arguments(old: Entry, new: Entry) -> _Changes:
    before, after = (" ".join(map(repr, entry.launch.args)) for entry in (old, new))
    yield from _one("arguments", "launch", "args")(before, after)


def _parameters(old: Entry, new: Entry) -> _Changes:
    before = {one.name: one for one in old.launch.parameters}
    after = {one.name: one for one in new.launch.parameters}
    where = ("launch", "parameters")
    for place, (name, item) in enumerate(after.items()):
        was = before.get(name)
        mine = (item.kind, item.multiple)
        if was is None:
            told = f"{name} ({_kind(mine)})"
            yield Capability("parameters", Effect.WIDENED, "", told, (*where, place))
        elif (was.kind, was.multiple) != mine:
            narrower = was.kind == item.kind and was.multiple
            effect = Effect.NARROWED if narrower else Effect.WIDENED
            sides = f"{name} ({_kind((was.kind, was.multiple))})", f"{name} ({_kind(mine)})"
            yield Capability("parameters", effect, *sides, (*where, place))
    for name in sorted(before.keys() - after.keys()):
        yield Capability("parameters", Effect.NARROWED, name, "", where)


def _kind(of: tuple[str, bool]) -> str:
    return f"several of {of[0]}" if of[1] else of[0]


def _artefact(old: Entry, new: Entry) -> _Changes:
    """Its kind, its name and where it comes from; its version is what a new version is for."""
    if old.artefact is None or new.artefact is None:
        if old.artefact is not new.artefact:
            yield Capability("artefact", Effect.CHANGED, _of(old), _of(new), ("artefact",))
        return
    if _identity(old, old.artefact) != _identity(new, new.artefact):
        yield Capability("artefact", Effect.CHANGED, _of(old), _of(new), ("artefact", "url"))


def _identity(entry: Entry, artefact: Artefact) -> tuple[str, str, str]:
    """Kind, name and file without the version, which an address carries in its midst."""
    reference = artefact.reference
    name = (
        reference.name.replace(entry.version, "*") if reference.kind == "https" else reference.name
    )
    return reference.kind, name, reference.file_name.replace(entry.version, "*")


def _of(entry: Entry) -> str:
    return _text(entry.artefact.reference.text) if entry.artefact else "remote"


KINDS: Mapping[str, _Compare] = {
    "scope": _scope,
    "data_classification": _classification,
    "lawful_basis": lambda old, new: _one("lawful_basis", "lawful_basis")(
        old.lawful_basis, new.lawful_basis
    ),
    "transport": _transport,
    "artefact": _artefact,
    "entrypoint": lambda old, new: _one("entrypoint", "launch", "entrypoint")(
        old.launch.entrypoint, new.launch.entrypoint
    ),
    "arguments": _arguments,
    "environment": _environment,
    "parameters": _parameters,
    "egress": _egress,
    "maintainer": lambda old, new: _one("maintainer", "maintainer")(old.maintainer, new.maintainer),
}


def _text(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
