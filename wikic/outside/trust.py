"""Whom this process believes by TLS."""

from __future__ import annotations

import ssl
from functools import cache


@cache
def trusting() -> ssl.SSLContext:
    """The authorities that the system trusts, read once: that takes 20 ms, and most processes never ask anybody by TLS."""
    return ssl.create_default_context()
