"""Bytes that are no document: told at a place, in little time, and never with a traceback."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.examples import TODAY, places

from assay.entry import compose, read
from assay.entry.document import parse

GOOD = b"name: clock\nversion: 1.0.0\n"

BYTES = {
    "nothing at all": (b"", (1, 1, "yaml-document")),
    "one byte too many": (b"a: " + b"x" * (64 * 1024 - 2), (1, 1, "file-size")),
    "ten megabytes": (b"a: b\n" * 2_097_152, (1, 1, "file-size")),
    "CRLF": (b"name: clock\r\nversion: 1.0.0\r\n", (1, 12, "file-encoding")),
    "a lone CR": (b"name: clock\nversion: 1\r.0\n", (2, 11, "file-encoding")),
    "a byte-order mark": (b"\xef\xbb\xbf" + GOOD, (1, 1, "file-encoding")),
    "UTF-16": ("\ufeffname: clock\n".encode("utf-16-le"), (1, 1, "file-encoding")),
    "Latin-1": (b"name: clock\ntitle: K\xf6pfe\n", (2, 9, "file-encoding")),
    "a surrogate": (b"name: \xed\xa0\x80\n", (1, 7, "file-encoding")),
    "an overlong form": (b"name: \xc0\xaf\n", (1, 7, "file-encoding")),
    "a cut character": (b"name: \xe6\x9d", (1, 7, "file-encoding")),
    "an executable": (b"\x7fELF\x02\x01\x01\x00\x00", (1, 1, "hidden-character")),
    "NUL": (b"name: a\x00b\n", (1, 8, "hidden-character")),
    "an escape sequence": (b"name: \x1b[31m\n", (1, 7, "hidden-character")),
    "next line": ("name: a\u0085b: c\n".encode(), (1, 8, "hidden-character")),
    "line separator": ("name: a\u2028b: c\n".encode(), (1, 8, "hidden-character")),
    "brackets without end": (b"[" * 65_536, (1, 12, "yaml-depth")),
    "braces without end": (b"{a: " * 16_384, (1, 45, "yaml-depth")),
    "keys of keys": (b"? " * 32_768, (1, 23, "yaml-depth")),
    "dashes without end": (b"- " * 32_768, (1, 23, "yaml-depth")),
    "a key without end": (b"a" * 65_000 + b": b\n", (1, 65_001, "yaml-syntax")),
    "an unknown directive alone": (b"%FOO bar\n", (1, 5, "yaml-syntax")),
    "a tag of nobody": (b"a: !x!y z\n", (1, 4, "yaml-syntax")),
    "a surrogate escape": (b'a: "\\ud800"\n', (1, 7, "yaml-syntax")),
    "JSON twice": (b"{}{}", (1, 3, "yaml-syntax")),
}


@pytest.mark.parametrize(("raw", "place"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_no_document_are_told_at_their_place(
    raw: bytes, place: tuple[int, int, str]
) -> None:
    started = time.process_time()
    document, findings = parse("servers/clock.yaml", raw)
    assert document is None
    assert places(findings) == [place]
    assert findings[0].fix
    assert time.process_time() - started < 1


def test_a_long_file_of_faults_is_told_up_to_a_limit_and_the_rest_is_counted() -> None:
    raw = "".join(f"a{number}: \u200b\n" for number in range(500)).encode()
    findings = read("servers/clock.yaml", raw, today=TODAY).findings
    assert len(findings) == 51
    assert findings[-1].message == "450 more findings are not listed"


LISTS = {
    "of mappings": ", ".join(f"{{a: {number}x}}" for number in range(4500)),
    "of lists": ", ".join(f"[{number}x]" for number in range(6000)),
    "of one text": ", ".join(["read:x"] * 7000),
}


@pytest.mark.parametrize("items", LISTS.values(), ids=LISTS.keys())
def test_a_long_list_is_worded_in_little_time(items: str) -> None:
    started = time.process_time()
    raw = f"scope: [{items}]\nlaunch: {{env: []}}\n".encode()
    findings = read("servers/clock.yaml", raw, today=TODAY).findings
    assert (1, 1, "schema") in places(findings)
    assert time.process_time() - started < 2


def test_an_alias_bomb_is_refused_without_being_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for number in range(1, 60):
        aliases = ", ".join([f"*a{number - 1}"] * 10)
        lines.append(f"a{number}: &a{number} [{aliases}]")
    started = time.process_time()
    findings = read("servers/clock.yaml", "\n".join(lines).encode(), today=TODAY).findings
    assert places(findings[:3]) == [(1, 1, "schema"), (1, 1, "schema"), (1, 1, "unknown-key")]
    assert {"yaml-feature"} < {finding.rule for finding in findings}
    assert time.process_time() - started < 1


def test_positions_lead_to_keys_items_and_the_nearest_parent() -> None:
    raw = b"name: clock\nartefact:\n  url: x\n  lock: {file: y}\nreviewers:\n  - a\n  - b\n"
    document, _ = parse("servers/clock.yaml", raw)
    assert document is not None
    assert document.position() == (1, 1)
    assert document.position("artefact") == (2, 1)
    assert document.position("artefact", "lock", "file") == (4, 10)
    assert document.position("artefact", "sha256") == (2, 1)
    assert document.position("reviewers", 1) == (7, 5)
    assert document.position("reviewers", 7) == (5, 1)
    assert document.position("name", "deeper") == (1, 1)


def test_columns_count_characters_not_bytes() -> None:
    _, findings = parse("servers/clock.yaml", "title: {a: Köln 東京, b: 1.10}\n".encode())
    assert places(findings) == [(1, 24, "quote-scalar")]


PLAIN = {
    "1": 1, "0": 0, "-7": -7, "true": True, "false": False, "text": "text", "~": None, "": None,
    "2026-04-15": "2026-04-15", "2026-11-22T20:30:00Z": "2026-11-22T20:30:00Z", "1.2.3": "1.2.3",
    "not": "not", "once": "once", "yesterday": "yesterday", "-x": "-x", "=x": "=x", "v1": "v1",
    "3f9a": "3f9a", "1-2": "1-2", "a:b": "a:b", "1.2.0-rc.1": "1.2.0-rc.1"
}  # fmt: skip
AMBIGUOUS = """
1.10 1.0 .5 5. +1 -1.5 1e3 1E3 1e+3 1_000 0o17 017 08 0x1F 0b11 12:30 190:20:30 1:30.5 .inf -.inf
.Inf .NAN yes Yes NO no on Off y N True TRUE False 2026-1-2 = 00 -0 2026-11-22T20:30
9999999999999999999 1_0.5 685_230.15
"""


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_scalar_that_all_read_alike_is_taken(text: str) -> None:
    document, findings = parse("servers/clock.yaml", f"key: {text}\n".encode())
    assert document is not None
    assert findings == []
    assert document.data == {"key": PLAIN[text]}
    assert type(document.data["key"]) is type(PLAIN[text])


@pytest.mark.parametrize("text", AMBIGUOUS.split())
def test_a_plain_scalar_that_is_read_differently_must_be_quoted(text: str) -> None:
    _, findings = parse("servers/clock.yaml", f"key: {text}\n".encode())
    assert places(findings) == [(1, 6, "quote-scalar")]
    document, findings = parse("servers/clock.yaml", f'key: "{text}"\n'.encode())
    assert document is not None
    assert (document.data, findings) == ({"key": text}, [])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12))
def test_what_pyyaml_or_yaml_1_2_would_not_read_as_this_text_is_never_taken_as_text(
    text: str,
) -> None:
    """The peers: PyYAML's own resolver (YAML 1.1), ruamel.yaml's (YAML 1.2)."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    raw = f"key: {text}\n"
    document, findings = parse("servers/clock.yaml", raw.encode())
    if document is None or findings or not isinstance(document.data.get("key"), str):
        return
    ours = document.data["key"]
    try:
        theirs = [yaml.safe_load(raw), YAML(typ="safe", pure=True).load(raw)]
    except (yaml.YAMLError, YAMLError):
        return  # libyaml takes `|#`, which they call no YAML: an error there, no other reading
    assert [str(one["key"]).replace("+00:00", "Z").replace(" ", "") for one in theirs] == [
        ours.replace("T", "").replace(" ", "") if _is_time(one["key"]) else ours.replace(" ", "")
        for one in theirs
    ]


def _is_time(value: object) -> bool:
    return not isinstance(value, str)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_no_bytes_at_all_raise_anything(raw: bytes) -> None:
    reading = read("servers/clock.yaml", raw, today=TODAY)
    assert reading.entry is None
    assert reading.findings
    lines = raw.decode("utf-8", "replace").split("\n")
    assert all(1 <= finding.line <= len(lines) + 1 for finding in reading.findings)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text("ab:-?[]{},&*!|>'\"%#@` \n0.~<=", max_size=60))
def test_no_yaml_raises_and_both_parsers_give_the_same_verdict(text: str) -> None:
    """An installation without libyaml must be no laxer."""
    ours = parse("servers/clock.yaml", text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_PARSERS", [compose._python_parser()])
        plain = parse("servers/clock.yaml", text.encode())
    assert (ours[0] is None) == (plain[0] is None)
    if ours[0] is not None and plain[0] is not None:
        assert ours[0].data == plain[0].data
        assert places(ours[1]) == places(plain[1])


@pytest.mark.parametrize("text", ["\\U00110000", "\\UFFFFFFFF", "\\xg"])
def test_an_escape_of_no_character_is_a_finding_without_libyaml_too(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "_PARSERS", [compose._python_parser()])
        _, findings = parse("servers/clock.yaml", f'name: "{text}"\n'.encode())
    assert [finding.rule for finding in findings] == ["yaml-syntax"]
