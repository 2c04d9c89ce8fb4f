"""Reading a scheme as of a moment, by its own concepts, for packages: a window of them at a time, with when each row began."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wikic.domain.changes import Identity
from wikic.domain.concepts import ConceptContent
from wikic.domain.vocabulary import KINDS
from wikic.store.dump_reading import ahead
from wikic.store.engine import Engine, Query, Row
from wikic.store.rows import RELATION, content_of_row
from wikic.store.snapshot_reading import windows
from wikic.store.temporal import At, visible

_RANGE: Final = f"MATCH (s:State) WHERE s.listing >= $start AND s.listing < $end AND {visible('s')}"
_STATE: Final = "properties(s) AS s, c.from_seq AS born"
_COLLECTED: Final = (
    "collect([r.id, type(r), n.uuid, n.scheme, r.from_seq, r.importance, r.rank, r.note, r.branch]) AS relations"
)

_STATES = Query("case.states", f"{_RANGE} MATCH (s)<-[:HAS_STATE]-(c:Concept) RETURN {_STATE}")
_STATES_OF = Query(
    "case.states_of",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[:HAS_STATE]->(s:State) WHERE {visible('s')} RETURN {_STATE}",
)
_SAID = Query(
    "case.said",
    f"{_RANGE} MATCH (s)<-[:HAS_STATE]-(c:Concept) RETURN s.concept AS uuid, s.iri AS iri, c.from_seq AS born",
)
_OUT = Query(
    "case.relations",
    f"{_RANGE} MATCH (s)<-[:HAS_STATE]-(c:Concept) MATCH (c)-[r]->(n:Concept) WHERE {visible('r')}"
    f" RETURN c.uuid AS source, {_COLLECTED}",
)
_OUT_OF = Query(
    "case.relations_of",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r]->(n:Concept) WHERE {visible('r')}"
    f" RETURN c.uuid AS source, {_COLLECTED}",
)
_INTO = Query(
    "case.relations_into",
    f"MATCH (n:Concept {{uuid: $uuid}})<-[r]-(c:Concept) WHERE {visible('r')} RETURN c.uuid AS source, {_COLLECTED}",
)
_STARTING = Query(
    "case.starting", "MATCH (c:Concept) WHERE c.uuid >= $start AND c.uuid < $end RETURN c.uuid AS uuid LIMIT $limit"
)
_STARTS: Final = 200


@dataclass(frozen=True, slots=True)
class StateRow:
    """A concept with the numbers at which it and its present state began."""

    identity: Identity
    content: ConceptContent
    born: int
    since: int


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A relation that starts at a concept, with the number at which it began and the scheme of its target."""

    id: str
    type: str
    target: str
    scheme: str
    since: int
    importance: str
    rank: int
    note: str
    branch: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A concept in short with its relations; `relations` are in the order of their ids."""

    uuid: str
    iri: str
    born: int
    relations: list[RelationRow]


def read_states(engine: Engine, scheme: str, at: At) -> Generator[list[StateRow], None, None]:
    """The concepts of a scheme, by kind and uuid, a window at a time; while one is worked on the next is read."""

    def read(place: tuple[str, str]) -> list[StateRow]:
        return _states(engine.read(_STATES, start=place[0], end=place[1], at=dict(at)))

    yield from ahead(_ranges(engine, scheme), read)


def read_linked(engine: Engine, scheme: str, at: At) -> Generator[list[Linked], None, None]:
    """The same concepts in the same order, with their relations."""

    def read(place: tuple[str, str]) -> list[Linked]:
        given = {"start": place[0], "end": place[1], "at": dict(at)}
        relations = _relations(engine.read(_OUT, **given))
        said = sorted(engine.read(_SAID, **given), key=lambda row: str(row["uuid"]))
        return [_linked(row, relations) for row in said]

    yield from ahead(_ranges(engine, scheme), read)


def states_of(engine: Engine, uuids: Sequence[str], at: At) -> dict[str, StateRow]:
    """Some concepts, by uuid; those that are not there are not in it."""
    rows = engine.read(_STATES_OF, uuids=list(uuids), at=dict(at))
    return {state.identity.uuid: state for state in _states(rows)}


def linked_of(engine: Engine, states: Mapping[str, StateRow], at: At) -> list[Linked]:
    """Some concepts with the relations that start at them."""
    relations = _relations(engine.read(_OUT_OF, uuids=sorted(states), at=dict(at)))
    return [
        Linked(uuid, state.content.iri, state.born, relations.get(uuid, [])) for uuid, state in sorted(states.items())
    ]


def relations_into(engine: Engine, uuid: str, at: At) -> dict[str, list[RelationRow]]:
    """The relations that end at a concept, by the uuid they start at."""
    return _relations(engine.read(_INTO, uuid=uuid, at=dict(at)))


def uuids_between(engine: Engine, start: str, end: str) -> list[str]:
    """The concepts whose uuids are in [start, end), of any moment: some hundreds at most."""
    return [str(row["uuid"]) for row in engine.read(_STARTING, start=start, end=end, limit=_STARTS)]


def _ranges(engine: Engine, scheme: str) -> Iterator[tuple[str, str]]:
    for kind in sorted(KINDS):
        start = f"{scheme}/{kind}/"
        yield from windows(engine, "State", "listing", within=(start, f"{start}\uffff"))


def _states(rows: list[Row]) -> list[StateRow]:
    found = [
        StateRow(
            Identity(row["s"]["concept"], row["s"]["kind"], row["s"]["scheme"]),
            content_of_row(row["s"]),
            int(row["born"]),
            int(row["s"]["from_seq"]),
        )
        for row in rows
    ]
    return sorted(found, key=lambda each: each.identity.uuid)


def _relations(rows: list[Row]) -> dict[str, list[RelationRow]]:
    found = {row["source"]: [_relation(*each) for each in row["relations"]] for row in rows}
    for each in found.values():
        each.sort(key=lambda relation: relation.id)
    return found


def _relation(
    identity: str,
    edge: str,
    target: str,
    scheme: str,
    since: int,
    importance: str | None,
    rank: int | None,
    note: str | None,
    branch: str | None,
) -> RelationRow:
    return RelationRow(
        identity, RELATION[edge], target, scheme, int(since), importance or "", rank or 0, note or "", branch or ""
    )


def _linked(row: Row, relations: Mapping[str, list[RelationRow]]) -> Linked:
    uuid = str(row["uuid"])
    return Linked(uuid, row["iri"] or "", int(row["born"]), relations.get(uuid, []))
