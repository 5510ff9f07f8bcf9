"""Two closures, and what became of each package between them.

A package is its ecosystem, name and version; npm may have one at several places and in several
versions. A release whose bytes changed under the same version is a change of its own kind, for a
registry's versions never do that. Pure: two closures in, changes out, in a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from assay.closure import versions
from assay.closure.model import Closure, Package
from assay.closure.reach import reach


class Kind(StrEnum):
    """What became of a package."""

    ADDED = "added"
    REMOVED = "removed"
    UPGRADED = "upgraded"
    DOWNGRADED = "downgraded"
    REPLACED = "replaced"  # the same version, of other bytes
    EXTENDED = "extended"  # the same version, with other files beside the ones it had (PyPI)


class Change(NamedTuple):
    """``old`` is None for an added package, ``new`` for a removed one.

    ``direct`` is whether the artefact itself wants it, None where the lock does not say; ``via``
    are the names on the way from the artefact to it, without its own.
    """

    kind: Kind
    old: Package | None
    new: Package | None
    artefact: bool = False  # whether it is the artefact's own package
    direct: bool | None = None
    via: tuple[str, ...] = ()

    @property
    def package(self) -> Package:
        """The package as it is now, or as it was."""
        found = self.new or self.old
        assert found is not None  # noqa: S101 - a change has one side at least
        return found

    @property
    def relicensed(self) -> bool:
        """Whether both sides name a licence, and not the same one."""
        return bool(
            self.old
            and self.new
            and self.old.licence
            and self.new.licence
            and self.old.licence != self.new.licence
        )


class Alias(NamedTuple):
    """A name under which npm installs a package of another name, and what it held before."""

    installed: str
    package: Package
    before: tuple[str, ...]  # real names; empty where nobody was installed under that name


class Comparison(NamedTuple):
    """Everything that differs. ``unchanged`` counts packages (name and version)."""

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    sources: tuple[Package, ...] = ()  # from elsewhere than the registry, which they were not
    scripts: tuple[Package, ...] = ()  # with an install script, which they had not
    aliases: tuple[Alias, ...] = ()

    def of(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind is kind)

    @property
    def fresh(self) -> tuple[Package, ...]:
        """The packages of which some byte was not there before: what is worth scanning."""
        return tuple(change.new for change in self.changes if change.new)


_ORDER = {kind: place for place, kind in enumerate(Kind)}
_Key = tuple[str, str]  # ecosystem, name


def compare(old: Closure | None, new: Closure | None) -> Comparison:
    """``None`` is a closure without packages: nothing before, or nothing any more."""
    before, after = _by_name(old), _by_name(new)
    changes: list[Change] = []
    unchanged = 0
    for key in sorted(before.keys() | after.keys()):
        mine, theirs = before.get(key, {}), after.get(key, {})
        for version in mine.keys() & theirs.keys():
            changed = _same_version(mine[version], theirs[version])
            unchanged += changed is None
            changes += [changed] if changed else []
        changes += _versions(
            [mine[version] for version in _sorted(key, mine.keys() - theirs.keys())],
            [theirs[version] for version in _sorted(key, theirs.keys() - mine.keys())],
        )
    placed = _placed(changes, old, new)
    return Comparison(
        changes=tuple(sorted(placed, key=_place)),
        unchanged=unchanged,
        sources=tuple(_newly(old, new, lambda package: package.source)),
        scripts=tuple(_newly(old, new, lambda package: "x" if package.install_script else "")),
        aliases=tuple(_aliases(old, new)),
    )


def _by_name(closure: Closure | None) -> dict[_Key, dict[str, Package]]:
    """Name → version → package; several places of one version are one package of all digests."""
    found: dict[_Key, dict[str, Package]] = {}
    for package in closure.packages if closure else ():
        held = found.setdefault((package.ecosystem, package.name), {})
        first = held.setdefault(package.version, package)
        if first.integrity != package.integrity:
            both = tuple(sorted({*first.integrity, *package.integrity}))
            held[package.version] = first._replace(integrity=both)
    return found


def _sorted(key: _Key, found: Iterable[str]) -> list[str]:
    return sorted(found, key=lambda version: (versions.key(key[0], version), version))


def _same_version(old: Package, new: Package) -> Change | None:
    mine, theirs = set(old.integrity), set(new.integrity)
    if mine == theirs and old.source == new.source:
        return None
    kept = mine <= theirs and mine and old.source == new.source
    return Change(Kind.EXTENDED if kept and old.ecosystem == "pypi" else Kind.REPLACED, old, new)


def _versions(old: list[Package], new: list[Package]) -> Iterator[Change]:
    """Versions that went paired with versions that came: of one major version first, the
    newest with the newest."""
    left, new = old[::-1], new[::-1]
    pairs: list[tuple[Package, Package]] = []
    for same in (True, False):
        for package in list(new):
            match = next((one for one in left if not same or _major(one) == _major(package)), None)
            if match is not None:
                left.remove(match)
                new.remove(package)
                pairs.append((match, package))
    for was, now in pairs:
        up = versions.key(was.ecosystem, was.version) <= versions.key(now.ecosystem, now.version)
        yield Change(Kind.UPGRADED if up else Kind.DOWNGRADED, was, now)
    yield from (Change(Kind.REMOVED, package, None) for package in left)
    yield from (Change(Kind.ADDED, None, package) for package in new)


def _major(package: Package) -> str:
    return package.version.partition(".")[0]


def _placed(changes: list[Change], old: Closure | None, new: Closure | None) -> Iterator[Change]:
    """Each with where it stands: in the new closure, and for what was removed in the old one."""
    sides = {True: _paths(new), False: _paths(old)}
    for change in changes:
        closure = new if change.new else old
        path = sides[change.new is not None].get((change.package.name, change.package.version))
        own = closure is not None and change.package.name == closure.root.name
        known = closure is not None and closure.ecosystem == "npm"
        yield change._replace(
            artefact=own,
            direct=None if own or not known else path is not None and len(path) == 2,
            via=tuple(package.name for package in path[:-1]) if path else (),
        )


def _paths(closure: Closure | None) -> dict[tuple[str, str], tuple[Package, ...]]:
    """Name and version → the shortest way to it."""
    found: dict[tuple[str, str], tuple[Package, ...]] = {}
    for package, path in (reach(closure) if closure else {}).items():
        key = (package.name, package.version)
        if key not in found or len(path) < len(found[key]):
            found[key] = path
    return found


def _place(change: Change) -> tuple[bool, int, bool, str, str]:
    """The artefact itself first, then by kind, what it wants itself before what that wants."""
    return (
        not change.artefact,
        _ORDER[change.kind],
        change.direct is False,
        change.package.name,
        change.package.version,
    )


def _newly(
    old: Closure | None, new: Closure | None, told: Callable[[Package], str]
) -> Iterator[Package]:
    before = {(one.name, told(one)) for one in (old.packages if old else ())}
    for package in new.packages if new else ():
        if told(package) and (package.name, told(package)) not in before:
            yield package


def _aliases(old: Closure | None, new: Closure | None) -> Iterator[Alias]:
    before: dict[str, set[str]] = {}
    for package in old.packages if old else ():
        before.setdefault(installed(package), set()).add(package.name)
    told: set[tuple[str, str]] = set()
    for package in new.packages if new else ():
        held = before.get(installed(package), set())
        pair = (installed(package), package.name)
        other = pair[0] != pair[1] or bool(held)
        if other and package.name not in held and pair not in told:
            told.add(pair)
            yield Alias(pair[0], package, tuple(sorted(held)))


def installed(package: Package) -> str:
    """The name under which it is installed: for npm the last part of its place."""
    if not package.path:
        return package.name
    return f"/{package.path}".rpartition("/node_modules/")[2]
