"""Signatures of webhooks, as standardwebhooks.com defines them: HMAC-SHA256 over id, time and body, with a secret that its receiver knows too."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from standardwebhooks.webhooks import Webhook

PREFIX: Final = "whsec_"
_BYTES: Final = 32


def new_secret() -> str:
    """A new secret, in the form that the libraries of standardwebhooks take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(valid: Iterable[str], identity: str, time: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message: its id, its time (UTC), and one signature for each secret that is valid."""
    signatures = [Webhook(secret).sign(identity, time, body.decode()) for secret in valid]
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(time.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
