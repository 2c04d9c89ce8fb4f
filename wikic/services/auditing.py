"""The audit: who did what, when, by which session or token, on what. It is the event log, read as it stands; nothing here writes.

Admins see all of it (of what happens within an organisation they are no member of, that it happened, and not what it says); managers of an
organisation see what happened in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain.access import ACCOUNTS_SPACE, Actor, require, require_organisation
from wikic.domain.happenings import MANAGERS, organisation_of
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.services.accounts import require_scope
from wikic.services.happenings import settled
from wikic.services.reading_views import Body
from wikic.store.engine import Engine
from wikic.store.events import (
    Event,
    last_event,
    numbers_of_person,
    people_from,
    people_of,
    read_events,
    read_these,
)
from wikic.text.tables import lines_of

COLUMNS: Final = (
    "number",
    "time",
    "kind",
    "space",
    "subject",
    "concepts",
    "seq",
    "actor",
    "name",
    "via",
    "credential",
    "data",
)
"""What an entry says, in this order."""

_WINDOW: Final = 500
_SCANNED: Final = 10_000


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is empty lets all through. `person` is a user's uuid or the name they had: who did it, or whom it was done to;
    `kind` and `subject` may be a whole one or the first word of many (`proposal`: `proposal_made`, `proposal/0190...`); `since` (included) and
    `until` (not included) are ISO times or days."""

    person: str = ""
    kind: str = ""
    subject: str = ""
    credential: str = ""
    organisation: str = ""
    since: str = ""
    until: str = ""

    def lets(self, event: Event) -> bool:
        """Whether an entry is wanted."""
        return (
            (not self.person or self.person in people_of(event))
            and (not self.kind or event.kind == self.kind or event.kind.startswith(f"{self.kind}_"))
            and (not self.subject or event.subject == self.subject or event.subject.startswith(f"{self.subject}/"))
            and (not self.credential or event.credential == self.credential)
            and (not self.organisation or self.organisation == organisation_of_event(event))
            and event.time >= self.since
            and (not self.until or event.time < self.until)
        )


def organisation_of_event(event: Event) -> str:
    """The organisation in which an event happened; "" for none."""
    if event.space not in (PUBLIC_SPACE, ACCOUNTS_SPACE):
        return event.space.partition("/")[0]
    return organisation_of(event.subject, event.data)


class Auditing:
    """The audit of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, actor: Actor, wanted: AuditFilter, *, before: int = 0, limit: int = 100) -> tuple[list[Body], int]:
        """The latest entries before a number (0: from the end), and the number before which the next page begins (0 where there is none). A page may be
        short and yet have a next one: of a long log only so much is looked through at a time.

        Raises Unauthenticated, Forbidden.
        """
        self._require(actor, wanted)
        last, _ = last_event(self._engine)
        place = min(before, last + 1) if before else last + 1
        items: list[Body] = []
        scanned = 0
        while place > 1 and scanned < _SCANNED:
            events, place = self._before(wanted.person, place)
            for event in reversed(events):
                scanned += 1
                if event.time < wanted.since:
                    return items, 0
                if wanted.lets(event):
                    items.append(entry_of(event, actor))
                    if len(items) == limit:
                        return items, event.number if event.number > 1 else 0
        return items, place if place > 1 else 0

    def _before(self, person: str, place: int) -> tuple[list[Event], int]:
        """Some of the latest events before a number, oldest first (about a person, those that the index knows of them), and the number that comes next."""
        floor = people_from(self._engine) if person else None
        if floor is not None and place > floor + 1:
            numbers = [number for number in numbers_of_person(self._engine, person, place, _WINDOW) if number > floor]
            return read_these(self._engine, numbers), numbers[-1] if len(numbers) == _WINDOW else floor + 1
        start = max(0, place - 1 - _WINDOW)
        return read_events(self._engine, start, _WINDOW, last=place - 1), start + 1

    def entries(self, actor: Actor, wanted: AuditFilter) -> Iterator[Body]:
        """All entries that are wanted, oldest first, as they are read. Raises Unauthenticated, Forbidden at once."""
        self._require(actor, wanted)
        return self._entries(actor, wanted, last_event(self._engine)[0])

    def _entries(self, actor: Actor, wanted: AuditFilter, last: int) -> Iterator[Body]:
        place = 0
        floor = people_from(self._engine) if wanted.person else None
        while place < last:
            if floor is not None and place >= floor:
                yield from self._of_person(actor, wanted, floor, last)
                return
            until = last if floor is None else min(last, floor)
            events = settled(read_events(self._engine, place, _WINDOW, last=until), place, until)
            if not events:
                return
            for event in events:
                if wanted.lets(event):
                    yield entry_of(event, actor)
            place = events[-1].number

    def _of_person(self, actor: Actor, wanted: AuditFilter, after: int, last: int) -> Iterator[Body]:
        """The entries about a person after a number that the index knows, oldest first."""
        found: list[int] = []
        place = last + 1
        while numbers := [one for one in numbers_of_person(self._engine, wanted.person, place, _WINDOW) if one > after]:
            found += numbers
            place = numbers[-1]
        for start in range(len(found), 0, -_WINDOW):
            for event in read_these(self._engine, found[max(0, start - _WINDOW) : start]):
                if wanted.lets(event):
                    yield entry_of(event, actor)

    def _require(self, actor: Actor, wanted: AuditFilter) -> None:
        if wanted.organisation and not actor.is_admin:
            require_organisation(actor, wanted.organisation, *MANAGERS)
            require_scope(actor)
        elif actor.via not in ("operator", "system"):
            require(actor, "administer")


def entry_of(event: Event, actor: Actor) -> Body:
    """An entry as somebody may see it."""
    private = event.space not in (PUBLIC_SPACE, ACCOUNTS_SPACE) and not actor.may_read(event.space)
    return {
        "number": event.number,
        "time": event.time,
        "kind": event.kind,
        "space": event.space,
        "subject": event.subject or None,
        "concepts": [] if private else list(event.concepts),
        "seq": event.seq,
        "actor": event.actor or None,
        "name": event.name or None,
        "via": event.via or None,
        "credential": event.credential or None,
        "data": {} if private else event.data,
    }


def json_lines(entries: Iterable[Body]) -> Iterator[bytes]:
    """Entries as JSON Lines, in pieces."""
    for entry in entries:
        yield (json.dumps(entry, ensure_ascii=False) + "\n").encode()


def csv_lines(entries: Iterable[Body]) -> Iterator[bytes]:
    """Entries as CSV (RFC 4180, UTF-8), with a head, in pieces. No cell is a formula to a spreadsheet: what could be one begins with an apostrophe."""
    yield lines_of([COLUMNS]).encode()
    for entry in entries:
        yield lines_of([[_text(entry[name]) for name in COLUMNS]]).encode()


def _text(value: Any) -> str:
    if value is None or value == {} or value == []:
        return ""
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else text
