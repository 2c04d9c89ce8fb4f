"""What replaced a concept: along all chains to their ends."""

from __future__ import annotations

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
    origin = concept.identity.uuid
    known: dict[str, Brief] = {}
    after: dict[str, list[str]] = {}
    asked: set[str] = set()
    touched = 0
    front = [origin]
    while front:
        asked.update(front)
        for step in read_successors(engine, front, moment.at):
            known[step.brief.uuid] = step.brief
            after.setdefault(step.old, []).append(step.brief.uuid)
            touched = max(touched, last_touch(step.touches, moment.seq))
        front = sorted(known.keys() - asked)
    direct = [known[uuid] for uuid in after.get(origin, [])]
    final = [brief for uuid, brief in known.items() if uuid not in after]
    # A touch that does not show in the body does no harm: the number is then a later one than needed.
    return Replacement(in_order(direct, None), in_order(final, None)), touched
