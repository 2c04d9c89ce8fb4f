"""Sending batches while the next ones are made: a few threads, each with one transaction at a time.

Batches between two `wait`s are independent of each other. What fails first is raised by the next `send` or `wait`; nothing is sent after it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from threading import Event
from types import TracebackType
from typing import Final, Self

LANES: Final = {"neo4j": 2, "arcadedb": 1}
"""How many writers help. ArcadeDB refuses transactions that meet on a page, so a second one only costs it."""


class Lanes:
    """A context manager; leaving it waits for what was sent."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="wikic-write")
        self._limit = count + 1
        self._under_way: deque[Future[None]] = deque()
        self._failed = Event()

    def send(self, batch: Callable[[], None]) -> None:
        """Hand over a batch; waits while all lanes are busy and one more is ready."""
        while len(self._under_way) >= self._limit:
            self._under_way.popleft().result()
        self._under_way.append(self._pool.submit(copy_context().run, self._run, batch))

    def _run(self, batch: Callable[[], None]) -> None:
        if self._failed.is_set():
            return
        try:
            batch()
        except BaseException:
            self._failed.set()
            raise

    def wait(self) -> None:
        """Until all batches are written."""
        while self._under_way:
            self._under_way.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for future in self._under_way:
                future.cancel()
            self._under_way.clear()
        self._pool.shutdown(wait=True)
