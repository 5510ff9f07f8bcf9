"""Signing: what it makes verifies, and each way to fail has its own reason."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
from tests.support.bundles import Json, edited
from tests.support.sigstore import Trial

from assay.errors import Undecided
from assay.reason import Reason
from assay.trust import sign
from assay.trust.sign import EntrySigner, ambient_token
from assay.trust.verify import Verifier

RAW = b"name: clock\n"
URLS = ("caUrls", "rekorTlogUrls", "tsaUrls")


def at(trial: Trial, url: str, *services: str) -> bytes:
    """The trust config with these services elsewhere."""

    def edit(config: Json) -> None:
        for service in services:
            config["signingConfig"][service][0]["url"] = url

    return edited(trial.trust_config(), edit)


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("rekor", [1, 2])
def test_one_signer_signs_many_files_with_one_certificate(sigstore: Trial, rekor: int) -> None:
    signer = sigstore.signer(rekor=rekor)
    verifier = Verifier(sigstore.root(), sigstore.identity)
    leaves = set()
    for number in range(5):
        raw = RAW + str(number).encode()
        bundle = signer.sign(raw)
        verifier.verify(raw, bundle)
        leaves.add(json.loads(bundle)["verificationMaterial"]["certificate"]["rawBytes"])
    assert len(leaves) == 1


def test_the_job_of_a_runner_gets_its_token_from_the_forge(
    sigstore: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sigstore.instance.environment().items():
        monkeypatch.setenv(name, value)

    bundle = EntrySigner(sigstore.trust_config(), ambient_token()).sign(RAW)
    Verifier(sigstore.root(), sigstore.identity).verify(RAW, bundle)


def test_a_forge_that_refuses_gives_no_identity(
    sigstore: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sigstore.instance.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "stolen")

    with pytest.raises(Undecided) as caught:
        ambient_token()
    assert caught.value.reason is Reason.IDENTITY_UNAVAILABLE


def test_outside_of_a_job_there_is_no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    with pytest.raises(Undecided) as caught:
        ambient_token()
    assert caught.value.reason is Reason.IDENTITY_UNAVAILABLE


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_token_that_is_none_is_no_identity(sigstore: Trial, token: str) -> None:
    with pytest.raises(Undecided) as caught:
        EntrySigner(sigstore.trust_config(), token)
    assert caught.value.reason is Reason.IDENTITY_UNAVAILABLE


def test_a_token_for_another_service_is_no_identity(sigstore: Trial) -> None:
    token = sigstore.instance.issuer.token("https://cloud.example.com")

    with pytest.raises(Undecided) as caught:
        EntrySigner(sigstore.trust_config(), token)
    assert caught.value.reason is Reason.IDENTITY_UNAVAILABLE


def test_a_token_of_another_issuer_is_not_signed_for(sigstore: Trial) -> None:
    from tests.support.sigstore import running

    with running() as theirs, pytest.raises(Undecided) as caught:
        EntrySigner(sigstore.trust_config(), theirs.token()).sign(RAW)
    assert caught.value.reason is Reason.SIGNING_FAILED


@pytest.mark.parametrize("service", URLS[:2])
def test_an_instance_that_is_not_there_is_unreachable(
    sigstore: Trial, closed: str, service: str
) -> None:
    with pytest.raises(Undecided) as caught:
        EntrySigner(at(sigstore, closed, service), sigstore.token()).sign(RAW)
    assert caught.value.reason is Reason.UNREACHABLE


def test_without_a_timestamp_there_is_no_bundle(sigstore: Trial, closed: str) -> None:
    with pytest.raises(Undecided) as caught:
        EntrySigner(at(sigstore, closed, "tsaUrls"), sigstore.token()).sign(RAW)
    assert caught.value.reason is Reason.SIGNING_FAILED


def test_an_instance_that_never_answers_is_given_up(
    sigstore: Trial, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign, "_PATIENCE", 0.2)
    before = set(threading.enumerate())

    with pytest.raises(Undecided) as caught:
        EntrySigner(at(sigstore, silent, "caUrls"), sigstore.token()).sign(RAW)
    assert caught.value.reason is Reason.UNREACHABLE
    left = set(threading.enumerate()) - before
    assert left
    assert all(thread.daemon for thread in left)


def test_a_ca_that_hides_what_it_issues_is_not_signed_with(sigstore: Trial) -> None:
    sigstore.instance.fulcio.transparent = False
    try:
        with pytest.raises(Undecided) as caught:
            sigstore.sign(RAW)
    finally:
        sigstore.instance.fulcio.transparent = True
    assert caught.value.reason is Reason.SIGNING_FAILED


@pytest.mark.parametrize("config", [b"", b"{}", b"[]", b'{"a":1,"a":2}', b"\xff"])
def test_a_trust_config_that_cannot_be_read_says_so(sigstore: Trial, config: bytes) -> None:
    with pytest.raises(Undecided) as caught:
        EntrySigner(config, sigstore.token())
    assert caught.value.reason is Reason.TRUST_INVALID
