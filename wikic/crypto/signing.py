"""Signing manifests with Ed25519. The private key comes from a setting, or from a file of the data folder that is made at first use.

A public key is written as the base64 of its 32 bytes; so is a private key in the setting (or as PEM). Nothing here logs or shows a private key.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from wikic.crypto.sealing import write_once
from wikic.errors import InvalidInput

ALGORITHM: Final = "Ed25519"
_BYTES: Final = 32


class Signer:
    """Signs with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = _written(key.public_key())

    def sign(self, message: bytes) -> str:
        """The signature, in base64."""
        return base64.b64encode(self._key.sign(message)).decode()

    @property
    def key_id(self) -> str:
        """16 hex digits by which people tell keys apart."""
        return key_id(self.public_key)

    @classmethod
    def made_now(cls) -> Signer:
        """A key that nobody keeps, where there is no data folder."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, setting: str) -> Signer:
        """The key of a setting: base64 of its 32 bytes, or PEM. Raises InvalidInput, without repeating it."""
        try:
            if "BEGIN" in setting:
                key = load_pem_private_key(setting.replace("\\n", "\n").encode(), None)
                if not isinstance(key, Ed25519PrivateKey):
                    raise ValueError
                return cls(key)
            return cls(Ed25519PrivateKey.from_private_bytes(base64.b64decode(setting.strip(), validate=True)))
        except (ValueError, TypeError, binascii.Error):
            raise InvalidInput(
                "WIKIC_SIGNING_KEY is no Ed25519 key: base64 of 32 bytes (`openssl rand -base64 32`), or PEM"
            ) from None

    @classmethod
    def kept_in(cls, path: Path) -> Signer:
        """The key of a file, made with mode 0600 where there is none yet; several processes get one. Raises InvalidInput."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_once(path, base64.b64encode(secrets.token_bytes(_BYTES)).decode())
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text().strip(), validate=True)))
        except (ValueError, binascii.Error):
            raise InvalidInput(f"{path} holds no signing key: put the right one there, or move it away") from None


def verifies(public_key: str, message: bytes, signature: str) -> bool:
    """Whether a signature over a message was made with the private half of a key (base64)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def key_id(public_key: str) -> str:
    """16 hex digits by which people tell public keys (base64) apart."""
    return sha256(public_key.encode()).hexdigest()[:16]


def read_public_key(text: str) -> str:
    """A public key as base64, from what a file holds: base64, PEM, or what /.well-known/wikic-signing-key answers. Raises InvalidInput."""
    text = text.strip()
    try:
        if text.startswith("{"):
            text = str(json.loads(text)["public_key"])
        if "BEGIN" in text:
            key = load_pem_public_key(text.encode())
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError
            return _written(key)
        return _written(Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True)))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise InvalidInput("the file holds no Ed25519 public key: base64 of 32 bytes, PEM, or JSON with `public_key`") from None


def _written(key: Ed25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
