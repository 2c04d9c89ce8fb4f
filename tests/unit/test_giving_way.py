"""The background gives way to who waits for an answer: no longer than its share, and never to an answer that has begun."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import NoReturn

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from wikic.services.giving_way import GivingWay
from wikic.web.front import Front


def test_the_background_waits_until_nobody_waits() -> None:
    seen: list[object] = []

    def answered() -> None:
        way.end()
        seen.append(way.quiet)
        way.end()

    waiters = threading.Thread(target=answered)
    asked: list[float] = []

    def clock() -> float:
        """Asked when it is made, by who is about to wait, and after that."""
        asked.append(10.0 * len(asked))
        if len(asked) == 2:
            waiters.start()
        return asked[-1]

    way = GivingWay(clock)
    way.begin()
    way.begin()
    way.pause()
    seen.append("goes on")
    waiters.join()
    assert (seen, len(asked), way.quiet) == ([False, "goes on"], 3, True)


def test_it_waits_no_longer_than_its_share() -> None:
    """Whoever did nothing yet waits for nothing, however long it rested; otherwise this would not end."""
    seconds = [0.0]
    way = GivingWay(lambda: seconds[0])
    way.begin()
    way.pause()
    seconds[0] = 1_000_000.0
    way.resume()
    way.pause()
    assert not way.quiet


@pytest.mark.parametrize("path", ["/", "/streamed", "/nowhere", "/broken"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_somebody_waits_until_the_answer_begins(path: str, method: str) -> None:
    way, seen = GivingWay(), []

    async def answer(request: Request) -> PlainTextResponse:
        seen.append(way.quiet)
        if request.url.path == "/broken":
            raise RuntimeError("broken")
        return PlainTextResponse("so")

    async def streamed(_: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            seen.append(not way.quiet)
            yield b"so"

        return StreamingResponse(parts())

    site = Starlette(routes=[Route("/", answer), Route("/broken", answer), Route("/streamed", streamed)])
    with TestClient(Front(site, way), raise_server_exceptions=False) as client:
        client.request(method, path)
    assert way.quiet
    assert not any(seen)
    assert bool(seen) == (method != "OPTIONS" and path != "/nowhere")


def test_nobody_waits_for_what_was_given_up() -> None:
    way = GivingWay()

    async def gone(*_: object) -> NoReturn:
        raise asyncio.CancelledError

    async def ask() -> None:
        with pytest.raises(asyncio.CancelledError):
            await Front(gone, way)({"type": "http", "method": "GET", "path": "/", "headers": []}, gone, gone)

    asyncio.run(ask())
    assert way.quiet
