"""The trust documents of the trial instance (protobuf-specs sigstore_trustroot.proto, as JSON)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from assay.dev.sigstore import authority
from assay.dev.sigstore.fulcio import Fulcio, ct_log_id
from assay.dev.sigstore.keys import PrivateKey, spki
from assay.dev.sigstore.rekor import ORIGIN_V1, ORIGIN_V2, RekorV1, RekorV2
from assay.dev.sigstore.tsa import Tsa
from assay.trust.identity import SignerIdentity

Json = dict[str, object]
_MEDIA_TYPE = "application/vnd.dev.sigstore"
_P256, _ED25519 = "PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519"
_FORGE = "https://github.com"


def trusted_root(url: str, fulcio: Fulcio, v1: RekorV1, v2: RekorV2, tsa: Tsa) -> Json:
    """What a verifier needs: authorities and log keys, each with the period it is good for."""
    return {
        "mediaType": f"{_MEDIA_TYPE}.trustedroot+json;version=0.1",
        "tlogs": [
            # sigstore-js holds the name beside a checkpoint's signature against this address.
            _log(v1.key, v1.log.key_id, _P256, f"https://{ORIGIN_V1}"),
            _log(v2.key, v2.log.key_id, _ED25519, f"https://{ORIGIN_V2}"),
        ],
        "certificateAuthorities": [_authority([fulcio.certificate], url)],
        "ctlogs": [_log(fulcio.ct_key, ct_log_id(fulcio.ct_key), _P256, f"{url}/ct")],
        "timestampAuthorities": [_authority(tsa.chain, f"{url}/api/v1/timestamp")],
    }


def trust_config(root: Json, url: str, issuer: str, rekor: int) -> Json:
    """A ClientTrustConfig: the root, and where to sign. Rekor v2 needs the TSA for its time."""
    tsas = [_service(f"{url}/api/v1/timestamp", 1)] if rekor == 2 else []
    signing: Json = {
        "mediaType": f"{_MEDIA_TYPE}.signingconfig.v0.2+json",
        "caUrls": [_service(url, 1)],
        "oidcUrls": [_service(issuer, 1)],
        "rekorTlogUrls": [_service(url, rekor)],
        "rekorTlogConfig": {"selector": "ANY"},
        "tsaUrls": tsas,
        "tsaConfig": {"selector": "ANY"},
    }
    return {
        "mediaType": f"{_MEDIA_TYPE}.clienttrustconfig.v0.1+json",
        "trustedRoot": root,
        "signingConfig": signing,
    }


def signer_identity(claims: Mapping[str, str]) -> SignerIdentity:
    """The identity that pins a job with these claims, as assay.yaml and client.toml name it."""
    return SignerIdentity(
        issuer=claims["iss"],
        signer_workflow=f"{_FORGE}/{claims['job_workflow_ref']}",
        signer_digests=(claims["job_workflow_sha"],),
        source_repository=f"{_FORGE}/{claims['repository']}",
        source_repository_id=claims["repository_id"],
        source_owner_id=claims["repository_owner_id"],
        caller_workflow=f"{_FORGE}/{claims['workflow_ref']}",
        ref=claims["ref"],
        runner=claims["runner_environment"],
        trigger=(claims["event_name"],),
    )


def _log(key: PrivateKey, key_id: bytes, details: str, url: str) -> Json:
    public_key = {"rawBytes": _b64(spki(key)), "keyDetails": details, "validFor": _period()}
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": public_key,
        "logId": {"keyId": _b64(key_id)},
    }


def _authority(chain: Iterable[x509.Certificate], url: str) -> Json:
    certificates = [{"rawBytes": _b64(one.public_bytes(Encoding.DER))} for one in chain]
    return {
        "subject": {"organization": authority.ORGANISATION, "commonName": "assay trial"},
        "uri": url,
        "certChain": {"certificates": certificates},
        "validFor": _period(),
    }


def _service(url: str, version: int) -> Json:
    return {
        "url": url,
        "majorApiVersion": version,
        "validFor": _period(),
        "operator": "assay-trial",
    }


def _period() -> Json:
    start = authority.now() - timedelta(hours=1)
    return {"start": start.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()
