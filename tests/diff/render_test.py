"""How a diff is told: readable for five changes and for five hundred, and nothing forged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.releases import Node, Releases, files
from tests.support.repository import Repository

from assay.cli import main
from assay.diff import markdown
from assay.diff.comparing import comparing
from assay.diff.report import Report
from assay.policy import Policy
from assay.registry import Registry

ROOT = Path(__file__).parents[2]
HOSTILE = "::error file=x::y ##[error]z </details> `a` | [b](http://c) \x1b[31m"
OLD = {f"package-{number}": Node("1.0.0") for number in range(250)} | {"kept": Node("1.0.0")}
NEW = {f"package-{number + 125}": Node("1.1.0") for number in range(375)} | {"kept": Node("1.0.0")}


@pytest.fixture
def tell(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Main has one version, the working tree another; ``assay diff`` of it."""

    def run(
        form: str, old: dict[str, Node], new: dict[str, Node], *, more: tuple[str, str] = ("", "")
    ) -> tuple[int, str]:
        repository.commit(files("clock", "1.0.0", old, more=more[0]))
        for path, content in files("clock", "1.1.0", new, more=more[1]).items():
            repository.write(path, content)
        code = main(["diff", "clock", "--registry", str(repository.root), "--format", form])
        return code, capsys.readouterr().out

    return run


FIVE = (
    {"kept": Node("1.0.0"), "gone": Node("1.0.0"), "up": Node("1.0.0"), "down": Node("2.0.0")},
    {
        "kept": Node("1.0.0"),
        "up": Node("1.1.0", licence="Apache-2.0"),
        "down": Node("1.0.0"),
        "deep": Node("3.0.0", by="up"),
    },
)
MORE = (
    "egress: [api.example.com]\n",
    "egress: ['*.example.com']\nlaunch:\n  env:\n    - name: TOKEN\n      secret: true\n",
)


def test_five_changes_as_text(tell: Callable[..., tuple[int, str]]) -> None:
    code, out = tell("text", *FIVE, more=MORE)
    assert code == 0
    lines = [re.sub(r"base [0-9a-f]{12}", "base", line) for line in out.splitlines()]
    assert lines[:13] == [
        "clock 1.0.0 → 1.1.0, against base",
        "  capabilities",
        "    widened   environment: + TOKEN (secret)",
        "    widened   egress: api.example.com → *.example.com",
        "  dependencies: 1 added, 1 removed, 2 upgraded, 1 downgraded; 1 unchanged",
        "    ^ pkg:npm/server-clock@1.1.0 (before 1.0.0)  [the artefact itself; MIT]",
        "    + pkg:npm/deep@3.0.0  [by way of up; MIT]",
        "    - pkg:npm/gone@1.0.0  [direct; MIT]",
        "    ^ pkg:npm/up@1.1.0 (before 1.0.0)  [direct; Apache-2.0 (before MIT)]",
        "    v pkg:npm/down@1.0.0 (before 2.0.0)  [direct; MIT]",
        "to look at",
        "  warning: `pkg:npm/down@1.0.0` is older than before (`2.0.0`) [deps-downgraded] "
        "servers/clock.package-lock.json:15",
        "  note: `pkg:npm/up@1.1.0` comes under `Apache-2.0`; before under `MIT` [deps-licence] "
        "servers/clock.package-lock.json:35",
    ]


def test_five_changes_as_markdown_are_open(tell: Callable[..., tuple[int, str]]) -> None:
    _, out = tell("markdown", *FIVE, more=MORE)
    assert "| environment | **widened** |  | `TOKEN (secret)` |" in out
    assert "| egress | **widened** | `api.example.com` | `*.example.com` |" in out
    assert "1 added:\n\n| package | where | licence |\n" in out
    assert "| `pkg:npm/deep@3.0.0` | `by way of up` | `MIT` |" in out
    assert out.count("<details>") == 1  # the notes


def test_five_hundred_changes_are_folded_and_all_there(
    tell: Callable[..., tuple[int, str]],
) -> None:
    code, out = tell("markdown", OLD, NEW)
    assert code == 0
    assert "Dependencies: 250 added, 125 removed, 126 upgraded; 1 unchanged." in out
    for kind, number in (("added", 250), ("removed", 125), ("upgraded", 126)):
        folded = re.search(
            rf"<details><summary>{number} {kind}</summary>\n\n\|.*?\n\n</details>", out, re.DOTALL
        )
        assert folded, kind
        assert folded[0].count("\n| `") == number
    outside = re.sub(r"<details>.*?</details>", "", out, flags=re.DOTALL)
    assert len(outside.splitlines()) < 25
    assert len(out.encode()) < markdown.LIMIT / 8


def test_a_summary_is_bounded_and_says_what_it_left_out(repository: Repository) -> None:
    names = [f"clock-{number}" for number in range(12)]
    for name in names:
        for path, content in files(name, "1.0.0", {}).items():
            repository.write(path, content)
    repository.commit()
    for name in names:
        for path, content in files(name, "1.1.0", NEW).items():
            repository.write(path, content)
    registry = Registry(repository.root)
    with comparing(registry, None, Policy()) as against:
        reports = [Report(against.of(f"servers/{name}.yaml"), (), False) for name in names]
    limit = 60_000
    told = markdown.render(reports, limit=limit)
    assert len(told.encode()) <= limit
    assert "The list is too long for here: `assay diff" in told
    assert len(re.findall(r"^### ", told, re.MULTILINE)) == 12
    short = markdown.render(reports, limit=2_000)
    assert re.search(r"^\d+ more entries changed; `assay diff NAME` shows each\.$", short, re.M)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_what_a_stranger_wrote_forges_nothing(
    tell: Callable[..., tuple[int, str]], form: str
) -> None:
    evil = {"evil": Node("1.0.0", licence=HOSTILE, keys={"resolved": f"git+ssh://{HOSTILE}"})}
    more = "", f"launch:\n  args:\n    - {json.dumps(HOSTILE[:-5])}\n"
    code, out = tell(form, {}, evil, more=more)
    assert code == 1
    assert "\x1b" not in out
    assert "##[" not in out
    assert not re.search(r"^\s*::", out, re.MULTILINE)
    if form == "markdown":
        inside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", out)
        assert "</details> " not in inside
        assert "[b](http" not in inside
    if form == "json":
        (told,) = json.loads(out)["entries"]
        (added,) = told["comparisons"][0]["dependencies"]["sources"]
        assert added["source"] == f"git+ssh://{HOSTILE}"


def test_json_has_the_form_that_is_written_down(released: Releases, ask: Any) -> None:
    released.change("clock", "1.2.0", {"dep": Node("1.2.0")})
    _, told = ask("clock")
    page = (ROOT / "docs" / "diff.md").read_text()

    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for item in value.values() for key in keys(item)}
        return {key for item in value for key in keys(item)} if isinstance(value, list) else set()

    assert {key for key in keys(told) if f"`{key}`" not in page} == set()
