"""Transparency logs that answer as Rekor v1 and Rekor v2 do, for hashedrekord entries.

v1 promises with a signed entry timestamp (SET) over time and index; v2 has neither, so that the
time of signing comes from a TSA. Checkpoints are signed notes (C2SP signed-note, tlog-checkpoint).
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from assay.dev.sigstore.keys import Keys, spki
from assay.dev.sigstore.merkle import Tree

ORIGIN_V1 = "rekor-v1.trial.invalid"
ORIGIN_V2 = "rekor-v2.trial.invalid"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where an entry lies in the tree, and the signed checkpoint that says so."""

    index: int
    size: int
    root: bytes
    hashes: tuple[bytes, ...]
    checkpoint: str


class Log:
    """An append-only log that signs a checkpoint for each entry. Its entries end with the process:
    a real log never forgets, a trial's may."""

    def __init__(self, name: str, origin: str, key_id: bytes, sign: Callable[[bytes], bytes]):
        self.key_id = key_id
        self._name, self._origin, self._sign = name, origin, sign
        self._tree, self._lock = Tree(), threading.Lock()

    def append(self, body: bytes) -> Inclusion:
        """Add ``body`` and prove that it is in."""
        with self._lock:
            index = self._tree.append(body)
            size, root, path = len(self._tree), self._tree.root(), self._tree.proof(index)
        return Inclusion(index, size, root, tuple(path), self._checkpoint(size, root))

    def _checkpoint(self, size: int, root: bytes) -> str:
        note = f"{self._origin}\n{size}\n{_b64(root)}\n"
        signature = _b64(self.key_id[:4] + self._sign(note.encode()))
        return f"{note}\n\u2014 {self._name} {signature}\n"


class RekorV1:
    """``POST /api/v1/log/entries``."""

    def __init__(self, keys: Keys) -> None:
        self.key = keys.ecdsa("rekor-v1")
        key_id = hashlib.sha256(spki(self.key)).digest()
        self.log = Log(ORIGIN_V1, f"{ORIGIN_V1} - 1", key_id, self._sign)

    def add(self, proposed: Mapping[str, Any]) -> dict[str, object]:
        """Log a hashedrekord 0.0.1 whose signature holds, and promise to keep it."""
        if proposed["kind"] != "hashedrekord":
            raise ValueError("only hashedrekord entries are logged here")
        body = rfc8785.dumps(_body_v1(proposed["spec"]))
        inclusion = self.log.append(body)
        entry: dict[str, str | int] = {
            "body": _b64(body),
            "integratedTime": int(time.time()),
            "logID": self.log.key_id.hex(),
            "logIndex": inclusion.index,
        }
        promise = _b64(self._sign(rfc8785.dumps(entry)))
        verification = {"signedEntryTimestamp": promise, "inclusionProof": _proof_v1(inclusion)}
        return {uuid.uuid4().hex: {**entry, "verification": verification}}

    def _sign(self, data: bytes) -> bytes:
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


class RekorV2:
    """``POST /api/v2/log/entries`` of rekor-tiles."""

    def __init__(self, keys: Keys) -> None:
        self.key = keys.ed25519("rekor-v2")
        # C2SP signed-note: the key's id binds its name, the algorithm (1: Ed25519) and the key.
        named = ORIGIN_V2.encode() + b"\n\x01" + self.key.public_key().public_bytes_raw()
        self.log = Log(ORIGIN_V2, ORIGIN_V2, hashlib.sha256(named).digest(), self.key.sign)

    def add(self, request: Mapping[str, Any]) -> dict[str, object]:
        """Log a hashedrekord 0.0.2 whose signature holds."""
        body = rfc8785.dumps(_body_v2(request["hashedRekordRequestV002"]))
        inclusion = self.log.append(body)
        return {
            "logIndex": str(inclusion.index),
            "logId": {"keyId": _b64(self.log.key_id)},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "integratedTime": "0",
            "inclusionProof": _proof_v2(inclusion),
            "canonicalizedBody": _b64(body),
        }


def _body_v1(spec: Mapping[str, Any]) -> dict[str, Any]:
    signature, digest = spec["signature"], spec["data"]["hash"]["value"]
    public_key = signature["publicKey"]["content"]
    certificate = x509.load_pem_x509_certificate(b64decode(public_key))
    _hold(certificate, signature["content"], bytes.fromhex(digest))
    kept = {"content": signature["content"], "publicKey": {"content": public_key}}
    data = {"hash": {"algorithm": "sha256", "value": digest}}
    spec = {"data": data, "signature": kept}
    return {"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}


def _body_v2(request: Mapping[str, Any]) -> dict[str, Any]:
    signature, verifier = request["signature"], request["signature"]["verifier"]
    raw = verifier["x509Certificate"]["rawBytes"]
    certificate = x509.load_der_x509_certificate(b64decode(raw))
    _hold(certificate, signature["content"], b64decode(request["digest"]))
    logged = {"keyDetails": verifier["keyDetails"], "x509Certificate": {"rawBytes": raw}}
    spec = {
        "data": {"algorithm": "SHA2_256", "digest": request["digest"]},
        "signature": {"content": signature["content"], "verifier": logged},
    }
    return {
        "apiVersion": "0.0.2",
        "kind": "hashedrekord",
        "spec": {"hashedRekordV002": spec},
    }


def _hold(certificate: x509.Certificate, signature: str, digest: bytes) -> None:
    """A log takes no entry whose signature is false: ``InvalidSignature``."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("only ECDSA keys are logged here")
    key.verify(b64decode(signature), digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def _proof_v1(inclusion: Inclusion) -> dict[str, object]:
    return {
        "logIndex": inclusion.index,
        "treeSize": inclusion.size,
        "rootHash": inclusion.root.hex(),
        "hashes": [node.hex() for node in inclusion.hashes],
        "checkpoint": inclusion.checkpoint,
    }


def _proof_v2(inclusion: Inclusion) -> dict[str, object]:
    return {
        "logIndex": str(inclusion.index),
        "treeSize": str(inclusion.size),
        "rootHash": _b64(inclusion.root),
        "hashes": [_b64(node) for node in inclusion.hashes],
        "checkpoint": {"envelope": inclusion.checkpoint},
    }


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()
