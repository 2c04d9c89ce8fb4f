"""Compression of text answers, brotli or gzip, as pure ASGI.

A compressed answer is another representation, so its strong tag is another one: `"x"` becomes `"x-gzip"`, and
`If-None-Match` is read the other way round. The same content always gives the same bytes."""

from __future__ import annotations

import re
import zlib
from typing import Final, Protocol

import anyio
import brotli
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST: Final = 600
"""Bytes below which an answer stays as it is."""

_LARGE: Final = 256 * 1024
"""Bytes from which compressing is a thread's work."""
_TEXT: Final = re.compile(
    r"text/(?!event-stream)|application/(json|javascript|xml|n-triples|n-quads|[\w.+-]+\+(json|xml))|image/svg\+xml"
)
_CODINGS: Final = ("br", "gzip")
_SUFFIX: Final = re.compile(rb'-(br|gzip)"')


class _Coder(Protocol):
    def code(self, content: bytes) -> bytes: ...
    def end(self) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._made = zlib.compressobj(5, zlib.DEFLATED, 31)

    def code(self, content: bytes) -> bytes:
        return self._made.compress(content)

    def end(self) -> bytes:
        return self._made.flush()


class _Brotli:
    def __init__(self) -> None:
        self._made = brotli.Compressor(quality=4, mode=brotli.MODE_TEXT)

    def code(self, content: bytes) -> bytes:
        return bytes(self._made.process(content))

    def end(self) -> bytes:
        return bytes(self._made.finish())


class Compression:
    """Compresses what a client can read compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding, asked, headers, anything = "", b"", [], False
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                coding = choose(value.decode("latin-1"))
            elif name == b"if-none-match":
                found = _SUFFIX.search(value)
                asked = found[1] if found else b""
                anything = value.strip() == b"*"
                value = _SUFFIX.sub(b'"', value)
            headers.append((name, value))
        answer = _Answer(send, coding, coding if anything else asked.decode(), bodiless=scope["method"] == "HEAD")
        await self._app({**scope, "headers": headers}, receive, answer)


def choose(accepted: str) -> str:
    """The coding of an `Accept-Encoding`: br, gzip, or "" for none."""
    weights = {}
    for part in accepted.lower().split(",")[:20]:
        name, _, parameters = part.partition(";")
        key, _, value = parameters.strip().partition("=")
        refused = key.strip() == "q" and not value.strip().strip("0.")
        weights[name.strip()] = not refused
    return next((name for name in _CODINGS if weights.get(name, weights.get("*", False))), "")


class _Answer:
    """The way out of one answer."""

    def __init__(self, send: Send, coding: str, asked: str, *, bodiless: bool) -> None:
        self._send, self._coding, self._asked, self._bodiless = send, coding, asked, bodiless
        self._coder: _Coder | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body" and self._coder is not None:
            await self._body(message, self._coder)
            return
        await self._send(message)

    def _start(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        if message["status"] == 304:
            headers.add_vary_header("Accept-Encoding")
            if self._asked:
                _mark(headers, self._asked)
            return
        if "content-encoding" in headers or not _TEXT.match(headers.get("content-type", "")):
            return
        headers.add_vary_header("Accept-Encoding")
        length = headers.get("content-length")
        short = length is not None and int(length) < SMALLEST
        if not self._coding or short or message["status"] in (204, 206):
            return
        headers["Content-Encoding"] = self._coding
        del headers["content-length"]
        _mark(headers, self._coding)
        self._coder = _Brotli() if self._coding == "br" else _Gzip()

    async def _body(self, message: Message, coder: _Coder) -> None:
        content, more = message.get("body", b""), message.get("more_body", False)

        def work() -> bytes:
            return coder.code(content) + (b"" if more else coder.end())

        large = len(content) >= _LARGE
        made = b"" if self._bodiless else await anyio.to_thread.run_sync(work) if large else work()
        if made or not more:
            await self._send({"type": "http.response.body", "body": made, "more_body": more})


def _mark(headers: MutableHeaders, coding: str) -> None:
    tag = headers.get("etag", "")
    if tag.endswith('"'):
        headers["etag"] = f'{tag[:-1]}-{coding}"'
