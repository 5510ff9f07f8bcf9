"""Each clause of the identity stops an attack that nothing else stops.

Every attack is a bundle that the instance signed in earnest: only who signed differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import pytest
from tests.support.sigstore import Trial

from assay.errors import Refused
from assay.reason import Reason
from assay.trust.identity import SignerIdentity, clauses, identity_from
from assay.trust.verify import Verified, Verifier

RAW = b"name: clock\n"


@dataclass(frozen=True)
class Attack:
    """``claims`` differ from the pinned job's. ``stopped_by`` are the claims as Fulcio names
    them: more than one where the forge itself changes them together."""

    claims: Mapping[str, str]
    stopped_by: tuple[str, ...]


EVIL = "evil/mcp-registry"
WORKFLOW = "/.github/workflows/publish.yml"
ATTACKS = {
    "another issuer that this Fulcio knows": Attack(
        {"iss": "https://issuer.evil.invalid"}, ("OIDC issuer",)
    ),
    "a workflow of the attacker's, called by the registry": Attack(
        {"job_workflow_ref": f"evil/ci{WORKFLOW}@refs/tags/v1"},
        ("subject alternative name", "build signer URI"),
    ),
    "the signing workflow at a branch": Attack(
        {"job_workflow_ref": f"acme/assay{WORKFLOW}@refs/heads/mine"},
        ("subject alternative name", "build signer URI"),
    ),
    "the tag of the signing workflow moved": Attack(
        {"job_workflow_sha": "e" * 40}, ("build signer digest",)
    ),
    "a renamed repository, its old name taken over": Attack(
        {"repository_id": "666"}, ("source repository id",)
    ),
    "an owner's old name taken over": Attack(
        {"repository_owner_id": "666"}, ("source repository owner id",)
    ),
    "a fork that keeps the numbers": Attack({"repository": EVIL}, ("source repository URI",)),
    "another caller of the same signing workflow": Attack(
        {"workflow_ref": "acme/mcp-registry/.github/workflows/evil.yml@refs/heads/main"},
        ("build config URI",),
    ),
    "a pull request's branch": Attack({"ref": "refs/pull/7/merge"}, ("source repository ref",)),
    "a self-hosted runner": Attack({"runner_environment": "self-hosted"}, ("runner environment",)),
    "a manual dispatch": Attack({"event_name": "workflow_dispatch"}, ("build trigger",)),
    "a pull request from a fork": Attack({"event_name": "pull_request_target"}, ("build trigger",)),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_attack_is_refused_and_the_message_says_what_was_found(
    sigstore: Trial, attack: Attack
) -> None:
    bundle = sigstore.sign(RAW, rekor=2, **attack.claims)

    with pytest.raises(Refused) as caught:
        Verifier(sigstore.root(), sigstore.identity).verify(RAW, bundle)

    assert caught.value.reason is Reason.IDENTITY_MISMATCH
    assert attack.stopped_by[0] in caught.value.message
    assert next(iter(attack.claims.values())) in caught.value.message


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_without_its_clause_the_attack_gets_through(sigstore: Trial, attack: Attack) -> None:
    bundle = sigstore.sign(RAW, rekor=2, **attack.claims)
    weakened = Verifier(sigstore.root(), sigstore.identity)
    weakened.clauses = tuple(
        clause for clause in weakened.clauses if clause.claim not in attack.stopped_by
    )

    assert isinstance(weakened.verify(RAW, bundle), Verified)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_other_clause_would_have_stopped_it(sigstore: Trial, attack: Attack) -> None:
    bundle = sigstore.sign(RAW, rekor=2, **attack.claims)
    for clause in clauses(sigstore.identity):
        if clause.claim in attack.stopped_by:
            continue
        weakened = Verifier(sigstore.root(), sigstore.identity)
        weakened.clauses = tuple(one for one in weakened.clauses if one.claim != clause.claim)
        with pytest.raises(Refused) as caught:
            weakened.verify(RAW, bundle)
        assert caught.value.reason is Reason.IDENTITY_MISMATCH


def test_every_clause_stops_some_attack() -> None:
    identity = SignerIdentity("", "", (), "", "", "", "", "", "", ())

    assert {clause.claim for clause in clauses(identity)} == {
        claim for attack in ATTACKS.values() for claim in attack.stopped_by
    }


def test_an_upgrade_accepts_both_digests_of_the_signing_workflow(sigstore: Trial) -> None:
    both = replace(sigstore.identity, signer_digests=("b" * 40, "c" * 40))
    verifier = Verifier(sigstore.root(), both)

    new = verifier.verify(RAW, sigstore.sign(RAW, job_workflow_sha="c" * 40))
    assert new.signer_digest == "c" * 40
    assert verifier.verify(RAW, sigstore.sign(RAW)).signer_digest == "b" * 40


@pytest.mark.parametrize("near", ["refs/heads/main2", "refs/heads/mai", "refs/heads/MAIN", " "])
def test_a_claim_is_compared_whole_and_exactly(sigstore: Trial, near: str) -> None:
    with pytest.raises(Refused) as caught:
        Verifier(sigstore.root(), sigstore.identity).verify(RAW, sigstore.sign(RAW, ref=near))
    assert caught.value.reason is Reason.IDENTITY_MISMATCH


def test_an_absent_claim_never_equals_an_empty_pin(sigstore: Trial) -> None:
    unpinned = replace(sigstore.identity, ref="")

    with pytest.raises(Refused) as caught:
        Verifier(sigstore.root(), unpinned).verify(RAW, sigstore.sign(RAW, ref=""))
    assert caught.value.reason is Reason.IDENTITY_MISMATCH


def test_settings_give_the_identity_and_numbers_may_be_numbers(sigstore: Trial) -> None:
    told = asdict(sigstore.identity) | {"source_repository_id": 42, "trigger": ["push"]}

    assert identity_from(told) == sigstore.identity


@pytest.mark.parametrize("key", list(SignerIdentity.__dataclass_fields__))
@pytest.mark.parametrize("wrong", [None, "", [], ["", "x"], True, {}, "x" * 2000])
def test_a_key_that_is_wrong_or_empty_is_named(sigstore: Trial, key: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=f"^{key}: "):
        identity_from(asdict(sigstore.identity) | {key: wrong})


@pytest.mark.parametrize("key", list(SignerIdentity.__dataclass_fields__))
def test_every_key_must_be_there(sigstore: Trial, key: str) -> None:
    told = asdict(sigstore.identity)
    del told[key]
    with pytest.raises(ValueError, match=f"^{key}: missing"):
        identity_from(told)


def test_an_unknown_key_is_no_wider_pin(sigstore: Trial) -> None:
    with pytest.raises(ValueError, match=r"^signer_digest: no such key"):
        identity_from(asdict(sigstore.identity) | {"signer_digest": "b" * 40})
    with pytest.raises(ValueError, match=r"^runner: "):
        identity_from(asdict(sigstore.identity) | {"runner": "any"})
    with pytest.raises(ValueError, match=r"^source_owner_id: "):
        identity_from(asdict(sigstore.identity) | {"source_owner_id": "acme"})
