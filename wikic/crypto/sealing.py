"""Keeping secrets that the program has to read again (those of webhooks): encrypted in the store by a key that is not in it.

The key is derived from a setting, or from a file of the data folder that is made at first use. AES-256-GCM; what is sealed names what it belongs to, so that it
opens nowhere else, and the key by which it was sealed, so that another one is noticed.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK: Final = "sealed:1"
_NONCE: Final = 12
_BYTES: Final = 32


class Sealer:
    """Seals and opens with one key; without one (`plain`) it leaves everything as it is."""

    def __init__(self, secret: bytes) -> None:
        """`secret`: what the key is derived from; empty for none."""
        self._aead = AESGCM(HKDF(SHA256(), _BYTES, None, b"wikic secrets kept in the store").derive(secret)) if secret else None
        self.key_id = sha256(b"wikic key id" + secret).hexdigest()[:8] if secret else ""

    @classmethod
    def plain(cls) -> Sealer:
        """No key: for stores that nobody keeps."""
        return cls(b"")

    @classmethod
    def of(cls, setting: str) -> Sealer:
        """By the secret of a setting."""
        return cls(setting.encode())

    @classmethod
    def kept_in(cls, path: Path) -> Sealer:
        """By the secret of a file, made with mode 0600 where there is none yet; several processes get one."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_once(path, secrets.token_hex(_BYTES))
        return cls(path.read_text().strip().encode())

    def seals(self, kept: str) -> bool:
        """Whether something is kept as this one would keep it."""
        return self._aead is None or kept.startswith(f"{_MARK}:{self.key_id}:")

    def seal(self, text: str, about: str) -> str:
        """A secret as it is kept; `about` names what it belongs to."""
        if self._aead is None:
            return text
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._aead.encrypt(nonce, text.encode(), about.encode())
        return f"{_MARK}:{self.key_id}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, kept: str, about: str) -> str | None:
        """A secret from what is kept; None where it was sealed by another key. What was never sealed is as it is."""
        if not kept.startswith(f"{_MARK}:"):
            return kept
        if self._aead is None:
            return None
        try:
            packed = base64.b64decode(kept.rpartition(":")[2], validate=True)
            return self._aead.decrypt(packed[:_NONCE], packed[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            return None


def write_once(path: Path, text: str) -> None:
    """Write a file of mode 0600 that nobody has written yet; of several processes the first one's stays."""
    new = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Whoever comes second finds the name taken, and takes what is there.
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()
