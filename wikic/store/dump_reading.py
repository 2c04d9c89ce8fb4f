"""Streaming everything that holds at one moment, concept by concept in the order of their uuids, for dumps and documents.

Memory holds two windows of concepts: while one is worked on, the next is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from wikic.domain.changes import Change, Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.store.engine import Engine, Query, Row
from wikic.store.history import list_changes
from wikic.store.rows import RELATION, content_of_row
from wikic.store.snapshot_reading import windows
from wikic.store.temporal import At, visible

P = TypeVar("P")
T = TypeVar("T")

_PAGE: Final = 2_000
_WINDOW: Final = 1_000
_RANGE: Final = "MATCH (c:Concept) WHERE c.uuid >= $start AND c.uuid < $end"
# A list of lists takes half the time to decode that a row for each relation takes.
_COLLECTED: Final = (
    "RETURN c.uuid AS source,"
    " collect([type(r), n.uuid, r.importance, r.rank, r.note, r.branch, r.origins, r.base]) AS relations"
)

_STATES = Query(
    "dump.states",
    f"{_RANGE} MATCH (c)-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN properties(s) AS s, c.from_seq AS born",
)
_BASES = Query(
    "dump.bases", f"{_RANGE} MATCH (c)-[:HAS_SOURCE]->(s:SourceRecord) WHERE {visible('s')} RETURN properties(s) AS s"
)
_ALIASES = Query(
    "dump.aliases",
    f"{_RANGE} MATCH (c)-[:HAS_ALIAS]->(a:Alias) WHERE a.from_seq <= $at[a.space] RETURN c.uuid AS concept, a.uuid AS uuid",
)
_RELATIONS = Query("dump.relations", f"{_RANGE} MATCH (c)-[r]->(n:Concept) WHERE {visible('r')} {_COLLECTED}")
_OUTGOING = Query(
    "document.relations",
    f"MATCH (c:Concept {{uuid: $uuid}})-[r]->(n:Concept) WHERE {visible('r')} {_COLLECTED}",
)
_BASE = Query(
    "document.base",
    f"MATCH (c:Concept {{uuid: $uuid}})-[:HAS_SOURCE]->(s:SourceRecord) WHERE {visible('s')} RETURN properties(s) AS s",
)
_STATE_NUMBERS = Query(
    "document.states",
    "MATCH (c:Concept {uuid: $uuid})-[:HAS_STATE]->(s:State) WHERE s.from_seq <= $at[s.space]"
    " RETURN s.from_seq AS seq ORDER BY seq",
)


@dataclass(slots=True)
class Whole:
    """Everything about one concept at one moment. `born` and `since` are the numbers at which it and its present state began."""

    identity: Identity
    content: ConceptContent
    born: int
    since: int
    relations: list[Relation] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    base: ConceptContent | None = None


def read_whole(engine: Engine, at: At) -> Generator[Whole, None, None]:
    """Every concept that is there at `at`, by uuid. Four round trips for each window of some 1,000."""

    def read(place: tuple[str, str]) -> _Window:
        return _window(engine, at, *place)

    for found in ahead(windows(engine, "Concept", "uuid", limit=_WINDOW), read):
        yield from _joined(*found)


def ahead(places: Iterable[P], read: Callable[[P], T]) -> Generator[T, None, None]:
    """What is read at each place, in their order; while one is worked on, the next is read."""
    with ThreadPoolExecutor(1, "wikic-dump") as pool:
        waiting: Future[T] | None = None
        for place in places:
            following = pool.submit(read, place)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()


_Window = tuple[list[Row], list[Row], list[Row], list[Row]]


def _window(engine: Engine, at: At, start: str, end: str) -> _Window:
    given = {"start": start, "end": end, "at": dict(at)}
    return (
        engine.read(_STATES, **given),
        engine.read(_RELATIONS, **given),
        engine.read(_ALIASES, **given),
        engine.read(_BASES, **given),
    )


def _joined(states: list[Row], relations: list[Row], aliases: list[Row], bases: list[Row]) -> Iterator[Whole]:
    outgoing: dict[str, list[list[Any]]] = {row["source"]: row["relations"] for row in relations}
    named: dict[str, list[str]] = defaultdict(list)
    for row in aliases:
        named[row["concept"]].append(row["uuid"])
    said = {row["s"]["concept"]: row["s"] for row in bases}
    for row in sorted(states, key=lambda each: str(each["s"]["concept"])):
        state = row["s"]
        uuid = state["concept"]
        yield Whole(
            Identity(uuid, state["kind"], state["scheme"]),
            content_of_row(state),
            int(row["born"]),
            int(state["from_seq"]),
            [_relation(uuid, *each) for each in outgoing.get(uuid, ())],
            named.get(uuid, []),
            content_of_row(said[uuid]) if uuid in said else None,
        )


def _relation(
    source: str,
    edge: str,
    target: str,
    importance: str | None,
    rank: int | None,
    note: str | None,
    branch: str | None,
    origins: list[str] | None,
    base: str | None,
) -> Relation:
    kind = RELATION[edge]
    said = tuple(origins or ())
    return Relation(source, kind, target, importance or "", rank or 0, note or "", branch or "", said, base or "")


def read_log(engine: Engine, spaces: list[str], at: At) -> Iterator[Change]:
    """The change log up to `at`, oldest first, in pages."""
    after = 0
    while changes := list_changes(engine, spaces, at, after=after, limit=_PAGE):
        yield from changes
        after = changes[-1].seq


def read_outgoing(engine: Engine, uuid: str, at: At) -> list[Relation]:
    """All relations that start at one concept."""
    rows = engine.read(_OUTGOING, uuid=uuid, at=dict(at))
    return [_relation(uuid, *each) for row in rows for each in row["relations"]]


def read_base(engine: Engine, uuid: str, at: At) -> ConceptContent | None:
    """What the source last said of one concept, where it was edited here."""
    rows = engine.read(_BASE, uuid=uuid, at=dict(at))
    return content_of_row(rows[0]["s"]) if rows else None


def read_state_numbers(engine: Engine, uuid: str, at: At) -> list[int]:
    """The numbers at which the states of one concept began, up to `at`."""
    return [int(row["seq"]) for row in engine.read(_STATE_NUMBERS, uuid=uuid, at=dict(at))]
