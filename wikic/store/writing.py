"""Writing a write set at a reserved number: in batches under a lease (imports), or within one transaction (decisions).

The journal goes first: it names every concept the write will touch, so that a writer that dies half way can be undone without looking
through the store, and so that what changed between two numbers is found at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from wikic.domain.access import operator
from wikic.domain.changes import Change, Identity, NewState, Relation, WriteSet
from wikic.domain.concepts import Properties, to_properties
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.lanes import Lanes
from wikic.store.leases import Lease, hold, show
from wikic.store.rows import EDGE, base_row, change_row, relation_row, state_row
from wikic.store.temporal import OPEN, journal_key

BATCH: Final = 2_000
STATE_BATCH: Final = 500
JOURNAL_BATCH: Final = 5_000

T = TypeVar("T")
Progress = Callable[[str, int], None]
"""Told what was written and how many rows of it."""

_JOURNAL = Query(
    "write.journal",
    "UNWIND $rows AS row CREATE (j:Journal) SET j = row",
)
_NEW = Query(
    "write.new_concepts",
    "UNWIND $rows AS row CREATE (c:Concept {uuid: row.concept, kind: row.kind, scheme: row.scheme, space: $space,"
    " from_seq: $seq, touches: [$seq]}) CREATE (s:State) SET s = row CREATE (c)-[:HAS_STATE]->(s)",
)
# A concept's row closes what was open of it and opens the next: its state, and, where there is a new one, what its source said.
_NEXT_STATE = Query(
    "write.next_states",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.uuid}) OPTIONAL MATCH (c)-[:HAS_STATE]->(o:State) WHERE o.to_seq = $open"
    " SET o.to_seq = $seq WITH c, row CREATE (s:State) SET s = row.state CREATE (c)-[:HAS_STATE]->(s)"
    " WITH c, row UNWIND row.bases AS base OPTIONAL MATCH (c)-[:HAS_SOURCE]->(o:SourceRecord) WHERE o.to_seq = $open"
    " SET o.to_seq = $seq WITH c, base CREATE (s:SourceRecord) SET s = base CREATE (c)-[:HAS_SOURCE]->(s)",
)
_FIRST_BASE = Query(
    "write.first_bases",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.concept}) CREATE (s:SourceRecord) SET s = row CREATE (c)-[:HAS_SOURCE]->(s)",
)
_ALIAS = Query(
    "write.aliases",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.concept}) CREATE (a:Alias) SET a = row CREATE (c)-[:HAS_ALIAS]->(a)",
)
_TOUCH = Query(
    "write.touch",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row}) WHERE NOT $seq IN c.touches SET c.touches = c.touches + $seq",
)
# `_JOURNAL`, `_CHANGE` and `_TOUCH` in one round trip.
_NOTE = Query(
    "write.note",
    "UNWIND $journal AS part CREATE (j:Journal) SET j = part WITH count(j) AS parts CREATE (n:Change) SET n = $change"
    f" WITH n {_TOUCH.text}",
)
_OPEN_RELATION = {
    edge: Query(
        f"write.open_relations.{edge}",
        # Properties one by one: a third faster on both engines than a map; what is null is not set.
        "UNWIND $rows AS row MATCH (a:Concept {uuid: row.source}) UNWIND row.to AS t MATCH (b:Concept {uuid: t.uuid})"
        f" CREATE (a)-[r:{edge} {{id: t.id, space: $space, from_seq: $seq, to_seq: $open, origins: t.origins,"
        " importance: t.importance, rank: t.rank, note: t.note, branch: t.branch, base: t.base}]->(b)",
    )
    for edge in EDGE.values()
}
_CLOSE_RELATION = {
    edge: Query(
        f"write.close_relations.{edge}",
        f"UNWIND $rows AS row MATCH (a:Concept {{uuid: row.source}})-[r:{edge}]->(b:Concept)"
        " WHERE r.id = row.id AND r.to_seq = $open SET r.to_seq = $seq, r.removed_here = row.removed_here",
    )
    for edge in EDGE.values()
}
_CHANGE = Query("write.change", "CREATE (c:Change) SET c = $row")


def chunks(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The rows in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


class SpaceWriter:
    """Writes rows of one space at one number. `run` sends one batch: under a lease each in a transaction of its own (`leased`), or all in a given one
    (`write_set`); `wait` returns when all that was sent is written."""

    def __init__(
        self,
        space: str,
        seq: int,
        run: Callable[[Query, dict[str, Any]], None],
        wait: Callable[[], None],
        progress: Progress | None = None,
    ) -> None:
        self.space, self.seq, self._run, self._wait, self._progress = space, seq, run, wait, progress

    @classmethod
    def leased(
        cls, engine: Engine, lease: Lease, seq: int, lanes: Lanes, progress: Progress | None = None
    ) -> SpaceWriter:
        """A writer whose every batch is a transaction that checks the lease before it commits."""

        def write(query: Query, parameters: dict[str, Any], tx: WriteTransaction) -> None:
            tx.run(query, **parameters)
            # Last, so that the lock on the space is held for the commit only and lanes do not wait for each other.
            hold(tx, lease)

        def run(query: Query, parameters: dict[str, Any]) -> None:
            lanes.send(lambda: engine.write(partial(write, query, parameters)))

        return cls(lease.space, seq, run, lanes.wait, progress)

    def journal(self, concepts: Iterable[str], stated: set[str] | None = None, related: set[str] | None = None) -> None:
        """Name the concepts that rows to come will touch; among them those whose states and whose outgoing relations will open or close (None:
        any of them). Must be called once, before any of those rows is written."""
        for row in _journal(self.space, self.seq, concepts, stated, related):
            self._run(_JOURNAL, {"rows": [row]})
        self._wait()

    def new_concepts(self, rows: Iterable[tuple[Identity, Properties]]) -> None:
        """Create concepts with their first states."""
        made = (state_row(identity, content, self.space, self.seq) for identity, content in rows)
        self._send("concepts", _NEW, made, size=STATE_BATCH, space=self.space, seq=self.seq)
        self._wait()

    def states(self, states: Iterable[NewState]) -> None:
        """Close the open states of known concepts and open the next ones; so with what their sources said, where that is to be written down."""
        self._send("states", _NEXT_STATE, map(self._next, states), size=STATE_BATCH, open=OPEN, seq=self.seq)
        self._wait()

    def _next(self, new: NewState) -> dict[str, Any]:
        bases = [] if new.base is None else [base_row(new.identity, to_properties(new.base), self.space, self.seq)]
        state = state_row(new.identity, to_properties(new.content), self.space, self.seq)
        return {"uuid": new.identity.uuid, "state": state, "bases": bases}

    def first_bases(self, rows: Iterable[tuple[Identity, Properties]]) -> None:
        """Write down what the source said of concepts of which nothing of that kind was written down before."""
        made = (base_row(identity, content, self.space, self.seq) for identity, content in rows)
        self._send("bases", _FIRST_BASE, made, size=STATE_BATCH)
        self._wait()

    def open_relations(self, relations: Iterable[Relation]) -> None:
        """Open relations, grouped by source: one look-up for all that start at a concept."""
        grouped: dict[str, dict[str, list[Relation]]] = defaultdict(lambda: defaultdict(list))
        for relation in relations:
            grouped[relation.type][relation.source].append(relation)
        for kind, sources in grouped.items():
            for part in self._grouped(sources):
                count = sum(len(row["to"]) for row in part)
                self._send(
                    "relations", _OPEN_RELATION[EDGE[kind]], part, count, space=self.space, seq=self.seq, open=OPEN
                )
        self._wait()

    def _grouped(self, sources: dict[str, list[Relation]]) -> Iterator[list[dict[str, Any]]]:
        part: list[dict[str, Any]] = []
        size = 0
        for source, relations in sources.items():
            to = [relation_row(one) for one in relations]
            part.append({"source": source, "to": to})
            size += len(to)
            if size >= BATCH:
                yield part
                part, size = [], 0
        if part:
            yield part

    def close_relations(self, rows: Iterable[tuple[str, str, str, bool]]) -> None:
        """Close open relations: (source, type, id, removed here)."""
        by_type: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for source, kind, identity, removed in rows:
            by_type[kind].append({"source": source, "id": identity, "removed_here": removed or None})
        for kind, closed in by_type.items():
            self._send("closed relations", _CLOSE_RELATION[EDGE[kind]], closed, open=OPEN, seq=self.seq)
        self._wait()

    def aliases(self, aliases: Iterable[tuple[str, str]]) -> None:
        """Give concepts further uuids they answer to: (alias, concept)."""
        rows = (
            {"uuid": alias, "concept": concept, "space": self.space, "from_seq": self.seq} for alias, concept in aliases
        )
        self._send("aliases", _ALIAS, rows)
        self._wait()

    def touch(self, concepts: Iterable[str]) -> None:
        """Note that the bodies of known concepts change at this number."""
        self._send("touched", _TOUCH, concepts, seq=self.seq)
        self._wait()

    def apply_rows(self, rows: WriteSet) -> None:
        """Write the states, bases, relations and aliases of a write set, whose journal and new concepts are there already."""
        self.states(rows.new_states)
        self.close_relations(rows.close_relations)
        self.open_relations(rows.open_relations)
        self.aliases(rows.aliases.items())

    def _send(
        self,
        what: str,
        query: Query,
        rows: Iterable[Any],
        count: int | None = None,
        size: int = BATCH,
        **parameters: Any,
    ) -> None:
        for part in chunks(rows, size):
            self._run(query, {"rows": part, **parameters})
            if self._progress is not None:
                self._progress(what, len(part) if count is None else count)


def write_set(tx: WriteTransaction, rows: WriteSet, change: Change) -> None:
    """Write a whole write set and its change within a transaction; they are seen when the head moves to the change's number."""
    new = {concept.identity.uuid for concept in rows.new_concepts}
    touched = list(chunks(sorted(rows.touched - new))) or [[]]
    journal = list(_journal(change.space, change.seq, sorted(rows.concerned()), rows.stated(), rows.related()))
    tx.run(_NOTE, journal=journal, change=change_row(change), rows=touched[0], seq=change.seq)
    writer = SpaceWriter(change.space, change.seq, partial(_run_in, tx), lambda: None)
    writer.new_concepts((concept.identity, to_properties(concept.content)) for concept in rows.new_concepts)
    writer.apply_rows(rows)
    for part in touched[1:]:
        writer.touch(part)


def commit(
    engine: Engine,
    lease: Lease,
    change: Change,
    more: Callable[[WriteTransaction], None] | None = None,
    shown: Callable[[WriteTransaction], None] | None = None,
) -> None:
    """Record the change (with `more`), then show it (with `shown`): the last two transactions of a long write, which somebody makes on the machine."""

    def work(tx: WriteTransaction) -> None:
        if more is not None:
            more(tx)
        tx.run(_CHANGE, row=change_row(change))
        hold(tx, lease)

    engine.write(work)
    show(engine, lease, change.seq, shown, operator(change.actor))


def _journal(
    space: str, seq: int, concepts: Iterable[str], stated: set[str] | None, related: set[str] | None
) -> Iterator[Properties]:
    for number, part in enumerate(chunks(concepts, JOURNAL_BATCH)):
        row: Properties = {"key": journal_key(space, seq, number), "seq": seq, "space": space, "concepts": part}
        if stated is not None and related is not None:
            row["stated"] = [uuid for uuid in part if uuid in stated]
            row["related"] = [uuid for uuid in part if uuid in related]
        yield row


def _run_in(tx: WriteTransaction, query: Query, parameters: dict[str, Any]) -> None:
    tx.run(query, **parameters)
