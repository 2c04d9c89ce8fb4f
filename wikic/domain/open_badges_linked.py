"""Badge documents that were given together: what one says of another by its address is looked up among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from wikic.domain.open_badges import ERROR, Problem, listed, recognise, text, texts

_ISSUERS: Final = frozenset(("issuer", "profile"))


class Together:
    """Documents by their own address and by where they came from (http and https are one)."""

    def __init__(self, documents: Iterable[tuple[Any, str]]) -> None:
        self._known: dict[str, Mapping[str, Any]] = {}
        for document, source in documents:
            if isinstance(document, dict):
                for address in (source, text(document.get("id"))):
                    if address:
                        self._known.setdefault(_place(address), document)

    def check(self, document: Any) -> Iterator[Problem]:
        """What is wrong with a document of Open Badges 2.0 in the light of the others."""
        if not isinstance(document, dict) or len(self._known) < 2:
            return
        kind = recognise(document)[1]
        if kind == "badge_class":
            yield from self._issuer(document, "")
        if kind != "assertion":
            return
        badge, pointer = self._of(document, "badge")
        if badge is None:
            return
        if recognise(badge)[1] != "badge_class":
            yield Problem(ERROR, pointer, "no_badge_there")
            return
        yield from self._issuer(badge, "/badge")
        issuer, _ = self._of(badge, "issuer")
        rules = issuer.get("verification") if issuer is not None else None
        if isinstance(rules, dict) and not _allowed(text(document.get("id")), rules):
            yield Problem(ERROR, "/id", "not_allowed")

    def _issuer(self, badge: Mapping[str, Any], at: str) -> Iterator[Problem]:
        issuer, _ = self._of(badge, "issuer")
        if issuer is not None and recognise(issuer)[1] not in _ISSUERS:
            yield Problem(ERROR, at or "/issuer", "no_issuer_there")

    def _of(self, document: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any] | None, str]:
        value = document.get(name)
        if isinstance(value, dict):
            return value, f"/{name}"
        return self._known.get(_place(text(value))) if text(value) else None, f"/{name}"


def _allowed(address: str, rules: Mapping[str, Any]) -> bool:
    """Whether an issuer lets its badges be awarded at that address."""
    starts, origins = texts(rules.get("startsWith")), texts(rules.get("allowedOrigins"))
    if listed(rules.get("startsWith")) and not any(address.startswith(start) for start in starts):
        return False
    try:
        return not origins or urlsplit(address).hostname in origins
    except ValueError:
        return False


def _place(address: str) -> str:
    return address.partition("://")[2] or address
