"""What waits in the queue, as this process remembers it: read whole once, then kept in step from the event log.

Filters over thousands of proposals are then a matter of microseconds each, whatever they combine; the store is asked for the proposals of one page
only. Like every derived thing it knows the event it has reached, catches up from there, and can be made again from nothing.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.proposals import LANES
from wikic.store.engine import Engine
from wikic.store.events import last_event, read_events
from wikic.store.proposals import Waiting, waiting, waiting_of, waiting_of_lots

_ORDERS: Final = ("queue", "alike")
_FURTHEST: Final = 5_000
"""Events to catch up with, at most; further behind, all is read again."""
_RECENT: Final = 200
_AGAIN_SECONDS: Final = 0.5
"""After so long what was read with an event is read once more: both engines let readers see parts of a commit, the event's number before the proposal."""


@dataclass(slots=True)
class _Known:
    epoch: str
    event: int
    rows: dict[str, Waiting] = field(default_factory=dict)
    keys: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {order: [] for order in _ORDERS})
    again: set[str] = field(default_factory=set)
    again_at: float = 0.0

    def put(self, row: Waiting) -> None:
        self.drop(row.proposal)
        if row.queue:
            self.rows[row.proposal] = row
            for order in _ORDERS:
                insort(self.keys[order], (row.key(order), row.proposal))

    def drop(self, proposal: str) -> None:
        old = self.rows.pop(proposal, None)
        if old is not None:
            for order in _ORDERS:
                keys = self.keys[order]
                del keys[bisect_right(keys, (old.key(order), proposal)) - 1]


class QueueMemory:
    """The queue of one store; safe between threads."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._clock = engine, clock
        self._lock = threading.Lock()
        self._known: _Known | None = None

    def page(
        self, lane: str, order: str, after: str, limit: int, filters: Mapping[str, Any], event: int | None = None
    ) -> list[tuple[str, str]]:
        """At most `limit` of what waits in a lane: (sort key, proposal), after a sort key. `event`: the last one that is known, if the log need not be
        asked."""
        with self._lock:
            known = self._up_to_date(event)
            keys = known.keys[order]
            found: list[tuple[str, str]] = []
            tests = [_TESTS[name](value) for name, value in filters.items()]
            for place in range(bisect_right(keys, (max(after, f"{lane}/"), "\uffff")), len(keys)):
                key, proposal = keys[place]
                if not key.startswith(f"{lane}/") or len(found) >= limit:
                    break
                row = known.rows[proposal]
                if all(test(row) for test in tests):
                    found.append((key, proposal))
            return found

    def total(self, lane: str, filters: Mapping[str, Any]) -> int:
        """How many wait in a lane, of what the filters leave."""
        with self._lock:
            known = self._up_to_date(None)
            tests = [_TESTS[name](value) for name, value in filters.items()]
            return sum(row.queue.startswith(f"{lane}/") and all(test(row) for test in tests) for row in known.rows.values())

    def counts(self, reader: Actor, event: int | None = None) -> dict[str, int]:
        """How many wait in each lane, of what somebody may read."""
        found = dict.fromkeys(LANES, 0)
        with self._lock:
            for row in self._up_to_date(event).rows.values():
                if reader.may_read(row.space):
                    found[row.queue.partition("/")[0]] += 1
        return found

    def _up_to_date(self, event: int | None) -> _Known:
        known = self._known
        if known is not None and known.again and self._clock() >= known.again_at:
            subjects, known.again = known.again, set()
            self._refresh(known, subjects)
        if known is not None and event is not None and event <= known.event:
            return known
        last, epoch = last_event(self._engine)
        if known is None or known.epoch != epoch or last < known.event or last - known.event > _FURTHEST:
            # What happens while it is read is read again next time.
            known = _Known(epoch, last)
            for row in waiting(self._engine):
                known.put(row)
            self._known = known
            self._look_again(known, self._subjects(max(0, last - _RECENT), last))
        elif last > known.event:
            subjects = self._subjects(known.event, last)
            self._refresh(known, subjects)
            self._look_again(known, subjects)
            known.event = last
        return known

    def _subjects(self, after: int, last: int) -> set[str]:
        found = {event.subject for event in read_events(self._engine, after, _FURTHEST, last=last)}
        return {subject for subject in found if subject.startswith(("proposal/", "lot/"))}

    def _look_again(self, known: _Known, subjects: set[str]) -> None:
        known.again |= subjects
        known.again_at = self._clock() + _AGAIN_SECONDS

    def _refresh(self, known: _Known, subjects: Iterable[str]) -> None:
        moved: dict[str, list[str]] = {"proposal": [], "lot": []}
        for subject in subjects:
            kind, _, identity = subject.partition("/")
            moved[kind].append(identity)
        rows = [*(waiting_of(self._engine, moved["proposal"]) if moved["proposal"] else ())]
        rows += waiting_of_lots(self._engine, moved["lot"]) if moved["lot"] else ()
        for row in rows:
            known.put(row)


Test = Callable[[Waiting], bool]

_TESTS: Final[dict[str, Callable[[Any], Test]]] = {
    "scheme": lambda value: lambda row: value in row.schemes,
    "kind": lambda value: lambda row: value in row.kinds,
    "type": lambda value: lambda row: value in row.types,
    "branch": lambda value: lambda row: value in row.branches,
    "within": lambda value: lambda row: value in row.line,
    "concept": lambda value: lambda row: value in row.concepts,
    "author": lambda value: lambda row: row.author == value,
    "assignee": lambda value: lambda row: row.assignee == value,
    "expert": lambda value: lambda row: value in row.experts,
    "lot": lambda value: lambda row: row.lot == value,
    "before": lambda value: lambda row: row.submitted < value,
    "reader": lambda value: lambda row: value.may_read(row.space),
}
