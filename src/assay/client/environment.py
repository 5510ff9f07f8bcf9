"""A server's environment, made from nothing.

What a host passes to us may have been set by the workspace it opened. So only a few variables
that say who and in what language are handed on, each after a look at it, then those that the
reviewed entry names. HOME and USER come from the account database, PATH is fixed, and proxies are
no exception: a server that needs one names HTTPS_PROXY in its entry, where a reviewer sees it.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from assay.client.places import home, user_id
from assay.entry.model import Variable
from assay.errors import Refused
from assay.reason import Reason

# /usr/local last: on some systems it is the user's to write.
_PATH = "/usr/bin:/bin:/usr/local/bin"
_LANGUAGE = ("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "TZ")
_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP")
# Of what npm and pip are told by variables, only where packages come from and by which road:
# others run a programme (PIP_PYTHON), write a file (PIP_LOG) or read a folder's configuration.
_ROADS = re.compile(
    r"(https?|all|no)_proxy|ssl_cert_(file|dir)|(requests|curl)_ca_bundle"
    r"|pip_((extra_)?index_url|find_links|no_index|cert|client_cert|proxy|trusted_host)"
    r"|npm_config_(registry|cafile|ca|proxy|https.proxy|noproxy|strict.ssl|@.*:registry|//.*)",
    re.IGNORECASE,
)
# A name like de_DE.UTF-8, en:fr or Europe/Berlin: no path, which TZ could be.
_HARMLESS = re.compile(r"[A-Za-z0-9_+-][A-Za-z0-9_.@:+-]*(/[A-Za-z0-9_+-]+){0,2}")


def environment(
    variables: Sequence[Variable], given: Mapping[str, str], workspace: Path
) -> dict[str, str]:
    """What the server gets of ``given``, the environment that we were started with.

    Refused: ENTRY_INVALID for a variable that no entry may name, ENVIRONMENT_MISSING for a
    required one that is not set.
    """
    found = _base(given, workspace)
    if variables:
        from assay.checks.launch_environment import steers  # the one list of such names
    for variable in variables:
        if steers(variable.name):
            raise Refused(
                Reason.ENTRY_INVALID,
                f"the entry passes on {variable.name}, which steers what runs before the server",
            )
        if variable.name in given:
            found[variable.name] = given[variable.name]
        elif variable.required:
            raise Refused(
                Reason.ENVIRONMENT_MISSING,
                f"this server wants the variable {variable.name}",
                hint=variable.description or "set it where the host starts the server",
            )
    return found


def for_fetching(
    given: Mapping[str, str], interpreters: Sequence[Path | None], workspace: Path
) -> dict[str, str]:
    """What npm and pip are asked with: where packages come from, and nothing that is code.

    They are found beside the interpreters of client.toml before anywhere else.
    """
    found = _base(given, workspace)
    beside = [str(path.parent) for path in interpreters if path is not None]
    found["PATH"] = os.pathsep.join([*beside, found["PATH"]])
    return found | {name: value for name, value in given.items() if _ROADS.fullmatch(name)}


def _base(given: Mapping[str, str], workspace: Path) -> dict[str, str]:
    if sys.platform == "win32":
        kept = {name: given[name] for name in _WINDOWS if name in given}
        root = Path(given.get("SYSTEMROOT", r"C:\Windows"))
        return {**kept, "PATH": f"{root / 'System32'};{root}", "USERPROFILE": str(home())}
    found = {"PATH": _PATH, "HOME": str(home()), "USER": user_id(), "LOGNAME": user_id()}
    for name in _LANGUAGE:
        if _HARMLESS.fullmatch(given.get(name, "")):
            found[name] = given[name]
    temporary = given.get("TMPDIR", "")
    if temporary and _private(temporary, workspace):
        found["TMPDIR"] = temporary
    return found


def _private(folder: str, workspace: Path) -> bool:
    """A folder for temporary files that nobody else can play with, and not the workspace's."""
    try:
        real = Path(folder).resolve(strict=True)
        found = real.stat()
    except OSError:
        return False
    if not os.path.isabs(folder) or not stat.S_ISDIR(found.st_mode):
        return False
    if real.is_relative_to(workspace) and not home().is_relative_to(workspace):
        return False
    mine = found.st_uid == os.getuid() and not found.st_mode & 0o022
    return mine or bool(found.st_mode & stat.S_ISVTX)
