"""assay.yaml: typed, with places, and plain defaults where nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from assay.policy import Policy, Review, Sigstore, Sources, read
from assay.trust.identity import identity_from
from tests.support.examples import places

WHOLE = b"""\
signer:
  issuer: https://token.actions.githubusercontent.com
  signer_workflow: https://github.com/example/mcp-registry/.github/workflows/publish.yml@refs/heads/main
  signer_digests: ["0123456789abcdef0123456789abcdef01234567"]
  source_repository: https://github.com/example/mcp-registry
  source_repository_id: "123456789"
  source_owner_id: "1234567"
  caller_workflow: https://github.com/example/mcp-registry/.github/workflows/registry.yml@refs/heads/main
  ref: refs/heads/main
  runner: github-hosted
  trigger: [push]
sigstore:
  instance: private
  trust_config: trust/config.json
  trusted_root: trust/root.json
sources:
  pypi: true
  oci: [registry.example.com, "*.images.example.com:5000"]
reviewers:
  confidential: {quorum: 2, one_of: [security@example.com]}
  logins:
    security@example.com: security-team
review_max_age_days: 180
"""


def test_a_whole_policy_is_read_into_its_types() -> None:
    reading = read("assay.yaml", WHOLE)
    assert reading.findings == ()
    policy = reading.policy
    assert policy is not None
    assert policy.signer is not None
    assert identity_from(policy.signer).trigger == ("push",)
    assert policy.sigstore == Sigstore("private", "trust/config.json", "trust/root.json")
    assert policy.sources == Sources(
        npm=False, pypi=True, oci=("registry.example.com", "*.images.example.com:5000")
    )
    assert policy.reviews["confidential"] == Review(2, ("security@example.com",))
    assert policy.reviews["restricted"] == Review(2)
    assert policy.logins == {"security@example.com": "security-team"}
    assert policy.review_max_age_days == 180


def test_one_key_alone_leaves_the_defaults_of_the_others() -> None:
    assert read("assay.yaml", b"review_max_age_days: 365\n").policy == Policy()
    assert Policy().sources == Sources(npm=True, pypi=True)
    assert Policy().signer is None


def test_the_policy_of_this_repository_is_good() -> None:
    raw = (Path(__file__).parents[1] / "assay.yaml").read_bytes()
    reading = read("assay.yaml", raw)
    assert reading.findings == ()
    assert reading.policy is not None
    assert reading.policy.signer is not None
    identity_from(reading.policy.signer)


BAD = {
    "unknown key": (b"source:\n  npm: true\n", (1, 1, "unknown-key")),
    "unknown nested key": (b"sources:\n  pip: true\n", (2, 3, "unknown-key")),
    "nothing but a comment": (b"# later\n", (1, 1, "yaml-document")),
    "a truth value of YAML 1.1": (b"sources:\n  npm: yes\n", (2, 8, "quote-scalar")),
    "half a signer": (b"signer:\n  issuer: https://example.com\n", (1, 1, "schema")),
    "an id as a number": (
        WHOLE.replace(b'"123456789"', b"123456789"),
        (6, 3, "quote-scalar"),
    ),
    "three digests": (
        WHOLE.replace(b'["0', b'["' + b"a" * 40 + b'", "' + b"b" * 40 + b'", "0'),
        (4, 3, "schema"),
    ),
    "a tag as ref": (WHOLE.replace(b"ref: refs/heads/", b"ref: refs/tags/"), (9, 3, "schema")),
    "a pull request as trigger": (WHOLE.replace(b"[push]", b"[pull_request]"), (11, 13, "schema")),
    "private without a root": (b"sigstore:\n  instance: private\n", (1, 1, "schema")),
    "a root outside": (
        b"sigstore:\n  instance: public\n  trusted_root: ../root.json\n",
        (3, 3, "schema"),
    ),
    "a quorum of nobody": (b"reviewers:\n  public: {quorum: 0}\n", (2, 12, "schema")),
    "a login that is none": (b'reviewers:\n  logins:\n    a@b.c: "a b"\n', (3, 5, "schema")),
    "a login of nobody": (b"reviewers:\n  logins:\n    somebody: login\n", (3, 5, "schema")),
    "an endless age": (b"review_max_age_days: 99999\n", (1, 1, "schema")),
}


@pytest.mark.parametrize(("raw", "place"), BAD.values(), ids=BAD.keys())
def test_a_bad_policy_is_refused_at_its_place(raw: bytes, place: tuple[int, int, str]) -> None:
    reading = read("assay.yaml", raw)
    assert reading.policy is None
    assert place in places(reading.findings)
    assert all(finding.fix for finding in reading.findings)
