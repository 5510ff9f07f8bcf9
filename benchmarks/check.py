"""``assay check --offline`` against check-jsonschema and ajv-cli with the same schema.

One entry as a whole process, and 10,000 entries in one run. Ours does more: duplicate keys,
places, the policy, and the checks that no schema can express. Dates are quoted, for ajv-cli
makes objects of plain ones and then calls them no strings.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from assay.schemas import schema_path
from benchmarks.harness import Contestant, Result, built_once, compare

MANY = 10_000
_BIN = Path(sys.executable).parent
_ENTRY = """\
name: server-{number:05}
version: 1.2.0
maintainer: data-platform@example.com
description: Server number {number} of a registry that was made to be measured.
scope:
  - read:finance.*
data_classification: confidential
lawful_basis: contract
reviewed_at: "2026-04-15"
reviewers:
  - security@example.com
  - data-platform@example.com
artefact:
  url: oci://registry.example.com/mcp/server-{number:05}:1.2.0
  sha256: "{digest}"
"""
_POLICY = "sources:\n  oci: [registry.example.com]\nreview_max_age_days: 3650\n"


def run() -> Iterator[Result]:
    place = built_once("check-2", _build)
    schema = schema_path("server")
    one = "servers/server-00000.yaml"
    ours = Contestant("assay check --offline", [_BIN / "assay", "check", "--offline", one], place)
    hook = Contestant("assay-schema", [_BIN / "assay-schema", one], place)
    # In an installation of its own: beside it here lie format packages that slow its start.
    alone = {"PYTHONPATH": str(built_once("check-jsonschema-1", _install_peer))}
    python = str(Path(sys.base_prefix) / "bin" / "python3")
    peer = [python, "-m", "check_jsonschema", "--schemafile", schema]
    theirs = Contestant("check-jsonschema", [*peer, one], place, alone)
    yield from compare("check of one entry", ours, theirs, aim=0.25, rounds=21)
    yield from compare("check of one entry by the hook", hook, theirs, aim=0.25, rounds=21)
    every = sorted(str(path.relative_to(place)) for path in (place / "servers").iterdir())
    yield from compare(
        f"check of {MANY:,} entries",
        Contestant("assay check --offline", [_BIN / "assay", "check", "--offline"], place),
        {
            0.10: Contestant("check-jsonschema", [*peer, *every], place, alone),
            1.5: Contestant("ajv-cli", _ajv(schema), place),
        },
        rounds=5,
    )


def _build(folder: Path) -> None:
    servers = folder / "servers"
    servers.mkdir()
    for number in range(MANY):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        text = _ENTRY.format(number=number, digest=digest)
        (servers / f"server-{number:05}.yaml").write_text(text)
    (folder / "assay.yaml").write_text(_POLICY)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)


def _ajv(schema: str) -> list[str]:
    """ajv-cli as its users run it; formats need a plug-in, the draft an option."""
    folder = built_once("ajv-cli-1", _install)
    script = str(folder / "node_modules/ajv-cli/dist/index.js")
    options = ["--spec=draft2020", "--strict=false", "-c", str(folder / "node_modules/ajv-formats")]
    return ["node", script, "validate", *options, "-s", schema, "-d", "servers/*.yaml"]


def _install(folder: Path) -> None:
    (folder / "package.json").write_text("{}\n")
    command = ["npm", "install", "--no-audit", "--no-fund", "ajv-cli@5.0.0", "ajv-formats@3.0.1"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _install_peer(folder: Path) -> None:
    command = [str(_BIN / "uv"), "pip", "install", "--quiet", "--target", str(folder)]
    subprocess.run([*command, f"check-jsonschema=={version('check-jsonschema')}"], check=True)
