"""What every read of the API carries, where its handler said nothing of it: an entity tag by its content, and the head. Pure ASGI."""

from __future__ import annotations

from typing import Final

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wikic.services.reading import Reading
from wikic.web.etags import content_etag, matches

_API: Final = "/api/v1/"
_OF_THE_BODY: Final = ("content-length", "content-type")


class Tagged:
    """Adds `ETag` and `Wiki-C-Seq` to reads below `/api/v1`, and answers 304 to who has the content. Streams and what nobody may keep get no tag."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(scope, send))


class _Answer:
    """The way out of one answer: its start waits for the content that it is tagged by."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._reading: Reading = scope["app"].state.services.reading
        self._asked = Headers(scope=scope).get("if-none-match")
        self._send = send
        self._waiting: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if message["status"] == 200:
                await self._head(headers)
            if message["status"] != 200 or "etag" in headers or headers.get("content-type", "").startswith("text/event-stream"):
                await self._send(message)
            else:
                self._waiting = message
            return
        start, self._waiting = self._waiting, None
        if start is not None:
            message = self._tag(start, message)
            await self._send(start)
        await self._send(message)

    async def _head(self, headers: MutableHeaders) -> None:
        if "wiki-c-seq" not in headers:
            known = self._reading.known_moment(None, None, None)
            moment = known if known is not None else await anyio.to_thread.run_sync(self._reading.moment)
            headers["Wiki-C-Seq"] = str(moment.head)

    def _tag(self, start: Message, message: Message) -> Message:
        headers = MutableHeaders(scope=start)
        if message.get("more_body") or "no-store" in headers.get("cache-control", ""):
            return message
        headers["ETag"] = content_etag(message.get("body", b""))
        if not matches(self._asked, headers["ETag"]):
            return message
        start["status"] = 304
        for name in _OF_THE_BODY:
            del headers[name]
        return {"type": "http.response.body", "body": b""}
