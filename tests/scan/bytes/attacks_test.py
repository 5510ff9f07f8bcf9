"""Each attack is an error, by the rule of its technique."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scan.bytes.malicious import Attack, attacks
from tests.scan.bytes.variants import VARIANTS, WARNINGS, Files
from tests.support.scanned import looked_at, told

from assay.finding import Severity


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_an_attack_is_an_error(attack: Attack, tmp_path: Path) -> None:
    hits = looked_at(tmp_path, attack.ecosystem, attack.files)
    assert told(hits, Severity.ERROR) & attack.rules


@pytest.mark.parametrize(
    "attack",
    [one for one in attacks() if one.name.startswith("tool text")],
    ids=lambda one: one.name,
)
def test_a_place_is_that_of_the_file_as_it_is(attack: Attack, tmp_path: Path) -> None:
    for hit in looked_at(tmp_path, attack.ecosystem, attack.files):
        content = attack.files[hit.file]
        text = content if isinstance(content, str) else content.decode()
        lines = text.split("\n")
        assert 1 <= hit.line <= len(lines)
        assert 1 <= hit.column <= len(lines[hit.line - 1]) + 1


@pytest.mark.parametrize(("name", "ecosystem", "files"), VARIANTS, ids=[one[0] for one in VARIANTS])
def test_a_technique_is_known_in_other_words(
    name: str, ecosystem: str, files: Files, tmp_path: Path
) -> None:
    hits = looked_at(tmp_path, ecosystem, files)
    asked = (Severity.ERROR, Severity.WARNING) if name in WARNINGS else (Severity.ERROR,)
    assert told(hits, *asked)
