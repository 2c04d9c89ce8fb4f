"""Documents: what people edit in place (accounts, proposals, comments, deliveries), beside the versioned graph.

A document is one node with a unique `key` and a `version` that grows with each change. Tables are listed in `tables`; the schema's
constraints and indexes, backups and the emptying of a store all follow that list. Values are what both engines keep: texts, whole numbers, booleans,
lists of texts; what has more structure is packed as JSON (`Table.packed`).

Range reads go by one indexed text property that is also the order (`page`), since both engines walk such an index upwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from wikic.errors import NotFound, StaleVersion
from wikic.store.engine import Engine, Query, ReadTransaction, Row, WriteTransaction

END: Final = "\uffff"
"""Sorts after every key."""

_LOOKS: Final = 5

Source = Engine | ReadTransaction


@dataclass(frozen=True, slots=True)
class Table:
    """The documents of one label. `indexes` are properties that are looked up or ranged over; `packed` are kept as JSON; `kept`: they
    are part of a backup (each write of such a document appends to the event log). `always`: properties that each document has, of documents that
    may be deleted while others read them (see `there`)."""

    name: str
    label: str
    indexes: tuple[str, ...] = ()
    packed: frozenset[str] = frozenset()
    kept: bool = True
    always: frozenset[str] = frozenset({"key"})


def insert(tx: WriteTransaction, table: Table, row: Mapping[str, Any]) -> None:
    """Add a document (with its `key`), at version 1. Raises UniqueViolation where the key is taken."""
    tx.run(Query(f"{table.name}.insert", f"CREATE (n:{table.label}) SET n = $row"), row=packed(table, {**row, "version": 1}))


def insert_many(tx: WriteTransaction, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add several documents at once, each at version 1. Raises UniqueViolation where a key is taken."""
    query = Query(f"{table.name}.insert_many", f"UNWIND $rows AS row CREATE (n:{table.label}) SET n = row")
    tx.run(query, rows=[packed(table, {**row, "version": 1}) for row in rows])


def find(source: Source, table: Table, key: str) -> Row | None:
    """The document with that key."""
    rows = find_by(source, table, "key", [key])
    return rows[0] if rows else None


def get(source: Source, table: Table, key: str, what: str) -> Row:
    """The same; raises NotFound ("there is no {what} {key}")."""
    row = find(source, table, key)
    if row is None:
        raise NotFound(f"there is no {what} {key[:100]}", reason="none-here", key=key[:100])
    return row


def find_by(source: Source, table: Table, field: str, values: Iterable[str]) -> list[Row]:
    """The documents whose indexed `field` is one of `values`, in the order of their keys."""
    wanted = list(dict.fromkeys(values))
    if not wanted:
        return []
    query = Query(
        f"{table.name}.by_{field}",
        f"UNWIND $values AS value MATCH (n:{table.label} {{{field}: value}}) RETURN properties(n) AS n",
    )
    rows = there(run(source, query, values=wanted), always=table.always)
    return sorted((unpacked(table, row["n"]) for row in rows), key=lambda row: str(row["key"]))


def page(
    source: Source,
    table: Table,
    field: str,
    *,
    prefix: str = "",
    after: str = "",
    limit: int = 100,
    where: Mapping[str, Any] | None = None,
    has: Mapping[str, str] | None = None,
) -> list[Row]:
    """At most `limit` documents whose indexed text `field` begins with `prefix` and is greater than `after`, in its order. `where`: properties that
    must equal a value; `has`: list properties that must hold one."""
    equal, holding = dict(where or {}), dict(has or {})
    conditions = [f"n.{name} = $where_{name}" for name in sorted(equal)] + [f"$has_{name} IN n.{name}" for name in sorted(holding)]
    parameters = {f"where_{name}": value for name, value in equal.items()}
    parameters |= {f"has_{name}": value for name, value in holding.items()}
    name = ".".join([table.name, "page", field, *sorted(equal), *sorted(holding)])
    return page_where(source, table, field, name, conditions, parameters, prefix=prefix, after=after, limit=limit)


def page_where(
    source: Source,
    table: Table,
    field: str,
    name: str,
    conditions: Iterable[str],
    parameters: Mapping[str, Any],
    *,
    prefix: str = "",
    after: str = "",
    limit: int = 100,
) -> list[Row]:
    """`page` with other conditions on `n`, in Cypher; the query's `name` tells them apart."""
    text = _ranged(table, field, conditions)
    sent = {**parameters, "after": max(after, prefix), "end": prefix + END, "limit": limit}
    always = table.always | {field}
    found = _whole(source, Query(name, f"{text} RETURN properties(n) AS n LIMIT $limit"), sent, always)
    if any(one[field] >= following[field] for one, following in pairwise(found)):
        sorted_ = Query(f"{name}.sorted", f"{text} RETURN properties(n) AS n ORDER BY n.{field} LIMIT $limit")
        found = _whole(source, sorted_, sent, always)
    return [unpacked(table, row) for row in found]


def _whole(source: Source, query: Query, sent: Mapping[str, Any], always: frozenset[str]) -> list[Row]:
    """The properties of the rows of a query with a limit."""
    for _ in range(_LOOKS):
        rows = run(source, query, **sent)
        found = there(rows, always=always)
        # Of fewer than there are, who reads page by page would think that they are the last ones.
        if len(found) == len(rows):
            break
    return [row["n"] for row in found]


def there(rows: Iterable[Row], name: str = "n", always: frozenset[str] = frozenset()) -> list[Row]:
    """Those rows whose node is there: where another transaction deletes it between its finding and its reading, Neo4j gives a node without properties, and
    no value of any of them; in the middle of its reading, a node without some. `name`: the column of all its properties, or of its key; `always`: those that
    each such node has."""
    return [row for row in rows if row[name] and (not always or row[name].keys() >= always)]


def count(source: Source, table: Table, field: str, *, prefix: str = "", where: Mapping[str, Any] | None = None) -> int:
    """How many documents `page` would go through."""
    equal = dict(where or {})
    conditions = [f"n.{name} = $where_{name}" for name in sorted(equal)]
    parameters = {f"where_{name}": value for name, value in equal.items()}
    return count_where(source, table, field, ".".join([table.name, "count", field, *sorted(equal)]), conditions, parameters, prefix=prefix)


def count_where(
    source: Source, table: Table, field: str, name: str, conditions: Iterable[str], parameters: Mapping[str, Any], *, prefix: str = ""
) -> int:
    """How many documents `page_where` would go through."""
    query = Query(name, f"{_ranged(table, field, conditions)} RETURN count(n) AS n")
    return int(run(source, query, **parameters, after=prefix, end=prefix + END)[0]["n"])


def _ranged(table: Table, field: str, conditions: Iterable[str]) -> str:
    """The beginning of a query over a range of an indexed text, and then what else must hold."""
    more = " AND ".join(conditions)
    text = f"MATCH (n:{table.label}) WHERE n.{field} > $after AND n.{field} < $end"
    # ArcadeDB walks the index only where nothing stands beside the range.
    return f"{text} WITH n WHERE {more}" if more else text


def change(
    tx: WriteTransaction, table: Table, key: str, values: Mapping[str, Any], *, version: int | None = None
) -> Row:
    """Set properties (None removes one) and raise the version; returns the document as it is then.

    Locks the document first, so that of two changes at once the second sees the first. Raises NotFound; StaleVersion where it is not at `version`.
    """
    row = lock(tx, table, key, version=version)
    new = {**values, "version": int(row["version"]) + 1}
    query = Query(f"{table.name}.change", f"MATCH (n:{table.label} {{key: $key}}) SET n += $values")
    tx.run(query, key=key, values=packed(table, new))
    return {name: value for name, value in (row | new).items() if value is not None}


def lock(tx: WriteTransaction, table: Table, key: str, *, version: int | None = None) -> Row:
    """Take the document's lock for the rest of the transaction and read it. Raises NotFound; StaleVersion where it is not at `version`."""
    # Setting before reading takes the node's write lock on both engines: what is read then is what is true.
    query = Query(
        f"{table.name}.lock",
        f"MATCH (n:{table.label} {{key: $key}}) SET n.locked = timestamp() WITH n RETURN properties(n) AS n",
    )
    rows = tx.run(query, key=key)
    # Neo4j gives a node without properties where another transaction deleted it while this one waited for its lock.
    if not rows or "key" not in rows[0]["n"]:
        raise NotFound(f"there is no {table.name} {key[:100]}", reason="none-here", key=key[:100])
    row = unpacked(table, rows[0]["n"])
    require_version(table, row, version)
    return row


def require_version(table: Table, row: Mapping[str, Any], version: int | None) -> None:
    """Raise StaleVersion unless a document is at the version that somebody has read (None: whatever it is)."""
    if version is not None and int(row["version"]) != version:
        raise StaleVersion(f"{table.name} {str(row['key'])[:100]} was changed meanwhile: look again, then repeat", reason="stale")


def lock_many(tx: WriteTransaction, table: Table, keys: Iterable[str]) -> dict[str, Row]:
    """Lock several documents, in the order of their keys so that two who want the same do not wait for each other; those that are there, by key."""
    query = Query(
        f"{table.name}.lock_many",
        f"UNWIND $keys AS key MATCH (n:{table.label} {{key: key}}) SET n.locked = timestamp() WITH n RETURN properties(n) AS n",
    )
    rows = tx.run(query, keys=sorted(set(keys)))
    return {str(row["n"]["key"]): unpacked(table, row["n"]) for row in rows if "key" in row["n"]}


def change_many(tx: WriteTransaction, table: Table, rows: Iterable[tuple[Row, Mapping[str, Any]]]) -> None:
    """Set properties (None removes one) of several documents that are locked: (the document as it was read, what to set)."""
    made = [{"key": row["key"], "new": packed(table, {**new, "version": int(row["version"]) + 1})} for row, new in rows]
    query = Query(f"{table.name}.change_many", f"UNWIND $rows AS row MATCH (n:{table.label} {{key: row.key}}) SET n += row.new")
    if made:
        tx.run(query, rows=made)


def remove(tx: WriteTransaction, table: Table, keys: Iterable[str]) -> None:
    """Delete documents, for what may be forgotten (a session, a draft)."""
    query = Query(f"{table.name}.remove", f"UNWIND $keys AS key MATCH (n:{table.label} {{key: key}}) DETACH DELETE n")
    tx.run(query, keys=list(keys))


def run(source: Source, query: Query, **parameters: Any) -> list[Row]:
    """The rows of a query, by an engine at once, or as part of a transaction."""
    return source.read(query, **parameters) if isinstance(source, Engine) else source.run(query, **parameters)


def packed(table: Table, row: Mapping[str, Any]) -> Row:
    """A document as the properties of its node."""
    return {
        name: json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if name in table.packed and value is not None
        else value
        for name, value in row.items()
    }


def unpacked(table: Table, row: Mapping[str, Any]) -> Row:
    """The properties of a node as the document that they are."""
    return {
        name: json.loads(value) if name in table.packed else list(value) if isinstance(value, tuple) else value
        for name, value in row.items()
        if name != "locked"
    }
