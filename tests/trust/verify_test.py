"""Good bundles hold; each way to tamper with one is refused, for its own reason."""

from __future__ import annotations

import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from tests.support.bundles import Json, edited, entry_of, flip
from tests.support.sigstore import Trial

from assay.errors import Refused
from assay.reason import Reason
from assay.trust.verify import SIZE_LIMIT, Verified, Verifier

RAW = b"name: clock\n"


@pytest.fixture(scope="module")
def verifier(sigstore: Trial) -> Verifier:
    return Verifier(sigstore.root(), sigstore.identity)


@pytest.fixture(scope="module")
def bundle(sigstore: Trial) -> Callable[[int], bytes]:
    return cache(lambda rekor: sigstore.sign(RAW, rekor=rekor))


def refusal(verifier: Verifier, raw: bytes, bundle: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        verifier.verify(raw, bundle)
    return caught.value


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_good_bundle_holds_and_tells_when_and_from_what_it_was_signed(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int
) -> None:
    held = verifier.verify(RAW, bundle(rekor))

    assert isinstance(held, Verified)
    assert abs(datetime.now(UTC) - held.signed_at) < timedelta(minutes=5)
    assert (held.signer_digest, held.source_digest) == ("b" * 40, "a" * 40)
    assert held.trigger == "push"
    assert held.run_uri == "https://github.com/acme/mcp-registry/actions/runs/1/attempts/1"


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_time_of_signing_is_the_signed_one_and_never_the_loose_field(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int
) -> None:
    told = verifier.verify(RAW, bundle(rekor)).signed_at
    backdated = edited(bundle(rekor), lambda it: entry_of(it).update(integratedTime="86400"))

    if rekor == 2:  # a v2 log signs no time: the field is nobody's word, and is not told
        assert verifier.verify(RAW, backdated).signed_at == told
    else:
        assert refusal(verifier, RAW, backdated).reason is Reason.SIGNATURE_UNTRUSTED


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("raw", [b"", RAW + b" ", RAW[:-1], RAW.replace(b"clock", b"clack")])
def test_other_bytes_are_a_mismatch(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int, raw: bytes
) -> None:
    assert refusal(verifier, raw, bundle(rekor)).reason is Reason.SIGNATURE_MISMATCH


def test_the_bundle_of_another_entry_is_a_mismatch(verifier: Verifier, sigstore: Trial) -> None:
    theirs = sigstore.sign(b"name: other\n")

    assert refusal(verifier, RAW, theirs).reason is Reason.SIGNATURE_MISMATCH


def _digest_of_other_bytes(content: Json) -> None:
    flip(content["messageSignature"]["messageDigest"], "digest")


def _signature(content: Json) -> None:
    flip(content["messageSignature"], "signature")


MISMATCHES = [_digest_of_other_bytes, _signature]


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("edit", MISMATCHES, ids=lambda edit: edit.__name__)
def test_a_changed_signature_is_a_mismatch(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int, edit: Callable[[Json], None]
) -> None:
    assert refusal(verifier, RAW, edited(bundle(rekor), edit)).reason is Reason.SIGNATURE_MISMATCH


def _root_hash(content: Json) -> None:
    flip(entry_of(content)["inclusionProof"], "rootHash")


def _body(content: Json) -> None:
    entry = entry_of(content)
    body = b64decode(entry["canonicalizedBody"]).replace(b"hashedrekord", b"hashedrecord")
    entry["canonicalizedBody"] = b64encode(body).decode()


def _checkpoint_size(content: Json) -> None:
    checkpoint = entry_of(content)["inclusionProof"]["checkpoint"]
    origin, _, rest = checkpoint["envelope"].split("\n", 2)
    checkpoint["envelope"] = f"{origin}\n999999\n{rest}"


def _checkpoint_unsigned(content: Json) -> None:
    checkpoint = entry_of(content)["inclusionProof"]["checkpoint"]
    checkpoint["envelope"] = checkpoint["envelope"].split("\u2014")[0] + "\u2014 nobody AAAAAAAA\n"


def _proof_shorter(content: Json) -> None:
    proof = entry_of(content)["inclusionProof"]
    proof["treeSize"] = str(int(proof["treeSize"]) * 4 + 8)


def _another_kind(content: Json) -> None:
    entry_of(content)["kindVersion"]["kind"] = "dsse"


UNLOGGED = [
    _root_hash,
    _body,
    _checkpoint_size,
    _checkpoint_unsigned,
    _proof_shorter,
    _another_kind,
]


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("edit", UNLOGGED, ids=lambda edit: edit.__name__)
def test_a_log_entry_that_the_log_did_not_sign_is_untrusted(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int, edit: Callable[[Json], None]
) -> None:
    assert refusal(verifier, RAW, edited(bundle(rekor), edit)).reason is Reason.SIGNATURE_UNTRUSTED


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_log_entry_of_another_signature_is_untrusted(
    verifier: Verifier, sigstore: Trial, bundle: Callable[[int], bytes], rekor: int
) -> None:
    theirs = json.loads(sigstore.sign(b"name: other\n", rekor=rekor))

    def swap(content: Json) -> None:
        content["verificationMaterial"]["tlogEntries"] = [entry_of(theirs)]

    found = refusal(verifier, RAW, edited(bundle(rekor), swap))
    assert found.reason is Reason.SIGNATURE_UNTRUSTED


def test_the_timestamp_of_another_signature_is_untrusted(
    verifier: Verifier, sigstore: Trial, bundle: Callable[[int], bytes]
) -> None:
    theirs = json.loads(sigstore.sign(b"name: other\n"))
    stamps = theirs["verificationMaterial"]["timestampVerificationData"]

    def swap(content: Json) -> None:
        content["verificationMaterial"]["timestampVerificationData"] = stamps

    assert refusal(verifier, RAW, edited(bundle(2), swap)).reason is Reason.SIGNATURE_UNTRUSTED


def test_a_changed_promise_of_rekor_v1_is_untrusted(
    verifier: Verifier, bundle: Callable[[int], bytes]
) -> None:
    def edit(content: Json) -> None:
        flip(entry_of(content)["inclusionPromise"], "signedEntryTimestamp")

    assert refusal(verifier, RAW, edited(bundle(1), edit)).reason is Reason.SIGNATURE_UNTRUSTED


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_certificate_of_another_instance_is_untrusted(sigstore: Trial, rekor: int) -> None:
    from tests.support.sigstore import running

    with running() as theirs:
        bundle = theirs.sign(RAW, rekor=rekor)
        Verifier(theirs.root(), theirs.identity).verify(RAW, bundle)
        found = refusal(Verifier(sigstore.root(), sigstore.identity), RAW, bundle)
    assert found.reason is Reason.SIGNATURE_UNTRUSTED


def test_a_certificate_without_proof_of_transparency_is_untrusted(sigstore: Trial) -> None:
    # sigstore-python would notice while signing, so the leaf is made by hand.
    from tests.support.forgery import sign_without_transparency

    bundle = sign_without_transparency(sigstore, RAW)
    found = refusal(Verifier(sigstore.root(), sigstore.identity), RAW, bundle)
    assert found.reason is Reason.SIGNATURE_UNTRUSTED
    assert "timestamp" in found.message


def _older(version: str) -> Callable[[Json], None]:
    def edit(content: Json) -> None:
        content["mediaType"] = f"application/vnd.dev.sigstore.bundle+json;version={version}"
        leaf = content["verificationMaterial"].pop("certificate")
        content["verificationMaterial"]["x509CertificateChain"] = {"certificates": [leaf]}

    return edit


def _dsse(content: Json) -> None:
    signature = content.pop("messageSignature")["signature"]
    content["dsseEnvelope"] = {
        "payload": b64encode(RAW).decode(),
        "payloadType": "text/plain",
        "signatures": [{"sig": signature}],
    }


def _two_timestamps(content: Json) -> None:
    data = content["verificationMaterial"]["timestampVerificationData"]
    data["rfc3161Timestamps"] *= 2


MALFORMED: dict[str, Callable[[Json], object]] = {
    "bundle v0.1": _older("0.1"),
    "bundle v0.2": _older("0.2"),
    "an unknown media type": lambda it: it.update(mediaType="application/json"),
    "no media type": lambda it: it.pop("mediaType"),
    "a DSSE envelope": _dsse,
    "an unknown key": lambda it: it.update(comment="hello"),
    "no certificate": lambda it: it["verificationMaterial"].pop("certificate"),
    "no log entry": lambda it: it["verificationMaterial"].update(tlogEntries=[]),
    "two log entries": lambda it: it["verificationMaterial"]["tlogEntries"].append(entry_of(it)),
    "two timestamps": _two_timestamps,
    "no signed time": lambda it: it["verificationMaterial"].pop("timestampVerificationData"),
    "no checkpoint": lambda it: entry_of(it)["inclusionProof"].pop("checkpoint"),
    "a certificate that is none": lambda it: it["verificationMaterial"]["certificate"].update(
        rawBytes="AAAA"
    ),
    "a negative index": lambda it: entry_of(it)["inclusionProof"].update(logIndex="-1"),
}


@pytest.mark.parametrize("edit", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_bundle_of_a_signed_file_is_malformed(
    verifier: Verifier, bundle: Callable[[int], bytes], edit: Callable[[Json], object]
) -> None:
    found = refusal(verifier, RAW, edited(bundle(2), edit))
    assert found.reason is Reason.BUNDLE_MALFORMED


def test_a_key_of_another_kind_is_no_signers_key(
    verifier: Verifier, bundle: Callable[[int], bytes]
) -> None:
    from tests.support.forgery import self_signed

    def edit(content: Json) -> None:
        content["verificationMaterial"]["certificate"]["rawBytes"] = self_signed()

    found = refusal(verifier, RAW, edited(bundle(2), edit))
    assert (found.reason, "ECDSA" in found.message) == (Reason.BUNDLE_MALFORMED, True)


BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": lambda it: it[: len(it) // 2],
    "not UTF-8": lambda it: it.replace(b"mediaType", b"media\xffype"),
    "a list": lambda it: b"[" + it + b"]",
    "too long": lambda it: it + b" " * SIZE_LIMIT,
    "too deep": lambda _: b'{"mediaType":' * 9000 + b"1" + b"}" * 9000,
    "the same key twice": lambda it: it.replace(b"{", b'{"mediaType":"x",', 1),
    "a nested key twice": lambda it: it.replace(b'"logIndex"', b'"logIndex":"0","logIndex"', 1),
    "not a number": lambda it: it.replace(b'"integratedTime":"0"', b'"integratedTime":NaN'),
    "two documents": lambda it: it + it,
}


@pytest.mark.parametrize("edit", BYTES.values(), ids=BYTES)
def test_bytes_that_are_no_strict_json_are_malformed(
    verifier: Verifier, bundle: Callable[[int], bytes], edit: Callable[[bytes], bytes]
) -> None:
    found = refusal(verifier, RAW, edit(bundle(2)))
    assert found.reason is Reason.BUNDLE_MALFORMED


def test_every_single_changed_field_is_refused_or_says_the_same(
    verifier: Verifier, bundle: Callable[[int], bytes]
) -> None:
    good = bundle(2)
    told = verifier.verify(RAW, good)
    changes = {path: edited(good, _changing(path)) for path in _leaves(json.loads(good))}
    harmless = {path[-1] for path, changed in changes.items() if _holds(verifier, changed, told)}

    # Exactly what nobody signs: hints which key to try (of the envelope, the name beside the
    # checkpoint's signature), and numbers of a log that are never told.
    assert harmless <= {"logIndex", "integratedTime", "keyId", "treeSize", "envelope"}


def _holds(verifier: Verifier, bundle: bytes, told: Verified) -> bool:
    try:
        held = verifier.verify(RAW, bundle)
    except Refused:
        return False
    assert held == told
    return True


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in _leaves(one, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, one in enumerate(value) for leaf in _leaves(one, (*path, index))]
    return [path]


def _changing(path: tuple[str | int, ...]) -> Callable[[Json], None]:
    def edit(content: Json) -> None:
        holder: Json = content
        for step in path[:-1]:
            holder = holder[step]  # type: ignore[index]
        text = str(holder[path[-1]])  # type: ignore[index]
        if text.isdigit():
            holder[path[-1]] = str(int(text) + 1)  # type: ignore[index]
        else:
            middle = len(text) // 2
            other = "A" if text[middle] != "A" else "B"
            holder[path[-1]] = text[:middle] + other + text[middle + 1 :]  # type: ignore[index]

    return edit


def test_the_keys_may_be_written_in_another_case_and_mean_the_same(
    verifier: Verifier, bundle: Callable[[int], bytes]
) -> None:
    # Protobuf's JSON has two spellings of each key: a second reading of ours must not see less.
    def edit(content: Json) -> None:
        entry = entry_of(content)
        entry["integrated_time"] = entry.pop("integratedTime")

    assert verifier.verify(RAW, edited(bundle(1), edit)) == verifier.verify(RAW, bundle(1))


def test_a_message_shows_at_most_a_line_of_a_strangers_words(
    verifier: Verifier, bundle: Callable[[int], bytes]
) -> None:
    hostile = edited(bundle(2), lambda it: it.update(mediaType="x\n::error::" + "y" * 10000))

    message = refusal(verifier, RAW, hostile).message
    assert "\n" not in message
    assert len(message) < 500


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_mangled_bundle_is_refused_or_proves_the_same(
    verifier: Verifier, bundle: Callable[[int], bytes], rekor: int
) -> None:
    chance = random.Random(rekor)
    good, told = bundle(rekor), verifier.verify(RAW, bundle(rekor))
    for _ in range(300):
        mangled = bytearray(good)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(mangled))
            mangled[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        _holds(verifier, bytes(mangled), told)  # anything but Refused, or another fact, fails


@pytest.mark.parametrize("first", ["integratedTime", "integrated_time"])
def test_both_spellings_of_one_key_are_one_too_many(
    verifier: Verifier, bundle: Callable[[int], bytes], first: str
) -> None:
    def edit(content: Json) -> None:
        entry = entry_of(content)
        told = entry.pop("integratedTime")
        other = "integrated_time" if first == "integratedTime" else "integratedTime"
        entry |= {first: told, other: "86400"}

    assert refusal(verifier, RAW, edited(bundle(1), edit)).reason is Reason.BUNDLE_MALFORMED
