"""What stands around proposals: comments, support, who is looking, lots, bulks, ready-made reasons, saved filters."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from wikic.store import documents
from wikic.store.documents import Source
from wikic.store.engine import Engine, Query, Row, UniqueViolation, WriteTransaction
from wikic.store.tables import (
    BULKS,
    COMMENTS,
    LOTS,
    PRESENCE,
    REASONS,
    SAVED_FILTERS,
    SETTINGS,
    SUPPORTS,
    USERS,
)

_PRESENT_SECONDS: Final = 45

_COUNT = {
    name: Query(
        f"proposal.count_{name}", f"UNWIND $ids AS id MATCH (n:{label} {{proposal: id}}) RETURN id, count(n) AS n"
    )
    for name, label in (("supports", SUPPORTS.label), ("comments", COMMENTS.label))
}
_LOOK = Query(
    "presence.look",
    "MERGE (p:Presence {key: $key}) SET p.proposal = $proposal, p.user = $user, p.name = $name, p.until = $until",
)
_LEAVE = Query("presence.leave", "MATCH (p:Presence {key: $key}) DETACH DELETE p")


def add_comment(tx: WriteTransaction, proposal: str, row: Row) -> None:
    """Add a comment to a proposal's thread; `row` has its `key`, a UUIDv7."""
    documents.insert(tx, COMMENTS, {**row, "thread": f"{proposal}/{row['key']}", "proposal": proposal})


def list_comments(engine: Engine, proposal: str, *, after: str = "", limit: int = 100) -> list[Row]:
    """A proposal's comments, oldest first, after the id of one."""
    start = f"{proposal}/{after}" if after else ""
    return documents.page(engine, COMMENTS, "thread", prefix=f"{proposal}/", after=start, limit=limit)


def add_support(tx: WriteTransaction, proposal: str, user: str, row: Row) -> bool:
    """Note that somebody supports a proposal; False where they did already."""
    key = f"{proposal}/{user}"
    if documents.find(tx, SUPPORTS, key) is not None:
        return False
    documents.insert(tx, SUPPORTS, {**row, "key": key, "proposal": proposal, "user": user})
    return True


def drop_support(tx: WriteTransaction, proposal: str, user: str) -> bool:
    """Take support back; False where there was none."""
    key = f"{proposal}/{user}"
    if documents.find(tx, SUPPORTS, key) is None:
        return False
    documents.remove(tx, SUPPORTS, [key])
    return True


def supporters(source: Source, proposal: str) -> list[Row]:
    """Who supports a proposal."""
    return documents.find_by(source, SUPPORTS, "proposal", [proposal])


def count_talk(engine: Engine, proposals: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many support and comment each of these proposals."""
    ids = list(proposals)
    counted = {name: {row["id"]: int(row["n"]) for row in engine.read(query, ids=ids)} for name, query in _COUNT.items()}
    return {one: (counted["supports"].get(one, 0), counted["comments"].get(one, 0)) for one in ids}


def look_at(engine: Engine, proposal: str, user: str, name: str) -> None:
    """Note that somebody has a proposal before them; it is forgotten after some seconds unless it is said again."""
    until = int(time.time()) + _PRESENT_SECONDS
    key = f"{proposal}/{user}"
    # On ArcadeDB the second of two who say so at once (two tabs) finds it there: it was said just now all the same.
    with suppress(UniqueViolation):
        engine.write(lambda tx: tx.run(_LOOK, key=key, proposal=proposal, user=user, name=name, until=until))


def leave(engine: Engine, proposal: str, user: str) -> None:
    """They look elsewhere."""
    engine.write(lambda tx: tx.run(_LEAVE, key=f"{proposal}/{user}"))


def lookers(engine: Engine, proposals: Iterable[str]) -> dict[str, list[Row]]:
    """Who has these proposals before them now."""
    found: dict[str, list[Row]] = {}
    now = int(time.time())
    for row in documents.find_by(engine, PRESENCE, "proposal", proposals):
        if int(row["until"]) > now:
            found.setdefault(row["proposal"], []).append(row)
    return found


def add_lot(tx: WriteTransaction, row: Row) -> None:
    """Write down a contribution's context."""
    documents.insert(tx, LOTS, {**row, "listing": row["key"]})


def read_lots(source: Source, keys: Iterable[str]) -> dict[str, Row]:
    """Contributions by id."""
    return {row["key"]: row for row in documents.find_by(source, LOTS, "key", keys)}


def add_bulk(tx: WriteTransaction, row: Row) -> None:
    """Write down what was decided together."""
    documents.insert(tx, BULKS, {**row, "listing": row["key"]})


def read_bulk(source: Source, key: str) -> Row:
    """One bulk. Raises NotFound."""
    return documents.get(source, BULKS, key, "bulk decision")


def change_bulk(tx: WriteTransaction, key: str, values: Row, version: int) -> Row:
    """Change a bulk that was read at a version. Raises StaleVersion."""
    return documents.change(tx, BULKS, key, values, version=version)


def stored_reasons(source: Source | Engine) -> list[Row]:
    """The ready-made reasons that were written here, in their order."""
    return documents.page(source, REASONS, "listing", limit=500)


def put_reason(tx: WriteTransaction, key: str, values: Row) -> Row:
    """Write a reason, new or not."""
    if documents.find(tx, REASONS, key) is None:
        row = {"key": key, "listing": key, **values}
        documents.insert(tx, REASONS, row)
        return {**row, "version": 1}
    return documents.change(tx, REASONS, key, values)


def saved_filters(source: Source, user: str) -> list[Row]:
    """Somebody's saved filters."""
    return documents.find_by(source, SAVED_FILTERS, "user", [user])


def add_filter(tx: WriteTransaction, row: Row) -> None:
    """Save a filter."""
    documents.insert(tx, SAVED_FILTERS, row)


def lock_filter(tx: WriteTransaction, key: str) -> Row:
    """One saved filter, nobody else removing it until this transaction ends. Raises NotFound."""
    return documents.lock(tx, SAVED_FILTERS, key)


def drop_filter(tx: WriteTransaction, key: str) -> None:
    """Forget a saved filter."""
    documents.remove(tx, SAVED_FILTERS, [key])


def setting(source: Source, name: str) -> Any:
    """A setting of the installation; None where it was never set."""
    row = documents.find(source, SETTINGS, name)
    return row["value"] if row is not None else None


def put_setting(tx: WriteTransaction, name: str, value: Any) -> None:
    """Set one of them."""
    if documents.find(tx, SETTINGS, name) is None:
        documents.insert(tx, SETTINGS, {"key": name, "value": value})
    else:
        documents.change(tx, SETTINGS, name, {"value": value})


def people_named(source: Source, names: Iterable[str]) -> dict[str, Row]:
    """Users by the folded form of their name."""
    return {str(row["name_key"]): row for row in documents.find_by(source, USERS, "name_key", names)}
