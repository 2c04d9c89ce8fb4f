"""Entity tags: what makes two answers the same, and whether a client has one already."""

from __future__ import annotations

from hashlib import blake2b

from wikic import __version__

JSON = "application/json"


def concept_etag(epoch: str, seq: int, media: str, lang: str | None) -> str:
    """The strong tag of a concept's body: it changes with the store's epoch, the body's number, the form, the language
    and the program."""
    return _tag(epoch, str(seq), media, (lang or "").lower(), __version__)


def page_etag(epoch: str, seq: int, address: str) -> str:
    """The strong tag of anything else that is read as of a number, by its path and query."""
    return _tag(epoch, str(seq), address, __version__)


def content_etag(content: bytes) -> str:
    """The strong tag of an answer that follows from no number."""
    return f'"{blake2b(content, digest_size=12).hexdigest()}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this tag (RFC 9110: compared weakly)."""
    if not if_none_match:
        return False
    if if_none_match.strip() == "*":
        return True
    return any(given.strip().removeprefix("W/") == etag for given in if_none_match.split(","))


def _tag(*parts: str) -> str:
    return content_etag("\n".join(parts).encode("utf-8", "replace"))
