"""Answers about the past that this process has made before: what a release said of a concept never changes, so it is made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from fastapi import Request, Response

from wikic.services.reading_moments import Moment
from wikic.web.etags import matches

LIMIT: Final = 32_000_000
"""Bytes of bodies that one process keeps, at most."""


class _Kept(NamedTuple):
    content: bytes
    headers: dict[str, str]
    media: str


class KeptAnswers:
    """The most recently used answers, up to a number of bytes; safe between threads."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit, self._size = limit, 0
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()

    def get(self, request: Request, moment: Moment, address: str, form: str = "") -> Response | None:
        """The answer that was made for an address (in a form) as of a pinned moment, or 304 where the client has it."""
        key = _key(moment, address, form)
        with self._lock:
            kept = self._answers.get(key)
            if kept is None:
                return None
            self._answers.move_to_end(key)
        # The head is the only thing in it that moves.
        headers = kept.headers | {"Wiki-C-Seq": str(moment.head)}
        if matches(request.headers.get("if-none-match"), headers.get("ETag", "")):
            return Response(status_code=304, headers=headers)
        return Response(kept.content, 200, headers, kept.media)

    def put(
        self, moment: Moment, address: str, form: str, content: bytes, headers: dict[str, str], media: str
    ) -> None:
        """Keep an answer, if it is as of a pinned moment and not larger than a fair share."""
        if not moment.pinned or len(content) > self._limit // 32:
            return
        key = _key(moment, address, form)
        with self._lock:
            old = self._answers.pop(key, None)
            self._size += len(content) - (len(old.content) if old is not None else 0)
            self._answers[key] = _Kept(content, headers, media)
            while self._size > self._limit:
                _, dropped = self._answers.popitem(last=False)
                self._size -= len(dropped.content)


def _key(moment: Moment, address: str, form: str) -> tuple[object, ...]:
    return (moment.epoch, tuple(sorted(moment.at.items())), address, form)
