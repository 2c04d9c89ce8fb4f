"""The calendar of a year's release: documents in the order of their days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wikic.domain.access import Actor
from wikic.store import documents
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import CALENDAR

_MOST = 500


def list_entries(engine: Engine, *, after: str = "") -> list[Row]:
    """The entries from a day on (ISO; "" all), in their order, at most some hundreds."""
    return documents.page(engine, CALENDAR, "listing", after=after, limit=_MOST)


def get_entry(engine: Engine, key: str) -> Row:
    """One entry. Raises NotFound."""
    return documents.get(engine, CALENDAR, key, "entry of the calendar")


def add_entry(engine: Engine, actor: Actor, row: Mapping[str, Any]) -> None:
    """Add an entry (with its `key`)."""

    def work(tx: WriteTransaction) -> None:
        documents.insert(tx, CALENDAR, {**row, "listing": _listing(row)})
        _told(tx, actor, "calendar_entry_added", row)

    write_numbered(engine, work)


def change_entry(engine: Engine, actor: Actor, key: str, row: Mapping[str, Any], version: int | None) -> None:
    """Replace what an entry says. Raises NotFound, StaleVersion."""

    def work(tx: WriteTransaction) -> None:
        new = {**row, "listing": _listing({**row, "key": key})}
        documents.change(tx, CALENDAR, key, new, version=version)
        _told(tx, actor, "calendar_entry_changed", {**row, "key": key})

    write_numbered(engine, work)


def remove_entry(engine: Engine, actor: Actor, key: str, version: int | None) -> Row:
    """Take an entry away, which is given back. Raises NotFound, StaleVersion."""

    def work(tx: WriteTransaction) -> Row:
        # Changing it first checks the version under its lock.
        row = documents.change(tx, CALENDAR, key, {}, version=version)
        documents.remove(tx, CALENDAR, [key])
        _told(tx, actor, "calendar_entry_removed", row)
        return row

    return write_numbered(engine, work)


def _listing(row: Mapping[str, Any]) -> str:
    return f"{row['day']}/{row['key']}"


def _told(tx: WriteTransaction, actor: Actor, kind: str, row: Mapping[str, Any]) -> None:
    happened(tx, actor, kind, subject=f"calendar/{row['key']}", day=row["day"], step=row["step"], release=row["release"])
