"""The trial instance's private keys, kept so that a restart keeps its trust root.

FOR TRIALS ALONE. A real instance's keys live in an HSM or a KMS; these lie in plain PEM files,
readable by their owner, and whoever has them can sign as anybody who trusts this instance.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

_NOTICE = "For trials alone: anyone who can read these keys can sign as anybody.\n"


class Keys:
    """Keys by name, made when first asked for; in memory alone where ``folder`` is None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._loaded: dict[str, object] = {}
        self._documents: dict[str, bytes] = {}
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "FOR-TRIALS-ALONE").write_text(_NOTICE)

    def ecdsa(self, name: str, curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
        """An ECDSA key, on P-256 unless told."""
        key = self._kept(name, lambda: ec.generate_private_key(curve or ec.SECP256R1()))
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key
        raise _other_kind(name)

    def ed25519(self, name: str) -> ed25519.Ed25519PrivateKey:
        """An Ed25519 key, as Rekor v2 signs checkpoints with."""
        key = self._kept(name, ed25519.Ed25519PrivateKey.generate)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key
        raise _other_kind(name)

    def rsa(self, name: str) -> rsa.RSAPrivateKey:
        """An RSA key, as GitHub's issuer signs tokens with."""
        key = self._kept(name, lambda: rsa.generate_private_key(65537, 2048))
        if isinstance(key, rsa.RSAPrivateKey):
            return key
        raise _other_kind(name)

    def document(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Bytes that belong to the keys, such as a CA's own certificate."""
        if name not in self._documents:
            folder = self._folder
            self._documents[name] = make() if folder is None else _kept_in(folder / name, make)
        return self._documents[name]

    def _kept(self, name: str, make: Callable[[], PrivateKey]) -> object:
        if name not in self._loaded:
            raw = self.document(f"{name}.pem", lambda: _pem(make()))
            self._loaded[name] = load_pem_private_key(raw, None)
        return self._loaded[name]


def spki(key: PrivateKey) -> bytes:
    """The public half as DER SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _kept_in(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        _write_private(path, make())
    return path.read_bytes()


def _other_kind(name: str) -> ValueError:
    return ValueError(f"{name}.pem holds another kind of key; remove the folder")


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_private(path: Path, content: bytes) -> None:
    """Readable by the owner from the first byte on, and never half written."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    os.replace(part, path)
