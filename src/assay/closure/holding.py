"""Holding a lock against the registry: what it names must be what the registry has.

A lock can be consistent and still lie: a good name with the version and integrity of a fake. So
each node is asked for by its real name and version, its digest must be the registry's own, it may
want nothing that the registry's metadata does not say, and the artefact's own node must be the
very bytes that were reviewed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from assay.artefact.store import file_integrity
from assay.closure.model import Closure, Package
from assay.errors import Refused
from assay.finding import Finding, Severity
from assay.reason import Reason

if TYPE_CHECKING:
    from assay.artefact.npm import Manifest
    from assay.artefact.source import Fetched, Sources

RULE = "lock-true"
_AT_ONCE = 16  # requests; npm itself keeps 15 sockets to a registry
_RELOCK = "run `assay lock NAME`, and find out where this lock came from"

Progress = Callable[[int, int], None]  # done, of


def hold(
    closure: Closure,
    sources: Sources,
    fetched: Fetched | None = None,
    *,
    progress: Progress = lambda done, of: None,
) -> Iterator[Finding]:
    """Everything in the lock that the configured registry does not bear out, in its order.

    ``fetched`` is the artefact, where it is at hand. Raises Undecided(UNREACHABLE) when the
    registry can't be asked about even one package.
    """
    if fetched is not None:
        yield from _own(closure, fetched)
    look = _npm if closure.ecosystem == "npm" else _pypi
    total = len(closure.packages)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting = [pool.submit(_asked, look, package, sources) for package in closure.packages]
        try:
            for done, future in enumerate(waiting, 1):
                yield from (_finding(closure, *told) for told in future.result())
                progress(done, total)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_Told = tuple[Package, str, Severity]
_Look = Callable[[Package, "Sources"], Iterator[_Told]]


def _asked(look: _Look, package: Package, sources: Sources) -> list[_Told]:
    try:
        return list(look(package, sources))
    except Refused as error:
        if error.reason is not Reason.NOT_FOUND:
            raise
        message = f"{package.name} {package.version} is not in the registry: {error.message}"
        return [(package, message, Severity.ERROR)]


def _finding(closure: Closure, package: Package, message: str, severity: Severity) -> Finding:
    fix = _RELOCK if severity is Severity.ERROR else "lock a later instant"
    return Finding(closure.path, package.line, 1, RULE, message, fix, severity)


def _own(closure: Closure, fetched: Fetched) -> Iterator[Finding]:
    root = closure.root
    if closure.ecosystem == "npm":
        found = file_integrity(fetched.path, "sha512")
    else:
        found = f"sha256:{fetched.sha256}"
    if found not in root.integrity:
        message = f"{root.name} is locked as {root.integrity[0]}, the artefact has {found}"
        yield _finding(closure, root, message, Severity.ERROR)


def _npm(package: Package, sources: Sources) -> Iterator[_Told]:
    manifest = sources.npm.manifest(package.name, package.version)
    what = f"{package.name} {package.version}"
    if package.integrity[0] not in manifest.integrity.split():
        told = f"{what} is locked as {package.integrity[0]}, the registry has "
        told += manifest.integrity or "no sha512 of it"
        yield package, told, Severity.ERROR
        return
    if manifest.install_scripts:
        told = f"{what} needs an install script ({', '.join(manifest.install_scripts)})"
        yield package, told, Severity.ERROR
    if manifest.has_shrinkwrap:
        yield package, f"{what} was published with its own shrinkwrap", Severity.ERROR
    if manifest.bundles:
        yield package, f"{what} bundles packages that no registry vouches for", Severity.ERROR
    yield from _edges(package, manifest)


def _edges(package: Package, manifest: Manifest) -> Iterator[_Told]:
    real = {
        *manifest.dependencies.items(),
        *manifest.optional_dependencies.items(),
        *manifest.peer_dependencies.items(),
    }
    for name, spec in package.requires:
        if (name, spec) not in real:
            told = f"{package.name} {package.version} does not want {name} {spec}"
            yield package, told, Severity.ERROR


def _pypi(package: Package, sources: Sources) -> Iterator[_Told]:
    files = {file.sha256: file for file in sources.pypi.files(package.name, package.version)}
    what = f"{package.name} {package.version}"
    for item in package.integrity:
        file = files.get(item.removeprefix("sha256:"))
        if file is None:
            yield package, f"{what}: the index has no file with {item}", Severity.ERROR
        elif not file.tags:
            yield package, f"{what}: {file.name} is no wheel, building it runs it", Severity.ERROR
        elif file.yanked:
            yield package, f"{what} was yanked: {file.yanked}", Severity.WARNING
            return
