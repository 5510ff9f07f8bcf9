"""By which path a release came in: from the artefact to it, the shortest.

npm's lock says so. A Python lock does not, so there the index is asked what each wheel of the
closure wants (PEP 658), and only once something was found. It explains a finding and decides
nothing, so what can't be had is left out.
"""

from __future__ import annotations

import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from assay.closure.reach import reach
from assay.errors import AssayError

if TYPE_CHECKING:
    from assay.artefact.source import Sources
    from assay.closure.model import Closure, Package

_THREADS = 16
_MOST_METADATA = 4 << 20  # bytes
_SMALL = 4 << 20  # bytes of a wheel that is fetched for its metadata where it is not served alone

Chain = tuple[str, ...]  # "name version" from the artefact to the package, both included


def chains(closure: Closure, sources: Sources, wanted: Iterable[Package]) -> dict[Package, Chain]:
    """The chain of each ``wanted`` package, as far as it can be told."""
    found = reach(closure) if closure.ecosystem == "npm" else _python(closure, sources)
    return {
        package: tuple(f"{one.name} {one.version}" for one in found[package])
        for package in wanted
        if package in found
    }


def _python(closure: Closure, sources: Sources) -> dict[Package, tuple[Package, ...]]:
    try:
        sources.pypi.open()
    except AssayError:
        return {}
    with ThreadPoolExecutor(_THREADS) as pool:
        told = list(pool.map(lambda one: _requirements(one, sources), closure.packages))
    plain: dict[str, list[str]] = {}
    every: dict[str, list[str]] = {}
    for package, lines in zip(closure.packages, told, strict=True):
        for name, extra in _names(lines):
            every.setdefault(package.name, []).append(name)
            if not extra:
                plain.setdefault(package.name, []).append(name)
    # What an extra wants comes in by it only where nothing plainer does.
    return _shortest(closure, every) | _shortest(closure, plain)


def _requirements(package: Package, sources: Sources) -> Sequence[str]:
    """The ``Requires-Dist`` of a release, from any of the wheels that the lock names."""
    pypi = sources.pypi
    hashes = {item.removeprefix("sha256:") for item in package.integrity}
    try:
        files = [
            file for file in pypi.files(package.name, package.version) if file.sha256 in hashes
        ]
        if not files:
            return ()
        file = min(files, key=lambda file: (not file.pure, file.size, file.name))
        try:
            index = pypi.config.index
            raw = pypi.http.get(f"{file.url}.metadata", size=_MOST_METADATA, led_from=index)
        except AssayError:
            if file.size > _SMALL:
                return ()
            raw = _from_wheel(package, sources)
    except (AssayError, OSError, zipfile.BadZipFile):
        return ()
    headers = HeaderParser().parsestr(raw.decode("utf-8", "replace"))
    return [str(line) for line in headers.get_all("Requires-Dist") or ()]


def _from_wheel(package: Package, sources: Sources) -> bytes:
    with zipfile.ZipFile(sources.fetch_package(package)) as wheel:
        for info in wheel.infolist():
            if info.filename.endswith(".dist-info/METADATA") and info.file_size <= _MOST_METADATA:
                return wheel.read(info)
    return b""


def _names(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each name that is wanted, and whether an extra wants it."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        yield canonicalize_name(requirement.name), "extra" in str(requirement.marker or "")


def _shortest(
    closure: Closure, wants: Mapping[str, Sequence[str]]
) -> dict[Package, tuple[Package, ...]]:
    by_name: dict[str, list[Package]] = {}
    for package in closure.packages:
        by_name.setdefault(package.name, []).append(package)
    found: dict[Package, tuple[Package, ...]] = {closure.root: (closure.root,)}
    waiting = deque([closure.root])
    while waiting:
        source = waiting.popleft()
        for name in wants.get(source.name, ()):
            for package in by_name.get(name, ()):
                if package not in found:
                    found[package] = (*found[source], package)
                    waiting.append(package)
    return found
