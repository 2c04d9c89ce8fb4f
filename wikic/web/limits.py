"""What is refused before anything looks at it: bodies that are too large, and changes that another site's page asks for. Pure ASGI."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wikic.web.acting import SAFE_METHODS, cross_origin
from wikic.web.errors import problem

LARGEST_BODY: Final = 4_000_000
"""Bytes of a request's body, at most."""


class _TooLarge(Exception):
    """The body went over the limit while it was read."""


class Limits:
    """Refuses with 413 and 403."""

    def __init__(self, app: ASGIApp, *, public_url: str, largest: int = LARGEST_BODY) -> None:
        self._app, self._public_url, self._largest = app, public_url, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in SAFE_METHODS and cross_origin(scope, self._public_url):
            detail = "a page of another site asked for this change: open the form here and send it again"
            await problem(Request(scope), 403, "forbidden", detail)(scope, receive, send)
            return
        sent = dict(scope["headers"]).get(b"content-length", b"")
        if sent.isdigit() and int(sent) > self._largest:
            await self._refuse(scope, receive, send)
            return
        read, started = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise _TooLarge
            return message

        async def out(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, out)
        except _TooLarge:
            if started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"the body is larger than {self._largest:,} bytes: send less at a time"
        await problem(Request(scope), 413, "too-large", detail, {"Connection": "close"})(scope, receive, send)
