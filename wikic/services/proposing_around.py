"""What stands around the concepts that changes speak of, as of one number: what they say, what is above them, how much they touch.

Read once for many proposals (`look_ahead`), or as it is asked for. One instance serves one number of one space and one set of proposals.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from wikic.domain.proposals_changes import (
    Change,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    MergeConcepts,
    MoveConcept,
    SplitConcept,
    concepts_of,
    subject_of,
)
from wikic.services.editing_composing import Composer
from wikic.services.proposing_names import Holders
from wikic.services.proposing_values import Present
from wikic.store import proposals_impact as impact
from wikic.store.engine import Engine
from wikic.store.imports import read_outgoing
from wikic.store.leases import heads
from wikic.store.lookups import find_taken

UPWARDS: Final = ("broader", "replaced_by")
_DEEPEST: Final = 30
"""Steps upwards at most: a hierarchy is far lower."""


class Around:
    """The surroundings of some changes."""

    def __init__(self, engine: Engine, space: str, head: int) -> None:
        self._engine, self.space, self.head = engine, space, head
        self._targets: dict[str, dict[str, frozenset[str]]] = {kind: {} for kind in UPWARDS}
        self._counts: dict[str, impact.Touched] = {}
        self._present: dict[int, Present] = {}
        self._composer: Composer | None = None
        self._taken: dict[str, bool] = {}
        self.holders: Holders | None = None

    def look_ahead(self, changes: Iterable[Change], holders: Holders) -> None:
        """Read what many changes will ask for, together; `holders`: who has the names that they give."""
        wanted = list(changes)
        self.holders = holders
        moments: dict[int, list[Change]] = {}
        for change in wanted:
            moments.setdefault(self.moment(change), []).append(change)
        # Whatever they were based on, they are checked against the head.
        moments[self.head] = wanted
        for seq, found in moments.items():
            self._present[seq] = Present(self._engine, self.space, {self.space: seq}, found)
        self._count({concepts_of(change)[0] for change in wanted if concepts_of(change)})
        uuids = {uuid for change in wanted for uuid in concepts_of(change)}
        lines = {uuid for kind in UPWARDS for uuid in self.above(kind, uuids)}
        related = any(not isinstance(change, ChangeLabels | ChangeText) for change in wanted)
        composer = self._base()
        composer.fetch(uuids - {change.uuid for change in wanted if isinstance(change, CreateConcept)})
        composer.standing.fetch_outgoing(lines if related else ())
        composer.standing.fetch_incoming(subject_of(change) for change in wanted if isinstance(change, MergeConcepts | SplitConcept))
        self.taken(change.uuid for change in wanted if isinstance(change, CreateConcept))

    def composer(self) -> Composer:
        """What tries edits on top of what stands; one for each proposal."""
        return self._base().fork()

    def _base(self) -> Composer:
        if self._composer is None:
            self._composer = Composer(self._engine, self.space, {**heads(self._engine), self.space: self.head})
        return self._composer

    def taken(self, uuids: Iterable[str]) -> set[str]:
        """Those of these uuids that are a concept, or lead to one, in any space."""
        wanted = set(uuids)
        unknown = wanted - self._taken.keys()
        found = find_taken(self._engine, unknown) if unknown else set()
        self._taken |= {uuid: uuid in found for uuid in unknown}
        return {uuid for uuid in wanted if self._taken[uuid]}

    def moment(self, change: Change) -> int:
        """The number that a change is based on."""
        return change.seq if 0 < change.seq <= self.head else self.head

    def present(self, seq: int, changes: Iterable[Change]) -> Present:
        """What stands at a number in the fields of some changes; a change that is taken in there is taken in nowhere else."""
        known, wanted = self._present.get(seq), list(changes)
        if known is not None:
            return known.part(wanted)
        return Present(self._engine, self.space, {self.space: seq}, wanted)

    def targets(self, kind: str, uuids: Iterable[str]) -> dict[str, frozenset[str]]:
        """The concepts that relations of a kind lead to from each of these. One round trip for those that are not known yet."""
        known, wanted = self._targets[kind], set(uuids)
        unknown = sorted(wanted - known.keys())
        found = read_outgoing(self._engine, self.space, unknown, {self.space: self.head}, (kind,)) if unknown else {}
        known |= {uuid: frozenset(relation.target for relation in found.get(uuid, ())) for uuid in unknown}
        return {uuid: known[uuid] for uuid in wanted}

    def above(self, kind: str, uuids: Iterable[str]) -> set[str]:
        """These concepts and all that relations of a kind lead to, step by step. A round trip for each step that is not known yet."""
        front, seen = set(uuids), set[str]()
        for _ in range(_DEEPEST):
            seen |= front
            front = {target for targets in self.targets(kind, front).values() for target in targets} - seen
            if not front:
                break
        return seen

    def line(self, changes: Iterable[Change]) -> list[str]:
        """The concepts of some changes and all above them, sorted."""
        wanted = list(changes)
        starts = {uuid for change in wanted for uuid in concepts_of(change)}
        starts |= {change.new for change in wanted if isinstance(change, MoveConcept)} - {""}
        return sorted(self.above("broader", starts))

    def impact(self, changes: Iterable[Change]) -> tuple[int, int]:
        """(occupations that are among the subjects of some changes or require one, and badge classes that are bound to one; relations that they
        have)."""
        subjects = {concepts_of(change)[0] for change in changes if concepts_of(change)}
        self._count(subjects - self._counts.keys())
        found = {uuid: self._counts[uuid] for uuid in subjects}
        return impact.impact_of(self._engine, found, {self.space: self.head}), sum(one.neighbours for one in found.values())

    def _count(self, subjects: set[str]) -> None:
        if subjects:
            counts = impact.touched_by(self._engine, sorted(subjects), {self.space: self.head})
            self._counts |= {uuid: counts.get(uuid, impact.Touched()) for uuid in subjects}
