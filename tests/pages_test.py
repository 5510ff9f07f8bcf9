"""Every rule that can be told has a page, and every page is of a rule."""

from __future__ import annotations

import pytest
import yaml

from assay.finding import Severity
from assay.pages import Page, families, page, pages, written
from assay.reason import Reason
from assay.rules import rule_files
from tests.support.rule_ids import in_code

ALL = sorted(pages().values())


def _known() -> set[str]:
    of_semgrep = {
        rule["id"]
        for path in rule_files()
        for rule in yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["rules"]
    }
    return {*in_code(), *map(str, Reason), *of_semgrep}


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    told = {rule: sorted(files) for rule, files in in_code().items() if rule not in pages()}
    assert told == {}, "write src/assay/pages/RULE.md for each"
    assert _known() - set(pages()) == set()
    assert set(pages()) - _known() == set(), "pages of no rule"


def test_no_two_rules_share_an_id() -> None:
    files = [path.stem for path in rule_files()]
    assert len(files) == len(set(files))
    assert not set(files) & (set(in_code()) | set(map(str, Reason)))


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.rule)
def test_a_page_says_what_why_and_what_to_do(one: Page) -> None:
    assert 0 < len(one.title) <= 80
    assert not one.title.endswith(".")
    assert one.family in families()
    assert one.severities
    assert set(one.severities) <= set(Severity)
    assert one.why
    assert one.fix
    if one.family != "refusal":
        assert one.bad
        assert one.good
    for part in (one.why, one.fix, one.bad, one.good):
        assert part.count("\n```") % 2 == (part.startswith("```") and 1)


def test_one_page_is_read_as_all_of_them_are() -> None:
    assert {rule: page(rule) for rule in pages()} == pages()


@pytest.mark.parametrize(
    "rule", ["", "..", "../../../etc/passwd", "no-such-rule", "Families", "families", "x" * 5000]
)
def test_there_is_no_page_for_what_is_no_rule(rule: str) -> None:
    assert page(rule) is None


def test_a_page_without_its_parts_is_refused() -> None:
    with pytest.raises(KeyError):
        written("x", "---\ntitle: x\nfamily: entry\nseverity: error\n---\nwhy\n\n## Fix\nso\n")
