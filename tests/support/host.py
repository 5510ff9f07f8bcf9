"""A machine that launches: a signed registry of real servers, and a client.toml for a trial.

Downloads happen once: archives, locks and installed trees of the good entries are kept in
pytest's cache folder, which every worker of a run shares and the next run finds again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from assay.artefact.reference import parse
from assay.artefact.source import open_sources
from assay.artefact.store import Store
from assay.client.locking import locked
from assay.closure import lock_name, resolve
from tests.support.sigstore import Trial

RESOLVED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
REFERENCES = {
    "everything": "pkg:npm/%40modelcontextprotocol/server-everything@2026.8.31",
    "semver": "pkg:npm/semver@7.7.3",  # no server, but it starts, and has 50 files, not 4,000
    "time": "pkg:pypi/mcp-server-time@2026.10.19",
}
ENTRY = """\
name: {name}
version: {version}
maintainer: data-platform@example.com
description: A server to test launches with.
scope:
  - read:nothing
data_classification: internal
lawful_basis: not_applicable
reviewed_at: 2026-04-15
reviewers:
  - security@example.com
artefact:
  url: {url}
  sha256: {sha256}
  lock:
    file: {lock}
    sha256: {lock_sha256}
    resolved_at: 2026-11-22T12:00:00Z
{more}"""


@dataclass(frozen=True)
class Server:
    """What an entry of a real package is made of."""

    name: str
    url: str
    sha256: str
    lock_file: str
    lock: bytes

    def entry(self, *, more: str = "", **changes: str) -> str:
        """The entry's YAML; ``changes`` replace its values, ``more`` is added at the end."""
        told = {
            "name": self.name,
            "version": parse(self.url).version,
            "url": self.url,
            "sha256": self.sha256,
            "lock": self.lock_file,
            "lock_sha256": hashlib.sha256(self.lock).hexdigest(),
            "more": more,
        }
        return ENTRY.format(**{**told, **changes})


def server(name: str, shared: Path) -> Server:
    """The real package behind ``name``, looked up once for all runs."""
    url = REFERENCES[name]
    reference = parse(url)
    kept = shared / f"{reference.kind}-{reference.name.rpartition('/')[2]}-{reference.version}.json"
    descriptor = os.open(f"{kept}.lock", os.O_RDWR | os.O_CREAT)
    try:
        with locked(descriptor, seconds=120):
            if not kept.exists():
                sources = open_sources(Store(shared / "store"))
                sha256 = sources.fetch(reference).sha256
                lock = resolve(reference, resolved_at=RESOLVED_AT, sources=sources)
                aside = kept.with_suffix(".new")
                aside.write_text(json.dumps([sha256, lock.decode()]))
                aside.replace(kept)
    finally:
        os.close(descriptor)
    sha256, text = json.loads(kept.read_text())
    return Server(name, url, sha256, lock_name(reference, name), text.encode())


@dataclass
class Machine:
    """A host's folders under ``root``, and what launches on it."""

    root: Path
    sigstore: Trial
    shared: Path

    @property
    def servers(self) -> Path:
        return self.root / "registry/servers"

    @property
    def config(self) -> Path:
        return self.root / "client.toml"

    @property
    def workspace(self) -> Path:
        return self.root / "workspace"

    @property
    def trees(self) -> Path:
        return self.root / "cache/trees"

    def configure(self, *, cold: bool = False, **changes: object) -> None:
        """Write client.toml and the trust root; a change of None leaves a key out.

        ``cold`` gives the machine a store of its own, in which there is nothing.
        """
        self.servers.mkdir(parents=True, exist_ok=True)
        self.workspace.mkdir(exist_ok=True)
        (self.root / "trusted_root.json").write_bytes(self.sigstore.trusted_root)
        told: dict[str, object] = {
            "registry": "registry",
            "trusted_root": "trusted_root.json",
            "cache": "cache",
            "state": "state",
            "audit_log": "audit.jsonl",
            "identity": asdict(self.sigstore.identity),
            "interpreters": {"node": shutil.which("node"), "python": sys.executable},
        }
        told |= changes
        self.config.write_text(_toml({key: value for key, value in told.items() if value}))
        (self.root / "cache").mkdir(exist_ok=True)
        store = self.root / "cache/store"
        if cold:
            store.unlink(missing_ok=True)
        elif not store.is_symlink():
            store.symlink_to(self.shared / "store")

    def publish(self, text: str, lock: bytes = b"", *, name: str = "", **claims: str) -> None:
        """Lay an entry signed by the pinned job but for ``claims``, as ``name`` or its own."""
        raw = text.encode()
        own = text.partition("\n")[0].removeprefix("name: ")
        name = name or own
        (self.servers / f"{name}.yaml").write_bytes(raw)
        bundle = self.sigstore.signer(rekor=2, **claims).sign(raw)
        (self.servers / f"{name}.yaml.sigstore.json").write_bytes(bundle)
        for line in text.splitlines():
            if line.startswith("    file: "):
                (self.servers / line.removeprefix("    file: ")).write_bytes(lock)

    def offer(self, name: str, **changes: str) -> Server:
        """Publish the real server ``name``."""
        found = server(name, self.shared)
        self.publish(found.entry(**changes), found.lock)
        return found

    def command(self, *words: str) -> list[str]:
        return [
            sys.executable, "-I", "-m", "assay.cli",
            "launch", "--trial-config", str(self.config), *words,
        ]  # fmt: skip

    def events(self) -> list[dict[str, Any]]:
        """The audit log, from the first line."""
        path = self.root / "audit.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def outcomes(self) -> list[tuple[str, str, str]]:
        """(kind, outcome, reason) of each event."""
        return [(one["kind"], one["outcome"], one["reason"]) for one in self.events()]

    def talk(
        self,
        *words: str,
        environment: Mapping[str, str] | None = None,
        call: tuple[str, dict[str, Any]] | None = None,
    ) -> Talk:
        """Launch through the real MCP client, list the tools, and call one of them."""
        return asyncio.run(self._talk(words, environment or {}, call))

    async def _talk(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        call: tuple[str, dict[str, Any]] | None,
    ) -> Talk:
        command, *arguments = self.command(*words)
        told = StdioServerParameters(
            command=command,
            args=arguments,
            cwd=self.workspace,
            env={**os.environ, **environment},
        )
        said = self.root / "stderr.txt"
        with said.open("w") as stderr:
            async with (
                stdio_client(told, errlog=stderr) as (read, write),
                ClientSession(read, write) as session,
            ):
                await session.initialize()
                tools = sorted(tool.name for tool in (await session.list_tools()).tools)
                answer = ""
                if call is not None:
                    result = await session.call_tool(*call)
                    answer = "\n".join(getattr(one, "text", "") for one in result.content)
        return Talk(tools, answer, said.read_text())


@dataclass(frozen=True)
class Talk:
    """What a client saw: the tools' names, one call's answer, and standard error."""

    tools: list[str]
    answer: str
    stderr: str


def _toml(told: Mapping[str, object]) -> str:
    """JSON's spelling of texts and lists is TOML's too."""
    plain = {key: value for key, value in told.items() if not isinstance(value, dict)}
    lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
    for key, value in told.items():
        if isinstance(value, dict):
            lines.append(f"[{key}]")
            lines += [f"{name} = {json.dumps(one)}" for name, one in value.items() if one]
    return "\n".join(lines) + "\n"
