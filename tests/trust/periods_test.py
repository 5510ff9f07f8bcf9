"""Every authority and every log vouches only for what was signed within its period.

sigstore-python alone accepts most of these; the last test shows it, so that we learn when it
changes its mind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier as SigstoreVerifier
from sigstore.verify.policy import Identity
from tests.support.bundles import Json, edited
from tests.support.sigstore import Trial

from assay.errors import Refused, Undecided
from assay.reason import Reason
from assay.trust.root import load_trusted_root
from assay.trust.verify import Verifier

RAW = b"name: clock\n"
GROUPS = ("certificateAuthorities", "tlogs", "ctlogs", "timestampAuthorities")
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def bundle(sigstore: Trial) -> Callable[[int], bytes]:
    return cache(lambda rekor: sigstore.sign(RAW, rekor=rekor))


def periods(root: Json, group: str) -> list[Json]:
    return [one.get("publicKey", one) for one in root[group]]


def limited(trial: Trial, group: str, start: datetime, end: datetime | None) -> bytes:
    """The trust root with another period for one group."""
    period = {"start": start.isoformat()} | ({"end": end.isoformat()} if end else {})

    def edit(root: Json) -> None:
        for one in periods(root, group):
            one["validFor"] = period

    return edited(trial.trusted_root, edit)


def verify(trial: Trial, root: bytes, bundle: bytes) -> datetime:
    return Verifier(load_trusted_root(root), trial.identity).verify(RAW, bundle).signed_at


def uses(group: str, rekor: int) -> bool:
    return group != "timestampAuthorities" or rekor == 2


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("group", GROUPS)
def test_what_ended_before_the_signing_is_refused_as_expired(
    sigstore: Trial, bundle: Callable[[int], bytes], group: str, rekor: int
) -> None:
    now = datetime.now(UTC)
    root = limited(sigstore, group, now - 3 * HOUR, now - HOUR)

    if not uses(group, rekor):  # Rekor v1 promises a time itself: no timestamp, no authority
        verify(sigstore, root, bundle(rekor))
        return
    with pytest.raises(Refused) as caught:
        verify(sigstore, root, bundle(rekor))
    assert caught.value.reason is Reason.TRUST_EXPIRED


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("group", GROUPS)
def test_what_begins_after_the_signing_is_refused_as_expired(
    sigstore: Trial, bundle: Callable[[int], bytes], group: str, rekor: int
) -> None:
    root = limited(sigstore, group, datetime.now(UTC) + HOUR, None)

    if not uses(group, rekor):
        verify(sigstore, root, bundle(rekor))
        return
    with pytest.raises(Refused) as caught:
        verify(sigstore, root, bundle(rekor))
    assert caught.value.reason is Reason.TRUST_EXPIRED


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("group", GROUPS)
def test_what_ended_since_stays_good_for_what_it_signed(
    sigstore: Trial, bundle: Callable[[int], bytes], group: str, rekor: int
) -> None:
    signed_at = verify(sigstore, sigstore.trusted_root, bundle(rekor))
    to_the_second = limited(sigstore, group, signed_at, signed_at)

    assert verify(sigstore, to_the_second, bundle(rekor)) == signed_at


@pytest.mark.parametrize("group", GROUPS)
def test_a_second_too_late_is_too_late(
    sigstore: Trial, bundle: Callable[[int], bytes], group: str
) -> None:
    signed_at = verify(sigstore, sigstore.trusted_root, bundle(2))
    second = timedelta(seconds=1)

    for start, end in ((signed_at - HOUR, signed_at - second), (signed_at + second, None)):
        with pytest.raises(Refused) as caught:
            verify(sigstore, limited(sigstore, group, start, end), bundle(2))
        assert caught.value.reason is Reason.TRUST_EXPIRED


def test_an_expired_root_does_not_hide_who_signed(sigstore: Trial) -> None:
    now = datetime.now(UTC)
    root = limited(sigstore, "tlogs", now - 3 * HOUR, now - HOUR)

    with pytest.raises(Refused) as caught:
        verify(sigstore, root, sigstore.sign(RAW, ref="refs/heads/evil"))
    assert caught.value.reason is Reason.IDENTITY_MISMATCH


BROKEN: dict[str, Callable[[Json], object]] = {
    "no certificate authority": lambda it: it.update(certificateAuthorities=[]),
    "no log": lambda it: it.update(tlogs=[]),
    "no certificate log": lambda it: it.update(ctlogs=[]),
    "another format": lambda it: it.update(mediaType="application/json"),
    "a period without a zone": lambda it: it["tlogs"][0]["publicKey"].update(
        validFor={"start": "2026-01-01T00:00:00"}
    ),
    "a period that ends before it starts": lambda it: it["ctlogs"][0]["publicKey"].update(
        validFor={"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"}
    ),
    "an authority without a period": lambda it: it["certificateAuthorities"][0].pop("validFor"),
    "a certificate that is none": lambda it: it["certificateAuthorities"][0]["certChain"].update(
        certificates=[{"rawBytes": "AAAA"}]
    ),
    "an unknown key": lambda it: it.update(extra=1),
}


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
def test_a_root_that_cannot_be_used_is_no_root(
    sigstore: Trial, edit: Callable[[Json], object]
) -> None:
    with pytest.raises(Undecided) as caught:
        load_trusted_root(edited(sigstore.trusted_root, edit))
    assert caught.value.reason is Reason.TRUST_INVALID


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"{" * 5000, b'{"a":1,"a":1}', b"\xff", b"x"])
def test_bytes_that_are_no_root_are_no_root(raw: bytes) -> None:
    with pytest.raises(Undecided) as caught:
        load_trusted_root(raw)
    assert caught.value.reason is Reason.TRUST_INVALID


def test_a_key_written_twice_is_no_root(sigstore: Trial) -> None:
    doubled = sigstore.trusted_root.replace(b'"tlogs"', b'"tlogs": [], "tlogs"', 1)

    with pytest.raises(Undecided, match="stands twice"):
        load_trusted_root(doubled)


@pytest.mark.parametrize("group", ["certificateAuthorities", "tlogs", "ctlogs"])
def test_sigstore_python_alone_accepts_what_had_ended(
    sigstore: Trial, bundle: Callable[[int], bytes], group: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    path = tmp_path / "trusted_root.json"
    path.write_bytes(limited(sigstore, group, now - 3 * HOUR, now - HOUR))
    alone = SigstoreVerifier(trusted_root=TrustedRoot.from_file(str(path)))

    alone.verify_artifact(
        RAW, Bundle.from_json(bundle(2)), Identity(identity=sigstore.identity.signer_workflow)
    )
    assert json.loads(path.read_bytes())[group]
