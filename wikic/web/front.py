"""The outermost layer of the web, pure ASGI: request ids, CORS, HEAD and OPTIONS, times, and the net below all
errors."""

from __future__ import annotations

import re
import secrets
import time
from typing import Final

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wikic.services.giving_way import GivingWay
from wikic.web.errors import unexpected
from wikic.web.instruments import REQUEST_SECONDS

_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}\Z")
_METHODS: Final = b"GET, HEAD, OPTIONS"
"""What other origins may send: reading is open to all, changing is not."""
_ALLOWED: Final = b"GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
_CORS: Final = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"ETag, Link, Location, Content-Location, Retry-After, RateLimit, RateLimit-Policy, Wiki-C-Seq, Wiki-C-Release-State, X-Request-Id, X-Total-Count",
    ),
]
_PREFLIGHT: Final = [
    (b"allow", _ALLOWED),
    (b"access-control-allow-methods", _METHODS),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]

log = structlog.get_logger(__name__)


class Front:
    """Wraps the application. Reads are open to every origin; a request's id comes from `X-Request-Id` or is made
    here. `way` hears how long somebody waits for an answer."""

    def __init__(self, app: ASGIApp, way: GivingWay) -> None:
        self._app, self._way = app, way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method: str = scope["method"]
        identity = _identity(scope)
        answer = _Answer(send, identity, self._way, bodiless=method == "HEAD")
        if method == "OPTIONS":
            await answer({"type": "http.response.start", "status": 204, "headers": list(_PREFLIGHT)})
            await answer({"type": "http.response.body", "body": b""})
            return
        inner = {**scope, "request_id": identity, "bodiless": method == "HEAD", "method": "GET" if method == "HEAD" else method}
        with structlog.contextvars.bound_contextvars(request_id=identity):
            try:
                await self._app(inner, receive, answer)
            except Exception as error:
                if answer.status:
                    raise
                await unexpected(Request(inner), error)(inner, receive, answer)
            finally:
                answer.begun()
            seconds = time.perf_counter() - started
            route = getattr(inner.get("route"), "path", "none")
            REQUEST_SECONDS.labels(route, method, str(answer.status)).observe(seconds)
            if structlog.is_configured():
                milliseconds = round(seconds * 1000, 2)
                log.info("request", method=method, path=scope["path"], status=answer.status, ms=milliseconds)


class _Answer:
    """The way out: adds headers, drops the body of a HEAD, and remembers the status."""

    def __init__(self, send: Send, identity: str, way: GivingWay, *, bodiless: bool) -> None:
        self.status = 0
        self._send, self._identity, self._bodiless = send, identity, bodiless
        self._way: GivingWay | None = way
        way.begin()

    def begun(self) -> None:
        """Nobody waits for it any more: it begins, or there will be none."""
        way, self._way = self._way, None
        if way is not None:
            way.end()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun()
            self.status = message["status"]
            headers = [*message.get("headers", ()), *_CORS, (b"x-request-id", self._identity.encode())]
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body" and self._bodiless:
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)


def _identity(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.match(value):
            return str(value.decode())
    return secrets.token_hex(8)
