"""Badge documents and images read from their addresses, through the guarded client only: whole, or not at all, and asked whether they changed."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from wikic.domain.badges_elsewhere import host_of
from wikic.domain.open_badges_files import LARGEST_FILE, open_file, unwrapped
from wikic.errors import InvalidInput, OutsideError, TooLarge
from wikic.images.checking import LARGEST_SENT, CheckedImage, checked_image
from wikic.outside.client import Fetched, GuardedClient
from wikic.services.throttling import utc_now
from wikic.services.webhooks_parts import retry_after

SECONDS: Final = 8.0
"""For one address, with its redirects."""

_ACCEPT: Final = "application/ld+json, application/json;q=0.9, application/vc+jwt;q=0.8, text/plain;q=0.5"
_ACCEPT_IMAGE: Final = "image/png, image/svg+xml"


@dataclass(frozen=True, slots=True)
class Read:
    """What an address answered. `document` is None where it `stayed` as it was; `etag` and `modified` are for asking again."""

    document: Any = None
    stayed: bool = False
    etag: str = ""
    modified: str = ""


class SourceReader:
    """Reads from elsewhere; keeps nothing."""

    def __init__(self, client: GuardedClient, *, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._seconds, self._clock = client, seconds, clock

    def document(self, address: str, *, etag: str = "", modified: str = "", until: float | None = None) -> Read:
        """The document at an address, if it is not what `etag` or `modified` name. Raises OutsideError (no whole answer);
        TargetRefused (an address within the network, or a redirect there); InvalidInput, TooLarge (what is there is no document)."""
        asked = {"accept": _ACCEPT} | ({"if-none-match": etag} if etag else {}) | ({"if-modified-since": modified} if modified else {})
        answer = self._ask(address, asked, LARGEST_FILE, until)
        kept = (answer.headers.get("etag", "")[:500], answer.headers.get("last-modified", "")[:100])
        if answer.status == 304 and (etag or modified):
            return Read(None, True, kept[0] or etag, kept[1] or modified)
        self._right(answer, address)
        try:
            found = open_file(answer.body)
        except (InvalidInput, TooLarge) as error:
            raise type(error)(f"{shown(address)}: {error.message}", reason="at-place", place=shown(address), why=error) from None
        if found.address:
            raise InvalidInput(f"{shown(address)} leads to a text that is only an address: give that one", reason="elsewhere-only-address")
        return Read(unwrapped(found.document)[0], False, *kept)

    def image(self, address: str, *, until: float | None = None) -> CheckedImage:
        """The image at an address, or within a `data:` address, checked and written anew. Raises OutsideError; TargetRefused; InvalidInput and TooLarge with
        the reason why it may not be shown."""
        if address.startswith("data:"):
            return checked_image(_data_of(address))
        answer = self._ask(address, {"accept": _ACCEPT_IMAGE}, LARGEST_SENT, until)
        self._right(answer, address)
        return checked_image(answer.body)

    def _ask(self, address: str, headers: Mapping[str, str], largest: int, until: float | None) -> Fetched:
        left = self._seconds if until is None else min(self._seconds, until - self._clock())
        if left <= 0:
            raise OutsideError(
                f"{shown(address)} was not asked: the time for all addresses together was over", reason="address-late", address=shown(address)
            )
        return self._client.fetch(address, headers=headers, seconds=left, max_body=largest)

    @staticmethod
    def _right(answer: Fetched, address: str) -> None:
        if answer.status != 200:
            wait = retry_after(answer.headers, utc_now())
            raise OutsideError(
                f"{shown(address)} answers with status {answer.status}",
                retry_after=wait or None, reason="address-status", address=shown(address), status=answer.status,
            )  # fmt: skip


def _data_of(address: str) -> bytes:
    head, _, body = address.partition(",")
    if len(body) > 2 * LARGEST_SENT:
        raise TooLarge(f"the image has more than {LARGEST_SENT:,} bytes", reason="too-large", most=LARGEST_SENT)
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("the image within the document is not in base64", reason="image-data") from None


def shown(address: str) -> str:
    """An address as messages show it: without its query, which may hold a secret."""
    return address.partition("?")[0].partition("#")[0][:300] if host_of(address) else address[:100]
