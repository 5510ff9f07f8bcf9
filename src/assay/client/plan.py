"""Which packages of a closure this machine needs, and where each lands. Pure: nothing is fetched.

npm: a package's own os, cpu and libc, as npm reads them; one that does not fit is left out where
it is optional and refuses the launch where it is not. PyPI: each package's marker, evaluated for
the interpreter that will run the server, not for ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assay.artefact.unpack.bounds import safe_path
from assay.client.interpreter import Interpreter
from assay.closure.model import Closure, Package
from assay.errors import Refused
from assay.reason import Reason


@dataclass(frozen=True, slots=True)
class Step:
    """One package to lay; ``folder`` is its place in the tree, empty for the site folder itself."""

    package: Package
    folder: str


def plan(closure: Closure, interpreter: Interpreter) -> list[Step]:
    """What is laid for ``closure`` under ``interpreter``, in the lock's order.

    Refused ARTEFACT_UNSUPPORTED where a package that is needed does not run here.
    """
    if closure.ecosystem == "npm":
        return list(_npm(closure, interpreter))
    return list(_python(closure, interpreter))


def _npm(closure: Closure, node: Interpreter) -> Iterator[Step]:
    skipped: list[str] = []
    for package in sorted(closure.packages, key=lambda one: one.path):
        folder = safe_path(package.purl, package.path)
        if folder.partition("/")[0] != "node_modules":
            raise Refused(
                Reason.LOCK_UNTRUE, f"the lock puts {package.purl} outside node_modules: {folder}"
            )
        if any(folder.startswith(f"{above}/") for above in skipped):
            continue
        if _fits(package, node):
            yield Step(package, folder)
        elif package.optional:
            skipped.append(folder)
        else:
            raise _unsupported(package, f"{node.text('os')} on {node.text('cpu')}")


def _fits(package: Package, node: Interpreter) -> bool:
    limits = package.platform
    return (
        _allowed(node.text("os"), limits.os)
        and _allowed(node.text("cpu"), limits.cpu)
        and (not limits.libc or _allowed(node.text("libc"), limits.libc))
    )


def _allowed(here: str, limits: tuple[str, ...]) -> bool:
    """npm's rule (npm-install-checks): no ``!here``, and ``here`` if any is named at all."""
    if limits == ("any",):
        return True
    named = [limit for limit in limits if not limit.startswith("!")]
    return f"!{here}" not in limits and (not named or here in named)


def _python(closure: Closure, python: Interpreter) -> Iterator[Step]:
    from packaging.markers import Marker

    environment = {**python.markers, "extra": ""}
    names: set[str] = set()
    for package in closure.packages:
        if not package.marker or Marker(package.marker).evaluate(environment):
            if package.name in names:  # no installer would lay both: a mixture nobody reviewed
                raise Refused(
                    Reason.LOCK_UNTRUE, f"the lock asks for two versions of {package.name} here"
                )
            names.add(package.name)
            yield Step(package, "")
        elif package == closure.root:
            raise _unsupported(package, f"Python {python.markers['python_full_version']}")


def _unsupported(package: Package, here: str) -> Refused:
    return Refused(Reason.ARTEFACT_UNSUPPORTED, f"{package.purl} does not run on {here}")
