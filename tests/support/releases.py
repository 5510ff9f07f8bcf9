"""A registry whose entries have locks, releases, signatures and tags, made by git itself.

What a lock names here exists nowhere: nothing that compares two locks asks a registry.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256, sha512
from typing import Any

from assay.closure.package_lock import canonical
from tests.support.repository import Repository, entry
from tests.support.sigstore import Trial

POLICY = """\
sources:
  npm: true
  pypi: true
  oci: [images.example.com]
"""
_SIGSTORE = """\
sigstore:
  instance: private
  trust_config: trust/config.json
  trusted_root: trust/root.json
"""


@dataclass(frozen=True)
class Node:
    """One package of a lock; ``by`` is the package that wants it, the artefact if empty."""

    version: str
    by: str = ""
    licence: str = "MIT"
    name: str = ""  # the real name, where it is installed under another
    bytes: str = ""  # what its digest is made of, beside name and version
    keys: Mapping[str, Any] = field(default_factory=dict)


def npm_lock(name: str, version: str, nodes: Mapping[str, Node]) -> bytes:
    """A lock as ``assay lock`` writes it; ``nodes`` by the name they are installed under."""
    whole = {name: Node(version), **nodes}
    packages: dict[str, Any] = {"": {"dependencies": {name: version}}}
    wanted: dict[str, dict[str, str]] = {}
    for place, node in sorted(nodes.items()):
        spec = f"npm:{node.name}@{node.version}" if node.name else f"^{node.version}"
        wanted.setdefault(node.by or name, {})[place] = spec
    for place, node in sorted(whole.items()):
        real = node.name or place
        told: dict[str, Any] = {"name": node.name} if node.name else {}
        told |= {"version": node.version, "integrity": _sri(real, node), "license": node.licence}
        if place in wanted:
            told["dependencies"] = wanted[place]
        packages[f"node_modules/{place}"] = told | dict(node.keys)
    return canonical({"lockfileVersion": 3, "requires": True, "packages": packages})


def _sri(name: str, node: Node) -> str:
    digest = sha512(f"{name}@{node.version} {node.bytes}".encode()).digest()
    return f"sha512-{b64encode(digest).decode()}"


def npm_entry(name: str, version: str, lock: bytes, *, package: str = "", more: str = "") -> str:
    """An entry of npm; ``more`` is YAML that is added at its end."""
    head = entry(name, version).partition("artefact:")[0]
    return f"""\
{head}artefact:
  url: pkg:npm/{package or f"server-{name}"}@{version}
  sha256: {sha256(version.encode()).hexdigest()}
  lock:
    file: {name}.package-lock.json
    sha256: {sha256(lock).hexdigest()}
    resolved_at: 2026-11-20T00:00:00Z
{more}"""


def files(
    name: str, version: str, nodes: Mapping[str, Node], *, more: str = ""
) -> dict[str, str | bytes]:
    """An entry and its lock, by path."""
    lock = npm_lock(f"server-{name}", version, nodes)
    return {
        f"servers/{name}.yaml": npm_entry(name, version, lock, more=more),
        f"servers/{name}.package-lock.json": lock,
    }


@dataclass(frozen=True)
class Releases:
    """A registry with main, whose entries the trial's pinned job signs."""

    repository: Repository
    trial: Trial

    @classmethod
    def create(cls, repository: Repository, trial: Trial, *, more: str = "") -> Releases:
        made = cls(repository, trial)
        pinned = asdict(trial.identity).items()
        signer = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in pinned)
        repository.commit(
            {
                "assay.yaml": f"signer:\n{signer}{_SIGSTORE}{POLICY}{more}",
                "trust/config.json": trial.trust_config(),
                "trust/root.json": trial.trusted_root,
            }
        )
        return made

    def bundle(self, name: str, **claims: Any) -> str:
        """Sign the entry as it lies there, and commit the bundle; the commit's id."""
        raw = (self.repository.root / f"servers/{name}.yaml").read_bytes()
        signed = self.trial.sign(raw, **claims)
        return self.repository.commit({f"servers/{name}.yaml.sigstore.json": signed}, "sign")

    def release(
        self,
        name: str,
        version: str,
        nodes: Mapping[str, Node] | None = None,
        *,
        more: str = "",
        tag: str = "",
    ) -> str:
        """Commit, sign and tag a version; the tagged commit's id."""
        self.repository.commit(files(name, version, nodes or {}, more=more), f"{name} {version}")
        commit = self.bundle(name)
        self.tag(tag or f"{name}/v{version}", commit)
        return commit

    def tag(self, name: str, commit: str = "HEAD") -> None:
        self.repository.git("tag", "--force", name, commit)

    def change(
        self, name: str, version: str, nodes: Mapping[str, Node] | None = None, *, more: str = ""
    ) -> None:
        """Write a version on a branch, as a pull request would bring it; the old bundle goes."""
        self.repository.git("switch", "--quiet", "--create", "change")
        (self.repository.root / f"servers/{name}.yaml.sigstore.json").unlink(missing_ok=True)
        self.repository.commit(files(name, version, nodes or {}, more=more), f"{name} {version}")
