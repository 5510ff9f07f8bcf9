"""A registry's metadata takes no more memory than was meant for it, however it is written."""

from __future__ import annotations

import json

import pytest

from assay.artefact.metadata import MOST_VALUES, parse


def test_a_document_is_its_value() -> None:
    data = {"files": [{"filename": "a.whl", "hashes": {"sha256": "0" * 64}}] * 1000}
    assert parse(json.dumps(data).encode()) == data
    large = {"text": "x" * (5 << 20)}
    assert parse(json.dumps(large).encode()) == large


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"[" + b"[]," * (MOST_VALUES // 2 + 1) + b"[]]", "more than"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "more than"),
        (b"[" * 200_000, "nested too deeply"),
        (b"<html>", "Expecting value"),
    ],
)
def test_what_would_take_too_much_or_is_no_json_is_not_held(body: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse(body)
