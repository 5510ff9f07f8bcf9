"""Findings as workflow commands, read back by the runner's own rules: nothing can be forged."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from assay.finding import Finding, Severity
from assay.report.github import MAX_ANNOTATIONS, MAX_MESSAGE, render

_PROPERTIES = ("file", "line", "endLine", "col", "title")


def _parse(line: str) -> tuple[str, dict[str, str], str]:
    """A command as actions/runner reads it (ActionCommand.TryParseV2)."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    name, _, rest = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in rest.split(","))
    for key, value in properties.items():
        properties[key] = _unescape(value, ("%3A", ":"), ("%2C", ","))
    return name, properties, _unescape(data)


def _unescape(text: str, *more: tuple[str, str]) -> str:
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(escape, char)
    return text


def test_a_finding_is_an_annotation_at_its_line() -> None:
    finding = Finding("servers/a.yaml", 2, 10, "quote-scalar", "100% wrong", "quote it")
    (line,) = render([finding], prefix="registry/")
    name, properties, data = _parse(line)
    assert name == "error"
    assert properties == {
        "file": "registry/servers/a.yaml",
        "line": "2",
        "endLine": "2",
        "col": "10",
        "title": "quote-scalar",
    }
    said, fix, why = data.split("\n")
    assert (said, fix) == ("100% wrong", "fix: quote it")
    assert why.startswith("why: `1.10` is the number 1.1 to YAML")


def test_each_weight_is_capped_and_the_rest_is_counted() -> None:
    many = [Finding("a", 1, 1, "r", "m", "", weight) for weight in Severity for _ in range(13)]
    lines = list(render(many))
    assert len(lines) == 3 * MAX_ANNOTATIONS + 1
    assert lines[-1].startswith("assay: 3 more error(s), 3 more warning(s), 3 more notice(s)")
    assert "%" not in lines[-1]


def test_a_long_message_is_cut_and_never_within_an_escape() -> None:
    for extra in range(4):
        (line,) = render([Finding("a", 1, 1, "r", "x" * extra + "%" * 9000)])
        data = line.rpartition("::")[2]
        assert len(data) <= MAX_MESSAGE
        assert re.fullmatch(r"x*(?:%25)*…", data)


HOSTILE = "x\r\n::error::forged\n##[add-mask]y %0A::stop-commands::z, a=b:c"


@given(st.text(), st.text(), st.text())
@example(HOSTILE, HOSTILE, HOSTILE)
@example("::error::", "::add-mask::x", "##[error]x")
@example("a,title=forged::forged", "%0A::set-output name=x::y", "%250A##[group]")
def test_no_text_of_a_stranger_forges_a_command(path: str, message: str, fix: str) -> None:
    lines = list(render([Finding(f"servers/{path}", 3, 4, "schema", message, fix)]))
    assert len(lines) == 1
    (line,) = lines
    assert line.isprintable()
    assert "##[" not in line
    name, properties, data = _parse(line)
    assert name == "error"
    assert tuple(properties) == _PROPERTIES
    assert (properties["line"], properties["col"], properties["title"]) == ("3", "4", "schema")
    assert properties["file"].startswith("servers/")
    assert data.count("\n") == (2 if fix else 1)
