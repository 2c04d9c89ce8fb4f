"""What a change of some concepts touches: occupations that need them, public badge classes that are bound to them, and neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wikic.store.engine import Engine, Query
from wikic.store.temporal import At, visible

_COUNTS: Final = Query(
    "proposal.impact",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}}) RETURN uuid, c.kind AS kind,"
    f" COUNT {{ MATCH (c)<-[r:REQUIRES]-(:Concept) WHERE {visible('r')} }} AS occupations,"
    f" COUNT {{ MATCH (c)-[r]-(:Concept) WHERE {visible('r')} }} AS neighbours",
)
_OCCUPATIONS: Final = Query(
    "proposal.impact_occupations",
    f"UNWIND $uuids AS uuid MATCH (c:Concept {{uuid: uuid}})<-[r:REQUIRES]-(o:Concept) WHERE {visible('r')} RETURN DISTINCT o.uuid AS occupation",
)
_BADGES: Final = Query(
    "proposal.impact_badges",
    "UNWIND $uuids AS uuid MATCH (n:Binding {concept: uuid}) WHERE n.status = 'open' AND n.public = true AND n.state <> 'retired'"
    " RETURN DISTINCT uuid, n.badge_class AS badge",
)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a concept touches: how many occupations (itself among them, if it is one), which badge classes, how many relations it has."""

    occupations: int = 0
    badges: frozenset[str] = frozenset()
    neighbours: int = 0
    is_occupation: bool = False

    @property
    def impact(self) -> int:
        """Occupations and badges."""
        return self.occupations + len(self.badges)


def touched_by(engine: Engine, uuids: Iterable[str], at: At) -> dict[str, Touched]:
    """Of each concept that is there, what it touches."""
    wanted = list(uuids)
    badges: dict[str, set[str]] = {}
    for row in engine.read(_BADGES, uuids=wanted):
        badges.setdefault(str(row["uuid"]), set()).add(str(row["badge"]))
    found = {}
    for row in engine.read(_COUNTS, uuids=wanted, at=dict(at)):
        uuid, own = str(row["uuid"]), row["kind"] == "occupation"
        found[uuid] = Touched(int(row["occupations"]) + own, frozenset(badges.get(uuid, ())), int(row["neighbours"]), own)
    return found


def impact_of(engine: Engine, touched: Mapping[str, Touched], at: At) -> int:
    """How many occupations and badge classes several concepts touch, each counted once."""
    needed = sorted(uuid for uuid, one in touched.items() if one.occupations > one.is_occupation)
    occupations = {uuid for uuid, one in touched.items() if one.is_occupation}
    badges = {badge for one in touched.values() for badge in one.badges}
    if len(touched) == 1:
        return sum(one.impact for one in touched.values())
    if needed:
        occupations |= {str(row["occupation"]) for row in engine.read(_OCCUPATIONS, uuids=needed, at=dict(at))}
    return len(occupations) + len(badges)
