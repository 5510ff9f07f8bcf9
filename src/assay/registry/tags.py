"""The previous tagged version of an entry: what a change of it is held against.

Whoever may push a tag could doctor every diff with it, so a tag is believed for nothing. The tag
``NAME/vVERSION`` (``+rN`` for revision N above 1) counts only when its commit stands on the first
parent history that it is asked of (main's), the YAML there has that name, version and revision,
and the bundle there verifies; its lock must be the one that the signed YAML names. The newest such
tag is the previous version. Tags that do not count are told, with the reason.

Whose signature holds is for whoever asks to say (``trust``): it must come from the base, never
from what is being looked at.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from assay.errors import Refused, Undecided
from assay.hidden import quoted
from assay.reason import Reason
from assay.registry import git, history, names

MAX_EXAMINED = 1000  # tagged commits of one entry that are looked at
MAX_TOLD = 20  # tags of one entry that do not count
_PREFIX = "refs/tags/"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FORMAT = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"

Verify = Callable[[bytes, bytes], object]  # the YAML's bytes and the bundle's; or Refused


class Tagged(NamedTuple):
    """A tag that counts, and the bytes that it stands for."""

    tag: str
    commit: str
    raw: bytes
    lock: bytes | None  # None where the entry names none


class Discounted(NamedTuple):
    """A tag that does not count. ``forged`` where it claims what its commit does not bear out;
    else it merely stands elsewhere, as a tag of another branch does."""

    tag: str
    why: str
    forged: bool


class Previous(NamedTuple):
    """``tagged`` is None where no tag counts; ``unverified`` says why no bundle could be held."""

    tagged: Tagged | None
    discounted: tuple[Discounted, ...] = ()
    unverified: str = ""


class _Ref(NamedTuple):
    tag: str
    commit: str  # empty where it names something else


def tag_of(name: str, version: str, revision: int) -> str:
    """The one tag of a version: ``NAME/vVERSION``, with ``+rN`` above revision 1."""
    return f"{name}/v{version}" + (f"+r{revision}" if revision > 1 else "")


class Tags:
    """The tags of a registry, as ``tip``'s first-parent history bears them out.

    Git is asked three times, whatever the number of entries and tags. ``trust`` is called when
    the first bundle has to be verified; Refused or Undecided of it mean that none can be.
    """

    def __init__(self, root: str, tip: str, trust: Callable[[], Verify]) -> None:
        self._root = root
        self._trust = trust
        self._verify: Verify | None = None
        self._untrusted = ""
        _refuse_shallow(root)
        self._places = _first_parents(root, tip)
        self._refs = _listed(root)

    def previous(self, name: str, *, unless: bytes | None = None) -> Previous:
        """The latest version of ``name`` that counts; not the one whose YAML is ``unless``.

        Undecided where git can't tell.
        """
        if not _NAME.fullmatch(name):
            return Previous(None)
        told: list[Discounted] = []
        here: dict[str, list[str]] = {}
        for ref in self._refs.get(name, ()):
            if ref.commit in self._places:
                here.setdefault(ref.commit, []).append(ref.tag)
            else:
                told.append(Discounted(ref.tag, _elsewhere(ref), not ref.commit))
        commits = sorted(here, key=self._places.__getitem__)
        with git.Objects(self._root) as objects:
            found = self._newest(name, [(one, here[one]) for one in commits], told, objects, unless)
        unverified = self._untrusted if found is None else ""
        return Previous(found, tuple(_capped(name, told)), unverified)

    def _newest(
        self,
        name: str,
        commits: Sequence[tuple[str, Sequence[str]]],
        told: list[Discounted],
        objects: git.Objects,
        unless: bytes | None,
    ) -> Tagged | None:
        """The first of ``commits`` whose tag counts; what is found wrong on the way is told."""
        for number, (commit, tags) in enumerate(commits):
            if number == MAX_EXAMINED:
                told.append(Discounted(name, "has more tagged commits than anybody looks at", True))
                return None
            try:
                mine, raw, data = _read(name, commit, objects)
            except Refused as refused:
                told += [Discounted(tag, refused.message, True) for tag in tags]
                continue
            has = f"the entry at its commit is {quoted(mine, 100)}"
            told += [Discounted(tag, has, True) for tag in tags if tag != mine]
            if mine not in tags or raw == unless:
                continue
            try:
                tagged = Tagged(mine, commit, raw, _lock(data, commit, objects))
                if self._holds(tagged, _bundle(name, commit, objects)):
                    return tagged
            except Refused as refused:
                told.append(Discounted(mine, refused.message, True))
                continue
            return None  # nobody's bundle can be verified, so the next is no better
        return None

    def _holds(self, tagged: Tagged, bundle: bytes) -> bool:
        if self._verify is None and not self._untrusted:
            try:
                self._verify = self._trust()
            except (Refused, Undecided) as error:
                self._untrusted = error.message
        if self._verify is None:
            return False
        self._verify(tagged.raw, bundle)
        return True


def main_tip(root: str, branch: str) -> str:
    """The commit that the remote's ``branch`` is known to be at, else the local one's, else HEAD's.

    For whoever names no base: a person at a working copy. Empty where there is no commit yet, or
    no repository at all; Undecided where git can't tell.
    """
    for revision in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}", "HEAD"):
        asked = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        try:
            return git.run(root, "rev-parse", *asked).decode("ascii").strip()
        except git.GitError as error:
            if "not a git repository" in error.words:
                return ""
            if error.code != 1:  # 1 alone says that there is no such revision
                told = f"git rev-parse failed ({error.code}): {error.words}"
                raise Undecided(Reason.TOOL_FAILED, told) from error
    return ""


def is_first_parent(root: str, tip: str, commit: str) -> bool:
    """Whether ``commit`` stands on the first-parent history of ``tip``."""
    return commit in _first_parents(root, tip)


def _refuse_shallow(root: str) -> None:
    """What is not in this clone can't be counted, and would pass for never tagged."""
    if hint := history.depth_hint(root):
        raise Undecided(Reason.TOOL_FAILED, "this clone lacks part of its history", hint=hint)


def _first_parents(root: str, tip: str) -> dict[str, int]:
    """Commit → how many commits it lies behind ``tip``, along first parents."""
    output = git.ask(root, "rev-list", "--first-parent", tip, "--")
    return {line: place for place, line in enumerate(output.decode("ascii").split())}


def _listed(root: str) -> dict[str, list[_Ref]]:
    """Entry's name → what is tagged below it. A name that git itself refuses is never listed."""
    found: dict[str, list[_Ref]] = {}
    output = git.ask(root, "for-each-ref", f"--format={_FORMAT}", _PREFIX)
    for line in output.decode("utf-8", "surrogateescape").split("\n"):
        fields = line.split("\0")
        if len(fields) != 5:
            continue
        tag = fields[0].removeprefix(_PREFIX)
        name, slash, _ = tag.partition("/")
        if slash and _NAME.fullmatch(name):
            found.setdefault(name, []).append(_Ref(tag, _commit(*fields[1:])))
    return found


def _commit(kind: str, identifier: str, peeled_kind: str, peeled: str) -> str:
    """The commit of a plain tag, or of an annotated one; a tag of a tag is none of ours."""
    if kind == "commit":
        return identifier
    return peeled if kind == "tag" and peeled_kind == "commit" else ""


def _elsewhere(ref: _Ref) -> str:
    if not ref.commit:
        return "names no commit"
    return f"its commit {ref.commit[:12]} is not on main's first-parent history"


def _read(name: str, commit: str, objects: git.Objects) -> tuple[str, bytes, dict[str, Any]]:
    """The one tag that the entry at ``commit`` could have, its bytes and what they say.

    Refused where there is no entry of that name.
    """
    from assay.entry.document import parse

    path = names.entry_path(name)
    raw = _file(objects, commit, path)
    document, _ = parse(path, raw)
    data = document.data if document else {}
    version, revision = data.get("version"), data.get("revision", 1)
    if data.get("name") != name or not isinstance(version, str) or type(revision) is not int:
        raise _not(f"{path} at its commit is no entry of that name")
    return tag_of(name, version, revision), raw, data


def _lock(data: dict[str, Any], commit: str, objects: git.Objects) -> bytes | None:
    artefact = data.get("artefact")
    told = artefact.get("lock") if isinstance(artefact, dict) else None
    if not isinstance(told, dict):
        return None
    file = told.get("file")
    if not isinstance(file, str) or not names.is_file_name(file) or not file.isascii():
        raise _not("its lock has no file's name")
    raw = _file(objects, commit, f"{names.FOLDER}/{file}")
    if hashlib.sha256(raw).hexdigest() != told.get("sha256"):
        raise _not(f"{file} at its commit is not the lock that the entry names")
    return raw


def _bundle(name: str, commit: str, objects: git.Objects) -> bytes:
    return _file(objects, commit, names.bundle_path(names.entry_path(name)))


def _file(objects: git.Objects, commit: str, path: str) -> bytes:
    try:
        raw = objects.find(f"{commit}:./{path}")
    except Undecided as error:
        raise _not(f"{path} at its commit can't be read: {error.message}") from error
    if raw is None:
        raise _not(f"there is no {path} at its commit")
    return raw


def _not(why: str) -> Refused:
    return Refused(Reason.ENTRY_INVALID, why)


def _capped(name: str, told: list[Discounted]) -> Iterator[Discounted]:
    """The forged ones first, and no more than a person reads."""
    ordered = sorted(told, key=lambda one: (not one.forged, one.tag))
    yield from ordered[:MAX_TOLD]
    if rest := ordered[MAX_TOLD:]:
        forged = any(one.forged for one in rest)
        yield Discounted(f"{name}/…", f"{len(rest)} more tags that do not count", forged)
