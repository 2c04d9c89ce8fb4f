"""What a copy of the whole store consists of, and the one moment it is taken at.

`SECTIONS` is the one table: saving, restoring, emptying and comparing all follow it, and a store that holds anything else is refused, so that
nothing can be left out silently. `snapshot_reading` streams the rows out, `snapshot_writing` in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from wikic.errors import BackupError, StoreNotReady
from wikic.store import documents
from wikic.store.documents import Table
from wikic.store.engine import Engine, Query, ReadTransaction, Row
from wikic.store.rows import RELATION
from wikic.store.schema import wanted_version
from wikic.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one label. `key` is unique and orders them ("": they hang on a concept by `edge` and are ordered by it and `from_seq`);
    `since` is the property that says from which number of their space they are there ("": they are bound by something else)."""

    name: str
    label: str
    key: str = ""
    since: str = ""
    edge: str = ""
    weight: str = "1"
    table: Table | None = None


RELATION_SECTION: Final = "relation"

# The journal goes before the rows it names: it is what a dead restore is undone by. What readers could take for visible history is last.
SECTIONS: Final = (
    Section("space", "Space", key="name"),
    Section("journal", "Journal", key="key", since="seq", weight="1 + size(n.concepts) / 10"),
    Section("import", "Import", key="key", since="seq"),
    Section("import_part", "ImportPart", key="key", since="seq", weight="1 + size(n.entries) / 500"),
    Section("concept", "Concept", key="uuid", since="from_seq"),
    Section("state", "State", since="from_seq", edge="HAS_STATE"),
    Section("source_record", "SourceRecord", since="from_seq", edge="HAS_SOURCE"),
    Section("alias", "Alias", key="uuid", since="from_seq", edge="HAS_ALIAS"),
    Section(RELATION_SECTION, ""),
    Section("change", "Change", key="seq", since="seq"),
    Section("event", "Event", key="number"),
    Section("release", "Release", key="key"),
    *(Section(table.name, table.label, key="key", table=table) for table in TABLES if table.kept),
)
DERIVED: Final = frozenset(table.label for table in TABLES if not table.kept)
"""Labels of what is forgotten by a copy: sessions end with a restore."""
BY_NAME: Final = {section.name: section for section in SECTIONS}
LAST: Final = frozenset({"space", "change", "event", "release", *(table.name for table in TABLES if table.kept)})
"""Sections that a restore writes in one transaction, before the one that moves the heads."""

META: Final = "Meta"
LABELS: Final = frozenset({META, *DERIVED, *(section.label for section in SECTIONS if section.label)})
"""Every node label of the store."""
RELATIONSHIPS: Final = frozenset({*RELATION, *(section.edge for section in SECTIONS if section.edge)})
"""Every relationship type of the store."""

_OWN = ("key", "schema", "epoch", "seq", "event")
_LEASE = "lease_"

_META = Query("snapshot.meta", "MATCH (m:Meta) RETURN properties(m) AS row")
_SPACES = Query("snapshot.spaces", "MATCH (s:Space) RETURN properties(s) AS row ORDER BY s.name")
_RELEASES = Query("snapshot.releases", "MATCH (r:Release) RETURN properties(r) AS row ORDER BY r.key")
_LABELS = Query("snapshot.labels", "MATCH (n) UNWIND labels(n) AS name RETURN DISTINCT name")
_TYPES = Query("snapshot.types", "MATCH ()-[r]->() RETURN DISTINCT type(r) AS name")


@dataclass(frozen=True, slots=True)
class Pinned:
    """One moment of a store: its heads and counters, and the rows that can change in place (the others only ever close).
    `documents` are by the name of their section; `more` are properties of the Meta node beyond the counters."""

    heads: dict[str, int]
    schema: int
    epoch: str
    seq: int
    event: int
    spaces: list[Row]
    releases: list[Row]
    more: Row = field(default_factory=dict)
    documents: dict[str, list[Row]] = field(default_factory=dict)


def pin(engine: Engine) -> Pinned:
    """The present moment of the store. Raises StoreNotReady where there is none, or of another schema; BackupError where it holds what
    this program does not know."""
    _refuse_unknown(engine)
    one = engine.read(_look)
    # Reading is not one moment on Neo4j (read committed): what looks the same twice has not moved in between.
    while (again := engine.read(_look)) != one:
        one = again
    if one.schema != wanted_version():
        raise StoreNotReady(f"the store has schema {one.schema}, this program works with {wanted_version()}")
    return one


def _look(tx: ReadTransaction) -> Pinned:
    metas = [row["row"] for row in tx.run(_META)]
    if len(metas) != 1 or metas[0].get("key") != "store":
        raise StoreNotReady("this is no Wiki-C store: it has not exactly one node of counters (label Meta, key store)")
    meta = metas[0]
    spaces = [
        {name: value for name, value in row["row"].items() if not name.startswith(_LEASE)} for row in tx.run(_SPACES)
    ]
    return Pinned(
        heads={str(space["name"]): int(space["head"]) for space in spaces},
        schema=int(meta["schema"]),
        epoch=str(meta["epoch"]),
        seq=int(meta["seq"]),
        event=int(meta["event"]),
        spaces=spaces,
        releases=[row["row"] for row in tx.run(_RELEASES)],
        documents={section.name: _documents(tx, section) for section in SECTIONS if section.table is not None},
        more={name: value for name, value in meta.items() if name not in _OWN},
    )


def _documents(tx: ReadTransaction, section: Section) -> list[Row]:
    query = Query(f"snapshot.read.{section.name}", f"MATCH (n:{section.label}) RETURN properties(n) AS row")
    rows = [{name: value for name, value in row["row"].items() if name != "locked"} for row in documents.there(tx.run(query), "row")]
    return sorted(rows, key=lambda row: str(row["key"]))


def _refuse_unknown(engine: Engine) -> None:
    for query, known, what in ((_LABELS, LABELS, "nodes"), (_TYPES, RELATIONSHIPS, "relationships")):
        unknown = sorted({str(row["name"]) for row in engine.read(query)} - known)
        if unknown:
            raise BackupError(
                f"the store holds {what} that this program does not know ({', '.join(unknown)}): use the newer Wiki-C that"
                " wrote them, or remove them if they are not Wiki-C's"
            )
