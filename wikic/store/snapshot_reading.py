"""Streaming the whole store out as of one pinned moment, in an order that depends on nothing but the data.

Rows are read in windows of their unique key, sized beforehand by counting prefixes: `ORDER BY key LIMIT n` would sort all that is left
for each page on ArcadeDB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, Final

from wikic.errors import BackupError
from wikic.store.engine import Engine, Query, Row
from wikic.store.snapshot import BY_NAME, RELATION_SECTION, SECTIONS, Section, pin
from wikic.store.temporal import OPEN

WINDOW: Final = 1_000
"""Weight of one window: about as many rows are in memory at once (concepts, or what hangs on so many)."""

_PREFIX: Final = 3
_LONGEST: Final = 64
_END: Final = "\uffff"
_NUMBERS: Final = 2_000

Page = list[Row]

_TOTAL_RELATIONS = Query(
    "snapshot.total.relation",
    "MATCH (:Concept)-[r]->(:Concept) WHERE r.from_seq <= $at[r.space] RETURN count(r) AS n",
)
_RELATIONS = Query(
    "snapshot.read.relation",
    "MATCH (c:Concept) WHERE c.uuid >= $start AND c.uuid < $end MATCH (c)-[r]->(n:Concept)"
    " WHERE r.from_seq <= $at[r.space] RETURN c.uuid AS source, type(r) AS type, n.uuid AS target, properties(r) AS r",
)


def windows(
    engine: Engine, label: str, key: str, *, weight: str = "1", limit: int = WINDOW, within: tuple[str, str] = ("", _END)
) -> list[tuple[str, str]]:
    """Half-open ranges that cover all values of a string key, in order, each of at most `limit` in weight where the keys allow it; of those
    values that are `within` two, of which the first is a prefix of them all."""
    query = Query(
        f"snapshot.prefixes.{label}",
        f"MATCH (n:{label}) WHERE n.{key} >= $start AND n.{key} < $end"
        f" RETURN substring(n.{key}, 0, $length) AS prefix, sum({weight}) AS weight",
    )
    starts: list[str] = []

    def split(start: str, end: str, length: int, room: int) -> int:
        """Add the starts of the windows within [start, end); returns the room left in the last one."""
        rows = engine.read(query, start=start, end=end, length=length)
        sizes = sorted((str(row["prefix"]), int(row["weight"])) for row in rows)
        for (prefix, size), (following, _) in pairwise([*sizes, (end, 0)]):
            if size > limit and length < _LONGEST:
                room = split(prefix, following, length + _PREFIX, room)
                continue
            if size > room:
                starts.append(prefix)
                room = limit
            room -= size
        return room

    first, last = within
    split(first, last, len(first) + _PREFIX, 0)
    return list(pairwise([*starts, last]))


class SnapshotReader:
    """The rows of one store at one moment, pinned when this is made. Rows above the heads are not there, ends above them are open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.pinned = pin(engine)
        self._at = self.pinned.heads
        self.totals = {section.name: self._total(section) for section in SECTIONS}
        self._concepts: list[tuple[str, str]] | None = None

    def pages(self, section: str) -> Iterator[Page]:
        """The rows of one section, a page at a time, sorted by their key. Raises BackupError where some cannot be reached."""
        chosen = BY_NAME[section]
        found = 0
        for page in self._pages(chosen):
            found += len(page)
            yield page
        if found != self.totals[section]:
            raise BackupError(
                f"the store holds {self.totals[section]} rows of {section} but {found} can be reached from where they belong:"
                " `wikic check` says which, and nothing was saved"
            )

    def _pages(self, section: Section) -> Iterator[Page]:
        if section.name == "space":
            yield self.pinned.spaces
        elif section.name == "release":
            yield self.pinned.releases
        elif section.table is not None:
            yield self.pinned.documents[section.name]
        elif section.name == "event":
            yield from self._numbered(section, self.pinned.event, "")
        elif section.name == "change":
            yield from self._numbered(section, max(self._at.values(), default=0), " WHERE n.seq <= $at[n.space]")
        elif section.name == RELATION_SECTION:
            yield from self._by_concept(_RELATIONS, self._relation, _relation_order)
        elif section.key:
            yield from self._keyed(section)
        else:
            yield from self._children(section)

    def _total(self, section: Section) -> int:
        if section.name == "space":
            return len(self.pinned.spaces)
        if section.name == "release":
            return len(self.pinned.releases)
        if section.table is not None:
            return len(self.pinned.documents[section.name])
        if section.name == RELATION_SECTION:
            return int(self._engine.read(_TOTAL_RELATIONS, at=self._at)[0]["n"])
        bound = f"n.{section.since} <= $at[n.space]" if section.since else f"n.{section.key} <= $event"
        query = Query(f"snapshot.total.{section.name}", f"MATCH (n:{section.label}) WHERE {bound} RETURN count(n) AS n")
        return int(self._engine.read(query, at=self._at, event=self.pinned.event)[0]["n"])

    def _numbered(self, section: Section, last: int, bound: str) -> Iterator[Page]:
        key = section.key
        query = Query(
            f"snapshot.read.{section.name}",
            # ArcadeDB finds a number by its index, but reads the whole label for a range of them.
            f"UNWIND range($after + 1, $until) AS number MATCH (n:{section.label} {{{key}: number}}){bound}"
            " RETURN properties(n) AS row",
        )
        for after in range(0, last, _NUMBERS):
            rows = self._engine.read(query, after=after, until=min(after + _NUMBERS, last), at=self._at)
            yield sorted((row["row"] for row in rows), key=lambda row: int(row[key]))

    def _keyed(self, section: Section) -> Iterator[Page]:
        key = section.key
        query = Query(
            f"snapshot.read.{section.name}",
            f"MATCH (n:{section.label}) WHERE n.{key} >= $start AND n.{key} < $end AND n.{section.since} <= $at[n.space]"
            " RETURN properties(n) AS row",
        )
        ranges = windows(self._engine, section.label, key, weight=section.weight)
        for start, end in ranges:
            rows = self._engine.read(query, start=start, end=end, at=self._at)
            yield sorted((self._trim(row["row"]) for row in rows), key=lambda row: str(row[key]))

    def _children(self, section: Section) -> Iterator[Page]:
        query = Query(
            f"snapshot.read.{section.name}",
            "MATCH (c:Concept) WHERE c.uuid >= $start AND c.uuid < $end"
            f" MATCH (c)-[:{section.edge}]->(n:{section.label}) WHERE n.{section.since} <= $at[n.space]"
            " RETURN c.uuid AS concept, properties(n) AS row",
        )
        yield from self._by_concept(query, self._child, _child_order)

    def _by_concept(self, query: Query, made: Callable[[Row], Row], order: Callable[[Row], Any]) -> Iterator[Page]:
        if self._concepts is None:
            self._concepts = windows(self._engine, "Concept", "uuid")
        for start, end in self._concepts:
            rows = self._engine.read(query, start=start, end=end, at=self._at)
            yield sorted((made(row) for row in rows), key=order)

    def _child(self, found: Row) -> Row:
        row = self._trim(found["row"])
        if row.get("concept") != found["concept"]:
            raise BackupError(
                f"a row of concept {found['concept']} says that it is of {row.get('concept')}: `wikic check` says more,"
                " and nothing was saved"
            )
        return row

    def _relation(self, row: Row) -> Row:
        self._trim(row["r"])
        return row

    def _trim(self, row: Row) -> Row:
        """Take off a row what a write above the pinned head has done to it."""
        head = self._at[row["space"]]
        if "to_seq" in row and head < row["to_seq"] < OPEN:
            row["to_seq"] = OPEN
            row.pop("removed_here", None)
        if "touches" in row and any(seq > head for seq in row["touches"]):
            row["touches"] = [seq for seq in row["touches"] if seq <= head]
        return row


def _child_order(row: Row) -> tuple[str, int]:
    return row["concept"], row["from_seq"]


def _relation_order(row: Row) -> tuple[str, str, int]:
    return row["source"], row["r"]["id"], row["r"]["from_seq"]
