"""Every example of an entry, and check-jsonschema as the peer that judges them too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.examples import TODAY, examples, expected, places

from assay.entry import read
from assay.schemas import schema_path

FOLDER = Path(__file__).parent / "examples"
# Rules of the bytes and of YAML that no JSON Schema sees, and rules beyond any schema. Where one
# of these is the only finding, the peer may pass the file.
BEYOND_SCHEMA = {
    "artefact-reference",
    "duplicate-key",
    "hidden-character",
    "quote-scalar",
    "wide-gap",
    "yaml-feature",
}


@pytest.mark.parametrize("path", examples(FOLDER, "accepted"), ids=lambda path: path.stem)
def test_a_good_entry_is_read_whole(path: Path) -> None:
    reading = read(f"servers/{path.name}", path.read_bytes(), today=TODAY)
    assert reading.findings == ()
    assert reading.entry is not None


@pytest.mark.parametrize("path", examples(FOLDER, "rejected"), ids=lambda path: path.stem)
def test_a_bad_entry_is_refused_at_the_place_and_for_the_reason_that_it_names(path: Path) -> None:
    reading = read(f"servers/{path.name}", path.read_bytes(), today=TODAY)
    assert places(reading.findings) == expected(path)
    assert reading.entry is None
    assert all(finding.message for finding in reading.findings)
    assert all(finding.fix for finding in reading.findings)


def test_check_jsonschema_agrees_on_every_example_that_it_can_judge() -> None:
    files = [*examples(FOLDER, "accepted"), *examples(FOLDER, "rejected")]
    # The peer follows an alias of itself until its stack ends.
    files = [path for path in files if path.name != "alias-of-itself.yaml"]
    judged = _peer(files)
    for path in files:
        rules = {rule for _, _, rule in expected(path)}
        if path.parent.name == "accepted":
            assert judged[path], f"the peer refuses {path.name}"
        elif not rules <= BEYOND_SCHEMA and not _future(path):
            assert not judged[path], f"the peer passes {path.name}"


def _future(path: Path) -> bool:
    return path.name == "date-future.yaml"  # a schema has no clock


def _peer(files: list[Path]) -> dict[Path, bool]:
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--verbose"]
    done = subprocess.run(
        [*command, "--schemafile", schema_path("server"), *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    bad = {error["filename"] for error in [*report["errors"], *report["parse_errors"]]}
    return {file: str(file) not in bad for file in files}
