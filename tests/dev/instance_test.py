"""The trial instance says what it is, keeps its keys, and lies to nobody about a signature."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest
from tests.support.sigstore import Trial

from assay.dev.sigstore import WARNING, TrialSigstore
from assay.dev.sigstore.folder import last_port, open_instance, write_documents
from assay.trust.root import load_trusted_root
from assay.trust.sign import EntrySigner
from assay.trust.verify import Verifier

RAW = b"name: clock\n"


def post(trial: Trial, path: str, body: object, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(
        trial.instance.url + path,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_what_was_signed_before_a_restart_verifies_after_it(tmp_path: Path) -> None:
    with open_instance(tmp_path) as before:
        write_documents(tmp_path, before, 2)
        bundle = EntrySigner(before.trust_config(), before.token()).sign(RAW)
        port, identity = last_port(tmp_path), before.identity()
    with open_instance(tmp_path) as after:
        assert last_port(tmp_path) == port
        assert after.identity() == identity
        Verifier(load_trusted_root(after.trusted_root()), identity).verify(RAW, bundle)
        old = load_trusted_root((tmp_path / "trusted_root.json").read_bytes())
        again = EntrySigner(after.trust_config(), after.token()).sign(RAW)
        Verifier(old, identity).verify(RAW, again)


def test_every_folder_has_keys_of_its_own(tmp_path: Path) -> None:
    with TrialSigstore(tmp_path / "a") as one, TrialSigstore(tmp_path / "b") as other:
        assert one.fulcio.certificate != other.fulcio.certificate


def test_the_keys_are_their_owners_alone_and_say_what_they_are(tmp_path: Path) -> None:
    with open_instance(tmp_path) as instance:
        write_documents(tmp_path, instance, 1)

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for path in (*(tmp_path / "keys").glob("*.pem"), tmp_path / "environment"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert "trials alone" in (tmp_path / "keys" / "FOR-TRIALS-ALONE").read_text()
    for name in ("environment", "signer.yaml"):
        assert WARNING in (tmp_path / name).read_text()
    assert b"not for trust" in instance.fulcio.certificate.subject.public_bytes()


@pytest.mark.parametrize(("rekor", "tsas"), [(1, 0), (2, 1)])
def test_the_config_names_the_log_that_was_asked_for(
    sigstore: Trial, rekor: int, tsas: int
) -> None:
    signing = json.loads(sigstore.trust_config(rekor))["signingConfig"]

    assert signing["rekorTlogUrls"][0]["majorApiVersion"] == rekor
    assert len(signing["tsaUrls"]) == tsas


def test_a_claim_that_github_does_not_make_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown claim 'repo'"):
        TrialSigstore(claims={"repo": "acme/x"})


def test_the_log_takes_no_signature_that_is_false(sigstore: Trial) -> None:
    bundle = json.loads(sigstore.sign(RAW))
    leaf = bundle["verificationMaterial"]["certificate"]
    verifier = {"x509Certificate": leaf, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
    false = {"content": bundle["messageSignature"]["signature"], "verifier": verifier}
    request = {"digest": b64encode(b"\0" * 32).decode(), "signature": false}

    answer = post(sigstore, "/api/v2/log/entries", {"hashedRekordRequestV002": request})
    assert answer[0] == 400
    assert "InvalidSignature" in answer[1]


@pytest.mark.parametrize("token", ["", "x.y.z"])
def test_fulcio_wants_a_token_of_its_issuer(sigstore: Trial, token: str) -> None:
    status, message = post(sigstore, "/api/v2/signingCert", {}, token)

    assert status == 400
    assert "DecodeError" in message


def test_fulcio_wants_proof_of_possession(sigstore: Trial) -> None:
    request = {"certificateSigningRequest": b64encode(b"none").decode()}

    assert post(sigstore, "/api/v2/signingCert", request, sigstore.token())[0] == 400


def test_nothing_else_is_answered(sigstore: Trial) -> None:
    assert post(sigstore, "/api/v1/elsewhere", {})[0] == 404
    assert post(sigstore, "/api/v1/log/entries", {"kind": "intoto"})[0] == 400


@pytest.mark.parametrize("query", [b"", b"0", b"0\x82", b"0\x05\x02", b"0\x00"])
def test_a_timestamp_query_that_is_none_is_refused(sigstore: Trial, query: bytes) -> None:
    request = urllib.request.Request(f"{sigstore.instance.url}/api/v1/timestamp", query)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as error:
        assert error.code == 400


def test_its_issuer_introduces_itself(sigstore: Trial) -> None:
    url = f"{sigstore.instance.url}/oidc/.well-known/openid-configuration"
    with urllib.request.urlopen(url, timeout=10) as answer:
        told = json.load(answer)
    with urllib.request.urlopen(told["jwks_uri"], timeout=10) as answer:
        (key,) = json.load(answer)["keys"]

    assert told["issuer"] == sigstore.identity.issuer
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")
