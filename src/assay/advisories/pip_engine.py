"""``pip-audit``: asked about a pylock (PEP 751) that holds each release once, and read by its JSON.

A lock of requirements would not do: pip-audit leaves out, without a word, what a marker keeps off
this machine, and stops at two versions of one package. It exits 0 for a package that it skipped,
takes any empty answer for a clean one and reads no second page: so it is given whole answers
that were read strictly, and each release must stand in its report by name and version.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assay.advisories import engine, relay
from assay.advisories.model import BrokenAnswer, Release

_NAME = "pip-audit"
_PATH = "v1/query"
_WORDS = ("--locked", ".", "--vulnerability-service=osv", "--format=json", "--aliases=on")
_QUIET = ("--desc=off", "--progress-spinner=off", "--timeout=60")
_DEFAULT = re.compile(r"--osv-url.*?\(default:\s*(https?://[^\s)]+)\)", re.DOTALL)


def audit(
    told: Mapping[Release, Mapping[str, Any]], environ: Mapping[str, str]
) -> dict[Release, tuple[frozenset[str], ...]]:
    """For each release the ids, in capitals, of each advisory that pip-audit names. BrokenAnswer.

    ``told`` is what OSV answered, by release.
    """
    bodies = {_body(release): answer for release, answer in told.items()}

    def respond(method: str, path: str, sent: Any) -> object:
        return bodies.get(_canonical(sent)) if (method, path) == ("POST", _PATH) else None

    with (
        tempfile.TemporaryDirectory(prefix="assay-") as temporary,
        relay.serving(respond) as address,
    ):
        folder = Path(temporary)
        work = engine.sibling(folder)
        (work / "pylock.toml").write_text("\n".join(_pylock(told)), encoding="utf-8")
        words = (*program(), *_WORDS, *_QUIET, f"--osv-url={address}{_PATH}")
        done = engine.start(_NAME, (*words, f"--cache-dir={folder / 'cache'}"), environ, folder)
    return _read(engine.output(_NAME, done), told)


def default_url(environ: Mapping[str, str]) -> str:
    """The OSV service that pip-audit would ask by itself. BrokenAnswer where it does not say."""
    with tempfile.TemporaryDirectory(prefix="assay-") as temporary:
        folder = Path(temporary)
        engine.sibling(folder)
        told = {key: value for key, value in environ.items() if key == "PIP_AUDIT_OSV_URL"}
        # Wide, lest the address be wrapped.
        done = engine.start(_NAME, (*program(), "--help"), environ, folder, COLUMNS="400", **told)
    match = _DEFAULT.search(done.stdout)
    if match is None:
        raise BrokenAnswer(f"{_NAME} does not say which service it asks: name one in audit.osv")
    return match[1]


def program() -> tuple[str, ...]:
    """pip-audit of this interpreter; ``-I`` keeps the folder and PYTHON* out."""
    import importlib.util

    if importlib.util.find_spec("pip_audit") is None:
        raise BrokenAnswer(f"{_NAME} is not installed: install the extra mcp-assay[audit]")
    return (sys.executable, "-I", "-m", "pip_audit")


def _pylock(releases: Mapping[Release, object]) -> Iterator[str]:
    yield 'lock-version = "1.0"\ncreated-by = "assay"\n'
    for release in releases:
        # JSON's strings are TOML's, for names and versions are plain ASCII.
        yield "[[packages]]"
        yield f"name = {json.dumps(release.name)}\nversion = {json.dumps(release.version)}\n"


def _body(release: Release) -> str:
    package = {"name": release.name, "ecosystem": "PyPI"}
    return _canonical({"package": package, "version": release.version})


def _canonical(body: object) -> str:
    return json.dumps(body, sort_keys=True)


def _read(
    report: Mapping[str, Any], told: Mapping[Release, object]
) -> dict[Release, tuple[frozenset[str], ...]]:
    found: dict[Release, tuple[frozenset[str], ...]] = {}
    try:
        for item in report["dependencies"]:
            if "skip_reason" in item:
                raise BrokenAnswer(f"{_NAME} skipped {item['name']}: {item['skip_reason']}")
            release = Release("pypi", item["name"], item["version"])
            found[release] = tuple(
                frozenset(str(name).upper() for name in (one["id"], *one["aliases"]))
                for one in item["vulns"]
            )
    except (KeyError, TypeError) as error:
        raise BrokenAnswer(f"{_NAME} gave a report of another form") from error
    if found.keys() != told.keys():
        raise BrokenAnswer(f"{_NAME} did not report on the packages that it was given")
    return found
