"""Deciding on many proposals at once: first what it would do and where it conflicts, then one change for all of them; undone whole for ten minutes.

What cannot be decided with the others (rights, four eyes, conflicts, decided meanwhile) is left as it is, and said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wikic.domain.access import Actor, require_known, require_organisation
from wikic.domain.changes import now
from wikic.domain.ids import new_uuid
from wikic.domain.proposals import HARD, Decision, Proposal, may_see, next_state
from wikic.domain.proposals_changes import Change
from wikic.domain.proposals_merging import ValueConflict
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, WikicError
from wikic.services.deciding import TWO_MODERATORS, Ruling, decide_on, settle_all, verdicts_of
from wikic.services.deciding_rights import require_decider
from wikic.services.deciding_writing import Accepting
from wikic.services.placing import require_somewhere
from wikic.services.proposing_values import Present
from wikic.services.reverting import Reverting
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened, happened_to_many
from wikic.store.leases import heads, write_numbered

MOST: Final = 500
UNDO_MINUTES: Final = 10

_EFFECTS: Final = {"accept": "accepted", "reject": "rejected", "return": "changes_requested"}
_KINDS: Final = {"accept": "proposal_accepted", "reject": "proposal_rejected", "return": "proposal_returned"}


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What would become, or became, of one proposal: `effect` is its new state, or "skipped" with the reason and the conflicts."""

    proposal: str
    effect: str
    reason: str = ""
    conflicts: tuple[ValueConflict, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """What deciding together would do: item by item, how many of each effect, how many fields change, and the occupations and badges touched. `why`: by
    proposal, what keeps it from being decided."""

    items: list[BulkItem]
    counts: dict[str, int]
    changes: int
    concepts: int
    impact: int
    why: Mapping[str, WikicError] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What was decided together: the bulk's id, the change's number (None where nothing was accepted), until when it can be undone, item by item."""

    id: str
    seq: int | None
    undo_until: str
    items: list[BulkItem]


@dataclass(slots=True)
class _Plan:
    space: str
    head: int
    items: list[BulkItem] = field(default_factory=list)
    proposals: list[Proposal] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    why: dict[str, WikicError] = field(default_factory=dict)


_OTHERWISE: Final = Conflict("the framework, or another of these, says otherwise meanwhile", reason="bulk-conflict")
_SO_ALREADY: Final = Conflict("this is so already", reason="so-already")


class BulkDeciding:
    """The bulk flow over one store. `clock` gives the present moment."""

    def __init__(
        self,
        engine: Engine,
        accepting: Accepting,
        reverting: Reverting,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._engine, self._accepting, self._reverting, self._clock = engine, accepting, reverting, clock

    def preview(self, identities: Iterable[str], ruling: Ruling, actor: Actor) -> BulkPreview:
        """What `decide_many` would do now. Nothing is written. Raises Unauthenticated, Forbidden (decides nothing there), NotFound, InvalidInput."""
        proposals = self._wanted(identities, actor)
        plan = self._plan(proposals, ruling, actor, heads(self._engine)[proposals[0].space])
        counts: dict[str, int] = {}
        for item in plan.items:
            counts[item.effect] = counts.get(item.effect, 0) + 1
        touched = {uuid for proposal in plan.proposals for uuid in proposal.concepts()}
        return BulkPreview(plan.items, counts, len(plan.changes), len(touched), sum(one.impact for one in plan.proposals), plan.why)

    def decide_many(self, identities: Iterable[str], ruling: Ruling, actor: Actor) -> BulkOutcome:
        """Decide on all of these in one way: what is accepted becomes one change. Raises Conflict where nothing can be decided, Busy, StaleVersion."""
        proposals = self._wanted(identities, actor)
        if ruling.verdict != "accept" and not ruling.reason.strip():
            raise InvalidInput("give a reason: the authors need to know why", reason="decision-reason")
        bulk = new_uuid()
        with self._accepting.turn():
            plan, seq = self._write(proposals, ruling, actor, bulk)
        until = self._clock() + timedelta(minutes=UNDO_MINUTES)
        return BulkOutcome(bulk, seq, until.isoformat(timespec="seconds"), plan.items)

    def read(self, bulk: str, actor: Actor) -> dict[str, Any]:
        """What was decided together. Raises Unauthenticated, NotFound; Forbidden for who decides nothing there."""
        require_known(actor)
        row = talk.read_bulk(self._engine, bulk)
        if not actor.may_read(row["space"]):
            raise NotFound(f"there is no bulk decision {bulk[:100]}")
        if row["space"] != PUBLIC_SPACE:
            require_organisation(actor, row["space"].partition("/")[0], "moderator")
        elif not actor.is_moderator and row["actor"] != actor.id:
            raise Forbidden("you may not do this: it takes the role moderator", reason="role", role="moderator")
        return row

    def undo(self, bulk: str, actor: Actor) -> dict[str, Any]:
        """Take a bulk decision back whole: its change is reverted, its proposals wait again. Only by the one who made it, within ten minutes, and if
        nothing was built on it. Returns the bulk as it is then; raises NotFound, Forbidden, Conflict, Busy."""
        row = self.read(bulk, actor)
        require_somewhere(actor, "decide", row["space"])
        if row["actor"] != actor.id:
            raise Forbidden("you may not do this: only who decided in bulk takes it back", reason="bulk-other")
        if row["state"] != "decided":
            raise Conflict("this bulk decision was taken back already", reason="bulk-undone")
        if self._clock() > datetime.fromisoformat(row["time"]) + timedelta(minutes=UNDO_MINUTES):
            raise Conflict(f"a bulk decision can be taken back for {UNDO_MINUTES} minutes: revert its change instead", reason="bulk-late", minutes=UNDO_MINUTES)

        def more(tx: WriteTransaction, seq: int) -> None:
            proposals = _still_decided(tx, row)
            for proposal in proposals:
                proposal.state, proposal.changed = next_state(proposal, "reopen"), now()
                proposal.decided, proposal.delay, proposal.result = "", 0, 0
                undone = Decision("undo", actor.id, actor.name, proposal.changed, seq=seq, bulk=bulk)
                proposal.decisions = [*proposal.decisions, undone]
            store.save_locked(tx, proposals)
            talk.change_bulk(tx, bulk, {"state": "undone", "undone_by": seq}, row["version"])
            rows = [(f"proposal/{one.id}", one.concepts(), {"bulk": bulk, "author": one.author}) for one in proposals]
            space = row["space"]
            happened_to_many(tx, actor, "proposal_reopened", rows, space=space, seq=seq or None)
            happened(tx, actor, "bulk_undone", subject=f"bulk/{bulk}", space=space, seq=seq or None, proposals=len(rows))

        if row["seq"]:
            with self._accepting.turn():
                self._reverting.revert_change(
                    row["seq"],
                    actor=actor,
                    reason="a bulk decision taken back",
                    untouched=True,
                    guard=lambda tx: _check_still_decided(tx, row),
                    more=more,
                )
        else:
            write_numbered(self._engine, lambda tx: more(tx, 0))
        return talk.read_bulk(self._engine, bulk)

    def _wanted(self, identities: Iterable[str], actor: Actor) -> list[Proposal]:
        require_known(actor)
        found = store.require_proposals(self._engine, identities)
        for one in found:
            if not may_see(one, actor):
                raise NotFound(f"there is no proposal {one.id}")
        if not 1 <= len(found) <= MOST:
            raise InvalidInput(f"name 1 to {MOST} proposals", reason="bulk-many", most=MOST)
        if len({one.space for one in found}) > 1:
            raise InvalidInput("these proposals are of several frameworks: decide on those of one at a time", reason="bulk-spaces")
        require_somewhere(actor, "decide", found[0].space)
        return found

    def _plan(self, proposals: list[Proposal], ruling: Ruling, actor: Actor, head: int) -> _Plan:
        if ruling.parts or ruling.amended:
            raise InvalidInput("single changes are decided on one proposal at a time", reason="bulk-single")
        space = proposals[0].space
        plan = _Plan(space, head)
        changes = [change for proposal in proposals for change in proposal.changes]
        present = Present(self._engine, space, {space: plan.head}, changes) if ruling.verdict == "accept" else None
        two = ruling.verdict == "accept" and talk.setting(self._engine, TWO_MODERATORS) is True
        for proposal in proposals:
            try:
                verdicts_of(proposal, ruling)
                next_state(proposal, ruling.verdict)
                require_decider(self._engine, proposal, actor)
                if two and HARD & set(proposal.types()):
                    raise Forbidden("merges, splits and deprecations take two moderators: decide on it alone", reason="two-moderators")
                plan.items.append(self._one(proposal, present, plan))
            except WikicError as error:
                plan.items.append(BulkItem(proposal.id, "skipped", error.message))
                plan.why[proposal.id] = error
                continue
            if plan.items[-1].effect != "skipped":
                plan.items[-1] = replace(plan.items[-1], effect=_EFFECTS[ruling.verdict])
                plan.proposals.append(proposal)
        return plan

    @staticmethod
    def _one(proposal: Proposal, present: Present | None, plan: _Plan) -> BulkItem:
        if present is None:
            return BulkItem(proposal.id, "")
        trial = present.copy()
        settled = settle_all(trial, dict(enumerate(proposal.changes)))
        conflicts = tuple(one.conflict for one in settled.values() if one.conflict is not None)
        if conflicts:
            plan.why[proposal.id] = _OTHERWISE
            return BulkItem(proposal.id, "skipped", _OTHERWISE.message, conflicts)
        changes = [one.change for one in settled.values() if one.change is not None]
        if not changes:
            plan.why[proposal.id] = _SO_ALREADY
            return BulkItem(proposal.id, "skipped", _SO_ALREADY.message)
        present.become(trial)
        plan.changes += changes
        return BulkItem(proposal.id, "")

    def _write(self, proposals: list[Proposal], ruling: Ruling, actor: Actor, bulk: str) -> tuple[_Plan, int | None]:
        plan = _Plan(proposals[0].space, 0)

        def merge(head: int) -> list[Change]:
            nonlocal plan
            plan = self._plan(proposals, ruling, actor, head)
            if not plan.proposals:
                raise Conflict(f"none of these can be decided so: {plan.items[0].reason}", reason="bulk-none")
            return plan.changes

        def guard(tx: WriteTransaction) -> dict[str, Proposal]:
            found = store.lock_proposals(tx, [one.id for one in plan.proposals])
            for one in plan.proposals:
                if one.id not in found or found[one.id].version != one.version:
                    raise StaleVersion(f"proposal {one.id} was changed meanwhile: look again, then repeat", reason="stale")
            return found

        def more(tx: WriteTransaction, seq: int) -> None:
            found = guard(tx)
            self._decided(tx, [found[one.id] for one in plan.proposals], ruling, actor, bulk, seq)
            talk.add_bulk(tx, self._row(plan, ruling, actor, bulk, seq))

        if ruling.verdict != "accept":
            merge(heads(self._engine)[plan.space])
            write_numbered(self._engine, lambda tx: more(tx, 0))
            return plan, None
        _, seq = self._accepting.write(proposals, merge, actor, guard=guard, more=more, bulk=bulk)
        return plan, seq

    @staticmethod
    def _decided(
        tx: WriteTransaction, proposals: list[Proposal], ruling: Ruling, actor: Actor, bulk: str, seq: int
    ) -> None:
        reason = ruling.reason.strip()
        for proposal in proposals:
            parts = (ruling.verdict,) * len(proposal.changes)
            decision = Decision(ruling.verdict, actor.id, actor.name, now(), reason, parts, {}, seq, bulk)
            decide_on(proposal, next_state(proposal, ruling.verdict), decision)
            proposal.result = seq or proposal.result
        store.save_locked(tx, proposals)
        rows = [(f"proposal/{one.id}", one.concepts(), {"bulk": bulk, "author": one.author, "reason": reason}) for one in proposals]
        space = proposals[0].space
        happened_to_many(tx, actor, _KINDS[ruling.verdict], rows, space=space, seq=seq or None)
        happened(tx, actor, "bulk_decided", subject=f"bulk/{bulk}", space=space, seq=seq or None, proposals=len(proposals))

    def _row(self, plan: _Plan, ruling: Ruling, actor: Actor, bulk: str, seq: int) -> dict[str, Any]:
        skipped = [
            {"proposal": item.proposal, "reason": item.reason, "conflicts": [asdict(one) for one in item.conflicts]}
            for item in plan.items
            if item.effect == "skipped"
        ]
        return {
            "key": bulk,
            "actor": actor.id,
            "name": actor.name,
            "time": self._clock().isoformat(timespec="milliseconds"),
            "verdict": ruling.verdict,
            "reason": ruling.reason.strip(),
            "space": plan.space,
            "seq": seq,
            "state": "decided",
            "proposals": [proposal.id for proposal in plan.proposals],
            "skipped": skipped,
        }


def _still_decided(tx: WriteTransaction, bulk: dict[str, Any]) -> list[Proposal]:
    """The proposals of a bulk, locked. Raises Conflict where one has gone on since."""
    found = store.lock_proposals(tx, bulk["proposals"])
    for identity in bulk["proposals"]:
        last = found[identity].decisions[-1]
        if (last.bulk, last.verdict) != (bulk["key"], bulk["verdict"]) or found[identity].state == "submitted":
            raise Conflict(f"proposal {identity} has gone on since: decide on it alone", reason="bulk-gone-on")
    return [found[identity] for identity in bulk["proposals"]]


def _check_still_decided(tx: WriteTransaction, bulk: dict[str, Any]) -> None:
    _still_decided(tx, bulk)
