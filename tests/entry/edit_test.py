"""Setting the lock in an entry changes its lines and no other byte."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assay.entry.document import parse
from assay.entry.edit import plain, with_lock

VALUES = {"file": "x.requirements.txt", "sha256": "a" * 64, "resolved_at": "2026-06-01T00:00:00Z"}
LOCK = "  lock:\n    file: x.requirements.txt\n    sha256: {}\n    resolved_at: {}\n".format(
    "a" * 64, "2026-06-01T00:00:00Z"
)


def edited(text: str) -> str:
    document, findings = parse("x", text.encode())
    assert document is not None
    assert findings == []
    return with_lock(document, VALUES)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("artefact:\n  url: x\n", "artefact:\n  url: x\n" + LOCK),
        ("artefact:\n  url: x", "artefact:\n  url: x\n" + LOCK),
        ("artefact:\n  url: x # why\n# end\n", "artefact:\n  url: x # why\n" + LOCK + "# end\n"),
        (
            "artefact:\n  lock:\n    # keep\n    sha256: old # and this\nname: x\n",
            "artefact:\n  lock:\n    # keep\n    sha256: " + "a" * 64 + " # and this\n"
            "    file: x.requirements.txt\n    resolved_at: 2026-06-01T00:00:00Z\nname: x\n",
        ),
        (
            'artefact:\n    lock:\n      resolved_at: "old"\n      file: f\n      sha256: s\n',
            "artefact:\n    lock:\n      resolved_at: 2026-06-01T00:00:00Z\n"
            "      file: x.requirements.txt\n      sha256: " + "a" * 64 + "\n",
        ),
    ],
)
def test_comments_order_and_indentation_stay(before: str, after: str) -> None:
    assert edited(before) == after


@pytest.mark.parametrize(
    "text",
    ["name: x\n", "artefact: x\n", "artefact: {url: x}\n", "artefact:\n  lock: {file: x}\n"],
)
def test_what_is_not_written_in_lines_is_left_to_a_person(text: str) -> None:
    with pytest.raises(ValueError, match="indented lines"):
        edited(text)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_a_scalar_is_read_back_as_its_text(text: str) -> None:
    written = plain(text)
    assert yaml.safe_load(f"key: {written}")["key"] == text or written == text
    document, _ = parse("x", f"key: {written}\n".encode())
    assert document is None or document.data["key"] == text


@pytest.mark.parametrize("text", ["no", "1.10", "0o17", "12:30", "~", "", "- x", "a: b", "a #b"])
def test_what_yaml_would_turn_into_something_else_is_quoted(text: str) -> None:
    assert plain(text).startswith('"')
