"""What happened: the event log as its readers see it, page by page and as it grows.

Flow: a write appends its event -> `Tail`, one thread a process, sees the log's new end -> whoever listens (streams, senders of webhooks) is told. Other
processes are noticed within `EVERY` seconds by one cheap query, however many listen; own writes at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from wikic.domain.access import Actor
from wikic.domain.happenings import may_see
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, WikicError
from wikic.services.reading import Page
from wikic.services.reading_views import Body
from wikic.store.engine import Engine
from wikic.store.events import Event, last_event, read_events, touched_by
from wikic.store.history import read_heads

EVERY: Final = 0.25
"""Seconds between two looks at the end of the log."""

CONCEPTS_SHOWN: Final = 100
"""How many concepts an event lists; `concepts_total` says how many there are."""

_BATCH: Final = 500
_SCANNED: Final = 5_000
_GAP_SECONDS: Final = 5.0
_NEAR_END: Final = 200
_AGAIN: Final = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event, with all concepts it is about: those it names, and those that its change touched."""

    event: Event
    touched: frozenset[str] = frozenset()

    def seen_by(self, actor: Actor) -> bool:
        """Whether somebody may see it."""
        event = self.event
        return may_see(
            actor,
            event.kind,
            space=event.space,
            subject=event.subject,
            by=event.actor,
            data=event.data,
            concepts=bool(event.concepts),
        )

    def body(self, epoch: str) -> Body:
        """What the API says of it; by which session or token it was done is for the audit only."""
        event = self.event
        return {
            "id": event_id(epoch, event.number),
            "kind": event.kind,
            "time": event.time,
            "space": event.space,
            "subject": event.subject or None,
            "concepts": sorted(self.touched)[:CONCEPTS_SHOWN],
            "concepts_total": len(self.touched),
            "seq": event.seq,
            "actor": {"id": event.actor, "name": event.name} if event.actor or event.name else None,
            "data": event.data,
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are wanted; what is empty lets all through. `subject` is a whole one ("proposal/0190...") or a kind of them ("proposal");
    `kinds` are kinds of events."""

    subject: str = ""
    concept: str = ""
    kinds: frozenset[str] = frozenset()

    def lets(self, happening: Happening) -> bool:
        """Whether an event is wanted."""
        event = happening.event
        subject = event.subject
        return (
            (not self.kinds or event.kind in self.kinds)
            and (not self.subject or subject == self.subject or subject.startswith(f"{self.subject}/"))
            and (not self.concept or self.concept in happening.touched)
        )


@dataclass(frozen=True, slots=True)
class News:
    """What a listener is told: new events in order; `epoch` is the store's; `restarted`: the store was restored, numbers begin anew."""

    happenings: tuple[Happening, ...]
    epoch: str
    restarted: bool = False


Listener = Callable[[News], None]
"""Called from the tail's thread; must return at once and raise nothing."""


def event_id(epoch: str, number: int) -> str:
    """The id of an event: the store's epoch and its number."""
    return f"{epoch}.{number}"


def parse_event_id(text: str) -> tuple[str, int]:
    """Epoch ("" where only a number was given) and number. Raises InvalidInput."""
    epoch, _, number = text.strip().rpartition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 17):
        raise InvalidInput(f"{text[:80]!r} is no event id: take it from `id` as it is")
    return epoch, int(number)


class Happenings:
    """The event log of one store; safe between threads."""

    def __init__(self, engine: Engine, epoch: str) -> None:
        self.epoch = epoch
        self._engine = engine
        self._tail = Tail(engine)

    def end(self) -> tuple[str, int]:
        """The epoch, and the last number of the log."""
        number, epoch = last_event(self._engine)
        return epoch, number

    def head(self) -> int:
        """The head of the public space."""
        return read_heads(self._engine)[1].get(PUBLIC_SPACE, 0)

    def listen(self, listener: Listener) -> tuple[Callable[[], None], str, int]:
        """From now on tell `listener` of every event after a number; returns how to stop that, the epoch, and the number. Raises StoreUnavailable."""
        return self._tail.listen(listener)

    def between(self, after: int, last: int, limit: int = _BATCH) -> list[Happening]:
        """The events in (after, last], oldest first, at most so many."""
        return hydrated(self._engine, read_events(self._engine, after, limit, last=last))

    def settled(self, after: int, last: int) -> list[Happening]:
        """The same, up to the first one that cannot be read yet."""
        return hydrated(self._engine, settled(read_events(self._engine, after, _BATCH, last=last), after, last))

    def hydrated(self, events: Iterable[Event]) -> list[Happening]:
        """Events with the concepts they are about."""
        return hydrated(self._engine, events)

    def page(self, actor: Actor, wanted: Filter, *, after: int = 0, limit: int = 100) -> Page:
        """Those that somebody may see and wants, oldest first. A page may be short and yet have a next one: of a long log only so much is looked
        through at a time."""
        epoch, last = self.end()
        items: list[Body] = []
        scanned, place = 0, after
        while place < last and len(items) < limit and scanned < _SCANNED:
            found = settled(read_events(self._engine, place, _BATCH, last=last), place, last)
            for happening in hydrated(self._engine, found):
                scanned, place = scanned + 1, happening.event.number
                if happening.seen_by(actor) and wanted.lets(happening):
                    items.append(happening.body(epoch))
                    if len(items) == limit:
                        break
            if len(found) < _BATCH and len(items) < limit:
                # The end of what can be read now; the next page begins with what comes.
                return Page(items, None, {"last_event_id": event_id(epoch, place)})
        following = event_id(epoch, place) if place < last else None
        return Page(items, following, {"last_event_id": event_id(epoch, place)})

    def close(self) -> None:
        """End the tail's thread."""
        self._tail.close()


def hydrated(engine: Engine, events: Iterable[Event]) -> list[Happening]:
    """Events with the concepts they are about. Two round trips where any of them is a change, else none."""
    known = list(events)
    changes = [(event.space, event.seq) for event in known if event.kind == "change" and event.seq is not None]
    touched = touched_by(engine, changes) if changes else {}
    return [
        Happening(event, frozenset(event.concepts) | touched.get((event.space, event.seq or 0), frozenset()))
        if event.kind == "change"
        else Happening(event, frozenset(event.concepts))
        for event in known
    ]


def settled(events: list[Event], after: int, last: int) -> list[Event]:
    """The events before the first number that is missing near the end of the log: both engines may show the counter of a commit before its rows."""
    expected = after + 1
    for place, event in enumerate(events):
        if event.number != expected and expected > last - _NEAR_END:
            return events[:place]
        expected = event.number + 1
    return events


@dataclass(slots=True)
class _State:
    """Where the tail is; `gap`: the number it waits for, and since when."""

    epoch: str = ""
    number: int = 0
    gap: tuple[int, float] = (0, 0.0)
    listeners: list[Listener] = field(default_factory=list)


class Tail:
    """Watches the end of the log while anybody listens."""

    def __init__(self, engine: Engine, *, every: float = EVERY) -> None:
        self._engine, self._every = engine, every
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._state = _State()
        self._thread: threading.Thread | None = None
        self._closed = False

    def listen(self, listener: Listener) -> tuple[Callable[[], None], str, int]:
        """See `Happenings.listen`."""
        with self._lock:
            state = self._state
            if not state.listeners:
                state.number, state.epoch = last_event(self._engine)
                state.gap = (0, 0.0)
            if self._thread is None:
                self._closed = False
                self._thread = threading.Thread(target=self._watch, name="wikic-events", daemon=True)
                self._engine.on_move.append(self._woken.set)
                self._thread.start()
            state.listeners.append(listener)
            return partial(self._leave, listener), state.epoch, state.number

    def _leave(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._state.listeners:
                self._state.listeners.remove(listener)

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._closed = True
            self._state.listeners.clear()
        if thread is not None:
            self._engine.on_move.remove(self._woken.set)
            self._woken.set()
            thread.join()

    def _watch(self) -> None:
        failing = False
        while not self._closed:
            try:
                behind = self._look()
                failing = False
            except WikicError as error:
                if not failing and structlog.is_configured():
                    log.warning("the event log cannot be read", error=error.message)
                failing, behind = True, False
            except Exception as error:
                # Whatever it was: without this thread nobody hears of anything.
                if not failing:
                    log.error("the event log cannot be told", exc_info=error)
                failing, behind = True, False
            if behind:
                self._woken.wait(0.02)
            elif self._woken.wait(_AGAIN if failing else self._every):
                self._woken.clear()

    def _look(self) -> bool:
        """Read what is new and tell it; whether there is more to be had right away."""
        state = self._state
        with self._lock:
            if not state.listeners:
                return False
            place, before = state.number, state.epoch
        last, epoch = last_event(self._engine)
        events: list[Event] = []
        if epoch == before and place < last:
            events = self._contiguous(read_events(self._engine, place, _BATCH, last=last), place, last)
        news = News(tuple(hydrated(self._engine, events)), epoch)
        with self._lock:
            if (state.number, state.epoch) != (place, before):
                return True  # all listeners left meanwhile and others came
            if epoch != before or last < place:
                state.number, state.epoch = last, epoch
                self._tell(News((), epoch, restarted=True))
                return False
            if events:
                state.number = events[-1].number
                self._tell(news)
            return state.number < last

    def _contiguous(self, events: list[Event], place: int, last: int) -> list[Event]:
        """The events up to the first number that is missing; one that stays missing is passed over."""
        found: list[Event] = []
        expected = place + 1
        for event in events:
            if event.number != expected and not self._given_up(expected):
                return found
            found.append(event)
            expected = event.number + 1
        if not events and self._given_up(expected):
            self._state.number = last
        return found

    def _given_up(self, missing: int) -> bool:
        """Whether a number has been missing for so long that it will not come."""
        waited_for, since = self._state.gap
        if waited_for != missing:
            self._state.gap = (missing, time.monotonic())
            return False
        if time.monotonic() - since < _GAP_SECONDS:
            return False
        log.warning("an event number is missing from the log", number=missing)
        return True

    def _tell(self, news: News) -> None:
        for listener in tuple(self._state.listeners):
            try:
                listener(news)
            except Exception as error:
                # Whatever it was (its loop may be closed): the others must hear it all the same.
                log.warning("a listener broke", error=f"{type(error).__name__}: {error}")
