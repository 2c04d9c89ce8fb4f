"""The event log: everything observable, numbered in commit order."""

from __future__ import annotations

from wikic.domain.concepts import Properties
from wikic.store.engine import Query, WriteTransaction

_NUMBER = Query("event.number", "MATCH (m:Meta {key: 'store'}) SET m.event = m.event + 1 RETURN m.event AS number")
_ADD = Query("event.add", "CREATE (e:Event) SET e = $row")


def record_event(tx: WriteTransaction, kind: str, row: Properties) -> int:
    """Append to the event log; returns the event's number."""
    number = int(tx.run(_NUMBER)[0]["number"])
    tx.run(_ADD, row={**row, "number": number, "kind": kind})
    return number
