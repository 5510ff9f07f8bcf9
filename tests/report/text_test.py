"""Findings at a terminal: the line, the caret under the right column, and no stranger's escapes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assay.finding import Finding, Severity
from assay.report.output import summary
from assay.report.plain import plain
from assay.report.text import render


def _lines(finding: Finding, raw: bytes | None, *, colour: bool = False) -> list[str]:
    return list(render([finding], lambda path: raw, colour=colour))


def test_a_finding_names_its_place_shows_the_line_and_says_what_to_do() -> None:
    finding = Finding("servers/a.yaml", 2, 10, "quote-scalar", "`1.10` is a number", "quote it")
    assert _lines(finding, b"name: a\nversion: 1.10\n") == [
        "servers/a.yaml:2:10: error: `1.10` is a number [quote-scalar]",
        "  2 | version: 1.10",
        "    |          ^",
        "  fix: quote it",
    ]


def test_a_file_that_is_gone_or_shorter_leaves_the_message_alone() -> None:
    finding = Finding("servers/a.yaml", 2, 1, "schema", "wrong")
    told = ["servers/a.yaml:2:1: error: wrong [schema]"]
    assert _lines(finding, None) == told
    assert _lines(finding, b"one line") == told


def test_the_caret_stands_under_the_character_whatever_its_width_or_escape() -> None:
    line = "a: 東京\u202e!"
    shown = _lines(Finding("a", 1, 7, "r", "m"), line.encode())
    assert shown[1:3] == ["  1 | a: 東京\\u202e!", "    |              ^"]


def test_a_long_line_is_shown_around_its_caret() -> None:
    shown = _lines(Finding("a", 1, 5001, "r", "m"), b"x" * 5000 + b"!" + b"y" * 5000)
    source, caret = shown[1], shown[2]
    assert len(source) < 120
    assert source[caret.index("^")] == "!"


def test_colours_are_for_whoever_asks_and_end_where_they_began() -> None:
    plain_text = _lines(Finding("a", 1, 1, "r", "m", severity=Severity.WARNING), b"x")
    coloured = _lines(Finding("a", 1, 1, "r", "m", severity=Severity.WARNING), b"x", colour=True)
    assert "\x1b" not in "".join(plain_text)
    assert "".join(coloured).count("\x1b[0m") == 3


def test_the_summary_counts_by_weight() -> None:
    findings = [Finding("a", 1, 1, "r", "m"), Finding("a", 1, 1, "r", "m", "", Severity.NOTE)]
    assert summary(findings, 1) == "1 entry checked: 1 error, 1 note"
    assert summary([], 3) == "3 entries checked: no findings"
    assert summary([], 3, 2) == "3 entries checked: no findings, 2 not looked at"


@given(st.text(), st.text(), st.text(), st.text(), st.integers(0, 9), st.integers(0, 9))
def test_no_text_of_a_stranger_reaches_a_terminal_or_a_log_as_a_command(
    path: str, message: str, fix: str, source: str, line: int, column: int
) -> None:
    finding = Finding(f"servers/{path}", line, column, "schema", message, fix)
    for shown in _lines(finding, source.encode("utf-8", "replace")):
        assert shown.isprintable()
        assert plain(shown) == shown
        assert not shown.lstrip().startswith("::")
        assert "##[" not in shown
