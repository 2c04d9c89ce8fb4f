"""The audit: who did what, when, by which session or token, on what. It is the event log, read as it stands; nothing here writes.

Admins see all of it (of what happens within an organisation they are no member of, that it happened, and not what it says); managers of an
organisation see what happened in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from wikic.domain.access import ACCOUNTS_SPACE, Actor, require, require_organisation
from wikic.domain.accounts import name_key
from wikic.domain.changes import stamp
from wikic.domain.happenings import MANAGERS, organisation_of
from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput
from wikic.services.accounts import require_scope
from wikic.services.happenings import settled
from wikic.services.reading_views import Body
from wikic.store import documents
from wikic.store.accounts import user_behind
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
from wikic.store.tables import USERS
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
    """Which entries are wanted; what is empty lets all through. `person` is a user's uuid or name (however it is written), or a name that somebody had: who
    did it, or whom it was done to; `kind` and `subject` may be a whole one or the first word of many (`proposal`: `proposal_made`, `proposal/0190...`);
    `since` (included) and `until` (not included) are ISO times or days, in UTC where they say no other."""

    person: str = ""
    kind: str = ""
    subject: str = ""
    credential: str = ""
    organisation: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a filter means: all that its person is called in the log, and times as events keep them."""

    wanted: AuditFilter
    people: tuple[str, ...]
    since: str
    until: str

    def lets(self, event: Event) -> bool:
        """Whether an entry is wanted."""
        wanted = self.wanted
        return (
            (not self.people or not people_of(event).isdisjoint(self.people))
            and (not wanted.kind or event.kind == wanted.kind or event.kind.startswith(f"{wanted.kind}_"))
            and (not wanted.subject or event.subject == wanted.subject or event.subject.startswith(f"{wanted.subject}/"))
            and (not wanted.credential or wanted.credential in (event.credential, event.credential.partition("/")[2]))
            and (not wanted.organisation or wanted.organisation == organisation_of_event(event))
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

        Raises Unauthenticated, Forbidden, InvalidInput (no time).
        """
        sought = self._sought(actor, wanted)
        last, _ = last_event(self._engine)
        place = min(before, last + 1) if before else last + 1
        items: list[Body] = []
        scanned = 0
        while place > 1 and scanned < _SCANNED:
            events, place = self._before(sought.people, place)
            for event in reversed(events):
                scanned += 1
                if event.time < sought.since:
                    return items, 0
                if sought.lets(event):
                    items.append(entry_of(event, actor))
                    if len(items) == limit:
                        return items, event.number if event.number > 1 else 0
        return items, place if place > 1 else 0

    def _before(self, people: Iterable[str], place: int) -> tuple[list[Event], int]:
        """Some of the latest events before a number, oldest first (about a person, those that the index knows of them), and the number that comes next."""
        floor = people_from(self._engine) if people else None
        if floor is not None and place > floor + 1:
            numbers, following = self._numbers(people, place, floor)
            return read_these(self._engine, numbers), following
        start = max(0, place - 1 - _WINDOW)
        return read_events(self._engine, start, _WINDOW, last=place - 1), start + 1

    def _numbers(self, people: Iterable[str], place: int, floor: int) -> tuple[list[int], int]:
        """The latest numbers between two that the index knows of a person's names, the latest first, and the number that comes next."""
        lists = [numbers_of_person(self._engine, one, place, _WINDOW) for one in people]
        # Of a name with more than these, nothing is known below its last one.
        following = max((numbers[-1] for numbers in lists if len(numbers) == _WINDOW), default=0)
        found = {number for numbers in lists for number in numbers if number > floor and number >= following}
        return sorted(found, reverse=True), max(following, floor + 1)

    def entries(self, actor: Actor, wanted: AuditFilter) -> Iterator[Body]:
        """All entries that are wanted, oldest first, as they are read. Raises Unauthenticated, Forbidden, InvalidInput (no time) at once."""
        return self._entries(actor, self._sought(actor, wanted), last_event(self._engine)[0])

    def _entries(self, actor: Actor, sought: _Sought, last: int) -> Iterator[Body]:
        place = 0
        floor = people_from(self._engine) if sought.people else None
        while place < last:
            if floor is not None and place >= floor:
                yield from self._of_person(actor, sought, floor, last)
                return
            until = last if floor is None else min(last, floor)
            events = settled(read_events(self._engine, place, _WINDOW, last=until), place, until)
            if not events:
                return
            for event in events:
                if sought.lets(event):
                    yield entry_of(event, actor)
            place = events[-1].number

    def _of_person(self, actor: Actor, sought: _Sought, after: int, last: int) -> Iterator[Body]:
        """The entries about a person after a number that the index knows, oldest first."""
        found: list[int] = []
        place = last + 1
        while place > after + 1:
            numbers, place = self._numbers(sought.people, place, after)
            found += numbers
        for start in range(len(found), 0, -_WINDOW):
            for event in read_these(self._engine, found[max(0, start - _WINDOW) : start]):
                if sought.lets(event):
                    yield entry_of(event, actor)

    def _sought(self, actor: Actor, wanted: AuditFilter) -> _Sought:
        self._require(actor, wanted)
        return _Sought(wanted, self._called(wanted.person), _time(wanted.since), _time(wanted.until))

    def _called(self, person: str) -> tuple[str, ...]:
        """All that the log calls a person: the uuid, the name of today, and what was asked for, which may be a name they had."""
        if not person:
            return ()
        if is_uuid(person):
            return (person.lower(),)
        row = documents.find(self._engine, USERS, user_behind(self._engine, f"name:{name_key(person)}") or "nobody")
        return (person,) if row is None else tuple(dict.fromkeys((person, str(row["key"]), str(row["name"]))))

    def _require(self, actor: Actor, wanted: AuditFilter) -> None:
        if wanted.organisation and not actor.is_admin:
            require_organisation(actor, wanted.organisation, *MANAGERS)
            require_scope(actor)
        elif actor.via not in ("operator", "system"):
            require(actor, "administer")


def _time(text: str) -> str:
    """A time that was sent, as events keep theirs; "" stays. Raises InvalidInput."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text.strip())
        return stamp(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text[:40]!r} is no time: write it as 2027-01-15 or 2027-01-15T08:00:00+01:00 (in an address, + is %2B)", reason="time", time=text[:40]
        ) from None


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
