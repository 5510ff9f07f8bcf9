"""An entry in the making: what is known, what the package says of itself, and the text of both.

A stranger wrote the package's own description. It is taken over as a proposal only: trimmed,
without hidden characters, and quoted so that it can be nothing but text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.artefact.reference import ARCHIVES, Reference
from assay.artefact.unpack import inventory
from assay.checks.version_exact import SEMVER
from assay.entry.edit import plain
from assay.errors import Refused, Undecided
from assay.hidden import is_hidden

if TYPE_CHECKING:
    from assay.artefact.source import Fetched, Sources

_MAX_DESCRIPTION = 400  # characters; an entry may have more, from a person
_MAX_METADATA = 1 << 20  # bytes
_AT_THE_END = re.compile(
    rf"[-_.@/]v?([0-9]+\.[0-9]+\.[0-9]+)(?:-py3-none-any)?(?:{'|'.join(map(re.escape, ARCHIVES))})$"
)
_ABOUT_A_WHEEL = re.compile(r"[^/]+\.dist-info/(?:METADATA|entry_points\.txt)")
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+() -]{0,199}")
_REPOSITORY = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~/-]*)?")


@dataclass
class Draft:
    """The keys of an entry, each empty until somebody knows it."""

    reference: Reference
    name: str
    reviewed_at: str
    resolved_at: str
    version: str = ""
    title: str = ""
    description: str = ""
    maintainer: str = ""
    reviewers: list[str] = field(default_factory=list)
    scope: list[str] = field(default_factory=list)
    classification: str = ""
    lawful_basis: str = ""
    entrypoint: str = ""
    args: list[str] = field(default_factory=list)
    env: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    egress: list[str] = field(default_factory=list)
    repository: str = ""
    licence: str = ""
    sha256: str = ""
    lock_file: str = ""
    lock_sha256: str = ""
    commands: list[str] = field(default_factory=list)


def describe(draft: Draft, fetched: Fetched, sources: Sources) -> None:
    """Fill in what the package says of itself, where nobody has said otherwise."""
    told = _told(draft.reference, fetched, sources)
    draft.version = draft.version or version_of(draft.reference, told.get("version", ""))
    draft.description = draft.description or trimmed(told["description"], _MAX_DESCRIPTION)
    licence = trimmed(told["licence"], 200)
    draft.licence = licence if _LICENCE.fullmatch(licence) and "SEE " not in licence else ""
    draft.repository = repository(told["repository"])
    draft.commands = sorted(filter(None, told["commands"].split("\n")))


def version_of(reference: Reference, told: str) -> str:
    """The version of what is referred to; empty where only a person knows it.

    ``told`` is what a bundle says of itself. Of an address only a plain version at the end of the
    file's name counts: ``-linux`` behind one would else be taken for a pre-release.
    """
    if reference.kind in ("npm", "pypi"):
        return reference.version
    if reference.kind == "oci":
        told = reference.version.removeprefix("v").replace("_", "+")
    if reference.kind == "https" and not told:
        match = _AT_THE_END.search(reference.name)
        told = match[1] if match else ""
    return told if re.fullmatch(SEMVER, told) else ""


def proposed_name(reference: Reference) -> str:
    """A name for the entry: the artefact's, without what every server's says."""
    bare = reference.name.rpartition("/")[2].lower().removesuffix(".git")
    for suffix in ARCHIVES if reference.kind == "https" else ():
        bare = bare.removesuffix(suffix)
    bare = re.sub(r"[-_.@]v?[0-9]+(?:\.[0-9]+)+$", "", bare)
    for prefix in ("mcp-server-", "server-", "mcp-"):
        bare = bare.removeprefix(prefix)
    for suffix in ("-mcp-server", "-server-mcp", "-mcp", "-server"):
        bare = bare.removesuffix(suffix)
    kept = "".join(char if char.isascii() and char.isalnum() else "-" for char in bare)
    return "-".join(filter(None, kept.split("-")))[:64].rstrip("-") or "server"


def trimmed(text: str, limit: int) -> str:
    """One line without hidden characters, cut at a word."""
    line = " ".join("".join(" " if is_hidden(char) else char for char in text).split())
    return line if len(line) <= limit else line[: limit - 1].rpartition(" ")[0] + "…"


def repository(address: str) -> str:
    """A repository's https address, from the forms that npm takes; empty for anything else."""
    address = re.sub(r"^git\+", "", address.strip())
    address = re.sub(r"^(?:git|ssh)://(?:git@)?", "https://", address)
    address = re.sub(r"^github:", "https://github.com/", address).partition("#")[0]
    return address.removesuffix(".git") if _REPOSITORY.fullmatch(address) else ""


def _told(reference: Reference, fetched: Fetched, sources: Sources) -> Mapping[str, str]:
    if reference.kind == "npm":
        return _npm(reference, sources)
    if fetched.file_name.endswith(".whl"):
        return _wheel(fetched)
    if fetched.file_name.endswith(".mcpb"):
        return _bundle(fetched)
    # Images and trees say nothing in one agreed place.
    source = reference.name if reference.kind == "git" else ""
    return {"description": "", "licence": "", "repository": source, "commands": ""}


def _bundle(fetched: Fetched) -> Mapping[str, str]:
    """From the manifest.json of an MCP bundle; nothing is unpacked."""
    from assay import strict_json

    found: Mapping[str, object] = {}
    with suppress(ValueError):
        texts = _files(fetched, "mcpb", re.compile(r"manifest\.json"))
        found = strict_json.read_object(texts.get("manifest.json", b"{}"), limit=_MAX_METADATA)
    origin = found.get("repository")
    address = origin.get("url") if isinstance(origin, dict) else origin
    told = {
        "description": found.get("description"),
        "licence": found.get("license"),
        "repository": address,
        "version": found.get("version"),
    }
    return {key: text if isinstance(text, str) else "" for key, text in told.items()} | {
        "commands": ""
    }


def _npm(reference: Reference, sources: Sources) -> Mapping[str, str]:
    manifest = sources.npm.manifest(reference.name, reference.version)
    return {
        "description": manifest.description,
        "licence": manifest.licence,
        "repository": manifest.repository or manifest.homepage,
        "commands": "\n".join(manifest.bin),
    }


def _wheel(fetched: Fetched) -> Mapping[str, str]:
    """From the wheel's METADATA (core metadata 2.x) and entry_points.txt; nothing is unpacked."""
    texts = {
        path.rpartition("/")[2]: raw.decode("utf-8", "replace")
        for path, raw in _files(fetched, "wheel", _ABOUT_A_WHEEL).items()
    }
    headers = _headers(texts.get("METADATA", ""))
    return {
        "description": headers.get("summary", ""),
        "licence": headers.get("license-expression", "") or headers.get("license", ""),
        "repository": headers.get("repository", "") or headers.get("home-page", ""),
        "commands": "\n".join(_commands(texts.get("entry_points.txt", ""))),
    }


def _files(fetched: Fetched, form: str, wanted: re.Pattern[str]) -> Mapping[str, bytes]:
    """The files whose path is ``wanted``; none of an archive that can't be read.

    What they say is a proposal only: the check that unpacks finds what is wrong with an archive.
    """
    try:
        found, _ = inventory.selected(
            fetched.path,
            form=form,
            label=fetched.file_name,
            wanted=lambda path: wanted.fullmatch(path) is not None,
        )
    except (Refused, Undecided):
        return {}
    return found


def _headers(metadata: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in metadata.split("\n"):
        if not line.strip():
            break
        key, _, value = line.partition(":")
        if key == "Project-URL":
            label, _, address = value.partition(",")
            if label.strip().lower() in ("repository", "source", "source code", "github"):
                key, value = "repository", address
        headers.setdefault(key.lower(), value.strip())
    return headers


def _commands(points: str) -> Iterator[str]:
    section = ""
    for line in points.split("\n"):
        if line.startswith("["):
            section = line.strip()
        elif section == "[console_scripts]" and "=" in line:
            yield line.partition("=")[0].strip()


def render(draft: Draft) -> str:
    """The entry's text, commented for the person who goes on with it."""
    return "\n".join(_lines(draft)) + "\n"


def _lines(draft: Draft) -> Iterator[str]:
    yield f"name: {plain(draft.name)}"
    if draft.title:
        yield f"title: {plain(draft.title)}"
    yield f"version: {plain(draft.version)}"
    yield f"maintainer: {plain(draft.maintainer)}"
    yield f"description: {plain(draft.description)}"
    yield "# Declared and reviewed, not enforced."
    yield from _list("scope", draft.scope)
    yield "# public, internal, confidential or restricted: the most sensitive data it can reach."
    yield f"data_classification: {plain(draft.classification)}"
    yield f"lawful_basis: {plain(draft.lawful_basis)}"
    yield f"reviewed_at: {draft.reviewed_at}"
    yield "# At least one who is not the maintainer."
    yield from _list("reviewers", draft.reviewers)
    yield "artefact:"
    yield f"  url: {plain(draft.reference.text)}"
    yield f"  sha256: {plain(draft.sha256)}"
    if draft.lock_file:
        yield "  # Written by `assay lock`: everything that the artefact brings along."
        yield "  lock:"
        yield f"    file: {plain(draft.lock_file)}"
        yield f"    sha256: {plain(draft.lock_sha256)}"
        yield f"    resolved_at: {draft.resolved_at}"
    yield from _launch(draft)
    yield from _list("egress", draft.egress)
    if draft.repository:
        yield f"repository: {plain(draft.repository)}"
    if draft.licence:
        yield f"licence: {plain(draft.licence)}"


def _launch(draft: Draft) -> Iterator[str]:
    body: list[str] = []
    if draft.entrypoint:
        body.append(f"entrypoint: {plain(draft.entrypoint)}")
    body += _list("args", draft.args)
    if draft.env:
        body.append("env:")
        body += [f"  - name: {plain(name)}" for name in draft.env]
    if draft.parameters:
        body += ["# What each person gives; stored per person, never here.", "parameters:"]
        for text in draft.parameters:
            body += _parameter(text)
    if body:
        yield "launch:"
        yield from (f"  {line}" for line in body)


def _parameter(text: str) -> Iterator[str]:
    name, _, rest = text.partition(":")
    kind, _, multiple = rest.partition(":")
    yield f"  - name: {plain(name)}"
    yield f"    kind: {plain(kind)}"
    if multiple == "multiple":
        yield "    multiple: true"


def _list(key: str, items: list[str]) -> list[str]:
    return [f"{key}:", *(f"  - {plain(item)}" for item in items)] if items else []
