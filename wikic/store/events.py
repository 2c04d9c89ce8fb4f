"""The event log: everything observable, numbered in commit order. Live pages, webhooks, mails and the audit read it; nothing edits it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.concepts import Properties
from wikic.domain.happenings import concerned_users
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.store import documents
from wikic.store.engine import Engine, Query, ReadTransaction, WriteTransaction
from wikic.store.tables import EVENT_PEOPLE
from wikic.store.temporal import journal_key

_WINDOW: Final = 1_000
_DIGITS: Final = 12
_LAST_NUMBER: Final = 10**_DIGITS - 1
_LONGEST_PERSON: Final = 200

# `_person_key` in Cypher, for numbers that are given within the query.
_PERSON_KEY = f"person + '/' + right('{'0' * _DIGITS}' + toString($last_number - number), {_DIGITS})"
APPENDING: Final = (
    "MATCH (m:Meta {key: 'store'}) SET m.event = m.event + 1 WITH m.event AS number"
    " CREATE (e:Event {number: number}) SET e += $event"
    f" FOREACH (person IN $people | CREATE (p:EventPerson {{key: {_PERSON_KEY}, version: 1}}))"
)
"""The beginning of a query that appends an event, with its `number` and the parameters of `appended`."""
_ADD = Query("event.add", f"{APPENDING} RETURN number", small=True)
_ADD_PEOPLE = Query(
    "event.add_people",
    "UNWIND $rows AS row UNWIND row.people AS person WITH row.number AS number, person"
    f" CREATE (p:EventPerson {{key: {_PERSON_KEY}, version: 1}})",
)
_PEOPLE_FROM = Query("event.people_from", "MATCH (m:Meta {key: 'store'}) RETURN m.people_from AS number")
_NUMBERS = Query(
    "event.numbers", "MATCH (m:Meta {key: 'store'}) SET m.event = m.event + $count RETURN m.event AS number"
)
_ADD_MANY = Query("event.add_many", "UNWIND $rows AS row CREATE (e:Event) SET e = row")
_LAST = Query("event.last", "MATCH (m:Meta {key: 'store'}) RETURN m.event AS number, m.epoch AS epoch")
# ArcadeDB finds a number by its index, but reads the whole label for a range of them.
_READ = Query(
    "event.read",
    "UNWIND range($after + 1, $until) AS number MATCH (e:Event {number: number}) RETURN properties(e) AS e",
)
_READ_THESE = Query(
    "event.read_these", "UNWIND $numbers AS number MATCH (e:Event {number: number}) RETURN properties(e) AS e"
)
_TOUCHED = Query(
    "event.touched",
    "UNWIND $keys AS key MATCH (j:Journal {key: key}) RETURN j.space AS space, j.seq AS seq, j.concepts AS concepts",
)

_SIZES = Query(
    "event.journal_sizes",
    "UNWIND $keys AS key MATCH (j:Journal {key: key}) RETURN j.space AS space, j.seq AS seq,"
    " size(coalesce(j.stated, j.concepts)) AS stated, size(coalesce(j.related, j.concepts)) AS related",
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `subject` is a kind and an id ("proposal/0190..."); `concepts` are the uuids it is about; `seq` the number of the
    change it made, if any; `actor`, `name`, `via` and `credential` are those of `domain.access.Actor`; `data` is whatever its kind says besides."""

    number: int
    kind: str
    time: str
    space: str = PUBLIC_SPACE
    subject: str = ""
    concepts: tuple[str, ...] = ()
    seq: int | None = None
    actor: str = ""
    name: str = ""
    via: str = ""
    credential: str = ""
    data: dict[str, Any] = field(default_factory=dict)


def record_event(tx: WriteTransaction, kind: str, row: Properties) -> int:
    """Append to the event log; returns the event's number. Run it by `leases.write_numbered`."""
    return int(tx.run(_ADD, **appended(kind, row))[0]["number"])


def appended(kind: str, row: Properties) -> dict[str, Any]:
    """What `APPENDING` is asked with: an event's properties, and whom it is about, so that the audit finds them."""
    event = {**row, "kind": kind}
    return {"event": event, "people": _people(event), "last_number": _LAST_NUMBER}


def _people(row: Properties) -> list[str]:
    return sorted(person for person in people_of(event_of({"number": 0, **row})) if len(person) <= _LONGEST_PERSON)


def people_of(event: Event) -> set[str]:
    """The people an event is about, as the audit names them: who did it (id and name), and whom it was done to."""
    return {event.actor, event.name, *concerned_users(event.subject, event.data)} - {""}


def _person_key(person: str, number: int) -> str:
    # The latest come first.
    return f"{person}/{_LAST_NUMBER - number:0{_DIGITS}d}"


def people_from(engine: Engine) -> int | None:
    """The number after which `numbers_of_person` knows the events; None where it knows none."""
    number = engine.read(_PEOPLE_FROM)[0]["number"]
    return None if number is None else int(number)


def numbers_of_person(engine: Engine, person: str, before: int, limit: int) -> list[int]:
    """The numbers of the latest events before a number that may be about a person, the latest first. One round trip."""
    after = _person_key(person, before)
    rows = documents.page(engine, EVENT_PEOPLE, "key", prefix=f"{person}/", after=after, limit=limit)
    return [_LAST_NUMBER - int(str(row["key"])[-_DIGITS:]) for row in rows]


def read_these(engine: Engine, numbers: Iterable[int]) -> list[Event]:
    """Events by their numbers, oldest first. One round trip."""
    rows = engine.read(_READ_THESE, numbers=sorted(set(numbers)))
    return sorted((event_of(row["e"]) for row in rows), key=lambda event: event.number)


def happened(
    tx: WriteTransaction,
    actor: Actor,
    kind: str,
    *,
    subject: str = "",
    space: str = PUBLIC_SPACE,
    concepts: Iterable[str] = (),
    seq: int | None = None,
    **data: Any,
) -> int:
    """Append what somebody did. `data` must be plain JSON and hold no secret: the audit shows it."""
    return record_event(tx, kind, _row(actor, subject, space, concepts, seq, data))


def _row(
    actor: Actor, subject: str, space: str, concepts: Iterable[str], seq: int | None, data: Mapping[str, Any]
) -> Properties:
    row: Properties = {"time": now(), "space": space, "actor": actor.id, "name": actor.name, "via": actor.via}
    about = sorted(set(concepts))
    optional: Properties = {
        "subject": subject,
        "credential": actor.credential,
        "concepts": about,
        "seq": seq,
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True) if data else "",
    }
    return row | {name: value for name, value in optional.items() if value not in ("", [], None)}


def happened_to_many(
    tx: WriteTransaction,
    actor: Actor,
    kind: str,
    rows: Iterable[tuple[str, Iterable[str], Mapping[str, Any]]],
    *,
    space: str,
    seq: int | None,
) -> list[int]:
    """Append one event of a kind for each of several subjects: (subject, concepts, data). Their numbers, in that order."""
    made = [_row(actor, subject, space, concepts, seq, data) for subject, concepts, data in rows]
    if made:
        last = int(tx.run(_NUMBERS, count=len(made))[0]["number"])
        for number, row in enumerate(made, last - len(made) + 1):
            row |= {"number": number, "kind": kind}
        tx.run(_ADD_MANY, rows=made)
        about = [{"number": row["number"], "people": _people(row)} for row in made]
        tx.run(_ADD_PEOPLE, rows=about, last_number=_LAST_NUMBER)
    return [int(row["number"]) for row in made]


def last_event(source: Engine | ReadTransaction) -> tuple[int, str]:
    """The last number of the log, and the store's epoch."""
    row = documents.run(source, _LAST)[0]
    return int(row["number"]), str(row["epoch"])


def read_events(engine: Engine, after: int, limit: int = 100, *, last: int | None = None) -> list[Event]:
    """The events after a number, oldest first. `last`: the log's last number, where it is known."""
    last = last_event(engine)[0] if last is None else last
    found: list[Event] = []
    while after < last and len(found) < limit:
        until = min(after + _WINDOW, last)
        rows = engine.read(_READ, after=after, until=until)
        found += sorted((event_of(row["e"]) for row in rows), key=lambda event: event.number)
        after = until
    return found[:limit]


def touched_by(engine: Engine, changes: Iterable[tuple[str, int]]) -> dict[tuple[str, int], set[str]]:
    """The concepts that each change (its space and number) touched."""
    wanted = sorted(set(changes))
    found: dict[tuple[str, int], set[str]] = {change: set() for change in wanted}
    part = 0
    # A journal has as many parts as it needs, numbered from 0.
    while wanted:
        keys = [journal_key(space, seq, part) for space, seq in wanted]
        rows = engine.read(_TOUCHED, keys=keys)
        for row in rows:
            found[row["space"], int(row["seq"])].update(row["concepts"])
        wanted = [(row["space"], int(row["seq"])) for row in rows]
        part += 1
    return found


def journal_sizes(engine: Engine, changes: Iterable[tuple[str, int]], *, parts: int = 4) -> dict[tuple[str, int], int]:
    """How many concepts each change (its space and number) changed, at least: those with another state, or with another relation that starts from them.
    Of the first `parts` parts of its journal. One round trip."""
    keys = [journal_key(space, seq, part) for space, seq in sorted(set(changes)) for part in range(parts)]
    found: dict[tuple[str, int], Counter[str]] = {}
    for row in engine.read(_SIZES, keys=keys):
        counts = found.setdefault((str(row["space"]), int(row["seq"])), Counter())
        counts.update({name: int(row[name]) for name in ("stated", "related")})
    return {change: max(counts.values()) for change, counts in found.items()}


def event_of(row: Properties) -> Event:
    """A row of the log."""
    return Event(
        int(row["number"]),
        str(row["kind"]),
        str(row.get("time", "")),
        str(row.get("space", PUBLIC_SPACE)),
        str(row.get("subject", "")),
        tuple(row.get("concepts") or ()),
        row.get("seq"),
        str(row.get("actor", "")),
        str(row.get("name", "")),
        str(row.get("via", "")),
        str(row.get("credential", "")),
        json.loads(row["data"]) if row.get("data") else {},
    )
