"""Artefact references: the one grammar that names what is launched.

Package URLs for packages (purl-spec), ``oci://host/path:tag``, ``git+https://host/repo@COMMIT``
and ``https://`` for archives. A package URL names no host: the machine's own npm and pip
configuration says which mirror serves it. Nothing floats: no ``latest``, no range, no branch.

One thing has one spelling: whatever would be printed otherwise than it was written is refused,
so two entries can't name the same artefact without looking the same.

The grammar is checked here rather than by packageurl-python, which normalises in silence and
would cost each commit hook 15 ms; the tests hold both against each other.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

_MAX_LENGTH = 1024
_FLOATING = frozenset({"latest", "next", "main", "master", "head", "stable", "edge", "nightly"})
ARCHIVES = (".tar.gz", ".tgz", ".whl", ".zip", ".mcpb")

# Texts, for re compiles and keeps what is used: all of them at import would cost each hook 3 ms.
_NUMBER = r"(?:0|[1-9][0-9]*)"
# SemVer 2.0 without build metadata, which npm drops when it publishes.
_SEMVER = (
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
)
# The canonical form of PEP 440, appendix B, with a local part.
_PEP440 = (
    rf"(?:[1-9][0-9]*!)?{_NUMBER}(?:\.{_NUMBER})*(?:(?:a|b|rc){_NUMBER})?"
    rf"(?:\.post{_NUMBER})?(?:\.dev{_NUMBER})?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?"
)
_NPM_NAME = r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*"
_PYPI_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_WHEEL = r"([A-Za-z0-9._]+)-([A-Za-z0-9._+!]+)(?:-[0-9][A-Za-z0-9_.]*)?(?:-[A-Za-z0-9_.]+){3}\.whl"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?=.{{1,253}}(?::|$))(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{{0,4}})?"
# The distribution spec's <name> and <reference>.
_OCI_PATH = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
_OCI_TAG = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"
_COMMIT = r"[0-9a-f]{40}"
_SEGMENT = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-F]{2})+"


class Reference(NamedTuple):
    """A parsed reference.

    ``kind`` is npm, pypi, oci, git or https. ``name`` is the package's full name
    (``@scope/name``; for PyPI normalised by PEP 503), or the address without its version.
    ``version`` is the exact version, tag or commit, empty for https. ``file_name`` is the
    distribution file that a PyPI reference picks, else empty. ``text`` is what was written.
    """

    kind: str
    name: str
    version: str
    file_name: str
    text: str

    @property
    def host(self) -> str:
        """``host`` or ``host:port`` where the reference names one, else empty."""
        if self.kind in ("npm", "pypi"):
            return ""
        return self.name.removeprefix("https://").partition("/")[0]


def parse(text: str) -> Reference:
    """Read a reference; ``ValueError`` says what is wrong and what to write instead."""
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"is longer than {_MAX_LENGTH} characters")
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("holds a space or a character outside ASCII; percent-encode it")
    for prefix, read in _KINDS.items():
        if text.startswith(prefix):
            return read(text, text.removeprefix(prefix))
    raise ValueError(_unknown(text))


def npm(name: str, version: str) -> Reference:
    """The reference of a package on npm; ``ValueError`` for a bad name or version."""
    if len(name) > 214 or not re.fullmatch(_NPM_NAME, name):
        raise ValueError(f"{name!r} is not the name of an npm package (lower case, @scope/name)")
    _exact(version, _SEMVER, "SemVer 2.0, such as 1.2.3")
    scope, _, bare = name.rpartition("/")
    path = f"{quote(scope, safe='~')}/{bare}" if scope else bare
    return Reference("npm", name, version, "", f"pkg:npm/{path}@{version}")


def pypi(name: str, version: str, file_name: str = "") -> Reference:
    """The reference of a distribution on PyPI; ``ValueError`` for a bad name or version."""
    normal = re.sub(r"[-_.]+", "-", name).lower()
    if name != normal or not re.fullmatch(_PYPI_NAME, name):
        raise ValueError(f"{name!r} is not a normalised name (PEP 503); write {normal!r}")
    _exact(version, _PEP440, "canonical PEP 440, such as 1.2.3 or 1.2.3rc1")
    text = f"pkg:pypi/{name}@{quote(version, safe='~')}"
    if file_name:
        _check_wheel(name, version, file_name)
        text += f"?file_name={quote(file_name, safe='~')}"
    return Reference("pypi", name, version, file_name, text)


def _npm(text: str, rest: str) -> Reference:
    path, version = _split_package(rest)
    scoped = path.startswith("@") or path.lower().startswith("%40")
    return _same(
        npm("@" + unquote(path).removeprefix("@") if scoped else unquote(path), version), text
    )


def _pypi(text: str, rest: str) -> Reference:
    body, mark, query = rest.partition("?")
    key, _, value = query.partition("=")
    if mark and (key != "file_name" or not value or "&" in value):
        raise ValueError("may carry one qualifier, ?file_name=, and nothing else")
    path, version = _split_package(body)
    return _same(pypi(unquote(path), version, unquote(value)), text)


def _split_package(rest: str) -> tuple[str, str]:
    if "?" in rest or "#" in rest:
        raise ValueError("may carry no qualifier and no subpath; end it after the version")
    path, mark, version = rest.rpartition("@")
    if not mark or not path or not version:
        raise ValueError("names no version; end it with @ and the exact version")
    return path, unquote(version)


def _exact(version: str, grammar: str, wanted: str) -> None:
    if version.lower() in _FLOATING:
        raise ValueError(f"floats: {version!r} is another version tomorrow; name an exact version")
    if not re.fullmatch(grammar, version):
        raise ValueError(f"{version!r} is not one exact version; write {wanted}")


def _check_wheel(name: str, version: str, file_name: str) -> None:
    match = re.fullmatch(_WHEEL, file_name)
    if match is None:
        # An sdist becomes a package by running its own code.
        raise ValueError(f"file_name {file_name!r} is not a wheel's; name a file that ends in .whl")
    if re.sub(r"[-_.]+", "-", match[1]).lower() != name or match[2] != version:
        raise ValueError(f"file_name {file_name!r} is not a file of {name} {version}")


def _oci(text: str, rest: str) -> Reference:
    host, path = _split_host(rest)
    if "@" in path:
        raise ValueError("carries a digest; write the tag here and the digest in sha256")
    path, mark, tag = path.rpartition(":")
    if not mark:
        raise ValueError("names no tag, which means latest; end it with : and a tag")
    if tag.lower() in _FLOATING:
        raise ValueError(f"floats: the tag {tag!r} is moved; name a version's tag")
    if not re.fullmatch(_OCI_PATH, path) or not re.fullmatch(_OCI_TAG, tag):
        raise ValueError("is not oci://host/path:tag with a lower-case path")
    return Reference("oci", f"{host}/{path}", tag, "", text)


def _git(text: str, rest: str) -> Reference:
    address, mark, commit = rest.rpartition("@")
    if not mark or not re.fullmatch(_COMMIT, commit):
        raise ValueError("names no commit; end it with @ and the commit's 40 hex digits")
    host, path = _split_host(address)
    _check_path(path)
    return Reference("git", f"https://{host}/{path}", commit, "", text)


def _https(text: str, rest: str) -> Reference:
    if "?" in rest or "#" in rest:
        raise ValueError("carries a query or a fragment; write the plain address of the file")
    host, path = _split_host(rest)
    _check_path(path)
    if not path.endswith(ARCHIVES):
        raise ValueError(f"does not end in one of {', '.join(ARCHIVES)}")
    if any(part in _FLOATING for part in path.split("/")):
        raise ValueError("floats: its path says latest; write the address of one version")
    return Reference("https", f"https://{host}/{path}", "", "", text)


def _split_host(rest: str) -> tuple[str, str]:
    host, _, path = rest.partition("/")
    if "@" in host:
        raise ValueError("holds credentials; they belong in the machine's own configuration")
    if host != host.lower():
        raise ValueError(f"has capitals in its host; write {host.lower()}")
    if not re.fullmatch(_HOST, host) or host.endswith(":443"):
        raise ValueError("has a host that is not plain host or host:port")
    if not path:
        raise ValueError("names a host and no path")
    return host, path


def _check_path(path: str) -> None:
    for part in path.split("/"):
        decoded = unquote(part)
        if not re.fullmatch(_SEGMENT, part) or decoded in (".", ".."):
            raise ValueError(f"has a path with {part!r}; write it plain, percent-encoded once")
        if not decoded.isprintable() or "/" in decoded or "\\" in decoded:
            raise ValueError(f"has a path with {part!r}, which hides a separator or a control")


def _same(reference: Reference, text: str) -> Reference:
    if reference.text != text:
        raise ValueError(f"is not canonical; write {reference.text}")
    return reference


def _unknown(text: str) -> str:
    if text.startswith("pkg:"):
        return "is a package URL of a kind that is not served; pkg:npm/ and pkg:pypi/ are"
    if text.startswith(("http://", "git+http://", "git://")):
        return "is not encrypted; write https://"
    if text.startswith(("git+ssh://", "ssh://", "git+file://", "file://")):
        return "is not public to every host; write git+https:// or https://"
    kinds = "pkg:npm/NAME@VERSION, pkg:pypi/NAME@VERSION, oci://, git+https:// or https://"
    return f"is no artefact reference; write one of {kinds}"


_KINDS = {
    "pkg:npm/": _npm,
    "pkg:pypi/": _pypi,
    "oci://": _oci,
    "git+https://": _git,
    "https://": _https,
}
