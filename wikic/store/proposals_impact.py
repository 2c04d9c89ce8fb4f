"""What a change of some concepts touches: occupations that need them, and neighbours."""

from __future__ import annotations

from collections.abc import Iterable

from wikic.store.engine import Engine, Query
from wikic.store.temporal import At, visible

_IMPACT = Query(
    "proposal.impact",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}}) RETURN uuid, c.kind AS kind,"
    f" COUNT {{ MATCH (c)<-[r:REQUIRES]-(:Concept) WHERE {visible('r')} }} AS occupations,"
    f" COUNT {{ MATCH (c)-[r]-(:Concept) WHERE {visible('r')} }} AS neighbours",
)


def count_impact(engine: Engine, uuids: Iterable[str], at: At) -> dict[str, tuple[int, int]]:
    """Of each concept that is there: (occupations that it is or that require it, relations that it has)."""
    rows = engine.read(_IMPACT, uuids=list(uuids), at=dict(at))
    return {
        str(row["uuid"]): (int(row["occupations"]) + (row["kind"] == "occupation"), int(row["neighbours"])) for row in rows
    }
