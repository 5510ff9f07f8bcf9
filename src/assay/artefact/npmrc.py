"""npm's own configuration of this machine: registries, credentials, certificates, proxy.

``npm config`` merges its files and variables, so it is asked; only credentials, which it does not
print, are read from the user's and the global file by npm's own rules. ``strict-ssl=false`` is
not followed: a registry that anybody can play is none.
"""

from __future__ import annotations

import json
import re
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from assay.artefact.http import Access
from assay.artefact.machine import ask, clean, proxy_for
from assay.errors import Undecided
from assay.reason import Reason

# npm looks upwards for a package.json whose .npmrc it then obeys: it finds ours at once, and
# no folder above is taken for a workspace.
HERE = ("--no-workspaces", "--no-global", "--location=project")
_LIST = ("npm", "config", "ls", "--long", "--json", "--no-update-notifier", *HERE)
_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{([^${}?]+)(\?)?\}")
_SECRET = re.compile(r"(//.+?)/?:(_authToken|_auth|username|_password)")
_MAX_FILE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class NpmConfig:
    """Where npm's packages come from here; ``scopes`` maps ``@scope`` to its registry."""

    registry: str
    scopes: Mapping[str, str]
    replace_host: str  # always, never, a host, or npm's word for the public registry's
    access: Access
    flags: tuple[str, ...]  # the same for npm's command line
    secrets: Mapping[str, str]  # ``//host/path/:_authToken`` and its like, proxies

    def registry_of(self, name: str) -> str:
        """The registry of a package, ending in a slash."""
        registry = self.scopes.get(name.partition("/")[0], self.registry)
        return registry if registry.endswith("/") else f"{registry}/"


def read(environ: Mapping[str, str]) -> NpmConfig:
    """Ask npm in an empty folder. Undecided(TOOL_FAILED) when it can't say."""
    environ = clean(environ)
    settings = _settings(_ask(_LIST, environ))
    secrets = _secrets(settings, environ)
    return NpmConfig(
        registry=_text(settings, "registry"),
        scopes={
            key.removesuffix(":registry"): str(value)
            for key, value in settings.items()
            if key.startswith("@") and key.endswith(":registry")
        },
        replace_host=_text(settings, "replace-registry-host"),
        access=_access(settings, secrets, environ),
        flags=tuple(_flags(settings)),
        # A proxy's address may hold a password too.
        secrets=secrets | {key.replace("-", "_"): _text(settings, key) for key in _PROXIES},
    )


def isolated(config: NpmConfig, environ: Mapping[str, str]) -> dict[str, str]:
    """An environment for npm in which these credentials are all the configuration there is.

    In the environment, not in a file and not among the arguments, which every user can list.
    """
    kept = {k: v for k, v in clean(environ).items() if not k.lower().startswith("npm_config_")}
    return kept | {f"npm_config_{key}": value for key, value in config.secrets.items() if value}


# Flags that leave npm neither the user's nor the global file: whatever setting may be invented
# there, it can't change an outcome.
NO_FILES = ("--userconfig=none", "--globalconfig=no-other")
_REACHING = ("registry", "cafile", "replace-registry-host")
_PROXIES = ("proxy", "https-proxy")


def _flags(settings: Mapping[str, object]) -> Iterator[str]:
    for key, value in settings.items():
        if (key in _REACHING or key.endswith(":registry")) and isinstance(value, str):
            yield f"--{key}={value}"
    for key in ("noproxy", "ca"):
        yield from (f"--{key}={value}" for value in _texts(settings, key))


def public_host(environ: Mapping[str, str]) -> str:
    """The host of npm's own default registry, as npm knows it without any configuration."""
    bare = {k: v for k, v in clean(environ).items() if not k.lower().startswith("npm_config_")}
    return urlsplit(_text(_settings(_ask((*_LIST, *NO_FILES), bare)), "registry")).netloc


def _ask(words: Sequence[str], environ: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:
        Path(folder, "package.json").write_text("{}", encoding="ascii")
        return ask(words, environ, folder=Path(folder))


def _settings(output: str) -> Mapping[str, object]:
    try:
        settings = json.loads(output)
    except ValueError as error:
        raise Undecided(Reason.TOOL_FAILED, "npm config did not answer in JSON") from error
    if not isinstance(settings, dict) or not isinstance(settings.get("registry"), str):
        raise Undecided(Reason.TOOL_FAILED, "npm config names no registry")
    return settings


def _text(settings: Mapping[str, object], key: str) -> str:
    value = settings.get(key)
    return value if isinstance(value, str) else ""


def _texts(settings: Mapping[str, object], key: str) -> list[str]:
    value = settings.get(key)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str) and item]


def _access(
    settings: Mapping[str, object], secrets: Mapping[str, str], environ: Mapping[str, str]
) -> Access:
    proxies = {
        "https": _text(settings, "https-proxy") or _text(settings, "proxy"),
        "http": _text(settings, "proxy"),
    }
    bypass = [part for item in _texts(settings, "noproxy") for part in item.split(",")]
    lax = settings.get("strict-ssl") is False
    extra = environ.get("NODE_EXTRA_CA_CERTS", "")
    return Access(
        authorization=lambda url: authorization(url, secrets),
        proxy=lambda url: proxy_for(url, proxies.get(urlsplit(url).scheme, ""), bypass, environ),
        ca_file=_text(settings, "cafile"),
        ca_pem="\n".join(_texts(settings, "ca")).replace("\\n", "\n"),
        extra_ca_file=extra,
        advice="npm's strict-ssl=false is not followed; set cafile" if lax else "",
    )


def authorization(url: str, secrets: Mapping[str, str]) -> str:
    """The header for ``url`` by npm's rule: the nearest ``//host/path`` that has a secret."""
    parts = urlsplit(url)
    place = f"//{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    while len(place) > 2:
        if token := secrets.get(f"{place}/:_authToken"):
            return f"Bearer {token}"
        if basic := secrets.get(f"{place}/:_auth"):
            return f"Basic {basic}"
        user, password = secrets.get(f"{place}/:username"), secrets.get(f"{place}/:_password")
        if user and password:
            pair = f"{user}:{_decoded(password)}".encode()
            return f"Basic {b64encode(pair).decode()}"
        place = place.rpartition("/")[0]
    return ""


def _decoded(password: str) -> str:
    try:
        return b64decode(password).decode()
    except ValueError:
        return password


def _secrets(settings: Mapping[str, object], environ: Mapping[str, str]) -> dict[str, str]:
    """Credentials by ``//host/path:kind``: the global file's, the user's, the environment's."""
    secrets: dict[str, str] = {}
    for key in ("globalconfig", "userconfig"):
        secrets |= _file_secrets(_text(settings, key), environ)
    for name, value in environ.items():
        if name.lower().startswith("npm_config_//"):
            _note(secrets, name[len("npm_config_") :], value)
    return secrets


def _file_secrets(path: str, environ: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        with Path(path).open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_MAX_FILE).splitlines()
    except OSError:
        return found
    for line in lines:
        key, mark, value = line.partition("=")
        if mark and not line.lstrip().startswith((";", "#")):
            _note(found, substitute(_unquoted(key), environ), substitute(_unquoted(value), environ))
    return found


def _note(secrets: dict[str, str], key: str, value: str) -> None:
    match = _SECRET.fullmatch(key)
    # A variable that is not set stays ${NAME}: no credential, and never sent as one.
    if match and value and "${" not in value:
        secrets[f"{match[1]}/:{match[2]}"] = value


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """``${NAME}`` and ``${NAME?}`` as npm replaces them; an odd backslash keeps it as it is."""

    def value(match: re.Match[str]) -> str:
        slashes, name, lax = match[1], match[2], match[3]
        if len(slashes) % 2:
            return match[0][(len(slashes) + 1) // 2 :]
        kept = "" if lax else f"${{{name}}}"
        return slashes[len(slashes) // 2 :] + environ.get(name, kept)

    return _VARIABLE.sub(value, text)
