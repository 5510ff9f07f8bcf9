"""The schemas as an editor uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from assay.errors import Undecided
from assay.schemas import schema_path, schema_text

NAMES = ("server", "policy")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_against_its_metaschema(name: str) -> None:
    schema = json.loads(schema_text(name))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", NAMES)
def test_every_key_has_a_title_and_a_description_for_an_editor_to_show(name: str) -> None:
    schema = json.loads(schema_text(name))
    for path, node in _keys(schema, "#"):
        assert node.get("title"), path
        assert node.get("description"), path
        assert node["description"].endswith("."), path


@pytest.mark.parametrize("name", NAMES)
def test_every_mapping_of_a_schema_is_closed(name: str) -> None:
    for path, node in _keys(json.loads(schema_text(name)), "#"):
        if node.get("type") == "object":
            assert "additionalProperties" in node, path
            assert node["additionalProperties"] is not True, path


def test_a_schema_that_is_missing_is_undecided_and_no_pass() -> None:
    with pytest.raises(Undecided, match="missing from this installation"):
        schema_path("nonsense")


def _keys(node: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, child in node.get("properties", {}).items():
        yield f"{path}/{key}", child
        yield from _keys(child, f"{path}/{key}")
    if isinstance(node.get("items"), dict) and "$ref" not in node["items"]:
        yield f"{path}/items", node["items"]
        yield from _keys(node["items"], f"{path}/items")
