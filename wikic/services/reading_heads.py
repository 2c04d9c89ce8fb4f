"""What a process remembers between reads: the heads of the spaces for a moment, and what never changes for longer.

Heads are at most 200 ms old, and read again at once after a write of this process (`Engine.moved`). All else is kept under the number it was read
at, so it cannot go stale."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from wikic.errors import StoreNotReady
from wikic.store.engine import Engine
from wikic.store.history import read_heads

FRESH_SECONDS: Final = 0.2
"""How old a remembered head may be."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Head:
    """The heads of all spaces at one moment, the last number of the event log, and the store's epoch (a restore renews it)."""

    epoch: str
    seqs: Mapping[str, int]
    event: int = 0


class Heads:
    """The present heads, read at most once in `FRESH_SECONDS`; safe between threads."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine, self._clock = engine, clock
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._head: Head | None = None
        self._read_at = 0.0
        self._read_when_moved = -1

    def known(self) -> Head | None:
        """The remembered heads, if they are fresh; never asks the store."""
        with self._lock:
            fresh = self._engine.moved == self._read_when_moved and self._clock() - self._read_at < FRESH_SECONDS
            return self._head if fresh else None

    def current(self) -> Head:
        """The heads, read where the remembered ones are too old. Raises StoreUnavailable, StoreNotReady."""
        head = self.known()
        if head is not None:
            return head
        # One thread asks; those that waited for it find what it read.
        with self._reading:
            head = self.known()
            return head if head is not None else self._read()

    def forget(self) -> None:
        """Read again next time, whoever has written."""
        with self._lock:
            self._head = None
            self._read_when_moved = -1

    def _read(self) -> Head:
        while True:
            # The age counts from the moment of asking: what is read may be as old as that.
            moved, asked = self._engine.moved, self._clock()
            epoch, seqs, event = read_heads(self._engine)
            if not epoch:
                raise StoreNotReady("the store holds no framework: it was emptied, or never set up")
            head = Head(epoch, seqs, event)
            with self._lock:
                if moved == self._engine.moved:
                    self._head, self._read_at, self._read_when_moved = head, asked, moved
                    return head


class Remembered(Generic[K, V]):
    """The most recently used values of a function whose results never change; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, if it is still remembered."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> V:
        """Remember a value, and give it back."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
