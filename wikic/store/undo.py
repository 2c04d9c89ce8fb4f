"""Undoing what a dead writer left above a space's head: the first act of whoever takes the lease next.

The journal names the concepts concerned. Each part of it is undone and removed in small transactions, so that an undo that dies is itself carried on.
"""

from __future__ import annotations

from typing import Final

import structlog

from wikic.store.engine import Engine, Query, Row, WriteTransaction
from wikic.store.leases import Lease, acquire, heads, hold, last_above, release
from wikic.store.temporal import OPEN, journal_range
from wikic.store.writing import chunks

_BATCH: Final = 500

_LEFT = Query(
    "undo.left",
    "MATCH (j:Journal) WHERE j.key > $start AND j.key < $end RETURN j.key AS key, j.seq AS seq, j.concepts AS concepts ORDER BY key",
)
_STEPS: Final = (
    Query(
        "undo.relations",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[r]->(:Concept)"
        " WHERE r.space = $space AND r.from_seq > $head DELETE r",
    ),
    Query(
        "undo.closed_relations",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[r]->(:Concept)"
        " WHERE r.space = $space AND r.to_seq > $head AND r.to_seq < $open SET r.to_seq = $open, r.removed_here = null",
    ),
    Query(
        "undo.states",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_STATE]->(s:State)"
        " WHERE s.space = $space AND s.from_seq > $head DETACH DELETE s",
    ),
    Query(
        "undo.closed_states",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_STATE]->(s:State)"
        " WHERE s.space = $space AND s.to_seq > $head AND s.to_seq < $open SET s.to_seq = $open",
    ),
    Query(
        "undo.bases",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_SOURCE]->(s:SourceRecord)"
        " WHERE s.space = $space AND s.from_seq > $head DETACH DELETE s",
    ),
    Query(
        "undo.closed_bases",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_SOURCE]->(s:SourceRecord)"
        " WHERE s.space = $space AND s.to_seq > $head AND s.to_seq < $open SET s.to_seq = $open",
    ),
    Query(
        "undo.aliases",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_ALIAS]->(a:Alias)"
        " WHERE a.space = $space AND a.from_seq > $head DETACH DELETE a",
    ),
    Query(
        "undo.touches",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row}) WHERE c.space = $space AND c.from_seq <= $head"
        " SET c.touches = [t IN c.touches WHERE t <= $head]",
    ),
    Query(
        "undo.concepts",
        "UNWIND $rows AS row MATCH (c:Concept {uuid: row}) WHERE c.space = $space AND c.from_seq > $head DETACH DELETE c",
    ),
)
_IMPORTS = (
    Query("undo.imports", "MATCH (i:Import) WHERE i.space = $space AND i.seq > $head DETACH DELETE i"),
    Query("undo.import_parts", "MATCH (i:ImportPart) WHERE i.space = $space AND i.seq > $head DETACH DELETE i"),
)
_CHANGE = Query("undo.change", "MATCH (c:Change {seq: $seq}) WHERE c.space = $space DETACH DELETE c")
_FORGET = Query("undo.forget", "MATCH (j:Journal {key: $key}) DETACH DELETE j")

log = structlog.get_logger(__name__)


def undo_dead(engine: Engine, lease: Lease) -> int:
    """Undo whatever stands above the head of the leased space; returns how many concepts were looked at."""
    parts = engine.read(_LEFT, **journal_range(lease.space, lease.head))
    for query in _IMPORTS if parts else ():
        engine.write(lambda tx, query=query: _drop(tx, lease, query))  # type: ignore[misc]
    looked_at = 0
    for part in parts:
        concepts = [str(uuid) for uuid in part["concepts"]]
        for rows in chunks(concepts, _BATCH):
            engine.write(lambda tx, rows=rows: _undo(tx, lease, rows))  # type: ignore[misc]
        engine.write(lambda tx, part=part: _forget(tx, lease, part))  # type: ignore[misc]
        looked_at += len(concepts)
    if looked_at:
        log.info("undid an unfinished write", space=lease.space, head=lease.head, concepts=looked_at)
    return looked_at


def take(engine: Engine, space: str) -> Lease:
    """Take the space's lease and undo what a dead writer left. Raises Busy while a living one holds it."""
    lease = acquire(engine, space)
    try:
        undo_dead(engine, lease)
    except BaseException:
        release(engine, lease)
        raise
    return lease


def settle(engine: Engine, space: str) -> bool:
    """Undo what a dead writer left, if anything; whether there was something. Raises Busy while a living one writes."""
    if not last_above(engine, space, heads(engine)[space]):
        return False
    release(engine, take(engine, space))
    return True


def _undo(tx: WriteTransaction, lease: Lease, rows: list[str]) -> None:
    hold(tx, lease)
    for query in _STEPS:
        tx.run(query, rows=rows, space=lease.space, head=lease.head, open=OPEN)


def _drop(tx: WriteTransaction, lease: Lease, query: Query) -> None:
    hold(tx, lease)
    tx.run(query, space=lease.space, head=lease.head)


def _forget(tx: WriteTransaction, lease: Lease, part: Row) -> None:
    hold(tx, lease)
    tx.run(_CHANGE, seq=part["seq"], space=lease.space)
    tx.run(_FORGET, key=part["key"])
