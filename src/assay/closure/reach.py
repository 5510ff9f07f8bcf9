"""By which path a package came into a closure: the shortest one from the artefact.

npm's lock says what wants what; a Python lock does not, so there nothing is claimed.
"""

from __future__ import annotations

from collections import deque

from assay.closure.model import Closure, Package
from assay.closure.package_lock import lookup


def reach(closure: Closure) -> dict[Package, tuple[Package, ...]]:
    """Each package → the packages from the artefact to it, both included; ``{}`` where the lock
    does not say. A package that nothing reaches is not in it."""
    if closure.ecosystem != "npm":
        return {}
    by_path = {package.path: package for package in closure.packages}
    found: dict[Package, tuple[Package, ...]] = {closure.root: (closure.root,)}
    waiting = deque([closure.root])
    while waiting:
        source = waiting.popleft()
        for name, _ in source.requires:
            place = lookup(source.path, name, by_path)
            package = by_path.get(place)
            if package is not None and package not in found:
                found[package] = (*found[source], package)
                waiting.append(package)
    return found
