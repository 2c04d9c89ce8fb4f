"""What a change of some concepts touches: occupations that need them, neighbours, and the concepts above them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wikic.store.engine import Engine, Query
from wikic.store.imports import read_outgoing
from wikic.store.temporal import At, visible

DEEPEST: Final = 30
"""Steps upwards at most: a hierarchy is far lower."""

_IMPACT = Query(
    "proposal.impact",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}}) RETURN uuid, c.kind AS kind,"
    f" COUNT {{ MATCH (c)<-[r:REQUIRES]-(:Concept) WHERE {visible('r')} }} AS occupations,"
    f" COUNT {{ MATCH (c)-[r]-(:Concept) WHERE {visible('r')} }} AS neighbours",
)


def count_impact(engine: Engine, uuids: Iterable[str], at: At) -> tuple[int, int]:
    """(occupations that are among these concepts or require one, relations that they have)."""
    rows = engine.read(_IMPACT, uuids=list(uuids), at=dict(at))
    occupations = sum(int(row["occupations"]) + (row["kind"] == "occupation") for row in rows)
    return occupations, sum(int(row["neighbours"]) for row in rows)


def lines_above(engine: Engine, space: str, uuids: Iterable[str], head: int) -> set[str]:
    """These concepts and all that stand above them."""
    front, seen = set(uuids), set[str]()
    for _ in range(DEEPEST):
        seen |= front
        found = read_outgoing(engine, space, sorted(front), {space: head}, ("broader",)) if front else {}
        front = {relation.target for relations in found.values() for relation in relations} - seen
        if not front:
            break
    return seen
