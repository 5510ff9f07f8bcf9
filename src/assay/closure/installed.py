"""The software inside an image, a tree or a bundle, by what its package managers wrote there.

dpkg (``status``, and ``status.d`` of distroless images), apk, npm (``package.json`` below
``node_modules``) and Python (``METADATA``), each as a package URL (purl-spec). A stranger wrote
all of it: a field that breaks its own grammar makes no package, and is told; nothing is guessed,
and no text reaches a package URL that could make it another one. What was compiled in, copied in
or deleted from a database is not seen: this is what the artefact says of itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from assay.errors import Refused
from assay.hidden import quoted
from assay.reason import Reason

MOST_PACKAGES = 100_000
MOST_UNREAD = 1000
_MOST_FIELD = 512  # characters of a field that is looked at
_PARAGRAPHS = re.compile(rb"\n[ \t]*\n")

_DISTROLESS = "var/lib/dpkg/status.d/"  # beside each package's paragraph lie its .md5sums
_DPKG = re.compile(r"var/lib/dpkg/(?:status|status\.d/[^/]+)")
_APK = re.compile(r"(?:usr/)?lib/apk/db/installed")
_NPM = re.compile(r"(?s:.*/)?node_modules/(?:@[^/]+/)?[^/.@][^/]*/package\.json")
_PYTHON = re.compile(r"(?s:.*/)?[^/]+(?:\.dist-info/METADATA|\.egg-info/PKG-INFO)")
_RELEASE = ("etc/os-release", "usr/lib/os-release")
# The last part of every path that is looked at: one look spares most files five.
_NAMES = frozenset(
    [
        "status",
        "installed",
        "package.json",
        "METADATA",
        "PKG-INFO",
        "rpmdb.sqlite",
        "Packages",
        "Packages.db",
        "desc",
    ]
)
# Databases that nobody here reads: an image with one has software that is not listed.
_FOREIGN = re.compile(
    r"(?:var/lib|usr/lib/sysimage|usr/share)/rpm/(?:rpmdb\.sqlite|Packages|Packages\.db)"
    r"|var/lib/pacman/local/[^/]+/desc"
)

_DEB_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*")
_DEB_VERSION = re.compile(r"(?:[0-9]+:)?[0-9A-Za-z.+~-]+")
_APK_NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._+-]*")
_APK_VERSION = re.compile(r"[0-9][0-9A-Za-z._~-]*")
_ARCHITECTURE = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NPM_NAME = re.compile(r"(?:@[A-Za-z0-9~-][A-Za-z0-9._~-]*/)?[A-Za-z0-9~_-][A-Za-z0-9._~-]*")
_NPM_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_PYPI_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_PYPI_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]*")
_SYSTEM = re.compile(r"[a-z0-9][a-z0-9._-]*")


class Software(NamedTuple):
    """One package as its own metadata names it; ``source`` is what it was built from, or empty.

    Ordered by ``purl``. ``paths`` are all places that say so.
    """

    purl: str
    ecosystem: str  # deb, apk, npm, pypi
    name: str
    version: str
    source: str
    paths: tuple[str, ...]


class Found(NamedTuple):
    """``unread`` are paths with what kept them from being read: software that is not listed."""

    software: tuple[Software, ...]
    unread: tuple[str, ...]


class _Told(NamedTuple):
    """What one record says, before it is held to its grammar."""

    ecosystem: str
    name: str
    version: str
    architecture: str = ""
    source: str = ""


def wanted(path: str) -> bool:
    """Whether ``path`` (relative, forward slashes) is a file that ``read`` would look at."""
    return path in _RELEASE or _reader(path) is not None


def read(files: Mapping[str, bytes], unread: tuple[str, ...] = ()) -> Found:
    """The software that ``files`` (those ``wanted``, by path) tell of, in a fixed order.

    ``unread`` are wanted paths whose bytes could not be had. Refused: ARTEFACT_INVALID for over
    100,000 packages.
    """
    system = _system(files)
    places: dict[Software, list[str]] = {}
    wrong = [f"{path}: is no small plain file" for path in unread]
    for path in sorted(files):
        reader = _reader(path)
        if reader is None:
            continue
        try:
            for told in reader(files[path]):
                # One record that can't be read must not hide those after it.
                if problem := _problem(told):
                    wrong.append(f"{path}: {problem}")
                else:
                    places.setdefault(_software(told, system), []).append(path)
                if len(places) + len(wrong) > MOST_PACKAGES:
                    raise _too_many(path)
        except ValueError as error:
            wrong.append(f"{path}: {error}")
    software = sorted(item._replace(paths=tuple(paths)) for item, paths in places.items())
    return Found(tuple(software), tuple(sorted(wrong)[:MOST_UNREAD]))


def _reader(path: str) -> Callable[[bytes], Iterator[_Told]] | None:
    name = path.rpartition("/")[2]
    if name not in _NAMES and (not path.startswith(_DISTROLESS) or name.endswith(".md5sums")):
        return None
    for pattern, reader in _READERS.items():
        if pattern.fullmatch(path):
            return reader
    return None


def _dpkg(raw: bytes) -> Iterator[_Told]:
    for fields in _paragraphs(raw, b": "):
        # "deinstall ok config-files" leaves only settings behind; distroless writes no status.
        status = fields.get("Status", "installed")
        if status.split()[-1:] == ["installed"] or "\n" in status:
            name, version = fields.get("Package", ""), fields.get("Version", "")
            source = fields.get("Source", "").partition(" ")[0]
            architecture = fields.get("Architecture", "")
            yield _Told("deb", name, version, architecture, source or name)


def _apk(raw: bytes) -> Iterator[_Told]:
    for fields in _paragraphs(raw, b":"):
        name, version = fields.get("P", ""), fields.get("V", "")
        yield _Told("apk", name, version, fields.get("A", ""), fields.get("o", name))


def _npm(raw: bytes) -> Iterator[_Told]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON that can be read") from None
    name, version = (
        (data.get("name"), data.get("version")) if isinstance(data, dict) else (None, None)
    )
    if not isinstance(name, str) or not isinstance(version, str):
        raise ValueError("names no package and version")
    yield _Told("npm", name, version)


def _python(raw: bytes) -> Iterator[_Told]:
    fields = _fields(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0], b":", {"Name", "Version"})
    yield _Told("pypi", fields.get("Name", ""), fields.get("Version", ""))


def _foreign(raw: bytes) -> Iterator[_Told]:
    raise ValueError("is a package database of a kind that is not read")


_READERS = {_DPKG: _dpkg, _APK: _apk, _NPM: _npm, _PYTHON: _python, _FOREIGN: _foreign}
_KNOWN = {"Package", "Status", "Version", "Architecture", "Source", "P", "V", "A", "o"}


def _paragraphs(raw: bytes, mark: bytes) -> Iterator[dict[str, str]]:
    for paragraph in _PARAGRAPHS.split(raw):
        if fields := _fields(paragraph, mark, _KNOWN):
            yield fields


def _fields(paragraph: bytes, mark: bytes, known: set[str]) -> dict[str, str]:
    """The ``known`` fields of ``Key: value`` lines; indented lines go on with the one before.

    Two lines for one field are two readings, one for each tool: what comes back is neither.
    """
    found: dict[str, str] = {}
    for line in paragraph.split(b"\n"):
        key, colon, value = line[:_MOST_FIELD].partition(mark.rstrip())
        word = key.decode("utf-8", "replace")
        if not colon or word not in known:
            continue
        text = value.decode("utf-8", "replace").strip()
        found[word] = f"{found[word]}\n{text}" if word in found else text
    return found


_GRAMMARS = {
    "deb": (_DEB_NAME, _DEB_VERSION),
    "apk": (_APK_NAME, _APK_VERSION),
    "npm": (_NPM_NAME, _NPM_VERSION),
    "pypi": (_PYPI_NAME, _PYPI_VERSION),
}


def _problem(told: _Told) -> str:
    """Why ``told`` is no package, or empty."""
    name, version = _GRAMMARS[told.ecosystem]
    for text, grammar in ((told.name, name), (told.version, version)):
        if not grammar.fullmatch(text) or len(text) > 256:
            return f"names {quoted(text)}, which no {told.ecosystem} package bears"
    if told.architecture and not _ARCHITECTURE.fullmatch(told.architecture):
        return f"names {quoted(told.architecture)}, which is no architecture"
    return ""


def _software(told: _Told, system: tuple[str, str]) -> Software:
    source = told.source if _GRAMMARS[told.ecosystem][0].fullmatch(told.source) else ""
    return Software(_purl(told, system), told.ecosystem, told.name, told.version, source, ())


def _purl(told: _Told, system: tuple[str, str]) -> str:
    from packageurl import PackageURL

    qualifiers = {}
    namespace, name = "", told.name
    if told.ecosystem in ("deb", "apk"):
        namespace, release = system
        distro = f"{namespace}-{release}" if namespace and release else namespace
        qualifiers = {"arch": told.architecture, "distro": distro}
    elif told.ecosystem == "npm":
        namespace, _, name = told.name.rpartition("/")
    else:
        name = re.sub(r"[-_.]+", "-", name).lower()
    present = {key: value for key, value in qualifiers.items() if value}
    parts = (told.ecosystem, namespace or None, name, told.version, present or None)
    return str(PackageURL(*parts).to_string())


def _system(files: Mapping[str, bytes]) -> tuple[str, str]:
    """``ID`` and ``VERSION_ID`` of os-release(5), each empty where it is not said plainly."""
    for path in _RELEASE:
        if path in files:
            told = dict(_assignments(files[path]))
            words = [told.get(key, "") for key in ("ID", "VERSION_ID")]
            if _SYSTEM.fullmatch(words[0]):
                return words[0], words[1] if _SYSTEM.fullmatch(words[1]) else ""
    return "", ""


def _assignments(raw: bytes) -> Iterator[tuple[str, str]]:
    for line in raw[:65536].decode("utf-8", "replace").split("\n"):
        key, mark, value = line.strip().partition("=")
        if mark:
            yield key, value.strip("\"'")[:64]


def _too_many(path: str) -> Refused:
    return Refused(
        Reason.ARTEFACT_INVALID,
        f"{quoted(path, 200)}: holds over {MOST_PACKAGES} packages",
        hint="tell the maintainer of the artefact",
    )
