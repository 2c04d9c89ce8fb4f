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
    seconds = [0.0]
    way, going_on = GivingWay(lambda: seconds[0]), threading.Event()

    def work() -> None:
        way.pause()
        going_on.set()

    seconds[0] = 1_000.0
    way.begin()
    way.begin()
    background = threading.Thread(target=work)
    background.start()
    way.end()
    assert not going_on.wait(0.2)
    way.end()
    background.join(60)
    assert going_on.is_set()


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
