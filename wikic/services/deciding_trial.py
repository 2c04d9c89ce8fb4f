"""What accepting would come to, tried before anything is written: merged into what stands, and composed as the change would be.

What only composing finds (an entry that would stand below itself, a last name that would go) is so known to previews and pages too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import (
    Change,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    Json,
    concepts_of,
    subject_of,
)
from wikic.domain.proposals_merging import Settled, proposed_value, settle
from wikic.errors import Conflict, WikicError
from wikic.services.editing_composing import Composer
from wikic.services.proposing_names import Holders, require_free
from wikic.services.proposing_values import Present, edits_of
from wikic.store.engine import Engine
from wikic.store.leases import heads


@dataclass(frozen=True, slots=True)
class PartView:
    """One change as a moderator sees it: its three values now, and what accepting it would do (`applies`, `nothing`, `conflict`, `missing`, or
    `refused` with `why`)."""

    part: int
    change: Change
    current: Json
    proposed: Json
    effect: str
    why: WikicError | None = None


class Trial:
    """Changes of a space on top of a head, set after set. `changes`: all that will be tried; `names`: who has the names that they give, where that
    matters."""

    def __init__(self, engine: Engine, space: str, head: int, changes: Iterable[Change], names: Holders | None = None) -> None:
        wanted = list(changes)
        self._names = names
        self._composer = Composer(engine, space, {**heads(engine), space: head})
        self._present = Present(engine, space, {space: head}, wanted, self._composer.read)
        # Read together what would be asked for one by one.
        self._composer.fetch({uuid for change in wanted for uuid in concepts_of(change)})
        related = {subject_of(change) for change in wanted if not isinstance(change, ChangeLabels | ChangeText | CreateConcept)}
        self._composer.standing.fetch_outgoing(related)

    def missing(self, change: Change) -> list[str]:
        """The concepts of a change that are not there."""
        return self._present.missing(change)

    def value(self, change: Change) -> Json:
        """The present value of a change's field."""
        return self._present.value(change)

    def settle(self, wanted: Mapping[int, Change]) -> dict[int, Settled]:
        """Merge and compose changes on top of those that were tried before. A set that is in conflict or refused leaves no trace. Raises what
        `settle_all` and composing raise."""
        present, composer = self._present.copy(), self._composer.fork()
        settled = settle_all(present, wanted)
        if all(one.conflict is None for one in settled.values()):
            changes = [one.change for one in settled.values() if one.change is not None]
            composer.apply([edit for change in changes for edit in edits_of(change)])
            if self._names is not None:
                require_free(self._names, changes, present)
            self._present, self._composer = present, composer
        return settled


def settle_all(present: Present, wanted: Mapping[int, Change]) -> dict[int, Settled]:
    """Merge changes into what stands, each on top of those before it."""
    settled: dict[int, Settled] = {}
    for part, change in wanted.items():
        missing = present.missing(change)
        if missing:
            raise Conflict(f"change {part + 1} is about {missing[0]}, which is not there: reject that part", reason="part-missing", part=part + 1)
        one = settle(part, change, present.value(change))
        if one.change is not None:
            present.take_in(one.change)
        settled[part] = one
    return settled


def look(engine: Engine, proposal: Proposal) -> list[PartView]:
    """Each change with what stands now and what accepting it would do, after those before it."""
    trial = Trial(engine, proposal.space, heads(engine)[proposal.space], proposal.changes)
    return [_view(trial, part, change) for part, change in enumerate(proposal.changes)]


def _view(trial: Trial, part: int, change: Change) -> PartView:
    if trial.missing(change):
        return PartView(part, change, None, proposed_value(change), "missing")
    current = trial.value(change)
    try:
        settled = trial.settle({part: change})[part]
    except WikicError as error:
        return PartView(part, change, current, proposed_value(change), "refused", error)
    effect = "conflict" if settled.conflict else "applies" if settled.change else "nothing"
    return PartView(part, change, current, proposed_value(settled.change or change), effect)
