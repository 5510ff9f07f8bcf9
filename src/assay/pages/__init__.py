"""Every rule's page: what is wrong, why that matters, what to do, and how both look.

A page is a Markdown file beside this one, for a rule written in Python; for a semgrep rule its
own YAML and the examples beside it; for a reason code a line of ``reasons.yaml``. Read when
somebody asks, by ``assay explain``, the docs and SARIF: a check run imports none of this.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from assay.finding import Severity

_HERE = Path(__file__).parent
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_ID = 80
# What the test of the examples reads: which rule is expected at the line.
_EXPECTED = re.compile(r"\s*(?:#|//|/\*|<!--)\s*(?:rule|ok|todoruleid)(?:id)?:.*$")
_EXAMPLE_LINES = 30
_LANGUAGES = {".js": "js", ".ts": "ts", ".py": "python", ".json": "json", ".sh": "sh"}


class Family(NamedTuple):
    """What rules have in common. Only the findings of a ``waivable`` one can be suppressed."""

    name: str
    title: str
    waivable: bool


class Page(NamedTuple):
    """What is told of a rule. ``why``, ``fix``, ``bad`` and ``good`` are Markdown of our own.

    ``severities`` are those that its findings can have, the usual one first. A ``signal`` is
    never told alone, but together with others. What is not ``waivable`` nothing suppresses.
    """

    rule: str
    title: str
    family: str
    severities: tuple[Severity, ...]
    why: str
    fix: str
    bad: str = ""
    good: str = ""
    waivable: bool = False
    signal: bool = False


@cache
def page(rule: str) -> Page | None:
    """The page of ``rule``; None where there is none. ``rule`` may be anything that was typed.

    Reads one file and not all, for a run asks for the few rules that it found something by.
    """
    if len(rule) > _LONGEST_ID or not _ID.fullmatch(rule):
        return None
    path = _HERE / f"{rule}.md"
    if path.is_file():
        return written(rule, path.read_text("utf-8"))
    from assay.rules import rule_files

    found = [
        _of_rule(one, data) for one in rule_files() if one.stem == rule for data in _rules(one)
    ]
    return found[0] if found else _reasons().get(rule)


@cache
def pages() -> Mapping[str, Page]:
    """Every page by its rule, sorted."""
    found = [*_written(), *_reasons().values(), *_semgrep()]
    return {one.rule: one for one in sorted(found, key=lambda one: one.rule)}


@cache
def families() -> Mapping[str, Family]:
    """Every family by its name, in the order in which a reader meets them."""
    data = _load((_HERE / "families.yaml").read_text("utf-8"))
    return {name: Family(name, one["title"], one["waivable"]) for name, one in data.items()}


def _load(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _written() -> list[Page]:
    return [written(path.stem, path.read_text("utf-8")) for path in sorted(_HERE.glob("*.md"))]


def written(rule: str, text: str) -> Page:
    """A page from its Markdown; raises ``ValueError`` or ``KeyError`` for one not well written."""
    before, head, body = text.split("---\n", 2)
    if before:
        raise ValueError(f"{rule}: a page begins with ---")
    data = _load(head)
    parts = {"": ""}
    part = ""
    for line in body.splitlines(keepends=True):
        if line.startswith("## "):
            part = line[3:].strip()
            parts[part] = ""
        else:
            parts[part] += line
    return Page(
        rule=rule,
        title=data["title"],
        family=data["family"],
        severities=tuple(Severity(word.strip()) for word in data["severity"].split(",")),
        why=parts[""].strip(),
        fix=parts["Fix"].strip(),
        bad=parts["Bad"].strip(),
        good=parts["Good"].strip(),
        waivable=data.get("waivable", families()[data["family"]].waivable),
        signal=data.get("signal", False),
    )


@cache
def _reasons() -> Mapping[str, Page]:
    """A refusal met while checking is told as a finding under its reason code."""
    data = _load((_HERE / "reasons.yaml").read_text("utf-8"))
    return {
        code: Page(
            rule=code,
            title=one["title"],
            family="refusal",
            severities=(Severity.ERROR,),
            why=one["why"].strip(),
            fix=one["fix"].strip(),
        )
        for code, one in data.items()
    }


def _semgrep() -> list[Page]:
    from assay.rules import rule_files

    return [_of_rule(path, rule) for path in rule_files() for rule in _rules(path)]


def _rules(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = _load(path.read_text("utf-8"))["rules"]
    return found


def _of_rule(path: Path, rule: Mapping[str, Any]) -> Page:
    from assay.rules import examples

    said = rule["metadata"]
    severity = said.get("assay-severity") or said["severity"]
    return Page(
        rule=rule["id"],
        title=said["title"],
        family=said["family"],
        severities=(Severity(severity),),
        why=said["why"].strip(),
        fix=said["fix"].strip(),
        bad="\n\n".join(_example(one) for one in examples(path, "bad")),
        good="\n\n".join(_example(one) for one in examples(path, "good")),
        waivable=families()[said["family"]].waivable,
        signal=bool(said.get("signal", False)),
    )


def _example(path: Path) -> str:
    """The first lines of an example, fenced by more backticks than it holds itself."""
    written = path.read_text("utf-8", "replace").splitlines()
    marked = [(line, _EXPECTED.sub("", line)) for line in written]
    lines = [shown for line, shown in marked if shown.strip() or line == shown]
    rest = ["…"] if len(lines) > _EXAMPLE_LINES else []
    shown = "\n".join([*lines[:_EXAMPLE_LINES], *rest])
    fence = "```"
    while fence in shown:
        fence += "`"
    return f"{fence}{_LANGUAGES.get(path.suffix, 'text')}\n{shown}\n{fence}"
