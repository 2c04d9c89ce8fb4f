"""Random tokens, and the digests that are kept in their place: who reads the store learns no token."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

API_PREFIX: Final = "wikic_"
"""What API tokens begin with, so that scanners find one that was published by mistake."""


def new_token(prefix: str = "") -> str:
    """256 random bits as text."""
    return prefix + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 in hexadecimal: the key under which a token is kept. Enough, since the token itself is random."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
