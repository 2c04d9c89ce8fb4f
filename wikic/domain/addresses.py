"""Addresses on the web as programs write them. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from wikic.errors import InvalidInput

_KEPT: Final = "!#$%&'()*+,/:;=?@[]~"
"""What stands in an address as it is: what separates its parts, and what is percent-encoded already."""
_HOST: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?\Z", re.IGNORECASE)
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f]")


def web_address(text: str) -> str:
    """An address that begins with https:// or http:// as a URI: a host in other letters by IDNA (xn--...), else what is not ASCII percent-encoded.

    Raises InvalidInput, also for one with blanks, or with a user in it.
    """
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port is not None else ""
        host = parts.hostname or ""
        named = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
        rest = [quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment)]
        good = parts.scheme in ("http", "https") and not _BLANK.search(text)
        secret = "@" in parts.netloc
    except ValueError:
        good = secret = False
    if secret:
        raise InvalidInput("an address must not hold a user or a password", reason="web-address-user")
    if not good or not (":" in host or _HOST.match(named)):
        raise InvalidInput(f"{text[:80]!r} is no address such as https://www.example.org", reason="web-address", text=text[:80])
    return urlunsplit((parts.scheme, parts.netloc if parts.netloc.isascii() else named + port, *rest))


def is_web(url: str) -> bool:
    """Whether it is an address on the web, wherever that leads: http or https, and a host that can be read."""
    try:
        parts = urlsplit(url.strip())
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
