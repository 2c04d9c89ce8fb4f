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
from wikic.domain.changes import Change, Identity, Relation, WriteSet
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
_CLOSE_STATE = Query(
    "write.close_states",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_STATE]->(s:State) WHERE s.to_seq = $open SET s.to_seq = $seq",
)
_OPEN_STATE = Query(
    "write.open_states",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.uuid}) CREATE (s:State) SET s = row.s CREATE (c)-[:HAS_STATE]->(s)",
)
_CLOSE_BASE = Query(
    "write.close_bases",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row})-[:HAS_SOURCE]->(s:SourceRecord) WHERE s.to_seq = $open"
    " SET s.to_seq = $seq",
)
_OPEN_BASE = Query(
    "write.open_bases",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.uuid}) CREATE (s:SourceRecord) SET s = row.s"
    " CREATE (c)-[:HAS_SOURCE]->(s)",
)
_ALIAS = Query(
    "write.aliases",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row.concept}) CREATE (a:Alias) SET a = row CREATE (c)-[:HAS_ALIAS]->(a)",
)
_TOUCH = Query(
    "write.touch",
    "UNWIND $rows AS row MATCH (c:Concept {uuid: row}) WHERE NOT $seq IN c.touches SET c.touches = c.touches + $seq",
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
    """Writes rows of one space at one number. `run` sends one batch: under a lease each in a transaction of its own, or all in a given one;
    `wait` returns when all that was sent is written."""

    def __init__(
        self,
        space: str,
        seq: int,
        run: Callable[[Query, dict[str, Any]], None],
        wait: Callable[[], None],
        progress: Progress | None = None,
    ) -> None:
        self.space, self.seq, self._run, self._wait, self._progress = space, seq, run, wait, progress
        self._journals = 0

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

    @classmethod
    def within(cls, tx: WriteTransaction, space: str, seq: int) -> SpaceWriter:
        """A writer into a transaction that is under way."""
        return cls(space, seq, lambda query, parameters: _run_in(tx, query, parameters), lambda: None)

    def journal(self, concepts: Iterable[str], stated: set[str] | None = None, related: set[str] | None = None) -> None:
        """Name the concepts that rows to come will touch; among them those whose states and whose outgoing relations will open or close (None:
        any of them). Must be called before any of those rows is written."""
        for part in chunks(concepts, JOURNAL_BATCH):
            row: Properties = {
                "key": journal_key(self.space, self.seq, self._journals),
                "seq": self.seq,
                "space": self.space,
                "concepts": part,
            }
            if stated is not None and related is not None:
                row["stated"] = [uuid for uuid in part if uuid in stated]
                row["related"] = [uuid for uuid in part if uuid in related]
            self._journals += 1
            self._run(_JOURNAL, {"rows": [row]})
        self._wait()

    def new_concepts(self, rows: Iterable[tuple[Identity, Properties]]) -> None:
        """Create concepts with their first states."""
        made = (state_row(identity, content, self.space, self.seq) for identity, content in rows)
        self._send("concepts", _NEW, made, size=STATE_BATCH, space=self.space, seq=self.seq)
        self._wait()

    def states(self, rows: Iterable[tuple[Identity, Properties]]) -> None:
        """Close the open states of known concepts and open the next ones."""
        for part in chunks(rows, STATE_BATCH):
            self._send("closed states", _CLOSE_STATE, [identity.uuid for identity, _ in part], open=OPEN, seq=self.seq)
            # The next state would match what closes the former one.
            self._wait()
            opened = [
                {"uuid": identity.uuid, "s": state_row(identity, content, self.space, self.seq)}
                for identity, content in part
            ]
            self._send("states", _OPEN_STATE, opened)
            self._wait()

    def bases(self, rows: Iterable[tuple[Identity, Properties]]) -> None:
        """Write down what the source said of concepts that are edited here; the former record closes."""
        for part in chunks(rows, STATE_BATCH):
            self._send("closed bases", _CLOSE_BASE, [identity.uuid for identity, _ in part], open=OPEN, seq=self.seq)
            self._wait()
            opened = [
                {"uuid": identity.uuid, "s": base_row(identity, content, self.space, self.seq)}
                for identity, content in part
            ]
            self._send("bases", _OPEN_BASE, opened)
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

    def apply(self, rows: WriteSet) -> None:
        """Write a whole write set, journal first."""
        new = {concept.identity.uuid for concept in rows.new_concepts}
        self.journal(sorted(rows.concerned()), rows.stated(), rows.related())
        self.new_concepts((concept.identity, to_properties(concept.content)) for concept in rows.new_concepts)
        self.apply_rows(rows, new=new)

    def apply_rows(self, rows: WriteSet, *, new: set[str]) -> None:
        """Write everything of a write set but its new concepts, which are there already, as is the journal."""
        self.states((state.identity, to_properties(state.content)) for state in rows.new_states)
        self.bases((state.identity, to_properties(state.base)) for state in rows.new_states if state.base is not None)
        self.close_relations(rows.close_relations)
        self.open_relations(rows.open_relations)
        self.aliases(rows.aliases.items())
        self.touch(sorted(rows.touched - new))

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


def record_change(tx: WriteTransaction, change: Change) -> None:
    """Write the change; it is seen when the head moves to its number."""
    tx.run(_CHANGE, row=change_row(change))


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
        record_change(tx, change)
        hold(tx, lease)

    engine.write(work)
    show(engine, lease, change.seq, shown, operator(change.actor))


def _run_in(tx: WriteTransaction, query: Query, parameters: dict[str, Any]) -> None:
    tx.run(query, **parameters)
