"""What is judged: which entries, in which state of the registry, by which policy.

Of the working tree, all of it or what was named; or of a pull request, as it would be after the
merge and by commits alone, so that no attribute, filter or mode of a checkout has a say.

The base judges. A pull request is held against the policy at the base's tip, never against its
own. If it changes ``assay.yaml`` and no entry, the new policy must be valid, and every entry of the
registry is held against it, so that its reviewers see whom it would refuse; what the pull request
itself may do is still the old one's to say. One that changes both is refused (``mixed-change``)
and its entries are judged by the base's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from assay.errors import Refused, Undecided, UsageError
from assay.finding import Finding, Severity
from assay.outcome import Unseen
from assay.policy import Policy
from assay.reason import Reason
from assay.registry import Registry, Siblings, names
from assay.run import View, read_policy, read_revocations

if TYPE_CHECKING:
    from assay.checks.whole import Request, Whole
    from assay.revocations import Revocations


class Case(NamedTuple):
    """``findings`` are those of the policy and of the revocations. ``policy`` judges the entries.

    ``announced`` are entries that a pull request revokes without touching them: to say so is its
    purpose, so for them a revocation is told and refuses nothing.
    """

    registry: Registry
    view: View
    paths: tuple[str, ...]
    policy: Policy
    revocations: Revocations | None
    findings: tuple[Finding, ...]
    whole: Whole | None = None
    unseen: tuple[Unseen, ...] = ()
    base: str = ""
    head: str = ""
    announced: frozenset[str] = frozenset()

    @property
    def siblings(self) -> Siblings:
        return Siblings(self.view)


def of_working_tree(
    registry: Registry, files: Sequence[str], since: str | None, today: date, *, whole: bool
) -> Case:
    """The files on disk: the entries that are named, those touched since a revision, or all.

    The registry as a whole is looked at unless entries were named.
    """
    view = registry.working_tree()
    policy, findings = read_policy(view)
    revocations, further = read_revocations(view)
    paths = _paths(registry, files, since)
    base = ""
    if since is not None:
        from assay.registry import history

        base, _ = history.merge_base(os.fspath(registry.root), since)
    case = Case(registry, view, tuple(paths), policy, revocations, (*findings, *further), base=base)
    if files or not whole:
        return case
    try:
        return case._replace(whole=_around(registry, view, policy, today))
    except Undecided as undecided:  # git does not answer: the entries are looked at all the same
        blind = Unseen("whole", undecided.reason, undecided.message, undecided.hint)
        return case._replace(unseen=(blind,))


def _around(registry: Registry, view: View, policy: Policy, today: date) -> Whole:
    from assay.checks.whole.context import Shelf, Whole
    from assay.registry import history

    root = os.fspath(registry.root)
    git = history.is_repository(root)
    files = history.index_listing(root) if git else None
    past = history.head(root) if git else ""
    return Whole(root, Shelf(view, today), files, past, policy)


@contextmanager
def of_pull_request(registry: Registry, base: str, head: str, today: date) -> Iterator[Case]:
    """The registry as it would be after the merge of ``head`` into ``base``."""
    from assay.checks.whole.context import Request, Shelf, Whole
    from assay.registry import git, pull
    from assay.registry.views import Stored

    root = os.fspath(registry.root)
    read = pull.read(root, base, head)
    with git.Objects(root) as objects:
        before, after = Stored(read.before, objects), Stored(read.after, objects)
        request = Request(read, Shelf(before, today))
        judging, broken = read_policy(before)
        whole = Whole(root, Shelf(after, today), read.after, read.base, judging, request)
        wrong = any(finding.severity is Severity.ERROR for finding in broken)
        yield _case(registry, whole, request, wrong)


def _case(registry: Registry, whole: Whole, request: Request, broken: bool) -> Case:
    view = whole.shelf.view
    touched = {one.path for one in request.touched}
    own_policy, findings = read_policy(view)
    revocations, further = read_revocations(view)
    alone = names.POLICY in touched and not any(names.owner(path) for path in touched)
    valid = not any(finding.severity is Severity.ERROR for finding in findings)
    policy = own_policy if alone and valid else whole.policy
    unseen = (_unjudged(request.pull.base),) if broken and not alone else ()
    announced = frozenset[str]()
    if names.REVOCATIONS in touched:
        announced = frozenset(_revoked_now(whole, request)) - _owners(touched)
    paths = _asked(whole, request, touched, announced)
    return Case(
        registry,
        view,
        paths,
        policy,
        revocations,
        (*findings, *further),
        whole,
        unseen,
        request.pull.base,
        request.pull.head,
        announced,
    )


def _unjudged(base: str) -> Unseen:
    told = f"{names.POLICY} at the base ({base[:12]}) is broken, so nothing can be judged by it"
    return Unseen(names.POLICY, Reason.CONFIG_INVALID, told, "repair it first, on the base")


def _owners(paths: Collection[str]) -> set[str]:
    return {owner for path in paths if (owner := names.owner(path))}


def _asked(
    whole: Whole, request: Request, touched: set[str], announced: frozenset[str]
) -> tuple[str, ...]:
    every = whole.shelf.paths
    if names.JUDGING & touched:
        return every  # another policy is another question to every entry
    wanted = _owners(touched) | announced
    gone = [path for path in request.before.paths if path not in every]
    if gone:
        wanted |= {path for path, raw in whole.shelf.raws().items() if _may_name(raw, gone)}
    return tuple(path for path in every if path in wanted)


_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def _revoked_now(whole: Whole, request: Request) -> Iterator[str]:
    """The entries that a revocation may concern; which ones, the check ``revoked`` says."""
    from hashlib import sha256

    revocations, _ = read_revocations(whole.shelf.view)
    items = revocations.items if revocations else ()
    digests = {one.digest.encode() for one in items if one.digest}
    named = {names.entry_path(one.name) for one in items if one.name}
    for path, raw in whole.shelf.raws().items():
        mine = {sha256(raw).hexdigest().encode(), *_DIGEST.findall(raw)}
        if path in named or digests & mine:
            yield path


def _paths(registry: Registry, files: Sequence[str], since: str | None) -> list[str]:
    named: set[str] = set()
    if files:
        named = {_named(registry, word) for word in files}
    elif since is not None:
        named = {change.path for change in registry.changed_since(since)}
    if names.JUDGING & named or not (files or since):
        return registry.entry_paths()  # another policy is another question to every entry
    if files:
        return sorted({_entry(path) for path in named if path != names.REVOCATIONS})
    touched = {names.owner(path) for path in named}
    present = registry.entry_paths()
    gone = [path for path in named.difference(present) if names.is_entry(path)]
    return [path for path in present if path in touched or _names_one(registry, path, gone)]


def _names_one(registry: Registry, path: str, gone: Sequence[str]) -> bool:
    """Whether the entry may name one that is gone as its successor: then it has changed too."""
    if not gone:
        return False
    try:
        return _may_name(registry.read(path) or b"", gone)
    except Refused:
        return True  # which is told as of any other


def _may_name(raw: bytes, gone: Sequence[str]) -> bool:
    stems = (name.removeprefix(f"{names.FOLDER}/").removesuffix(names.SUFFIX) for name in gone)
    named = b"replaced_by" in raw and any(os.fsencode(stem) in raw for stem in stems)
    return named or b"\\" in raw  # an escape can write any word


def _named(registry: Registry, word: str) -> str:
    """The path of a file, or of the entry whose name was given."""
    is_name = "/" not in word and "." not in word and not os.path.exists(word)
    return names.entry_path(word) if is_name else registry.relative(word)


def _entry(path: str) -> str:
    owner = names.owner(path)
    if owner is None:
        raise UsageError(
            f"{path} is no entry", hint=f"entries are {names.FOLDER}/NAME{names.SUFFIX}"
        )
    return owner
