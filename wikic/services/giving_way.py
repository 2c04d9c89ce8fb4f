"""Work in the background of a server lets those go first who wait for an answer: Python runs one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

SHARE: Final = 2.0
"""How much longer than it worked such a thread waits, at most: on a site that is never quiet it still gets a third of the time."""


class GivingWay:
    """Who waits for an answer of this process (`begin`, `end`, from one thread), and the background (`pause`, from another). `clock`: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting = 0
        self._nobody = threading.Event()
        self._nobody.set()
        self._resumed = clock()

    @property
    def quiet(self) -> bool:
        """Whether nobody waits."""
        return self._nobody.is_set()

    def begin(self) -> None:
        """Somebody waits for an answer."""
        self._waiting += 1
        self._nobody.clear()

    def end(self) -> None:
        """It begins to arrive, or never will."""
        self._waiting -= 1
        if not self._waiting:
            self._nobody.set()

    def resume(self) -> None:
        """Work begins: what came before was none."""
        self._resumed = self._clock()

    def pause(self) -> None:
        """Between two small pieces of work: wait until nobody waits, no longer than SHARE times what was worked since the last wait."""
        if not self.quiet:
            self._nobody.wait(SHARE * (self._clock() - self._resumed))
        self.resume()
