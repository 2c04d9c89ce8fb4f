"""Writing a copy of a store into an empty one, under the lease of the public space, the heads last.

Until the last transaction every head stays 0, the other spaces do not exist and the change log is empty: readers see an empty store. A restore
that died is emptied away by the next one; a writer that comes first undoes its rows like those of a dead import, by the journal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import BackupError, LeaseLost
from wikic.store.engine import Engine, Query, Row, WriteTransaction
from wikic.store.leases import Lease, acquire, finish, heads, hold, release
from wikic.store.rows import RELATION
from wikic.store.schema import ensure_schema, renew_epoch
from wikic.store.snapshot import BY_NAME, DERIVED, LAST, RELATION_SECTION, SECTIONS, Pinned, pin
from wikic.store.writing import BATCH

_BYTES: Final = 4_000_000
_WIPE: Final = 5_000

Sized = tuple[str, Row, int]
"""A section's name, a row of it, and the bytes it takes in the file."""

_CREATE = {
    section.name: Query(
        f"snapshot.write.{section.name}",
        f"UNWIND $rows AS row MATCH (c:Concept {{uuid: row.concept}}) CREATE (n:{section.label}) SET n = row"
        f" CREATE (c)-[:{section.edge}]->(n)"
        if section.edge
        else f"UNWIND $rows AS row CREATE (n:{section.label}) SET n = row",
    )
    for section in SECTIONS
    if section.label
}
_RELATE = {
    edge: Query(
        f"snapshot.write.{edge}",
        "UNWIND $rows AS row MATCH (a:Concept {uuid: row.source}) UNWIND row.to AS t MATCH (b:Concept {uuid: t.uuid})"
        f" CREATE (a)-[r:{edge}]->(b) SET r = t.r",
    )
    for edge in RELATION
}
_SPACE = Query(
    "snapshot.write.space",
    "UNWIND $rows AS row MERGE (s:Space {name: row.name}) ON CREATE SET s.lease_token = 0, s.lease_until = 0,"
    " s.lease_holder = '' SET s += row",
)
_COUNTERS = Query(
    "snapshot.write.counters",
    "MATCH (m:Meta {key: 'store'}) SET m += $more SET m.schema = $schema,"
    " m.seq = CASE WHEN m.seq > $seq THEN m.seq ELSE $seq END,"
    " m.event = CASE WHEN m.event > $event THEN m.event ELSE $event END, m.people_from = $event",
)
_NUMBERS = Query(
    "snapshot.write.numbers", "MATCH (m:Meta {key: 'store'}) WHERE m.seq < $seq SET m.seq = $seq RETURN m.seq AS seq"
)
_COUNT_RELATIONS = Query("snapshot.count.relation", "MATCH (:Concept)-[r]->(:Concept) RETURN count(r) AS n")


_LABELS = Query("snapshot.wipe.labels", "MATCH (n) UNWIND labels(n) AS name RETURN DISTINCT name")
_LOGS: Final = ("change", "event")
_EMPTIED: Final = (
    *(section.label for section in SECTIONS if section.label and section.name != "space"),
    *sorted(DERIVED),
)


class SnapshotWriter:
    """Writes the rows of a snapshot. Made by `begin`; `finish_with` makes them visible, or `give_up` takes them away."""

    def __init__(self, engine: Engine, lease: Lease) -> None:
        self._engine, self._lease = engine, lease

    @classmethod
    def begin(cls, engine: Engine, seq: int) -> SnapshotWriter:
        """Take the lease of a store that holds nothing, and clear away what a dead write left; numbers up to `seq` will be used.

        Raises BackupError where the store holds something, Busy while somebody writes.
        """
        ensure_schema(engine)
        _refuse_full(pin(engine))
        lease = acquire(engine, PUBLIC_SPACE)
        writer = cls(engine, lease)
        try:
            _refuse_full(pin(engine))
            writer.empty()
            # First of all: should this restore die, nobody else is given a number that one of its rows has.
            writer._run(_NUMBERS, seq=seq)
        except BaseException:
            release(engine, lease)
            raise
        return writer

    def empty(self) -> None:
        """Delete everything but the counters and the public space."""
        there = {str(row["name"]) for row in self._engine.read(_LABELS)}
        for label in (label for label in _EMPTIED if label in there):
            query = Query(
                f"snapshot.wipe.{label}",
                f"MATCH (n:{label}) WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS n",
            )
            while self._engine.write(partial(self._wipe, query)):
                pass

    def give_up(self, *, clear: bool) -> None:
        """Give the lease back; with `clear`, take away what was written."""
        if clear:
            self.empty()
        release(self._engine, self._lease)

    def write(self, rows: Iterable[Sized], told: Callable[[int], None]) -> None:
        """Write the rows of all sections but the last ones, in batches; tells how many were written."""
        for section, batch in _batches(row for row in rows if row[0] not in LAST):
            if section == RELATION_SECTION:
                self._relate(batch)
            else:
                self._run(_CREATE[section], rows=batch)
            told(len(batch))

    def check_counts(self, counts: dict[str, int]) -> None:
        """Raise BackupError unless the store now holds as many rows as the file says."""
        for section in SECTIONS:
            if section.name in LAST:
                continue
            edge = f"(:Concept)-[:{section.edge}]->" if section.edge else ""
            query = (
                Query(f"snapshot.count.{section.name}", f"MATCH {edge}(n:{section.label}) RETURN count(n) AS n")
                if section.label
                else _COUNT_RELATIONS
            )
            found = int(self._engine.read(query)[0]["n"])
            if found != counts.get(section.name, 0):
                raise BackupError(
                    f"the file holds {counts.get(section.name, 0)} rows of {section.name}, of which {found} belong to a concept"
                    " of it: it was not written by Wiki-C"
                )

    def finish_with(self, pinned: Pinned, last: Callable[[], Iterable[Sized]]) -> str:
        """The last two transactions: the logs; then documents, releases and spaces with their heads, the counters and a new epoch (readers see
        parts of a commit, so what a head shows is there before it moves). `last` gives the rows of the last sections, and may be asked again.
        Returns the epoch."""

        def logs(tx: WriteTransaction) -> None:
            for section, batch in _batches(row for row in last() if row[0] in _LOGS):
                tx.run(_CREATE[section], rows=batch)
            hold(tx, self._lease)

        def heads(tx: WriteTransaction) -> None:
            hold(tx, self._lease)
            for section, batch in _batches(row for row in last() if row[0] not in _LOGS):
                if section == "space":
                    tx.run(_SPACE, rows=[_headless(row) for row in batch])
                else:
                    tx.run(_CREATE[section], rows=batch)
            tx.run(_COUNTERS, schema=pinned.schema, seq=pinned.seq, event=pinned.event, more=pinned.more)
            renew_epoch(tx)
            finish(tx, self._lease, pinned.heads[PUBLIC_SPACE])

        self._engine.write(logs)
        self._engine.write(heads)
        self._engine.moved += 1
        return ensure_schema(self._engine)

    def _relate(self, batch: list[Row]) -> None:
        grouped: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in batch:
            grouped[row["type"]][row["source"]].append({"uuid": row["target"], "r": row["r"]})
        for edge, sources in grouped.items():
            self._run(_RELATE[edge], rows=[{"source": source, "to": to} for source, to in sources.items()])

    def _wipe(self, query: Query, tx: WriteTransaction) -> int:
        hold(tx, self._lease)
        # A last transaction whose answer was lost may have arrived: what is visible is never deleted.
        if any(heads(tx).values()):
            raise LeaseLost("the store became visible meanwhile: nothing of it was deleted")
        return int(tx.run(query, limit=_WIPE)[0]["n"])

    def _run(self, query: Query, **parameters: Any) -> list[Row]:
        def work(tx: WriteTransaction) -> list[Row]:
            hold(tx, self._lease)
            return tx.run(query, **parameters)

        return self._engine.write(work)


def _headless(row: Row) -> Row:
    """A space's row; the public one without its head, which `finish` moves."""
    return row if row["name"] != PUBLIC_SPACE else {name: value for name, value in row.items() if name != "head"}


def _refuse_full(pinned: Pinned) -> None:
    if any(pinned.heads.values()) or len(pinned.heads) > 1 or any(pinned.documents.values()):
        raise BackupError(
            "the store is not empty: a backup is restored into an empty one only (choose another WIKIC_DATA or database)"
        )


def _batches(rows: Iterable[Sized]) -> Iterator[tuple[str, list[Row]]]:
    """The rows in batches of one section (relations: of one type), bounded in number and bytes."""
    pending: dict[str, list[Row]] = {}
    sizes: dict[str, int] = defaultdict(int)
    current = ""
    for section, row, size in rows:
        if section != current:
            yield from ((current, batch) for batch in pending.values())
            pending.clear()
            sizes.clear()
            current = section
        slot = str(row["type"]) if section == RELATION_SECTION else section
        batch = pending.setdefault(slot, [])
        batch.append(row)
        sizes[slot] += size
        if len(batch) >= BATCH or sizes[slot] >= _BYTES:
            yield section, pending.pop(slot)
            sizes[slot] = 0
    yield from ((current, batch) for batch in pending.values())


def knows(section: str, row: Row) -> bool:
    """Whether this program can write such a row."""
    if section == RELATION_SECTION:
        return row.get("type") in RELATION and {"source", "target", "r"} <= row.keys()
    chosen = BY_NAME.get(section)
    if chosen is None:
        return False
    wanted = {name for name in (chosen.key, chosen.since, "concept" if chosen.edge else "") if name}
    return wanted <= row.keys()
