"""sigstore-js judges the same bundles as we do, good and tampered, and says the same.

Where it says otherwise, ``DIFFERENCES`` tells why, and the test fails when that ends. The command
line of sigstore-js takes its trust from a TUF repository alone, so its library judges:
@sigstore/verify, which that command line calls.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.bundles import edited
from tests.support.sigstore import Trial
from tests.trust.identity_test import ATTACKS
from tests.trust.periods_test import GROUPS, HOUR, limited
from tests.trust.verify_test import BYTES, MALFORMED, MISMATCHES, UNLOGGED

from assay.errors import Refused
from assay.trust.root import load_trusted_root
from assay.trust.verify import Verifier

pytestmark = pytest.mark.full

RAW = b"name: clock\n"
PACKAGES = ("node@22", "@sigstore/bundle@5.0.1", "@sigstore/verify@4.1.3")
JUDGE = Path(__file__).with_name("peer_judge.mjs")
# Fulcio's extensions that hold the claims which the identity pins, as sigstore-js wants them.
_CLAIMS = {
    8: "issuer",
    9: "signer_workflow",
    12: "source_repository",
    14: "ref",
    11: "runner",
    15: "source_repository_id",
    17: "source_owner_id",
    18: "caller_workflow",
}
_LISTED = {10: "signer_digests", 20: "trigger"}

# What sigstore-js accepts and we refuse, with the reason; nothing may be the other way round.
DIFFERENCES = {
    "bytes: the same key twice": "JSON.parse takes the last of two equal keys",
    "bytes: a nested key twice": "JSON.parse takes the last of two equal keys",
    "bytes: too long": "it bounds no sizes",
    "malformed: an unknown key": "it passes over keys that it doesn't know",
    "malformed: bundle v0.2": "it reads older bundles too; we have none to be kind to",
    "v1: _root_hash": "it takes the root from the signed checkpoint alone",
    "v2: _root_hash": "it takes the root from the signed checkpoint alone",
    "v1: _proof_shorter": "it takes the tree's size from the signed checkpoint alone",
    "v2: _proof_shorter": "it takes the tree's size from the signed checkpoint alone",
    "v2: tlogs ended": "it holds no period of a log whose entry has no time of its own",
    "v2: tlogs not begun": "it holds no period of a log whose entry has no time of its own",
}


@dataclass(frozen=True)
class Case:
    name: str
    raw: bytes
    bundle: bytes
    root: bytes


@pytest.fixture(scope="session")
def peer() -> Path:
    """A folder with node 22 and sigstore-js from npm; kept for the next run."""
    home = Path(tempfile.gettempdir()) / f"assay-peers-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    assert home.stat().st_uid == os.getuid()
    if not (home / "complete").exists():
        (home / "package.json").write_text('{"private": true}')
        install = ["npm", "install", "--no-audit", "--no-fund", "--no-save", *PACKAGES]
        subprocess.run(install, cwd=home, check=True, capture_output=True)
        (home / "complete").touch()
    return home


def cases(trial: Trial) -> Iterator[Case]:
    root = trial.trusted_root
    for rekor in (1, 2):
        good = trial.sign(RAW, rekor=rekor)
        yield Case(f"v{rekor}: good", RAW, good, root)
        yield Case(f"v{rekor}: other bytes", b"name: other\n", good, root)
        yield Case(f"v{rekor}: other bundle", RAW, trial.sign(b"x", rekor=rekor), root)
        for edit in (*MISMATCHES, *UNLOGGED):
            yield Case(f"v{rekor}: {edit.__name__}", RAW, edited(good, edit), root)
        for name, attack in ATTACKS.items():
            theirs = trial.sign(RAW, rekor=rekor, **attack.claims)
            yield Case(f"v{rekor}: {name}", RAW, theirs, root)
        yield from _periods(trial, rekor, good)
    for name, change in MALFORMED.items():
        yield Case(f"malformed: {name}", RAW, edited(good, change), root)
    for name, mangle in BYTES.items():
        yield Case(f"bytes: {name}", RAW, mangle(good), root)


def _periods(trial: Trial, rekor: int, good: bytes) -> Iterator[Case]:
    now = datetime.now(UTC)
    for group in GROUPS:
        ended = limited(trial, group, now - 3 * HOUR, now - HOUR)
        future = limited(trial, group, now + HOUR, None)
        yield Case(f"v{rekor}: {group} ended", RAW, good, ended)
        yield Case(f"v{rekor}: {group} not begun", RAW, good, future)


def ours(trial: Trial, case: Case) -> str:
    try:
        Verifier(load_trusted_root(case.root), trial.identity).verify(case.raw, case.bundle)
    except Refused as error:
        return str(error.reason)
    return "accepted"


def theirs(peer: Path, trial: Trial, asked: list[Case]) -> dict[str, str]:
    identity = trial.identity
    pinned = {number: getattr(identity, key) for number, key in _CLAIMS.items()}
    pinned |= {number: getattr(identity, key)[0] for number, key in _LISTED.items()}
    oids = [
        {"id": [1, 3, 6, 1, 4, 1, 57264, 1, number], "value": _b64(_utf8(value))}
        for number, value in pinned.items()
    ]
    question = {
        "root": _b64(trial.trusted_root),
        "policy": {"san": f"^{re.escape(identity.signer_workflow)}$", "oids": oids},
        "cases": [
            {
                "name": one.name,
                "bundle": _b64(one.bundle),
                "raw": _b64(one.raw),
                "root": _b64(one.root),
            }
            for one in asked
        ],
    }
    node = peer / "node_modules" / ".bin" / "node"
    done = subprocess.run(
        [node, JUDGE],
        cwd=peer,
        input=json.dumps(question).encode(),
        capture_output=True,
        check=True,
    )
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_sigstore_js_says_the_same(peer: Path, sigstore: Trial) -> None:
    asked = list(cases(sigstore))
    told = theirs(peer, sigstore, asked)
    mine = {one.name: ours(sigstore, one) for one in asked}

    accepted_here_alone = {
        name: told[name] for name in mine if mine[name] == "accepted" != told[name]
    }
    assert accepted_here_alone == {}
    accepted_there_alone = {name for name in mine if mine[name] != "accepted" == told[name]}
    assert accepted_there_alone == set(DIFFERENCES)
    assert sum(verdict == "accepted" for verdict in mine.values()) >= 4


def _utf8(text: str) -> bytes:
    """DER's UTF8String, short form."""
    raw = text.encode()
    assert len(raw) < 128
    return bytes([0x0C, len(raw)]) + raw


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()
