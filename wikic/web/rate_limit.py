"""How often one address may ask: a token bucket for each, in the memory of this process (several workers count apart).

Announced in `RateLimit-Policy` and `RateLimit` (IETF draft); past it 429 with `Retry-After`. The machine's own addresses,
health checks and static files are free."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wikic.web.errors import problem

WINDOW: Final = 60
"""Seconds in which the whole allowance comes back."""

_REMEMBERED: Final = 50_000
_FREE: Final = ("/healthz", "/readyz", "/metrics", "/static/")


class Buckets:
    """The allowance of each address. `limit`: requests a minute, all of which may come at once. `clock` in seconds."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """Take one; what is left then, below 0 if there was none."""
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(address, (float(self.limit), now))
            left = min(float(self.limit), left + (now - at) * self.limit / WINDOW)
            after = left - 1
            self._left[address] = (max(after, left) if after < 0 else after, now)
            if len(self._left) > _REMEMBERED:
                self._left.popitem(last=False)
        return after

    def seconds_until(self, left: float, wanted: float) -> int:
        """Seconds until there will be `wanted` again."""
        return max(0, math.ceil((wanted - left) * WINDOW / self.limit))


class RateLimit:
    """Refuses what is above the limit."""

    def __init__(self, app: ASGIApp, *, buckets: Buckets) -> None:
        self._app, self._buckets = app, buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = caller(scope) if scope["type"] == "http" else ""
        if not who or str(scope["path"]).startswith(_FREE):
            await self._app(scope, receive, send)
            return
        buckets = self._buckets
        left = buckets.take(who)
        state = f'"default";r={max(0, math.floor(left))};t={buckets.seconds_until(left, buckets.limit)}'

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = f'"default";q={buckets.limit};w={WINDOW}'
                headers["RateLimit"] = state
            await send(message)

        if left >= 0:
            await self._app(scope, receive, out)
            return
        wait = buckets.seconds_until(left, 0) or 1
        detail = f"more than {buckets.limit} requests a minute from one address: wait {wait} s"
        answer = problem(Request(scope), 429, "too-many-requests", detail, {"Retry-After": str(wait)})
        await answer(scope, receive, out)


def caller(scope: Scope) -> str:
    """Whose allowance a request takes: the address (of IPv6 the /64); "" for the machine itself and for what has none."""
    client = scope.get("client")
    if not client:
        return ""
    try:
        address = ipaddress.ip_address(client[0])
    except ValueError:
        return str(client[0])
    if address.is_loopback:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
