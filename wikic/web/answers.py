"""JSON answers: bytes made of plain objects, with the headers that every read carries.

A read first tries to answer 304 from what the process remembers, without a thread and without the store; all else runs
in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from wikic.services.reading import Page, Reading
from wikic.services.reading_moments import Moment
from wikic.web.etags import JSON, content_etag, matches, page_etag

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
PRIVATE = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment that a request asks for."""

    release: str | None = None
    at: int | None = None
    cursor: str | None = None

    def known(self, reading: Reading) -> Moment | None:
        """The moment, if the process knows it without asking the store."""
        return reading.known_moment(self.release, self.at, self.cursor)

    def resolve(self, reading: Reading) -> Moment:
        """The moment; may ask the store."""
        return reading.moment(self.release, self.at, self.cursor)


def address_of(request: Request) -> str:
    """Path and query as they were sent."""
    query = request.scope["query_string"].decode("latin-1")
    path = raw_path(request)
    return f"{path}?{query}" if query else path


def raw_path(request: Request) -> str:
    """The path as it was sent, still encoded."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("latin-1").partition("?")[0]


def json_answer(content: Any, headers: dict[str, str], status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(content), status, headers, JSON)


def read_headers(moment: Moment, etag: str) -> dict[str, str]:
    """The headers of a read: its tag, how long it may be kept, and the head."""
    headers = {
        "ETag": etag,
        "Cache-Control": IMMUTABLE if moment.pinned else PRIVATE if moment.state else REVALIDATE,
        "Wiki-C-Seq": str(moment.head),
    }
    return headers | state_header(moment.state)


def state_header(state: str) -> dict[str, str]:
    """A published release is one like any other; what is not published says so."""
    return {"Wiki-C-Release-State": state} if state not in ("", "published") else {}


def unchanged(request: Request, moment: Moment, etag: str, *, made: bool = True) -> Response | None:
    """The answer 304, if the client has what it would get. `made`: it is sure that there is something to get; where that
    is not, `If-None-Match: *` has to wait for it."""
    sent = request.headers.get("if-none-match")
    if (made or sent != "*") and matches(sent, etag):
        return Response(status_code=304, headers=read_headers(moment, etag))
    return None


async def page_answer(
    request: Request, reading: Reading, asked: Asked, make: Callable[[Moment], Page | dict[str, Any]]
) -> Response:
    """A list, or another object that is read as of a number. `make` runs in a thread."""
    address = address_of(request)
    if "if-none-match" in request.headers:
        known = asked.known(reading)
        if known is not None:
            answer = unchanged(request, known, page_etag(known.epoch, known.seq, address), made=False)
            if answer is not None:
                return answer

    def work() -> Response:
        moment = asked.resolve(reading)
        etag = page_etag(moment.epoch, moment.seq, address)
        return unchanged(request, moment, etag, made=False) or page_of(request, make(moment), moment, etag)

    return await run_in_threadpool(work)


async def between_answer(
    request: Request, reading: Reading, start: str, end: str, make: Callable[[Moment, Moment], Page]
) -> Response:
    """A list of what differs between two moments. `make` runs in a thread."""

    def work() -> Response:
        before, later = reading.between(start, end)
        etag = between_etag(request, before, later)
        return unchanged(request, later, etag, made=False) or page_of(request, make(before, later), later, etag)

    return await run_in_threadpool(work)


def between_etag(request: Request, before: Moment, later: Moment, *names: str) -> str:
    """The tag of what differs between two moments, by their numbers: a release that is frozen only can be taken back, and its name given to another
    number. `names`: what else stands in the answer and neither in the address."""
    return page_etag(later.epoch, later.seq, f"{before.seq} {names} {address_of(request)}")


def page_of(request: Request, made: Page | dict[str, Any], moment: Moment, etag: str) -> Response:
    """The answer that holds a page (with the address of the next one) or an object."""
    answer = unchanged(request, moment, etag)
    if answer is not None:
        return answer
    headers = read_headers(moment, etag)
    if not isinstance(made, Page):
        return json_answer(made, headers)
    if made.next is not None:
        headers["Link"] = next_link(request, made.next)
    return json_answer({"items": made.items, "next": made.next, "seq": moment.seq} | (made.extra or {}), headers)


def free_answer(request: Request, content: Any, head: int, state: str = "") -> Response:
    """An object that follows from no number: tagged by its content. `state`: that of the release that it is about."""
    packed = orjson.dumps(content)
    headers = {"ETag": content_etag(packed), "Cache-Control": REVALIDATE, "Wiki-C-Seq": str(head)} | state_header(state)
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(packed, 200, headers, JSON)


def next_link(request: Request, cursor: str, name: str = "cursor", rel: str = "next") -> str:
    """RFC 8288: the same address with another cursor, in the parameter of that name."""
    query = request.scope["query_string"].decode("latin-1")
    pairs = [(key, value) for key, value in parse_qsl(query, keep_blank_values=True) if key != name]
    return f'<{raw_path(request)}?{urlencode([*pairs, (name, cursor)])}>; rel="{rel}"'
