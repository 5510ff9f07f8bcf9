"""A trial instance's folder: its keys, and everything that a client needs to use it."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from assay.dev.sigstore import WARNING, TrialSigstore

KEYS = "keys"


def open_instance(
    folder: Path, *, port: int | None = None, claims: Mapping[str, str] | None = None
) -> TrialSigstore:
    """The instance whose keys lie in ``folder``; begins anew in an empty one.

    Listens on ``port``; without one on that of the last run, so that documents which were handed
    out stay true, or on a free one where there was none. OSError where the port is taken.
    """
    last = last_port(folder) if port is None else port
    return TrialSigstore(folder / KEYS, port=last, claims=claims)


def write_documents(folder: Path, instance: TrialSigstore, rekor: int) -> None:
    """trust_config.json, trusted_root.json, signer.yaml, environment, and last of all url."""
    _write(folder / "trust_config.json", instance.trust_config(rekor))
    _write(folder / "trusted_root.json", instance.trusted_root())
    _write(folder / "signer.yaml", signer_block(instance).encode())
    _write(folder / "environment", environment_block(instance).encode(), mode=0o600)
    _write(folder / "url", f"{instance.url}\n".encode())


def signer_block(instance: TrialSigstore) -> str:
    """``signer:`` of assay.yaml; JSON's scalars and lists are YAML's too."""
    pinned = asdict(instance.identity()).items()
    lines = [f"  {key}: {json.dumps(value)}" for key, value in pinned]
    return "\n".join([f"# {WARNING}", "signer:", *lines, ""])


def environment_block(instance: TrialSigstore) -> str:
    """What a CI runner would set, for a shell to read."""
    pairs = instance.environment().items()
    lines = [f"export {name}={shlex.quote(value)}" for name, value in pairs]
    return "\n".join([f"# {WARNING}", *lines, ""])


def last_port(folder: Path) -> int:
    """The port of the run before; 0 where there was none."""
    try:
        return urlsplit((folder / "url").read_text().strip()).port or 0
    except (OSError, ValueError):
        return 0


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Whole or not at all: somebody may be waiting for it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    os.replace(part, path)
