"""A reference moves to another version, or says that it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.artefact.bump import moved
from assay.artefact.reference import parse
from assay.artefact.source import Sources
from assay.artefact.store import Store
from assay.errors import UsageError


@pytest.mark.parametrize(
    ("text", "old", "new", "wanted"),
    [
        ("pkg:npm/%40a/b@1.0.0", "1.0.0", "2.0.0", "pkg:npm/%40a/b@2.0.0"),
        ("oci://r.example.com/a:1.0.0", "1.0.0", "2.0.0", "oci://r.example.com/a:2.0.0"),
        ("oci://r.example.com/a:v1.0.0", "1.0.0", "2.0.0+x", "oci://r.example.com/a:v2.0.0_x"),
        (
            "https://d.example.com/v1.0.0/a-1.0.0.mcpb",
            "1.0.0",
            "1.1.0",
            "https://d.example.com/v1.1.0/a-1.1.0.mcpb",
        ),
        ("oci://r.example.com/a:1.0.0-alpine", "1.0.0", "2.0.0", ""),
        (f"git+https://g.example.com/a@{'0' * 40}", "1.0.0", "2.0.0", ""),
        ("https://d.example.com/a.mcpb", "1.0.0", "2.0.0", ""),
        ("https://1.0.0.example.com/a.mcpb", "1.0.0", "2.0.0", ""),
        ("pkg:npm/a@1.0.0", "1.0.0", "latest", ""),
        ("pkg:pypi/a@1.0", "1.0", "1.0-1", ""),
    ],
)
def test_a_reference_moves_only_where_its_version_stands(
    tmp_path: Path, text: str, old: str, new: str, wanted: str
) -> None:
    sources = Sources(Store(tmp_path), {})
    if wanted:
        assert moved(parse(text), old, new, sources).text == wanted
        return
    with pytest.raises(UsageError):
        moved(parse(text), old, new, sources)
