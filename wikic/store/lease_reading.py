"""Whether somebody is writing a space just now, read without touching its lease."""

from __future__ import annotations

from wikic.store.engine import Engine, Query

_HELD = Query(
    "lease.held",
    "MATCH (s:Space {name: $space}) RETURN s.lease_holder AS holder, s.lease_until > timestamp() AS live",
)


def holder_of(engine: Engine, space: str) -> str:
    """Who holds the space's lease, and has renewed it in time; "" for nobody. One round trip."""
    return next((str(row["holder"]) for row in engine.read(_HELD, space=space) if row["live"]), "")


def is_held(engine: Engine, space: str) -> bool:
    """Whether a writer holds the space's lease, and has renewed it in time. One round trip."""
    return bool(holder_of(engine, space))
