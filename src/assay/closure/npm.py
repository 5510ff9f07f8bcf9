"""Locking an npm package: npm itself resolves, in an empty folder and with nothing else in force.

The folder holds one ``package.json`` that wants the artefact alone. npm sees no file of settings,
only how to reach the registry and what is written here, so the same instant gives the same lock
on any machine; no script runs, nothing is unpacked. The lock is then written anew with what an
install needs, without addresses and without remarks that change from day to day.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay.artefact import npmrc
from assay.artefact.machine import run
from assay.artefact.reference import Reference
from assay.closure.package_lock import canonical
from assay.errors import AssayError, Refused, Undecided
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.source import Sources

_TIMEOUT = 900.0  # seconds
_FLAGS = (
    *npmrc.HERE,
    *npmrc.NO_FILES,
    "--package-lock-only",
    "--package-lock",
    "--lockfile-version=3",
    "--omit-lockfile-registry-resolved",  # what still has an address comes from elsewhere
    "--ignore-scripts",
    # A package may want an address instead of a release: npm need not go there to be refused.
    "--allow-git=none",
    "--allow-remote=none",
    "--allow-file=none",
    "--allow-directory=none",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=5000",
    "--fetch-timeout=60000",
    "--omit=dev",
    "--include=optional",
    "--include=peer",
    "--install-strategy=hoisted",
    "--no-legacy-peer-deps",
    "--no-strict-peer-deps",
    "--no-prefer-dedupe",
    "--no-force",
    "--no-engine-strict",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--no-progress",
    "--loglevel=error",
    "--json",
)
_KEPT = (
    "name",
    "version",
    "integrity",
    "resolved",
    "link",
    "inBundle",
    "hasShrinkwrap",
    "hasInstallScript",
    "optional",
    "peer",
    "license",
    "dependencies",
    "bundleDependencies",
    "bin",
    "engines",
    "os",
    "cpu",
    "libc",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
)
_LICENCE = re.compile(r"[A-Za-z0-9.+() -]{1,200}")
_NOT_THERE = frozenset({"E404", "ETARGET", "ENOVERSIONS", "EINVALIDPACKAGENAME"})
_UNFIT = frozenset({"ERESOLVE", "EBADPLATFORM", "EUNSUPPORTEDPROTOCOL", "EOVERRIDE"})
_AWAY = frozenset(
    {"E401", "E403", "E429", "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT"}
    | {"ERR_SOCKET_TIMEOUT", "EPROTO", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT"}
    | {"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT"}
    | {"UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "EHOSTUNREACH", "ENETUNREACH", "E500", "E502", "E503"}
)


def resolve(reference: Reference, *, resolved_at: datetime, sources: Sources) -> bytes:
    """See ``assay.closure.resolve``."""
    config = sources.npm.config
    with tempfile.TemporaryDirectory(prefix="assay-") as temporary:
        folder = Path(temporary, "closure")  # npm writes its name into the lock
        folder.mkdir()
        wanted = {"dependencies": {reference.name: reference.version}}
        (folder / "package.json").write_text(json.dumps(wanted), encoding="utf-8")
        before = f"--before={resolved_at:%Y-%m-%dT%H:%M:%SZ}"
        words = ("npm", "install", *_FLAGS, before, *config.flags)
        environ = npmrc.isolated(config, sources.npm.environ)
        done = run(words, environ, folder=folder, timeout=_TIMEOUT)
        if done.returncode:
            raise _failure(reference, resolved_at, done.stdout, done.stderr)
        return tidy((folder / "package-lock.json").read_bytes())


def tidy(raw: bytes) -> bytes:
    """npm's lock with what an install needs, keys in a fixed order: the bytes that are reviewed.

    Whatever the reader refuses (an address, a bundle, a script) stays in, to be found there.
    """
    lock: dict[str, Any] = json.loads(raw)
    packages = {path: _node(path, node) for path, node in sorted(lock["packages"].items())}
    return canonical({"lockfileVersion": 3, "requires": True, "packages": packages})


def _node(path: str, node: Mapping[str, Any]) -> dict[str, Any]:
    if not path:
        return {"dependencies": node.get("dependencies", {})}
    kept = {key: _sorted(node[key]) for key in _KEPT if key in node}
    # Authors write all sorts of things as a licence; only an SPDX expression says something.
    if not _LICENCE.fullmatch(str(kept.get("license", ""))):
        kept.pop("license", None)
    return kept


def _sorted(value: object) -> object:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def _failure(reference: Reference, at: datetime, output: str, errors: str) -> AssayError:
    code, summary = _error(output, errors)
    what = f"npm can't resolve {reference.text}: {summary}"
    if code in _NOT_THERE:
        hint = f"it may be gone, or newer than {at:%Y-%m-%dT%H:%M:%SZ}; lock at a later instant"
        return Refused(Reason.NOT_FOUND, what, hint=hint)
    if code in _UNFIT or code.startswith("EALLOW"):
        return Refused(Reason.ARTEFACT_INVALID, what, hint="ship it as an image or .mcpb")
    if code in _AWAY:
        return Undecided(
            Reason.UNREACHABLE, what, hint="check npm's registry, proxy and credentials"
        )
    return Undecided(Reason.TOOL_FAILED, what, hint="run npm by hand to see more")


def _error(output: str, errors: str) -> tuple[str, str]:
    try:
        error = json.loads(output)["error"]
        return str(error.get("code", "")), str(error.get("summary") or error.get("detail"))[:400]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", (errors or output).strip()[-400:]
