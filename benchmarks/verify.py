"""One verification as a whole process, against sigstore-python's own; and a thousand in one.

The peer's command line can't express the identity that ours holds: it is asked for the subject
and the issuer alone, and so does less for its time.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.harness import Contestant, Result, alone, built_once, compare

COUNT = 1000
_NAME = "entry-0000"


_ENTRY = """\
name: {name}
version: 1.2.0
maintainer: data-platform@example.com
description: Read-only access to a data warehouse that was made to be measured.
scope:
  - read:example
data_classification: internal
lawful_basis: contract
reviewed_at: 2026-04-15
reviewers:
  - security@example.com
artefact:
  url: https://downloads.example.com/{name}-1.2.0.mcpb
  sha256: 17a2ab7c3cd7f1a83a4d4ab9dfe1d9a8c9fa3ad3b27d0d04dd0ff9d8fbb2a3c4
"""


def run() -> Iterator[Result]:
    """Two rows: a process against the peer's, and milliseconds for each of a thousand bundles."""
    place = built_once("verify-1-whole", _build)
    ours, theirs = _process(place), _peer(place)
    yield from compare("verify one bundle, a whole process", ours, theirs, aim=0.5)
    each = Contestant(f"{COUNT} bundles in one process, each", lambda: _verify_all(place))
    yield alone("verify many bundles", each, limit_ms=10, rounds=3, each=COUNT)


def _build(place: Path) -> None:
    from assay.dev.sigstore import TrialSigstore
    from assay.trust.sign import EntrySigner

    (place / "servers").mkdir()
    with TrialSigstore() as instance:
        (place / "trusted_root.json").write_bytes(instance.trusted_root())
        (place / "trust_config.json").write_bytes(instance.trust_config())
        pinned = asdict(instance.identity()).items()
        lines = [f"{key} = {json.dumps(value)}" for key, value in pinned]
        settings = ['registry = "."', 'trusted_root = "trusted_root.json"', "[identity]", *lines]
        (place / "client.toml").write_text("\n".join(settings))
        signer = EntrySigner(instance.trust_config(), instance.token())
        for number in range(COUNT):
            entry = place / "servers" / f"entry-{number:04}.yaml"
            entry.write_text(_ENTRY.format(name=entry.stem))
            bundle = entry.with_name(f"{entry.name}.sigstore.json")
            bundle.write_bytes(signer.sign(entry.read_bytes()))


def _process(place: Path) -> Contestant:
    assay = Path(sys.executable).with_name("assay")
    return Contestant(
        "assay verify NAME", [assay, "verify", "--client-config", "client.toml", _NAME], place
    )


def _peer(place: Path) -> Contestant:
    from assay.dev.sigstore.documents import signer_identity
    from assay.dev.sigstore.oidc import CLAIMS

    identity = signer_identity(CLAIMS)
    entry = f"servers/{_NAME}.yaml"
    command = [sys.executable, "-m", "sigstore", "--trust-config", "trust_config.json"]
    wanted = ["--cert-identity", identity.signer_workflow, "--cert-oidc-issuer", identity.issuer]
    asked = ["verify", "identity", "--bundle", f"{entry}.sigstore.json", *wanted, entry]
    return Contestant("python -m sigstore verify identity", [*command, *asked], place)


def _verify_all(place: Path) -> None:
    from assay.dev.sigstore.documents import signer_identity
    from assay.dev.sigstore.oidc import CLAIMS
    from assay.trust.root import load_trusted_root
    from assay.trust.verify import Verifier

    root = load_trusted_root((place / "trusted_root.json").read_bytes())
    verifier = Verifier(root, signer_identity(CLAIMS))
    for entry in (place / "servers").glob("*.yaml"):
        bundle = entry.with_name(f"{entry.name}.sigstore.json").read_bytes()
        verifier.verify(entry.read_bytes(), bundle)
