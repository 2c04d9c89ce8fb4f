"""Deciding on a proposal: accept (as it is, amended, or a part of it), reject, ask for changes. Accepting writes one change.

What was decided becomes true in the transaction that moves the head to the change, so that a death leaves both or neither. If the framework moved
meanwhile, each change is merged into what stands; where both sides changed the same field the proposal goes back, with the three values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.proposals import HARD, VERDICTS, Decision, Proposal, next_state
from wikic.domain.proposals_changes import (
    Change,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    from_json,
    slot_of,
    subject_of,
    to_json,
    type_of,
)
from wikic.domain.proposals_merging import ValueConflict, rebased
from wikic.domain.texts import check_text, invisible
from wikic.errors import Conflict, Forbidden, InvalidInput
from wikic.services.deciding_rights import may_decide, require_decider
from wikic.services.deciding_trial import PartView, look, settle_all
from wikic.services.deciding_twins import supersede_twins
from wikic.services.deciding_writing import Accepting
from wikic.services.editing import Unwritten
from wikic.services.editing_composing import Composer
from wikic.services.proposing import Proposing, told
from wikic.services.proposing_values import Present
from wikic.services.queueing_reasons import ready_in
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import heads, write_numbered

LONGEST_REASON: Final = 5_000
TWO_MODERATORS: Final = "two_moderators"
"""The setting that asks for two moderators on merges, splits and deprecations."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a moderator asks for. `parts`: the verdicts of single changes, by number from 0, where they differ from `verdict`; `amended`: changes that are
    accepted in the place of the proposed ones: of the same type, concept and field, or of what else becomes of the same concept or relation. `ready`: the
    ready-made reason that `reason` begins with, by language; who decides finds it."""

    verdict: str
    reason: str = ""
    parts: Mapping[int, str] = field(default_factory=dict)
    amended: Mapping[int, Change] = field(default_factory=dict)
    ready: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: the proposal as it is now; the number of the change that was written; conflicts, if it went back or stays for them;
    `awaits_second`: another moderator has to accept it too."""

    proposal: Proposal
    seq: int | None = None
    conflicts: tuple[ValueConflict, ...] = ()
    awaits_second: bool = False


class Deciding:
    """The moderators' flow over one store; safe between threads."""

    def __init__(self, engine: Engine, proposing: Proposing, accepting: Accepting) -> None:
        self._engine, self._proposing, self._accepting = engine, proposing, accepting

    def decide(self, identity: str, ruling: Ruling, actor: Actor, version: int | None) -> Outcome:
        """Decide on one proposal. `version`: the one that was looked at.

        Raises Forbidden (rights, four eyes), Conflict (not submitted any more), StaleVersion, InvalidInput, Busy. A conflict of values raises
        nothing: the proposal goes back (or stays, where it has no author who could mend it), and the outcome says why.
        """
        proposal = self._proposing.read(identity, actor)
        require_decider(self._engine, proposal, actor)
        store.require_version(proposal, version)
        verdicts = verdicts_of(proposal, ruling)
        ruling = with_reason(self._engine, ruling)
        amended = self._amended(proposal, ruling, verdicts)
        if "accept" not in verdicts:
            return self._close(proposal, ruling, verdicts, actor)
        next_state(proposal, "accept")
        if "reject" in verdicts:
            _require_reason(ruling)
        if needs_second(proposal, verdicts, amended, actor) and self.two_moderators():
            return self._approve(proposal, ruling, verdicts, amended, actor)
        outcome = self._accept(proposal, ruling, verdicts, amended, actor)
        if outcome.seq is not None:
            supersede_twins(self._engine, [outcome.proposal], actor)
        return outcome

    def may(self, proposal: Proposal, actor: Actor) -> bool:
        """Whether this one may decide on it now: by role, place, four eyes, and because it waits for a decision."""
        return proposal.state == "submitted" and not proposal.held and may_decide(self._engine, proposal, actor)

    def two_moderators(self) -> bool:
        """Whether merges, splits and deprecations take two moderators here."""
        return talk.setting(self._engine, TWO_MODERATORS) is True

    def ask_for_two(self, wanted: bool, actor: Actor) -> bool:
        """Say whether they do from now on. Raises Forbidden for all but admins."""
        access.require(actor, "administer")

        def work(tx: WriteTransaction) -> None:
            talk.put_setting(tx, TWO_MODERATORS, wanted)
            happened(tx, actor, "setting_changed", subject=f"setting/{TWO_MODERATORS}", value=wanted)

        write_numbered(self._engine, work)
        return wanted

    def look(self, proposal: Proposal) -> list[PartView]:
        """Each change with what stands now and what accepting it would do."""
        return look(self._engine, proposal)

    def _amended(self, proposal: Proposal, ruling: Ruling, verdicts: tuple[str, ...]) -> dict[int, Change]:
        wanted: dict[int, Change] = {}
        for part, change in ruling.amended.items():
            if not 0 <= part < len(proposal.changes) or verdicts[part] != "accept":
                raise InvalidInput(f"change {part + 1} is not among those that are accepted: only these can be amended", reason="amend-accepted", part=part + 1)
            old = proposal.changes[part]
            if isinstance(change, CreateConcept) and isinstance(old, CreateConcept):
                change = replace(change, uuid=old.uuid)
            if not _same_field(old, change):
                raise Forbidden(
                    "an amendment keeps the type, the concept and the field of the change, or says what else becomes of the same concept or"
                    " relation: make a proposal for another one",
                    reason="amend-same",
                )
            wanted[part] = replace(change, seq=old.seq, base=old.base)
        if wanted:
            completed = self._based(proposal, wanted)
            head = heads(self._engine)[proposal.space]
            checked = self._proposing.checker.check(
                [one for part, one in enumerate(completed) if verdicts[part] == "accept"], proposal.space, head, thorough=False
            )
            checked.require()
            wanted = {part: completed[part] for part in wanted if to_json(completed[part]) != to_json(proposal.changes[part])}
        return wanted

    def _based(self, proposal: Proposal, wanted: Mapping[int, Change]) -> tuple[Change, ...]:
        """The changes as amended, with what they are based on: what their author saw; or what stands now, where that names something younger."""
        whole = tuple(wanted.get(part, change) for part, change in enumerate(proposal.changes))
        completed = self._proposing.complete(whole, proposal.space)
        younger = {part for part in wanted if completed[part].base is None and proposal.changes[part].base is not None}
        if not younger:
            return completed
        whole = tuple(replace(change, seq=0) if part in younger else change for part, change in enumerate(whole))
        return self._proposing.complete(whole, proposal.space)

    def _close(self, proposal: Proposal, ruling: Ruling, verdicts: tuple[str, ...], actor: Actor) -> Outcome:
        """Reject, or ask for changes."""
        verdict = "return" if ruling.verdict == "return" else "reject"
        _require_reason(ruling)

        def work(tx: WriteTransaction) -> Proposal:
            found = locked(tx, proposal, verdict)
            decide_on(found, next_state(found, verdict), made(verdict, ruling, verdicts, {}, proposal, actor))
            store.save_proposal(tx, found)
            kind = "proposal_rejected" if verdict == "reject" else "proposal_returned"
            told(tx, actor, kind, found, reason=ruling.reason, author=found.author)
            return found

        return Outcome(write_numbered(self._engine, work))

    def _approve(
        self, proposal: Proposal, ruling: Ruling, verdicts: tuple[str, ...], amended: dict[int, Change], actor: Actor
    ) -> Outcome:
        """The first of two moderators: the proposal stays submitted, as amended."""

        if not amended and any(one.moderator == actor.id and one.parts == verdicts for one in proposal.approvals()):
            raise Conflict("you have accepted it already: now another moderator has to", reason="approved-already")

        def work(tx: WriteTransaction) -> Proposal:
            found = locked(tx, proposal)
            found.decisions = [*found.decisions, made("approve", ruling, verdicts, amended, proposal, actor)]
            found.changes = tuple(amended.get(part, change) for part, change in enumerate(found.changes))
            found.changed = now()
            store.save_proposal(tx, found, content=True)
            told(tx, actor, "proposal_approved", found, author=found.author)
            return found

        return Outcome(write_numbered(self._engine, work), awaits_second=True)

    def _accept(
        self, proposal: Proposal, ruling: Ruling, verdicts: tuple[str, ...], amended: dict[int, Change], actor: Actor
    ) -> Outcome:
        wanted = {
            part: amended.get(part, change) for part, change in enumerate(proposal.changes) if verdicts[part] == "accept"
        }
        whole = len(wanted) == len(proposal.changes)
        state = next_state(proposal, "accept" if whole else "accept_in_part")
        decision = made("accept", ruling, verdicts, amended, proposal, actor)
        space = proposal.space

        def merge(composer: Composer) -> list[Change]:
            present = Present(self._engine, space, {space: composer.head}, wanted.values(), composer.read)
            settled = settle_all(present, wanted)
            conflicts = tuple(one.conflict for one in settled.values() if one.conflict is not None)
            changes = [one.change for one in settled.values() if one.change is not None]
            if conflicts or not changes:
                raise _Unwritten(conflicts, composer.head)
            return changes

        def more(tx: WriteTransaction, seq: int) -> Proposal:
            found = locked(tx, proposal)
            found.changes = tuple(amended_change(decision, part, change) for part, change in enumerate(found.changes))
            decide_on(found, state, replace(decision, seq=seq))
            found.result = seq
            store.save_proposal(tx, found, content=bool(decision.amended))
            told(tx, actor, "proposal_accepted", found, seq=seq, state=state, author=found.author, reason=decision.reason)
            return found

        try:
            found, seq = self._accepting.write([proposal], merge, actor, guard=lambda tx: locked(tx, proposal), more=more)
        except _Unwritten as found_out:
            if found_out.conflicts:
                return self._send_back(proposal, found_out, decision, actor)
            return self._already(proposal, decision, actor)
        return Outcome(found, seq)

    def _send_back(self, proposal: Proposal, found_out: _Unwritten, decision: Decision, actor: Actor) -> Outcome:
        """To its author. What nobody can mend stays with the moderators, based on what stands now, so that they can decide between the values."""
        conflicts = found_out.conflicts

        def work(tx: WriteTransaction) -> Proposal:
            found = locked(tx, proposal)
            found.conflicts = list(conflicts)
            said = replace(decision, verdict="conflict", amended={})
            if found.has_author:
                decide_on(found, next_state(found, "return"), said)
            else:
                current = {one.part: one.current for one in conflicts}
                found.changes = tuple(
                    rebased(change, current[part], found_out.head) if part in current else change for part, change in enumerate(found.changes)
                )
                found.decisions, found.changed = [*found.decisions, said], said.time
            store.save_proposal(tx, found, content=not found.has_author)
            kind = "proposal_returned" if found.has_author else "proposal_changed"
            told(tx, actor, kind, found, author=found.author, conflicts=[conflict.slot for conflict in conflicts])
            return found

        return Outcome(write_numbered(self._engine, work), conflicts=conflicts)

    def _already(self, proposal: Proposal, decision: Decision, actor: Actor) -> Outcome:
        """Everything that was accepted stands already: somebody else's change did it."""

        def work(tx: WriteTransaction) -> Proposal:
            found = locked(tx, proposal)
            decide_on(found, "superseded", decision)
            store.save_proposal(tx, found)
            told(tx, actor, "proposal_superseded", found, author=found.author)
            return found

        return Outcome(write_numbered(self._engine, work))


class _Unwritten(Unwritten):
    """There is nothing to write at a head: conflicts, or all of it stands already."""

    def __init__(self, conflicts: tuple[ValueConflict, ...], head: int) -> None:
        super().__init__()
        self.conflicts, self.head = conflicts, head


def needs_second(proposal: Proposal, verdicts: tuple[str, ...], amended: Mapping[int, Change], actor: Actor) -> bool:
    """Whether this would be the first of two moderators, where two are asked for."""
    accepted = [part for part, verdict in enumerate(verdicts) if verdict == "accept"]
    if not any(type_of(one) in HARD for part in accepted for one in (proposal.changes[part], amended.get(part)) if one is not None):
        return False
    return bool(amended) or all(one.moderator == actor.id or one.parts != verdicts for one in proposal.approvals())


def locked(tx: WriteTransaction, proposal: Proposal, act: str = "accept") -> Proposal:
    """The proposal, locked, and still the one that was looked at, and in a state for an act. Raises StaleVersion, Conflict."""
    found = store.lock_proposal(tx, proposal.id)
    next_state(found, act)
    store.require_version(found, proposal.version)
    return found


def verdicts_of(proposal: Proposal, ruling: Ruling) -> tuple[str, ...]:
    """A verdict for each change. Raises InvalidInput for what is none, and for a part that is sent back while another is accepted."""
    for verdict in (ruling.verdict, *ruling.parts.values()):
        if verdict not in VERDICTS:
            raise InvalidInput(f"{verdict[:40]!r} is no verdict: {', '.join(VERDICTS)}")
    if any(not 0 <= part < len(proposal.changes) for part in ruling.parts):
        raise InvalidInput(f"the proposal has {len(proposal.changes)} changes, numbered from 0")
    verdicts = tuple(ruling.parts.get(part, ruling.verdict) for part in range(len(proposal.changes)))
    if "return" in verdicts and set(verdicts) != {"return"}:
        raise InvalidInput("changes are asked for on the whole proposal: accept or reject its parts", reason="return-whole")
    return verdicts


def with_reason(engine: Engine, ruling: Ruling) -> Ruling:
    """The ruling with its reason as it is kept, and the ready-made one that this begins with. Raises InvalidInput as `check_text` does."""
    reason = check_text("reason", ruling.reason, LONGEST_REASON)
    return replace(ruling, reason=reason, ready=ready_in(engine, reason))


def made(
    verdict: str, ruling: Ruling, parts: tuple[str, ...], amended: Mapping[int, Change], proposal: Proposal, actor: Actor
) -> Decision:
    """The decision as it is kept, with what was amended before and after."""
    pairs = {
        str(part): {"before": to_json(proposal.changes[part]), "after": to_json(change)} for part, change in amended.items()
    }
    return Decision(verdict, actor.id, actor.name, now(), ruling.reason, parts, pairs, ready=dict(ruling.ready))


def amended_change(decision: Decision, part: int, change: Change) -> Change:
    """A change as it was decided on."""
    pair = decision.amended.get(str(part))
    return from_json(pair["after"]) if pair else change


def decide_on(proposal: Proposal, state: str, decision: Decision) -> None:
    """Note a decision and its state; the delay counts from the submission."""
    proposal.state = state
    proposal.decisions = [*proposal.decisions, decision]
    proposal.decided = proposal.changed = decision.time
    if proposal.submitted:
        waited = datetime.fromisoformat(decision.time) - datetime.fromisoformat(proposal.submitted)
        proposal.delay = max(0, int(waited.total_seconds()))


def _require_reason(ruling: Ruling) -> None:
    """What is refused, and be it one change of several, has a reason. Raises InvalidInput."""
    if invisible(ruling.reason):
        raise InvalidInput("give a reason: its author needs to know why", reason="decision-reason")


def _same_field(old: Change, new: Change) -> bool:
    """Whether both speak of the same: one type, concept and field; or what becomes of one concept (merged rather than deprecated), or of one relation."""
    if slot_of(old) == slot_of(new) and type_of(old) != type_of(new):
        return True
    if type_of(old) != type_of(new) or subject_of(old) != subject_of(new):
        return False
    if isinstance(old, ChangeLabels) and isinstance(new, ChangeLabels):
        return old.lang == new.lang
    if isinstance(old, ChangeText) and isinstance(new, ChangeText):
        return (old.field, old.lang) == (new.field, new.lang)
    return True
