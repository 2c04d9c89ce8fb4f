"""Work that a test lets another process do, which it watches, stops or kills.

The processes are forked from one that has read the application already: to read it takes a second or two, and tests start more than a hundred of them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Self

_FORKING: Final = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.serving", "tests.flows.deciding_process"])


@dataclass(frozen=True, slots=True)
class _Failed:
    how: str


class Apart:
    """A process that does `work(*given, line)`; `line` is its end of a line to the test. Both `work` and what is given can be pickled. Use as a context: it is
    killed at the end, if it still runs."""

    def __init__(self, work: Callable[..., object], *given: object) -> None:
        self._line, theirs = _FORKING.Pipe()
        self._process = _FORKING.Process(target=_do, args=(work, given, theirs), daemon=True)
        self._process.start()
        theirs.close()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def say(self, what: object) -> None:
        """Send it something."""
        self._line.send(what)

    def heard(self) -> Iterator[Any]:
        """What it says, until it has ended; fails with it."""
        while True:
            try:
                said = self._line.recv()
            except (EOFError, OSError):
                return  # the last word of one that was killed may be half said
            assert not isinstance(said, _Failed), f"the process failed: {said.how}"
            yield said

    def next(self) -> Any:
        """What it says next; None if it ended without."""
        return next(self.heard(), None)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def ended(self, seconds: float | None = None) -> int:
        """Wait for its end; its exit status, or minus the signal that killed it."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "the process did not end"
        return self._process.exitcode

    @property
    def killed(self) -> bool:
        """Wait for its end: whether it was killed. Fails if it ended with an error."""
        status = self.ended()
        assert status in (0, -signal.SIGKILL), f"the process ended with {status}"
        return status != 0

    def kill(self) -> None:
        """End it without a warning."""
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._line.close()
        self._process.close()


def _do(work: Callable[..., object], given: tuple[object, ...], line: Connection) -> None:
    try:
        work(*given, line)
    except BaseException:
        line.send(_Failed(traceback.format_exc()))
        raise
