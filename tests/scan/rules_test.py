"""Each rule finds each line of its bad examples that says so, and nothing in its good ones.

One process of semgrep for all of them: its start costs more than their scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from assay import rules
from assay.scan import semgrep
from assay.scan.kind import HEAD, of
from assay.scan.ruleset import load

_MARK = re.compile(r"ruleid:\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)")
_ALONE = re.compile(r"""(?i)^\s*(?://|::|rem\s|\#|/\*|<!--|--|\{/\*|"(?://|_|\#)"\s*:)""")
_FAMILIES_WANT = ("title", "why", "fix", "family", "assay-severity", "confidence")

RULES = rules.rule_files()
IDS = [rule.stem for rule in RULES]


def expected(example: Path) -> set[tuple[str, int]]:
    """(rule, line): the line below a comment that stands alone, else the comment's own."""
    found = set()
    lines = example.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if match := _MARK.search(line):
            at = number + 1 if _ALONE.match(line) else number
            found |= {(rule.strip(), at) for rule in match[1].split(",")}
    return found


@pytest.fixture(scope="session")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, set[tuple[str, int]]]:
    """Example → (rule, line) of what semgrep found there."""
    ruleset = load(tuple(RULES))
    home = tmp_path_factory.mktemp("home")
    asked = []
    for example in _examples():
        wanted = _language(example)
        for language in {"regex", wanted} if wanted else {"regex"}:
            numbers = ruleset.languages[language].numbers
            asked.append(semgrep.Asked(example, language, numbers))
    report = semgrep.run(ruleset.rules, asked, home, semgrep.Bounds(seconds=60))
    assert report.faults == ()
    assert report.scanned == {str(one.path) for one in asked}
    answer: dict[Path, set[tuple[str, int]]] = {one.path: set() for one in asked}
    for match in report.matches:
        example = Path(match.path)
        line = example.read_bytes().count(b"\n", 0, match.offset) + 1
        answer[example].add((match.rule, line))
    return answer


def _language(example: Path) -> str:
    kind = of(example.name, example.read_bytes()[:HEAD])
    return {"js": "javascript", "ts": "typescript", "tsx": "typescript", "py": "python"}.get(
        kind, ""
    )


def _examples() -> Iterator[Path]:
    for rule in RULES:
        yield from rules.examples(rule, "bad")
        yield from rules.examples(rule, "good")


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_finds_just_the_marked_lines(
    rule: Path, found: dict[Path, set[tuple[str, int]]]
) -> None:
    bad, good = rules.examples(rule, "bad"), rules.examples(rule, "good")
    assert bad, "an example of what it finds is missing"
    assert good, "an example of what it leaves alone is missing"
    for example in (*bad, *good):
        own = {(name, line) for name, line in found[example] if name == rule.stem}
        wanted = {(name, line) for name, line in expected(example) if name == rule.stem}
        assert own == wanted, example.name
    assert any(expected(example) for example in bad)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_says_what_a_reader_must_know(rule: Path) -> None:
    document = yaml.safe_load(rule.read_text(encoding="utf-8"))
    (only,) = document["rules"]
    assert only["id"] == rule.stem
    metadata = only["metadata"]
    assert [key for key in _FAMILIES_WANT if not metadata.get(key)] == []
    assert metadata["assay-severity"] in ("error", "warning", "note")
    assert "paths" not in only, "names of an artefact's files have no say"


def test_there_are_no_examples_without_a_rule() -> None:
    here = Path(rules.__file__).parent
    strays = [
        path.name
        for folder in rules.FOLDERS
        for path in (here / folder).iterdir()
        if path.suffix != ".yaml" and not path.name.startswith(".")
        if not any(path.name.startswith((f"{rule}.bad", f"{rule}.good")) for rule in IDS)
    ]
    assert strays == []
