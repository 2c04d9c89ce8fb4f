"""Reading the competencies and occupations of a scheme as of a moment, with nothing of them but what coverage is counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from wikic.store.dump_reading import ahead
from wikic.store.engine import Engine, Query
from wikic.store.snapshot_reading import windows
from wikic.store.temporal import At, visible

_RANGE: Final = f"MATCH (s:State) WHERE s.listing >= $start AND s.listing < $end AND {visible('s')} AND s.status = 'active'"
_ALL: Final = Query("coverage.concepts", f"{_RANGE} RETURN s.concept AS uuid")
_BROADER: Final = Query(
    "coverage.broader",
    f"{_RANGE} MATCH (s)<-[:HAS_STATE]-(c:Concept)-[r:BROADER]->(n:Concept) WHERE {visible('r')} RETURN c.uuid AS uuid, collect(n.uuid) AS others",
)
_REQUIRED: Final = Query(
    "coverage.required",
    f"{_RANGE} MATCH (s)<-[:HAS_STATE]-(c:Concept)-[r:REQUIRES]->(n:Concept) WHERE {visible('r')} AND r.importance IN ['essential', 'key']"
    " RETURN c.uuid AS uuid, collect(n.uuid) AS others",
)
_ONE: Final = Query(
    "coverage.one",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[:HAS_STATE]->(s:State) WHERE {visible('s')} AND s.status = 'active'"
    " RETURN uuid, s.scheme AS scheme, s.kind AS kind",
)
_ONE_BROADER: Final = Query(
    "coverage.one_broader",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r:BROADER]->(n:Concept) WHERE {visible('r')} RETURN uuid, collect(n.uuid) AS others",
)
_ONE_REQUIRED: Final = Query(
    "coverage.one_required",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})-[r:REQUIRES]->(n:Concept) WHERE {visible('r')} AND r.importance IN ['essential', 'key']"
    " RETURN uuid, collect(n.uuid) AS others",
)
_WINDOW: Final = 4_000


def read_active(engine: Engine, scheme: str, kind: str, at: At) -> list[str]:
    """The active concepts of a kind, in the order of their uuids."""
    return sorted(str(row["uuid"]) for row in engine.read(_ALL, start=f"{scheme}/{kind}/", end=f"{scheme}/{kind}/\uffff", at=dict(at)))


def read_broader(engine: Engine, scheme: str, kind: str, at: At) -> Iterator[tuple[str, list[str]]]:
    """Those that have broader concepts, with these."""
    return _linked(engine, _BROADER, scheme, kind, at)


def read_required(engine: Engine, scheme: str, at: At) -> Iterator[tuple[str, list[str]]]:
    """The active occupations with what is essential for them (ESCO), or at their core (ROME)."""
    return _linked(engine, _REQUIRED, scheme, "occupation", at)


def read_places(engine: Engine, uuids: Sequence[str], at: At) -> dict[str, tuple[str, str]]:
    """Of some concepts, those that are active: their scheme and kind."""
    return {str(row["uuid"]): (str(row["scheme"]), str(row["kind"])) for row in engine.read(_ONE, uuids=list(uuids), at=dict(at))}


def read_links(engine: Engine, uuids: Sequence[str], at: At) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Of some concepts, what is broader; and what is essential for them, or at their core."""
    found = [engine.read(query, uuids=list(uuids), at=dict(at)) for query in (_ONE_BROADER, _ONE_REQUIRED)]
    broader, required = ({str(row["uuid"]): [str(each) for each in row["others"]] for row in rows} for rows in found)
    return broader, required


def _linked(engine: Engine, query: Query, scheme: str, kind: str, at: At) -> Iterator[tuple[str, list[str]]]:
    start = f"{scheme}/{kind}/"
    places = iter(windows(engine, "State", "listing", limit=_WINDOW, within=(start, f"{start}\uffff")))
    for rows in ahead(places, lambda place: engine.read(query, start=place[0], end=place[1], at=dict(at))):
        for row in rows:
            yield str(row["uuid"]), [str(each) for each in row["others"]]
