"""A stranger tries to forge each format; what its own reader reads back is the finding alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.support.reports import ENTRY, report, written

from assay.finding import Finding, Severity
from assay.hidden import is_hidden
from assay.outcome import Suppressed, Unseen
from assay.reason import Reason
from assay.report.formats import FORMATS
from assay.report.markdown import code, html_code
from assay.report.model import Report
from assay.report.strict import dumps

# What each format's reader would take for more than text.
HOSTILE = (
    "\r\n::error file=x::forged\n##[add-mask]y\n##vso[task.complete result=Succeeded;]\n",
    "%0A::stop-commands::z, a=b:c;]%AZP250A%3B%5D",
    "]]></failure></testcase></testsuite><!-- -- --><?x?>&lt;&#10;\"'\x00\x08\ufffe\ud800",
    "</code></summary></details>\n\n# x\n<script>alert(1)</script><img src=x onerror=y>",
    "`` ` ``` [a](http://e.example) ![b](http://e.example/c.png) <http://e.example> @admin #1",
    "www.example.com https://example.com mail@example.com 0123456789abcdef0123456789abcdef01234567",
    "\x1b[2J\x1b]0;title\x07\x9b31m\x08\x7f",
    "user\u202eexe.\u2066x\u200b\U000e0041\u2028\u2029\u0085\ufeff",
    '","exit_code":0,"x":"\\u202e\\',
    "a | b \\| c | \\",
    "{0} {{1}} [x](0) \\[y](1)",
)
TEXT = st.one_of(
    st.text(), st.sampled_from(HOSTILE), st.lists(st.sampled_from(HOSTILE)).map("".join)
)


class Stranger(NamedTuple):
    """All that somebody else may have written."""

    path: str
    message: str
    fix: str
    subject: str

    def report(self) -> Report:
        path = f"servers/{self.path}"
        found = Finding(path, 3, 4, "schema", self.message, self.fix, subject=self.subject)
        note = found._replace(severity=Severity.NOTE)
        unseen = Unseen(path, Reason.UNREACHABLE, self.message, self.fix)
        waived = Suppressed(found, "waiver", self.fix, self.message, "2026-12-31")
        return report(
            found,
            note,
            unseen=[unseen],
            suppressed=[waived],
            unwritten=[self.message],
            remarks=(self.message,),
            source=self.message.encode("utf-8", "replace") * 3,
        )


def _harmless(name: str, stranger: Stranger) -> str:
    """The report, once nothing is in it that steers whatever shows it."""
    text = written(name, stranger.report())
    assert not any(is_hidden(char) for char in text.replace("\n", ""))
    assert "##[" not in text
    forged = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert len(forged) == (4 if name == "github" else 0)
    assert text.count("##vso[") == (3 if name == "azure" else 0)
    return text


def _text(text: str) -> None:
    lines = text.splitlines()
    heads = [line for line in lines if line.startswith("servers/") and ":3:4: " in line]
    assert len(heads) >= 2
    assert lines[-2].startswith(
        "1 entry checked: 1 error, 1 note, 1 waived, 1 not looked at, 1 rep"
    )


def _github(text: str) -> None:
    for line in text.splitlines():
        assert line.startswith(("::error ", "::notice ", "assay: "))
        if line.startswith("::"):
            head, _, data = line[2:].partition("::")
            names = [pair.split("=")[0] for pair in head.partition(" ")[2].split(",")]
            assert names in (
                ["file", "line", "endLine", "col", "title"],
                ["file", "line", "title"],
                ["title"],
            )
            assert not re.search("%(?!0A|25|0D)", data)


def _azure(text: str) -> None:
    for line in text.splitlines():
        assert line.startswith(("##vso[task.logissue type=error;", "assay: "))
        if line.startswith("##vso["):
            properties = line.split("]", 1)[0].partition(" ")[2]
            names = [pair.split("=")[0] for pair in properties.split(";") if pair]
            assert names in (
                ["type", "sourcepath", "code"],
                ["type", "sourcepath", "linenumber", "columnnumber", "code"],
                ["type"],
            )
            assert not re.search("%(?!AZP25|3B|5D)", line)


def _read(text: str) -> Any:
    """JSON as whatever shows it holds it: its texts are shown to people too."""
    found = json.loads(text)
    todo = [found]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            todo += [*one, *one.values()]
        elif isinstance(one, list):
            todo += one
        elif isinstance(one, str):
            assert not any(is_hidden(char) for char in one.replace("\n", "")), one
    return found


def _gitlab(text: str) -> None:
    found = _read(text)
    assert [one["severity"] for one in found] == ["blocker", "critical", "info", "blocker", "info"]
    assert len({one["fingerprint"] for one in found}) == 5


def _sarif(text: str) -> None:
    (run,) = _read(text)["runs"]
    assert [one["level"] for one in run["results"]] == ["error", "note", "error"]
    for one in run["results"]:
        assert "](" not in one["message"]["text"]
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", one["message"]["text"])
        uri = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"servers/[A-Za-z0-9_.~/%-]*", uri)


def _junit(text: str) -> None:
    root = ElementTree.fromstring(text)
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "testcase"),
        *("failure", "error", "skipped", "system-out"),
    }
    assert (root.attrib["failures"], root.attrib["errors"], root.attrib["skipped"]) == (
        "1",
        "2",
        "1",
    )


def _json(text: str) -> None:
    found = _read(text)
    assert found["exit_code"] == 3
    assert (len(found["findings"]), len(found["suppressed"])) == (2, 1)


# What GitHub renders, as a reader of CommonMark with tables and bare addresses sees it.
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_OURS = re.compile(
    r"<details( open)?><summary>(<code>[^<>]*</code>: [0-9a-z, ]+|1 suppressed)</summary>\s*|"
    r"</details>\s*"
)


def _summary(text: str) -> None:
    for token in _MARKDOWN.parse(text):
        if token.type == "html_block":
            assert _OURS.fullmatch(token.content), token.content
        elif token.type == "heading_open":
            assert token.map in ([0, 1], [6, 7], [7, 8], [8, 9]), token.map
        for inner in token.children or ():
            assert inner.type in {
                "text",
                "code_inline",
                "strong_open",
                "strong_close",
                "html_inline",
                "softbreak",
            }, inner
            if inner.type == "html_inline":
                assert inner.content == "<br>"
            if inner.type == "text":
                # Outside of code nothing of the stranger's: only words of ours.
                assert re.fullmatch(r"[A-Za-z0-9 ,.:;()'-]*", inner.content), inner.content


_READ: dict[str, Callable[[str], None]] = {
    "text": _text,
    "github": _github,
    "azure": _azure,
    "gitlab": _gitlab,
    "sarif": _sarif,
    "junit": _junit,
    "json": _json,
    "summary": _summary,
}


@pytest.mark.parametrize("name", FORMATS)
@given(st.builds(Stranger, TEXT, TEXT, TEXT, TEXT))
@example(Stranger(*HOSTILE[:4]))
@example(Stranger(*HOSTILE[4:8]))
@example(Stranger(*HOSTILE[7:11]))
@example(Stranger("", "", "", ""))
def test_no_stranger_forges_a_report(name: str, stranger: Stranger) -> None:
    _READ[name](_harmless(name, stranger))


@given(TEXT)
def test_a_code_span_is_one_code_span_wherever_it_stands(text: str) -> None:
    shown = code(text)
    for around in ("{}", "- x {} y", "| a |\n| - |\n| {} |", "**{}**"):
        tokens = _MARKDOWN.parse(around.format(shown))
        inner = [one for token in tokens for one in token.children or ()]
        assert sum(one.type == "code_inline" for one in inner) == 1
        assert not any(one.type in {"link_open", "image", "html_inline"} for one in inner)
        assert not any(token.type == "html_block" for token in tokens)


@given(TEXT)
@example("\x7f##")
def test_json_is_the_same_text_and_steers_nothing_that_prints_it(text: str) -> None:
    shown = dumps({"x": text})
    assert json.loads(shown) == {"x": text}
    assert shown.isascii()
    assert shown.isprintable()
    assert "##" not in shown


@given(TEXT)
def test_code_in_html_is_text_alone(text: str) -> None:
    shown = html_code(text).removeprefix("<code>").removesuffix("</code>")
    assert not set('<>"\n') & set(shown)


def test_entries_names_never_decide_where_a_part_of_a_summary_ends() -> None:
    one = report(Finding("servers/</summary>\n\n[x](y).yaml", 1, 1, "schema", "m"))
    _summary(written("summary", one))
    assert ENTRY not in written("summary", one)
