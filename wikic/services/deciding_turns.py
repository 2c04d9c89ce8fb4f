"""Who writes next: decisions of one process take turns, and whoever has the turn writes beside its own what else waits.

So they do not wait for each other's lease, and many at once cost little more than one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from wikic.errors import Busy, WikicError
from wikic.services.editing import Piece

SECONDS: Final = 20.0
MOST_TOGETHER: Final = 4
"""So many are written in one go. More are no quicker, and hold up for longer who decides next and who reads."""


class Job:
    """A piece that waits to be written. `concepts`: those that its proposals name, by which one sees at once that it cannot go beside another; `alone`:
    that it goes beside none. `outcome`: its number, or the error that it ended in; None while it waits."""

    def __init__(self, space: str, piece: Piece, concepts: Iterable[str], *, alone: bool = False) -> None:
        self.space, self.piece, self.concepts = space, piece, frozenset(concepts)
        self.ready = threading.Event()
        self.outcome: int | WikicError | None = None
        self.alone, self.taken = alone, False

    @property
    def settled(self) -> bool:
        """Whether it is written, or will not be."""
        return self.outcome is not None


class Turns:
    """One at a time, in the order of asking: a lock would let whoever comes by first pass those who wait."""

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._held = False
        self._waiting: deque[threading.Event] = deque()
        self._jobs: list[Job] = []

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within this, nothing else is written. Raises Busy where the turn does not come in time."""
        if not self._take(threading.Event()):
            raise _busy()
        try:
            yield
        finally:
            self._give_back()

    def do(self, job: Job, lead: Callable[[list[Job]], None]) -> int:
        """Have a job done; returns its number. `lead` gets those that are to be done together, the one whose turn it is first, and settles this one at
        least; it is called by the thread of one of them. Raises the job's error; Busy where its turn does not come in time."""
        try:
            if not self._take(job.ready, job):
                self._let_end(job)
            elif not job.settled:
                try:
                    self._lead(job, lead)
                finally:
                    self._give_back()
        finally:
            with self._state:
                self._jobs.remove(job)
        if job.outcome is None or isinstance(job.outcome, WikicError):
            raise job.outcome or _busy()
        return job.outcome

    def _take(self, mine: threading.Event, job: Job | None = None) -> bool:
        """Wait for one's turn, or until somebody else has done the job that it is for; False where neither comes in time."""
        with self._state:
            if job is not None:
                self._jobs.append(job)
            if not self._held:
                self._held = True
                return True
            self._waiting.append(mine)
        if mine.wait(SECONDS):
            return True
        with self._state:
            # It may have come in this very moment.
            if not mine.is_set():
                self._waiting.remove(mine)
            return mine.is_set()

    def _give_back(self) -> None:
        """The turn goes to the one who has waited longest."""
        with self._state:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False

    def _lead(self, own: Job, lead: Callable[[list[Job]], None]) -> None:
        with self._state:
            jobs = self._chosen(own)
            for job in jobs:
                job.taken = True
        try:
            lead(jobs)
        finally:
            with self._state:
                for job in jobs:
                    job.taken = False
                    # Who could not go beside others is not tried again and again.
                    job.alone = True
                    if job.settled and job is not own and job.ready in self._waiting:
                        self._waiting.remove(job.ready)
                        job.ready.set()
                self._state.notify_all()

    def _chosen(self, own: Job) -> list[Job]:
        jobs, concepts = [own], set(own.concepts)
        for job in () if own.alone else self._jobs:
            if len(jobs) < MOST_TOGETHER and job is not own and not job.alone and job.space == own.space and concepts.isdisjoint(job.concepts):
                jobs.append(job)
                concepts |= job.concepts
        return jobs

    def _let_end(self, job: Job) -> None:
        """Its turn did not come; but somebody may be doing it just now."""
        with self._state:
            job.alone = True
            self._state.wait_for(lambda: not job.taken)


def _busy() -> Busy:
    return Busy("many decisions are being written: try again in a moment")
