"""All entries of a run, each with what it is compared with: git is asked once for all of them.

The base is a commit: its first-parent history says which tags count, its policy whose signatures
hold, its files what an entry is changed from. Everything is made when it is first asked for, so a
registry without tags imports no sigstore.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from assay import policy as policies
from assay.diff.model import Against, Diff, diff
from assay.diff.side import Side, side
from assay.entry.capabilities import compare as widened
from assay.errors import Refused
from assay.policy import Policy
from assay.reason import Reason
from assay.registry import Registry, names
from assay.registry.tags import Previous, Tags, main_tip

if TYPE_CHECKING:
    from assay.registry import View
    from assay.registry.tags import Verify

_BRANCH = "refs/heads/"


class Change(NamedTuple):
    """One entry and its comparisons: the previous tagged version first, then the base.

    ``changed`` is whether it differs from the base at all: an entry that does not is nobody's
    change, and is held against its previous version all the same.
    """

    new: Side
    diffs: tuple[Diff, ...]
    previous: Previous
    changed: bool


class Comparing:
    """Made by ``comparing``; ``view`` has the files as they are, ``before`` the base's."""

    def __init__(
        self, root: str, base: str, view: View, before: View | None, policy: Policy, offline: bool
    ) -> None:
        self._root = root
        self.base = base
        self._view = view
        self._before = before
        self._policy = policy
        self._offline = offline

    @cached_property
    def base_policy(self) -> Policy:
        """The base's policy; the defaults, which trust nobody, where it has none that holds."""
        if self._before is None:
            return self._policy  # no history, so nothing that it could vouch for
        raw = self._before.read(names.POLICY)
        return (policies.read(names.POLICY, raw).policy if raw else None) or Policy()

    @cached_property
    def tags(self) -> Tags | None:
        return Tags(self._root, self.base, self._verify) if self.base else None

    def of(self, path: str) -> Change:
        """The entry at ``path``. Refused ENTRY_MISSING; Undecided where git can't tell."""
        raw = self._view.read(path)
        if raw is None:
            raise Refused(Reason.ENTRY_MISSING, f"there is no {path}")
        new = side("as it is", path, raw, self._view.read)
        base = self._at_base(path, new)
        same = base is not None and base.same(new)
        previous = Previous(None)
        if self.tags is not None:
            previous = self.tags.previous(new.name, unless=new.raw if same else None)
        found = tuple(self._diffs(new, base, previous, same))
        return Change(new, found, previous, not same)

    def _diffs(
        self, new: Side, base: Side | None, previous: Previous, same: bool
    ) -> Iterator[Diff]:
        both = (self.base_policy, self._policy)
        tagged = previous.tagged
        if tagged is not None:
            label = f"tag {tagged.tag}"
            old = side(label, new.path, tagged.raw, lambda path: tagged.lock)
            yield diff(Against.TAG, old, new, both)
            if base is None or same or base.same(old):
                return
        if base is not None and not same:
            yield diff(Against.BASE, base, new, both)
        elif tagged is None:
            renamed = None if base is not None else self._renamed(new)
            first = Against.FIRST if base is None else Against.NOTHING
            yield diff(Against.RENAMED if renamed else first, renamed, new)

    def changed(self) -> list[str]:
        """The entries that are not as the base has them, by their own bytes or their lock's."""
        present = (f"{names.FOLDER}/{name}" for name in self._view.names())
        return [path for path in present if names.is_entry(path) and self._differs(path)]

    def _differs(self, path: str) -> bool:
        stem = path.removesuffix(names.SUFFIX)
        beside = [path, *(stem + suffix for suffix in names.LOCK_SUFFIXES)]
        try:
            before = [self._before.read(one) if self._before else None for one in beside]
            return before != [self._view.read(one) for one in beside]
        except Refused:
            return True  # a link or the like, now or then: whoever looks closer says so

    def with_revision(self, change: Change, revision: str, view: View) -> Change:
        """``change`` held against one revision that somebody asked for, and nothing else.

        No tag is asked whether it counts: who names a revision knows what he compares with.
        """
        path = change.new.path
        raw = view.read(path)
        old = side(revision, path, raw, view.read) if raw is not None else None
        found = diff(Against.REVISION if old else Against.FIRST, old, change.new)
        return change._replace(diffs=(found,), previous=Previous(None), changed=True)

    def _at_base(self, path: str, new: Side | None = None) -> Side | None:
        """The entry as the base has it; what is no regular file there counts as not there.

        Most entries of a run are nobody's change: then ``new`` needs no second reading.
        """
        if self._before is None:
            return None
        try:
            raw = self._before.read(path)
        except Refused:
            return None
        if raw is None:
            return None
        label = f"base {self.base[:12]}"
        if new and raw == new.raw and self._lock_at_base(new) == new.lock_raw:
            return new._replace(label=label)
        return side(label, path, raw, self._before.read)

    def _lock_at_base(self, new: Side) -> bytes | None:
        try:
            return self._before.read(new.lock_path) if self._before and new.lock_path else None
        except Refused:
            return None

    def _renamed(self, new: Side) -> Side | None:
        """The entry that went when this one came, with the same artefact but for its version."""
        for path in self._gone:
            old = self._at_base(path)
            if old is None or old.entry is None or new.entry is None:
                continue
            kinds = {change.kind for change in widened(old.entry, new.entry)}
            if "artefact" not in kinds and "transport" not in kinds:
                return old._replace(label=f"{old.name} in {old.label}")
        return None

    @cached_property
    def _gone(self) -> list[str]:
        if self._before is None:
            return []
        left = set(self._before.names()) - set(self._view.names())
        return [path for name in sorted(left) if names.is_entry(path := f"{names.FOLDER}/{name}")]

    def _verify(self) -> Verify:
        from assay.diff.trust import verifier
        from assay.registry import git

        with git.Objects(self._root) as objects:
            return verifier(
                self.base_policy,
                lambda path: objects.find(f"{self.base}:./{path}"),
                offline=self._offline,
            )


def main_of(root: str, policy: Policy) -> str:
    """The commit that main is known to be at here; the policy's signer says what main is called."""
    branch = str((policy.signer or {}).get("ref", "")).removeprefix(_BRANCH) or "main"
    return main_tip(root, branch)


@contextmanager
def comparing(
    registry: Registry,
    base: str | None,
    policy: Policy,
    *,
    view: View | None = None,
    offline: bool = True,
) -> Iterator[Comparing]:
    """Compare what ``view`` has (the files on disk, if it is None) with the revision ``base``.

    Without ``base``: what main is known to be at here. A folder without any history has nothing
    to compare with. ``UsageError`` for an unknown revision, and for a tag's name: who sets tags
    must not choose the base.
    """
    root = str(registry.root)
    if base is None:
        tip = main_of(root, policy)
    else:
        from assay.registry import history, pull

        pull.refuse_tag(root, base)
        (tip,) = history.resolve(root, base)
    with ExitStack() as stack:
        before = stack.enter_context(registry.commit(tip)) if tip else None
        yield Comparing(root, tip, view or registry.working_tree(), before, policy, offline)
