"""Deciding on many proposals at once: first what it would do and where it conflicts, then one change for all of them; undone whole for ten minutes.

What cannot be decided with the others (rights, four eyes, conflicts, changed or decided meanwhile) is left as it is, and said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wikic.domain.access import Actor, require_known, require_organisation
from wikic.domain.changes import now, stamp
from wikic.domain.ids import new_uuid
from wikic.domain.proposals import Decision, Proposal, may_see, next_state
from wikic.domain.proposals_changes import Change, born_anew
from wikic.domain.proposals_merging import ValueConflict
from wikic.domain.texts import invisible
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, WikicError
from wikic.services.deciding import TWO_MODERATORS, Ruling, decide_on, needs_second, verdicts_of, with_reason
from wikic.services.deciding_rights import require_decider
from wikic.services.deciding_trial import Trial
from wikic.services.deciding_twins import reopen_twins, supersede_twins
from wikic.services.deciding_writing import Accepting
from wikic.services.placing import require_somewhere
from wikic.services.proposing_around import Around
from wikic.services.reverting import Reverting
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened, happened_to_many
from wikic.store.leases import heads, write_numbered

MOST: Final = 500
UNDO_MINUTES: Final = 10

_EFFECTS: Final = {"accept": "accepted", "reject": "rejected", "return": "changes_requested"}
_KINDS: Final = {
    "accepted": "proposal_accepted", "rejected": "proposal_rejected", "changes_requested": "proposal_returned", "superseded": "proposal_superseded",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What would become, or became, of one proposal at a version: `effect` is its new state ("superseded" where all of it is so already), or "skipped"
    with the reason and the conflicts."""

    proposal: str
    version: int
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

    def preview(self, identities: Iterable[str], ruling: Ruling, actor: Actor, versions: Mapping[str, int] | None = None) -> BulkPreview:
        """What `decide_many` would do now. Nothing is written. Raises Unauthenticated, Forbidden (decides nothing there), NotFound, InvalidInput."""
        proposals = self._wanted(identities, actor)
        plan = self._plan(proposals, with_reason(self._engine, ruling), actor, heads(self._engine)[proposals[0].space], versions or {})
        counts: dict[str, int] = {}
        for item in plan.items:
            counts[item.effect] = counts.get(item.effect, 0) + 1
        touched = {uuid for proposal in plan.proposals for uuid in proposal.concepts()}
        # What several of them touch counts once.
        impact, _ = Around(self._engine, plan.space, plan.head).impact(change for proposal in plan.proposals for change in proposal.changes)
        return BulkPreview(plan.items, counts, len(plan.changes), len(touched), impact, plan.why)

    def decide_many(self, identities: Iterable[str], ruling: Ruling, actor: Actor, versions: Mapping[str, int] | None = None) -> BulkOutcome:
        """Decide on all of these in one way: what is accepted becomes one change. `versions`: of each proposal the one that was looked at; what has another
        one now is left. Raises Conflict where nothing can be decided, Busy, StaleVersion."""
        proposals = self._wanted(identities, actor)
        ruling = with_reason(self._engine, ruling)
        if ruling.verdict != "accept" and invisible(ruling.reason):
            raise InvalidInput("give a reason: the authors need to know why", reason="decision-reason")
        bulk = new_uuid()
        plan, seq = self._write(proposals, ruling, actor, bulk, versions or {})
        if seq:
            accepted = store.read_proposals(self._engine, [item.proposal for item in plan.items if item.effect == "accepted"])
            supersede_twins(self._engine, list(accepted.values()), actor)
        until = self._clock() + timedelta(minutes=UNDO_MINUTES)
        return BulkOutcome(bulk, seq, stamp(until), plan.items)

    def read(self, bulk: str, actor: Actor) -> dict[str, Any]:
        """What was decided together. Raises Unauthenticated, NotFound; Forbidden for who decides nothing there."""
        require_known(actor)
        row = talk.read_bulk(self._engine, bulk)
        if not actor.may_read(row["space"]):
            raise NotFound(f"there is no bulk decision {bulk[:100]}", reason="none-here", key=bulk[:100])
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
                if seq:
                    proposal.changes = born_anew(proposal.changes)
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
                    untouched=True,
                    guard=lambda tx: _check_still_decided(tx, row),
                    more=more,
                )
        else:
            write_numbered(self._engine, lambda tx: more(tx, 0))
        if row["verdict"] == "accept":
            reopen_twins(self._engine, list(store.read_proposals(self._engine, row["proposals"]).values()), actor)
        return talk.read_bulk(self._engine, bulk)

    def _wanted(self, identities: Iterable[str], actor: Actor) -> list[Proposal]:
        require_known(actor)
        found = store.require_proposals(self._engine, identities)
        for one in found:
            if not may_see(one, actor):
                raise store.missing(one.id)
        if not 1 <= len(found) <= MOST:
            raise InvalidInput(f"name 1 to {MOST} proposals", reason="bulk-many", most=MOST)
        if len({one.space for one in found}) > 1:
            raise InvalidInput("these proposals are of several frameworks: decide on those of one at a time", reason="bulk-spaces")
        require_somewhere(actor, "decide", found[0].space)
        return found

    def _plan(self, proposals: list[Proposal], ruling: Ruling, actor: Actor, head: int, versions: Mapping[str, int]) -> _Plan:
        if ruling.parts or ruling.amended:
            raise InvalidInput("single changes are decided on one proposal at a time", reason="bulk-single")
        space = proposals[0].space
        plan = _Plan(space, head)
        changes = [change for proposal in proposals for change in proposal.changes]
        names = self._accepting.holders(changes) if ruling.verdict == "accept" else None
        trial = Trial(self._engine, space, plan.head, changes, names) if ruling.verdict == "accept" else None
        two = ruling.verdict == "accept" and talk.setting(self._engine, TWO_MODERATORS) is True
        for proposal in proposals:
            try:
                verdicts = verdicts_of(proposal, ruling)
                next_state(proposal, ruling.verdict)
                require_decider(self._engine, proposal, actor)
                store.require_version(proposal, versions.get(proposal.id))
                if two and needs_second(proposal, verdicts, {}, actor):
                    raise Forbidden("merges, splits and deprecations take two moderators: decide on it alone", reason="two-moderators")
                item = self._one(proposal, trial, plan, _EFFECTS[ruling.verdict])
            except WikicError as error:
                item = BulkItem(proposal.id, proposal.version, "skipped", error.message)
                plan.why[proposal.id] = error
            plan.items.append(item)
            if item.effect != "skipped":
                plan.proposals.append(proposal)
        return plan

    @staticmethod
    def _one(proposal: Proposal, trial: Trial | None, plan: _Plan, effect: str) -> BulkItem:
        if trial is None:
            return BulkItem(proposal.id, proposal.version, effect)
        settled = trial.settle(dict(enumerate(proposal.changes)))
        conflicts = tuple(one.conflict for one in settled.values() if one.conflict is not None)
        if conflicts:
            plan.why[proposal.id] = _OTHERWISE
            return BulkItem(proposal.id, proposal.version, "skipped", _OTHERWISE.message, conflicts)
        changes = [one.change for one in settled.values() if one.change is not None]
        plan.changes += changes
        return BulkItem(proposal.id, proposal.version, effect if changes else "superseded")

    def _write(
        self, proposals: list[Proposal], ruling: Ruling, actor: Actor, bulk: str, versions: Mapping[str, int]
    ) -> tuple[_Plan, int | None]:
        plan = _Plan(proposals[0].space, 0)

        def merge(head: int) -> list[Change]:
            nonlocal plan
            plan = self._plan(proposals, ruling, actor, head, versions)
            if not plan.proposals:
                raise Conflict(f"none of these can be decided so: {plan.items[0].reason}", reason="bulk-none")
            if not plan.changes:
                raise _Unwritten
            return plan.changes

        def accepted() -> list[Proposal]:
            effects = {item.proposal: item.effect for item in plan.items}
            return [one for one in plan.proposals if effects[one.id] == "accepted"]

        def guard(tx: WriteTransaction) -> dict[str, Proposal]:
            found = store.lock_proposals(tx, [one.id for one in plan.proposals])
            for one in plan.proposals:
                if one.id not in found or found[one.id].version != one.version:
                    raise StaleVersion(f"proposal {one.id} was changed meanwhile: look again, then repeat", reason="stale")
            return found

        def more(tx: WriteTransaction, seq: int) -> None:
            found = guard(tx)
            effects = {item.proposal: item.effect for item in plan.items}
            self._decided(tx, [(found[one.id], effects[one.id]) for one in plan.proposals], ruling, actor, bulk, seq)
            talk.add_bulk(tx, self._row(plan, ruling, actor, bulk, seq))

        try:
            if ruling.verdict == "accept":
                _, seq = self._accepting.write(proposals, lambda composer: merge(composer.head), actor, guard=guard, more=more, bulk=bulk, decided=accepted)
                return plan, seq
            merge(heads(self._engine)[plan.space])
        except _Unwritten:
            pass
        write_numbered(self._engine, lambda tx: more(tx, 0))
        return plan, None

    @staticmethod
    def _decided(
        tx: WriteTransaction, decided: list[tuple[Proposal, str]], ruling: Ruling, actor: Actor, bulk: str, seq: int
    ) -> None:
        reason = ruling.reason
        proposals = [proposal for proposal, _ in decided]
        rows: dict[str, list[tuple[str, list[str], dict[str, Any]]]] = {}
        for proposal, effect in decided:
            parts = (ruling.verdict,) * len(proposal.changes)
            written = 0 if effect == "superseded" else seq
            decided_so = Decision(ruling.verdict, actor.id, actor.name, now(), reason, parts, {}, written, bulk, dict(ruling.ready))
            decide_on(proposal, effect, decided_so)
            proposal.result = written or proposal.result
            rows.setdefault(_KINDS[effect], []).append(
                (f"proposal/{proposal.id}", proposal.concepts(), {"bulk": bulk, "author": proposal.author, "reason": reason})
            )
        store.save_locked(tx, proposals)
        space = proposals[0].space
        for kind, told in rows.items():
            happened_to_many(tx, actor, kind, told, space=space, seq=None if kind == "proposal_superseded" else seq or None)
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
            "time": stamp(self._clock()),
            "verdict": ruling.verdict,
            "reason": ruling.reason,
            "space": plan.space,
            "seq": seq,
            "state": "decided",
            "proposals": [proposal.id for proposal in plan.proposals],
            "skipped": skipped,
        }


class _Unwritten(Exception):
    """No change of the framework comes of it."""


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
