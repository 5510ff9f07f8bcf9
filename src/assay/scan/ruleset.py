"""The rules of this installation, read once, with what a reader is told about each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from assay import __version__, rules
from assay.finding import Severity
from assay.scan import semgrep
from assay.scan.prefilter import Filter

# What semgrep calls the languages of our rules → what a target is called.
LANGUAGES = {
    "javascript": "javascript",
    "js": "javascript",
    "typescript": "typescript",
    "ts": "typescript",
    "python": "python",
    "py": "python",
    "generic": "generic",
    "regex": "regex",
}


class Told(NamedTuple):
    """What a hit of a rule says."""

    message: str
    fix: str
    severity: Severity
    family: str
    signal: bool


class Language(NamedTuple):
    """The rules for one language (their numbers), and which of them could match in a text."""

    numbers: tuple[int, ...]
    filter: Filter
    loud: frozenset[int]  # those that are no signals


class Ruleset(NamedTuple):
    """``rules`` as semgrep takes them; ``digest`` changes with anything that decides a result."""

    rules: tuple[Mapping[str, Any], ...]
    told: Mapping[str, Told]
    languages: Mapping[str, Language]
    digest: str


@lru_cache(maxsize=1)
def ours() -> Ruleset:
    """The rules in this installation."""
    return load(tuple(rules.rule_files()))


def load(files: tuple[Path, ...]) -> Ruleset:
    """The rules in ``files``; KeyError or ValueError for one that is not well written."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[dict[str, Any]] = []
    digest = hashlib.sha256(_version().encode())
    for file in files:
        raw = file.read_bytes()
        digest.update(hashlib.sha256(raw).digest())
        found += yaml.load(raw, Loader=loader)["rules"]  # noqa: S506 - both are safe loaders
    told = {str(rule["id"]): _told(rule) for rule in found}
    return Ruleset(tuple(found), told, _languages(found, told), digest.hexdigest())


def _told(rule: Mapping[str, Any]) -> Told:
    data = rule["metadata"]
    return Told(
        " ".join(str(rule["message"]).split()),
        " ".join(str(data.get("fix", "")).split()),
        Severity(data.get("assay-severity") or data["severity"]),
        str(data["family"]),
        bool(data.get("signal", False)),
    )


def _languages(found: list[dict[str, Any]], told: Mapping[str, Told]) -> dict[str, Language]:
    numbers: dict[str, list[int]] = {}
    for number, rule in enumerate(found):
        for name in dict.fromkeys(LANGUAGES[name] for name in rule["languages"]):
            numbers.setdefault(name, []).append(number)
    return {
        name: Language(
            tuple(own),
            Filter([found[number] for number in own]),
            frozenset(number for number in own if not told[str(found[number]["id"])].signal),
        )
        for name, own in numbers.items()
    }


def _version() -> str:
    """What else decides a result: the engine, and every line of the scan itself."""
    here = Path(__file__).parent
    digest = hashlib.sha256(f"{__version__} {semgrep.VERSION}".encode())
    for path in sorted(here.rglob("*.py")):
        digest.update(path.relative_to(here).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
