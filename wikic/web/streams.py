"""Server-Sent Events: every open stream of this process, fed by the tail of the event log.

The tail's thread hands what is new to the event loop once; there each stream gets what its reader may see and wants, into a queue of its own. A reader who
is too slow finds its stream ended and goes on from the last id it saw. When the server stops, all streams end.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from wikic.domain.access import Actor
from wikic.domain.happenings import concerned_users
from wikic.errors import Busy, Throttled
from wikic.services.happenings import Filter, Happening, Happenings, News, event_id

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a stream says that it lives."""

FROM_ONE_ADDRESS: Final = 64
"""Streams that one address may hold open at one process."""

STREAMS: Final = 5_000
"""Streams that one process holds open."""

WAITING: Final = 256
"""Events that wait for a slow reader before its stream ends."""

LONGEST: Final = 900.0
"""Seconds after which a stream ends, so that who reads is asked for anew."""

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_LOOKS: Final = 100
_LOOK_SECONDS: Final = 0.05
_RETRY: Final = b"retry: 2000\n\n"
_ALIVE: Final = b": alive\n\n"
_RIGHTS: Final = ("role_", "user_", "session_", "token_", "member_", "organisation_", "password_")


def frame(data: Any, *, event: str = "", id: str = "") -> bytes:
    """One message of a stream."""
    head = (f"id: {id}\n" if id else "") + (f"event: {event}\n" if event else "")
    return head.encode() + b"data: " + orjson.dumps(data) + b"\n\n"


@dataclass(slots=True, eq=False)
class Stream:
    """One open stream: who reads, what is wanted, from which address; `end` says why it ends."""

    actor: Actor
    wanted: Filter
    address: str = ""
    queue: asyncio.Queue[tuple[int, bytes]] = field(default_factory=lambda: asyncio.Queue(WAITING + 1))
    end: str = ""
    held: bool = True

    def put(self, number: int, message: bytes) -> None:
        """Hand over one message, or end the stream where too many wait."""
        if self.end:
            return
        if self.queue.qsize() >= WAITING:
            self.close("slow")
        else:
            self.queue.put_nowait((number, message))

    def close(self, why: str) -> None:
        """End it, after what waits already."""
        if not self.end:
            self.end = why
            # There is always room for this one.
            self.queue.put_nowait((0, b""))


class OpenStream(StreamingResponse):
    """The answer that is a stream; `parted` is called when it ends, be it before its first byte."""

    def __init__(self, messages: AsyncIterator[bytes], parted: Callable[[], None]) -> None:
        super().__init__(messages, 200, dict(HEADERS), "text/event-stream")
        self._parted = parted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._parted()


class Streams:
    """The streams of one process, which belong to the event loop they are opened in. `happenings` gives the event log when it is first needed."""

    def __init__(self, happenings: Callable[[], Happenings]) -> None:
        self._happenings = happenings
        self._open: set[Stream] = set()
        self._held: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: Callable[[], None] | None = None
        self._starting = asyncio.Lock()
        self._epoch, self._number = "", 0
        self._closed = False

    async def open(self, actor: Actor, wanted: Filter, since: tuple[str, int] | None, address: str) -> OpenStream:
        """A new stream that goes on after an event id, or begins now. Raises Throttled (too many from one address), Busy, StoreUnavailable."""
        if self._closed or len(self._open) >= STREAMS:
            raise Busy("this process holds as many streams as it can: try again in a moment")
        if address and self._held[address] >= FROM_ONE_ADDRESS:
            raise Throttled(f"one address may hold {FROM_ONE_ADDRESS} streams open: close one")
        stream = Stream(actor, wanted, address)
        self._held[address] += 1
        try:
            epoch, reached = await self._join(stream)
        except BaseException:
            self._part(stream)
            raise
        return OpenStream(self._run(stream, epoch, reached, since), lambda: self._part(stream))

    async def _run(
        self, stream: Stream, epoch: str, reached: int, since: tuple[str, int] | None
    ) -> AsyncIterator[bytes]:
        """The messages of a stream that has joined: first what it missed up to `reached`, then what comes."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST
        resumed = since is not None and since[0] in ("", epoch) and since[1] <= reached
        place = since[1] if since is not None and resumed else reached
        # Read once it has joined: what a page shows that is older has missed something.
        seq = await run_in_threadpool(self._happenings().head)
        begun = {"last_event_id": event_id(epoch, place), "resumed": resumed, "seq": seq}
        yield _RETRY + frame(begun, event="begin", id=event_id(epoch, place))
        looked = 0
        while place < reached and looked < _LOOKS:
            missed = await run_in_threadpool(self._happenings().settled, place, reached)
            if not missed:
                # The log's end may be known a moment before it can be read.
                looked += 1
                await asyncio.sleep(_LOOK_SECONDS)
            for happening in missed:
                place = happening.event.number
                if happening.seen_by(stream.actor) and stream.wanted.lets(happening):
                    yield frame(happening.body(epoch), id=event_id(epoch, place))
        while loop.time() < until:
            try:
                number, message = await asyncio.wait_for(stream.queue.get(), HEARTBEAT)
            except TimeoutError:
                yield _ALIVE
                continue
            if not message:
                break
            if number > place:
                yield message
        yield frame({"reason": stream.end or "renew"}, event="end")

    async def _join(self, stream: Stream) -> tuple[str, int]:
        """Let the stream hear of what comes; the epoch, and the number after which it will."""
        async with self._starting:
            if self._leave is None:
                self._loop, self._number = asyncio.get_running_loop(), 0
                self._leave, self._epoch, number = await run_in_threadpool(self._happenings().listen, self._told)
                # News may have come while nobody was there to hear them.
                self._number = max(self._number, number)
            self._open.add(stream)
            return self._epoch, self._number

    def _part(self, stream: Stream) -> None:
        if not stream.held:
            return
        stream.held = False
        self._open.discard(stream)
        self._held[stream.address] -= 1
        if self._held[stream.address] <= 0:
            del self._held[stream.address]
        if not self._open and self._leave is not None and not self._starting.locked():
            self._leave()
            self._leave = None

    def _told(self, news: News) -> None:
        """From the tail's thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._spread, news)

    def _spread(self, news: News) -> None:
        if news.restarted:
            self._finish("restarted")
            return
        for happening in news.happenings:
            self._number = max(self._number, happening.event.number)
            self._spread_one(happening, news.epoch)

    def _spread_one(self, happening: Happening, epoch: str) -> None:
        event = happening.event
        message = b""
        users = concerned_users(event.subject, event.data) if event.kind.startswith(_RIGHTS) else []
        for stream in self._open:
            if stream.wanted.lets(happening) and happening.seen_by(stream.actor):
                message = message or frame(happening.body(epoch), id=event_id(epoch, event.number))
                stream.put(event.number, message)
            if users and stream.actor.id in users:
                # What they may see has changed, perhaps: they come again, and are looked at again.
                stream.close("renew")

    def _finish(self, why: str) -> None:
        for stream in self._open:
            stream.close(why)
        if self._leave is not None:
            self._leave()
            self._leave = None

    def close(self) -> None:
        """End all streams, from any thread; no new ones begin."""
        self._closed = True
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._finish, "stopping")


def end_on_signals(close: Callable[[], None]) -> None:
    """Call `close` when the process is told to stop, before the server's own handler: it waits for open answers before it tells the application."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if not callable(before):
            continue

        def stop(
            received: int, where: FrameType | None, before: Callable[[int, FrameType | None], Any] = before
        ) -> None:
            close()
            before(received, where)

        signal.signal(number, stop)
