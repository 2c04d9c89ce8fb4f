"""What replaced a concept: along all chains to their ends."""

from __future__ import annotations

from collections.abc import Iterable

from wikic.services.reading_moments import Moment
from wikic.services.reading_tree import in_order
from wikic.services.reading_views import Replacement
from wikic.store.concepts import Brief, Concept, last_touch, read_successors
from wikic.store.engine import Engine


def find_replacement(engine: Engine, concept: Concept, moment: Moment) -> tuple[Replacement, int]:
    """Direct and final successors, and the last number that touched a link behind the concept. One round trip for each
    step of the longest chain and one for its end; none for a concept that nothing replaced."""
    if "replaced_by" not in concept.relations:
        return Replacement([], []), 0
    uuid = concept.identity.uuid
    found, touched = _follow(engine, [uuid], moment)
    return found[uuid], touched


def find_replacements(engine: Engine, uuids: Iterable[str], moment: Moment) -> dict[str, Replacement]:
    """The same for many at once: as many round trips as for one."""
    return _follow(engine, sorted(set(uuids)), moment)[0]


def _follow(engine: Engine, origins: list[str], moment: Moment) -> tuple[dict[str, Replacement], int]:
    known: dict[str, Brief] = {}
    after: dict[str, list[str]] = {}
    asked: set[str] = set()
    touched = 0
    front = origins
    while front:
        asked.update(front)
        for step in read_successors(engine, front, moment.at):
            known[step.brief.uuid] = step.brief
            after.setdefault(step.old, []).append(step.brief.uuid)
            touched = max(touched, last_touch(step.touches, moment.seq))
        front = sorted(known.keys() - asked)
    # A touch that does not show in the body does no harm: the number is then a later one than needed.
    return {origin: _replacement(origin, known, after) for origin in origins}, touched


def _replacement(origin: str, known: dict[str, Brief], after: dict[str, list[str]]) -> Replacement:
    reached: set[str] = set()
    front = list(after.get(origin, ()))
    while front:
        uuid = front.pop()
        if uuid not in reached:
            reached.add(uuid)
            front += after.get(uuid, ())
    direct = [known[uuid] for uuid in after.get(origin, ())]
    final = [known[uuid] for uuid in reached if uuid not in after]
    return Replacement(in_order(direct, None), in_order(final, None))
