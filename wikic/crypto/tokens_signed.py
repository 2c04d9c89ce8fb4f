"""Signed tokens (JWS, RFC 7515) and public keys (JWK, RFC 8037) with the key that signs here, and the `did:web` of the site that says so."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from wikic.crypto.signing import Signer


def signed_token(signer: Signer, payload: Mapping[str, Any], base: str) -> str:
    """A compact JWS (EdDSA) over a payload; its `kid` is where the public key is."""
    # Open Badges 3.0 asks for `JWT` where there is a type.
    header = {"alg": "EdDSA", "typ": "JWT", "kid": key_address(signer, base)}
    message = f"{_packed(header)}.{_packed(payload)}"
    return f"{message}.{_text(base64.b64decode(signer.sign(message.encode())))}"


def public_jwk(signer: Signer, base: str) -> dict[str, str]:
    """The public key."""
    key = _text(base64.b64decode(signer.public_key))
    return {"kty": "OKP", "crv": "Ed25519", "x": key, "kid": key_address(signer, base), "alg": "EdDSA", "use": "sig"}


def key_address(signer: Signer, base: str) -> str:
    """Where the public key is."""
    return f"{base}/.well-known/jwks/{signer.key_id}"


def did_of(base: str) -> str:
    """The site as a `did:web`; "" where it is not the root of its host."""
    parts = urlsplit(base)
    return "" if parts.path.strip("/") else f"did:web:{parts.netloc.replace(':', '%3A')}"


def did_document(signer: Signer, base: str) -> dict[str, Any]:
    """What `did:web` leads to: the key that signs here."""
    did = did_of(base)
    method = f"{did}#{signer.key_id}"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": did,
        "alsoKnownAs": [base],
        "verificationMethod": [{"id": method, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": public_jwk(signer, base)}],
        "assertionMethod": [method],
    }


def _packed(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
