"""A real git repository for a test: made, written to and committed to by git itself."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ENTRY = """\
name: {name}
version: {version}
maintainer: data-platform@example.com
description: Tells the time in any time zone.
scope:
  - read:clock
data_classification: internal
lawful_basis: not_applicable
reviewed_at: 2026-04-15
reviewers:
  - security@example.com
artefact:
  url: https://downloads.example.com/{name}-{version}.mcpb
  sha256: {digest}
"""


def entry(name: str = "clock", version: str = "1.2.0") -> str:
    """A complete entry that breaks no rule and needs no lock."""
    digest = sha256(f"{name} {version}".encode()).hexdigest()
    return ENTRY.format(name=name, version=version, digest=digest)


POLICY = """\
sources:
  npm: true
  pypi: true
  https: [downloads.example.com]
"""

_DIGEST = sha256(b"a wheel").hexdigest()
# As `assay lock` writes it: what differs by a byte does not regenerate.
_LOCK = """\
# Closure of pkg:pypi/{name}@{version} for Python 3.11 and newer, on every platform,
# as the index stood at 2026-11-20T00:00:00Z: `assay lock` writes this file, and nobody else.
{name}=={version} \\
    --hash=sha256:{digest}
"""


def locked(
    name: str = "time", version: str = "1.0.0", digest: str = _DIGEST
) -> dict[str, str | bytes]:
    """A good entry of PyPI with its lock, as files by path; ``digest`` is the wheel's sha256."""
    lock = _LOCK.format(name=f"mcp-{name}", version=version, digest=digest)
    artefact = f"""\
artefact:
  url: pkg:pypi/mcp-{name}@{version}
  sha256: {digest}
  lock:
    file: {name}.requirements.txt
    sha256: {sha256(lock.encode()).hexdigest()}
    resolved_at: 2026-11-20T00:00:00Z
"""
    head = entry(name, version).partition("artefact:")[0]
    return {
        "assay.yaml": POLICY,
        f"servers/{name}.yaml": head + artefact,
        f"servers/{name}.requirements.txt": lock,
    }


def bundle(raw: str | bytes) -> str:
    """What a bundle's outside says of the bytes it signs; nothing in it is signed."""
    digest = sha256(raw.encode() if isinstance(raw, str) else raw).digest()
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {},
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": b64encode(digest).decode()},
                "signature": "",
            },
        }
    )


@dataclass(frozen=True)
class Repository:
    """A folder under git. Paths are relative to ``root``."""

    root: Path

    @classmethod
    def create(cls, root: Path) -> Repository:
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "--quiet", "--template=", "--initial-branch=main")
        return made

    def git(self, *arguments: str | Path) -> str:
        """What git writes; a failure is the test's."""
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, content: str | bytes) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "change") -> str:
        """Write ``files``, stage everything, commit, and give the commit's id."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
        return self.git("rev-parse", "HEAD")
