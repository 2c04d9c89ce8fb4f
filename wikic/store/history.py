"""Reading what changed: the change log, the story of one concept, the concepts touched between two numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wikic.domain.changes import Change, Relation
from wikic.domain.concepts import ConceptContent
from wikic.store import documents
from wikic.store.engine import Engine, Query, ReadTransaction, Row
from wikic.store.rows import change_of, content_of_row, relation_of
from wikic.store.temporal import OPEN, At, journal_range
from wikic.store.writing import chunks

_READ: Final = 1_000

_CHANGES = Query(
    "change.list",
    "MATCH (c:Change) WHERE c.seq > $after AND c.space IN $spaces AND c.seq <= $at[c.space]"
    " RETURN properties(c) AS c ORDER BY c.seq LIMIT $limit",
)
_HEADS = Query(
    "head.all_and_epoch",
    "MATCH (m:Meta {key: 'store'}) MATCH (s:Space) RETURN s.name AS space, s.head AS head, m.epoch AS epoch,"
    " m.event AS event",
)
_CHANGES_BY_SEQ = Query("change.by_seq", "UNWIND $seqs AS seq MATCH (c:Change {seq: seq}) RETURN properties(c) AS c")
_TOUCHED = Query(
    "change.touched",
    "MATCH (j:Journal) WHERE j.key > $start AND j.key < $end RETURN j.concepts AS concepts,"
    " j.stated AS stated, j.related AS related",
)
_RELATED_HERE = Query(
    "change.related_here",
    "MATCH (j:Journal) WHERE j.key > $start AND j.key < $end AND NOT j.seq IN $without"
    " RETURN j.concepts AS concepts, j.related AS related",
)
_STATES = Query(
    "history.states",
    "MATCH (c:Concept {uuid: $uuid})-[:HAS_STATE]->(s:State) WHERE s.from_seq <= $at[s.space]"
    " RETURN properties(s) AS s ORDER BY s.from_seq",
)
# The concept is bound first: ArcadeDB would begin at every other end of the incoming relations.
_RELATIONS = Query(
    "history.relations",
    "MATCH (c:Concept {uuid: $uuid}) WITH c MATCH (c)-[r]->(n:Concept) WHERE r.from_seq <= $at[r.space]"
    " AND (r.from_seq > c.from_seq OR r.to_seq <= $at[r.space])"
    " RETURN 'out' AS way, type(r) AS type, n.uuid AS other, properties(r) AS r"
    " UNION ALL MATCH (c:Concept {uuid: $uuid}) WITH c MATCH (c)<-[r]-(n:Concept) WHERE r.from_seq <= $at[r.space]"
    " AND (r.from_seq > c.from_seq OR r.to_seq <= $at[r.space])"
    " RETURN 'in' AS way, type(r) AS type, n.uuid AS other, properties(r) AS r",
)
_STATES_AT_EITHER = Query(
    "diff.states",
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid})-[:HAS_STATE]->(s:State) WHERE s.space = $space"
    " AND s.from_seq <= $to AND s.to_seq > $from AND (s.from_seq > $from OR s.to_seq <= $to)"
    " AND (s.from_seq <= $from OR $to < s.to_seq) RETURN uuid, CASE WHEN c.from_seq > $from THEN"
    " {kind: s.kind, scheme: s.scheme, status: s.status, from_seq: s.from_seq} ELSE properties(s) END AS s",
)
_RELATIONS_AT_EITHER = Query(
    "diff.relations",
    # Most rows hold at both numbers, and fail here at their first property or two.
    "UNWIND $uuids AS uuid MATCH (c:Concept {uuid: uuid})-[r]->(n:Concept) WHERE (r.from_seq > $from AND r.from_seq <= $to"
    " AND $to < r.to_seq OR r.to_seq <= $to AND r.to_seq > $from AND r.from_seq <= $from) AND r.space = $space"
    " RETURN uuid AS source, type(r) AS type, n.uuid AS target, properties(r) AS r",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A relation with the interval it held or holds; `to_seq` None: still open as of the asked number."""

    relation: Relation
    from_seq: int
    to_seq: int | None


@dataclass(slots=True)
class Differing:
    """One concept's rows that hold at only one of two numbers; `before` and `after` are None where its state did not
    change (or was not there)."""

    before: ConceptContent | None
    after: ConceptContent | None


def read_heads(engine: Engine) -> tuple[str, dict[str, int], int]:
    """The store's epoch ("" where it is not founded), the head of every space, and the last number of the event log."""
    rows = engine.read(_HEADS)
    if not rows:
        return "", {}, 0
    return str(rows[0]["epoch"]), {row["space"]: int(row["head"]) for row in rows}, int(rows[0]["event"])


def list_changes(engine: Engine, spaces: list[str], at: At, *, after: int, limit: int) -> list[Change]:
    """The change log after a number, oldest first."""
    rows = engine.read(_CHANGES, spaces=spaces, at=dict(at), after=after, limit=limit)
    return [change_of(row["c"]) for row in rows]


def read_changes(engine: Engine, seqs: list[int]) -> dict[int, Change]:
    """Changes by number."""
    return {int(row["c"]["seq"]): change_of(row["c"]) for row in engine.read(_CHANGES_BY_SEQ, seqs=seqs)}


def read_states(engine: Engine, uuid: str, at: At) -> list[tuple[int, ConceptContent]]:
    """Every state that a concept has had up to `at`, with the number it began at, oldest first."""
    return [
        (int(row["s"]["from_seq"]), content_of_row(row["s"])) for row in engine.read(_STATES, uuid=uuid, at=dict(at))
    ]


def read_spans(engine: Engine, uuid: str, at: At) -> list[Span]:
    """The relations of a concept that opened after it was born or have closed, up to `at`."""
    spans = []
    for row in engine.read(_RELATIONS, uuid=uuid, at=dict(at)):
        source, target = (uuid, row["other"]) if row["way"] == "out" else (row["other"], uuid)
        r = row["r"]
        end = int(r["to_seq"])
        closed = end < OPEN and end <= at[r["space"]]
        spans.append(Span(relation_of(source, row["type"], target, r), int(r["from_seq"]), end if closed else None))
    return spans


def touched_between(source: Engine | ReadTransaction, space: str, start: int, end: int) -> list[str]:
    """The concepts whose body changed in (start, end], sorted."""
    parameters = journal_range(space, start, end)
    rows = documents.run(source, _TOUCHED, **parameters)
    return sorted({uuid for row in rows for uuid in row["concepts"]})


def changed_between(engine: Engine, space: str, start: int, end: int) -> tuple[list[str], list[str]]:
    """The concepts whose state, and those of which an outgoing relation, opened or closed in (start, end], each sorted."""
    rows = engine.read(_TOUCHED, **journal_range(space, start, end))
    found: tuple[set[str], set[str]] = (set(), set())
    for row in rows:
        for names, uuids in zip(("stated", "related"), found, strict=True):
            uuids.update(row["concepts"] if row[names] is None else row[names])
    return sorted(found[0]), sorted(found[1])


def related_without(engine: Engine, space: str, end: int, without: Iterable[int]) -> set[str]:
    """The concepts of which an outgoing relation has opened or closed up to a number, in other changes than these."""
    rows = engine.read(_RELATED_HERE, **journal_range(space, 0, end), without=sorted(without))
    return {uuid for row in rows for uuid in (row["concepts"] if row["related"] is None else row["related"])}


def differing_states(
    engine: Engine, space: str, uuids: list[str], start: int, end: int
) -> Iterator[tuple[str, str, str, Differing]]:
    """For the concepts whose state is not the same row at both numbers: (uuid, kind, scheme, contents). Of a concept that
    was not there at `start` the content holds the status only: what it says is not different, but new."""
    for part in chunks(uuids, _READ):
        found: dict[str, tuple[str, str, Differing]] = {}
        for row in engine.read(_STATES_AT_EITHER, uuids=part, space=space, **{"from": start, "to": end}):
            state = row["s"]
            entry = found.setdefault(row["uuid"], (state["kind"], state["scheme"], Differing(None, None)))
            if state["from_seq"] <= start:
                entry[2].before = content_of_row(state)
            else:
                entry[2].after = content_of_row(state)
        for uuid, (kind, scheme, contents) in found.items():
            yield uuid, kind, scheme, contents


def differing_relations(
    engine: Engine, space: str, uuids: list[str], start: int, end: int
) -> Iterator[tuple[bool, Relation]]:
    """Relation rows that hold at only one of the two numbers: (whether it holds at the later one, relation)."""
    for part in chunks(uuids, _READ):
        for row in engine.read(_RELATIONS_AT_EITHER, uuids=part, space=space, **{"from": start, "to": end}):
            yield int(row["r"]["from_seq"]) > start, _relation(row)


def _relation(row: Row) -> Relation:
    return relation_of(row["source"], row["type"], row["target"], row["r"])
