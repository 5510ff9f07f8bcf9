"""What a registry publishes to hosts: an entry, its bundle, its lock, each as bytes.

Nothing here is trusted: a folder that anybody wrote will do, for the bundle says whether the
bytes hold. What is read is read once, bounded, and those very bytes are verified and parsed.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Protocol

from assay.errors import Refused, Undecided
from assay.reason import Reason

ENTRY_LIMIT = 64 * 1024  # bytes, the entry's own rule
BUNDLE_LIMIT = 1024**2
LOCK_LIMIT = 32 * 1024**2
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BESIDE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


class Published(Protocol):
    """Where entries come from. Each may raise Undecided UNREACHABLE."""

    def entry(self, name: str) -> bytes: ...

    def bundle(self, name: str) -> bytes: ...

    def lock(self, file: str) -> bytes: ...


class Folder:
    """A registry's work tree, or a copy of it, on this machine."""

    def __init__(self, root: Path) -> None:
        self._servers = root / "servers"

    def entry(self, name: str) -> bytes:
        """``NAME.yaml``; Refused ENTRY_MISSING."""
        if not _NAME.fullmatch(name) or len(name) > 64:
            raise Refused(
                Reason.ENTRY_MISSING,
                f"{name[:80]} is no name of an entry",
                hint="lower-case letters, digits and single hyphens",
            )
        return self._read(f"{name}.yaml", ENTRY_LIMIT, Reason.ENTRY_MISSING)

    def bundle(self, name: str) -> bytes:
        """``NAME.yaml.sigstore.json``; Refused BUNDLE_MISSING."""
        return self._read(f"{name}.yaml.sigstore.json", BUNDLE_LIMIT, Reason.BUNDLE_MISSING)

    def lock(self, file: str) -> bytes:
        """The lock by the name that a verified entry gives it; Refused LOCK_MISSING."""
        if not _BESIDE.fullmatch(file):
            raise Refused(Reason.LOCK_MISSING, f"{file[:80]} is no file beside the entry")
        return self._read(file, LOCK_LIMIT, Reason.LOCK_MISSING)

    def _read(self, name: str, most: int, missing: Reason) -> bytes:
        path = self._servers / name
        try:
            # Not blocking: a pipe in a file's place must not hang a launch.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise Refused(missing, f"{path} is not a file")
                raw = file.read(most + 1)
        except FileNotFoundError as error:
            raise Refused(
                missing,
                f"the registry has no {name}",
                hint=f"looked in {self._servers}, which client.toml names",
            ) from error
        except OSError as error:
            raise Undecided(
                Reason.UNREACHABLE, f"{path} can't be read: {error.strerror or error}"
            ) from error
        if len(raw) > most:
            raise Refused(missing, f"{path} is over {most // 1024} KiB")
        return raw
