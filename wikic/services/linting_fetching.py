"""Badges by their addresses, through the guarded client only: public addresses, few redirects, little time, no more than a file's size."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain.open_badges import read
from wikic.domain.open_badges_files import LARGEST_FILE, Found, open_file, unwrapped
from wikic.errors import InvalidInput, OutsideError, TargetRefused, TooLarge, WikicError
from wikic.outside.client import GuardedClient

SECONDS: Final = 8.0
"""For one address, with its redirects."""
ALL_SECONDS: Final = 20.0
"""For all addresses of a report."""

_ACCEPT: Final = "application/ld+json, application/json;q=0.9, application/vc+jwt;q=0.8, image/png;q=0.5, image/svg+xml;q=0.5"


@dataclass(frozen=True, slots=True)
class Sent:
    """One document to be looked at: it, or the `error` that says why it could not be had; `source`: its address or name, "" where it was pasted."""

    document: Any = None
    source: str = ""
    token: bool = False
    baked: bool = False
    error: WikicError | None = None

    @property
    def refused(self) -> str:
        """Why it could not be had, in English; "" if it could."""
        return self.error.message if self.error else ""


class Fetching:
    """Fetches badges; keeps nothing. `clock` in seconds."""

    def __init__(self, client: GuardedClient, clock: Callable[[], float] = time.monotonic, *, seconds: float = SECONDS) -> None:
        self._client, self._clock, self._seconds = client, clock, seconds

    def all_of(self, addresses: Sequence[str]) -> list[Sent]:
        """What is at each address; a single one that cannot be had raises, of several each says why."""
        until = self._clock() + ALL_SECONDS
        found: list[Sent] = []
        for address in addresses:
            try:
                found += self._one(address.strip(), until)
            except WikicError as error:
                if len(addresses) == 1:
                    raise
                found.append(_sent(Found(), address, error=error))
        return found

    def _one(self, address: str, until: float) -> list[Sent]:
        """The document there; and the badge that it awards, if that is at another address; and the badge an image only names."""
        found = self._fetch(address, until)
        if found.address:
            address = found.address
            found = self._fetch(address, until)
            if found.address:
                raise InvalidInput("the address leads to a text that is only an address again: given up", reason="elsewhere-only-address")
        documents = [_sent(found, address)]
        badge = read(unwrapped(found.document)[0])
        if badge.elsewhere and not badge.alignments:
            try:
                documents.append(_sent(self._fetch(badge.elsewhere, until), badge.elsewhere))
            except WikicError as error:
                documents.append(_sent(Found(), badge.elsewhere, error=error))
        return documents

    def _fetch(self, address: str, until: float) -> Found:
        left = min(self._seconds, until - self._clock())
        if left <= 0:
            raise InvalidInput(
                f"{_shown(address)} was not asked: the time for all addresses together was over", reason="address-late", address=_shown(address)
            )
        try:
            answer = self._client.fetch(address, headers={"accept": _ACCEPT}, seconds=left, max_body=LARGEST_FILE)
        except TargetRefused:
            raise
        except OutsideError as error:
            raise InvalidInput(f"the badge cannot be fetched: {error.message}", reason="elsewhere-unread", why=error) from None
        if answer.status != 200:
            raise InvalidInput(
                f"the badge cannot be fetched: {_shown(address)} answers with status {answer.status}",
                reason="address-status", address=_shown(address), status=answer.status,
            )  # fmt: skip
        try:
            return open_file(answer.body)
        except (InvalidInput, TooLarge) as error:
            raise type(error)(f"{_shown(address)}: {error.message}", reason="at-place", place=_shown(address), why=error) from None


def _sent(found: Found, source: str, error: WikicError | None = None) -> Sent:
    return Sent(found.document, _shown(source), found.token, found.baked, error)


def _shown(address: str) -> str:
    """Without the query, which may hold a secret."""
    return address.partition("?")[0].partition("#")[0][:300]
