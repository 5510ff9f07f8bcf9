"""Logins of ``.netrc``: by host, as curl, pip and git find them there.

Its ``default`` entry is left alone: it would show one login to every host that an entry names.
"""

from __future__ import annotations

import netrc
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path


def authorization(host: str, environ: Mapping[str, str]) -> str:
    """The ``Authorization`` for ``host`` (RFC 7617), or empty where there is no login for it."""
    path = next((place for place in _places(environ) if place.is_file()), None)
    if path is None or not host:
        return ""
    try:
        found = netrc.netrc(path).hosts.get(host)
    except (netrc.NetrcParseError, OSError, UnicodeError):
        return ""
    return basic(found[0] or found[1], found[2]) if found and found[2] else ""


def basic(user: str, password: str) -> str:
    """The value of ``Authorization`` for a user and a password."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _places(environ: Mapping[str, str]) -> list[Path]:
    home = environ.get("HOME") or environ.get("USERPROFILE") or str(Path.home())
    named = [environ["NETRC"]] if environ.get("NETRC") else []
    return [Path(place) for place in (*named, f"{home}/.netrc", f"{home}/_netrc")]
