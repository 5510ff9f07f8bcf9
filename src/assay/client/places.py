"""Where a host keeps things. Decided by the operating system's own account, never by a variable.

A host starts servers from inside an opened workspace, and what the workspace can set it could
use: ``HOME`` or ``XDG_CACHE_HOME`` pointed at a folder of its own would bring an installed tree
and the values of its parameters along. So home comes from the account database, and client.toml
from a path that only the machine's administrator writes.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from assay.errors import Undecided
from assay.reason import Reason

CONFIG_NAME = "client.toml"


@dataclass(frozen=True, slots=True)
class Places:
    """One person's folders on this machine, each absolute; none needs to exist yet."""

    cache: Path  # archives and installed trees: may be thrown away
    state: Path  # the audit log and what must not be thrown away with the cache
    parameters: Path  # NAME.toml: what this person gave for the server NAME


def system_config() -> Path:
    """client.toml in the system's configuration folder, which the OS's own channel writes."""
    if sys.platform == "darwin":
        return Path("/Library/Application Support/assay") / CONFIG_NAME
    if sys.platform == "win32":
        return Path(_windows_folder(0x23)) / "assay" / CONFIG_NAME
    return Path("/etc/assay") / CONFIG_NAME


def home() -> Path:
    """The launching user's home folder, by the account database."""
    if sys.platform == "win32":
        return Path(_windows_folder(0x28))
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError as error:
        raise Undecided(
            Reason.CONFIG_MISSING,
            f"the account database knows no user {os.getuid()}, so there is no home folder",
            hint="run as an account of this machine",
        ) from error


def user_id() -> str:
    """The launching user's login name, by the account database; the number where it has none."""
    if sys.platform == "win32":
        return _windows_user()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def places(base: Path | None = None) -> Places:
    """The folders of the person whose home is ``base`` (default: the launching user's)."""
    base = home() if base is None else base
    if sys.platform == "darwin":
        library = base / "Library"
        support = library / "Application Support/assay"
        return Places(library / "Caches/assay", support, support / "parameters")
    if sys.platform == "win32":
        local = base / "AppData/Local/assay"
        return Places(local / "Cache", local / "State", local / "parameters")
    return Places(
        base / ".cache/assay", base / ".local/state/assay", base / ".config/assay/parameters"
    )


def _windows_folder(number: int) -> str:
    """A known folder by its CSIDL: 0x23 is ProgramData, 0x28 the profile. Not by a variable."""
    import ctypes

    buffer = ctypes.create_unicode_buffer(1024)
    shell32 = ctypes.CDLL("shell32")
    if shell32.SHGetFolderPathW(None, number, None, 0, buffer) != 0:
        raise OSError(f"Windows names no folder {number:#x}")
    return buffer.value


def _windows_user() -> str:
    import ctypes

    buffer = ctypes.create_unicode_buffer(257)
    size = ctypes.c_ulong(len(buffer))
    if not ctypes.CDLL("advapi32").GetUserNameW(buffer, ctypes.byref(size)):
        raise OSError("Windows names no user")
    return buffer.value
