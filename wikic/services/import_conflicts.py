"""What an import found changed on both sides, as proposals: one a concept, its changes those that would take over what the source says.

They appear with the import's number. The base has advanced by then, so one upstream change is proposed once, whatever becomes of it; where the source
changes its mind before anybody has decided, the new proposal stands for the old one, and nothing is asked that the source says no longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wikic.domain.access import Actor
from wikic.domain.changes import now
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import new_uuid
from wikic.domain.merging import FieldConflict
from wikic.domain.proposals import Proposal, next_state
from wikic.domain.proposals_changes import AddRelation, Change, ChangeLabels, ChangeText, RemoveRelation, slot_of
from wikic.domain.proposals_merging import ValueConflict, labels_value, proposed_value, relation_value
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, TEXT_FIELDS
from wikic.services.import_conflicts_earlier import Sayings, open_proposals
from wikic.services.import_planning import Plan, Planner
from wikic.services.placing import places_of
from wikic.store import imports
from wikic.store import proposals as store
from wikic.store.engine import WriteTransaction
from wikic.store.events import happened
from wikic.store.proposals_impact import Touched, touched_by

AUTHOR: Final = "source:"
"""Before the origin: whoever a source's proposals are from."""

_Parts = list[tuple[Change, FieldConflict]]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What an import brings to the queue: by concept a proposal of what it found (`made`, maybe without any part), and by earlier proposal (its id) the
    fields that go over from it, as the source still says so (`carried`)."""

    made: dict[str, Proposal]
    carried: dict[str, frozenset[str]]

    def __bool__(self) -> bool:
        return bool(self.made)


def proposals_of(planner: Planner, seq: int) -> HandedIn:
    """The proposals of an import that becomes number `seq`. Attributes that changed on both sides cannot be edited here: they are in the report only."""
    grouped: dict[str, list[FieldConflict]] = defaultdict(list)
    for uuid, conflict in planner.plan_.conflicts:
        grouped[uuid].append(conflict)
    contents = _contents(planner, grouped)
    parts: dict[str, _Parts] = {}
    for uuid, conflicts in grouped.items():
        changes = ((_change(planner.plan_, uuid, contents[uuid], conflict, seq), conflict) for conflict in conflicts)
        if pairs := [(change, conflict) for change, conflict in changes if change is not None]:
            parts[uuid] = pairs
    anew = {slot_of(change) for pairs in parts.values() for change, _ in pairs}
    earlier = open_proposals(planner, f"{AUTHOR}{planner.origin}")
    sayings = Sayings(planner, earlier)
    carried = {}
    for old in earlier:
        uuid, still = old.concepts()[0], sayings.slots(old) - anew
        if uuid in parts or still != old.slots():
            carried[old.id] = frozenset(still)
    renewed = {old.concepts()[0]: parts.get(old.concepts()[0], []) for old in earlier if old.id in carried}
    return HandedIn(_made(planner, renewed | parts, seq), carried)


def _made(planner: Planner, parts: dict[str, _Parts], seq: int) -> dict[str, Proposal]:
    places = places_of(planner.engine, planner.space, planner.head, parts)
    impacts = touched_by(planner.engine, sorted(parts), planner.at) if parts else {}
    made = {}
    for uuid, pairs in sorted(parts.items()):
        proposal = made[uuid] = _proposal(planner, uuid, pairs, seq)
        proposal.line, proposal.branches = sorted(places[uuid].line), sorted(places[uuid].branches)
        touched = impacts.get(uuid, Touched())
        proposal.impact, proposal.neighbours = touched.impact, touched.neighbours
    return made


def hand_in(tx: WriteTransaction, actor: Actor, handed: HandedIn) -> None:
    """Write them down, submitted. What earlier imports proposed for these concepts, and nobody has decided on, is superseded: by the new proposal, into which
    goes what the source still says; where nothing is left to ask, by none."""
    earlier = store.lock_proposals(tx, sorted(handed.carried)) if handed.carried else {}
    superseded = [old for _, old in sorted(earlier.items()) if old.open]
    for old in superseded:
        _carry(old, handed.made[old.concepts()[0]], handed.carried[old.id])
    made = [proposal for proposal in handed.made.values() if proposal.changes]
    store.add_proposals(tx, made)
    for old in superseded:
        new = handed.made[old.concepts()[0]]
        by = new.id if new.changes else ""
        old.state, old.superseded_by, old.changed = next_state(old, "supersede"), by, now()
        store.save_proposal(tx, old)
        _happened(tx, actor, "proposal_superseded", old, by=by)
    for proposal in made:
        _happened(tx, actor, "proposal_submitted", proposal, origin=proposal.origin)


def _carry(old: Proposal, new: Proposal, slots: frozenset[str]) -> None:
    for part, change in enumerate(old.changes):
        if slot_of(change) in slots - new.slots():
            new.conflicts += [replace(one, part=len(new.changes)) for one in old.conflicts if one.part == part]
            new.changes += (change,)


def _happened(tx: WriteTransaction, actor: Actor, kind: str, proposal: Proposal, **data: str) -> None:
    subject = f"proposal/{proposal.id}"
    happened(tx, actor, kind, subject=subject, space=proposal.space, concepts=proposal.concepts(), seq=None, **data)


def _contents(planner: Planner, uuids: Iterable[str]) -> dict[str, ConceptContent]:
    """What stands in these concepts once the import is visible."""
    wanted = set(uuids)
    merged = {
        state.identity.uuid: state.content for state in planner.plan_.rows.new_states if state.identity.uuid in wanted
    }
    return dict(imports.read_states(planner.engine, sorted(wanted - merged.keys()), planner.at)) | merged


def _change(plan: Plan, uuid: str, content: ConceptContent, conflict: FieldConflict, seq: int) -> Change | None:
    """The change that takes over what the source says, based on what stands here."""
    if conflict.field == PREFERRED:
        held = [label for label in content.labels if label.lang == conflict.lang]
        wanted = [one for one in held if one.type != PREFERRED and one.value != conflict.incoming]
        if conflict.incoming:
            wanted.append(Label(conflict.incoming, conflict.lang, PREFERRED))
        return ChangeLabels(uuid, conflict.lang, tuple(wanted), labels_value(held), seq)
    if conflict.field in TEXT_FIELDS:
        return ChangeText(uuid, conflict.field, conflict.lang, conflict.incoming, conflict.local, seq)
    if (uuid, conflict.field) in plan.said_otherwise:
        here, said = plan.said_otherwise[uuid, conflict.field]
        base = relation_value(here.importance, here.rank, here.note)
        if said is None:
            return RemoveRelation(uuid, here.type, here.target, here.branch, base, seq)
        return AddRelation(uuid, here.type, here.target, *said, here.branch, base, seq)
    return None


def _proposal(planner: Planner, uuid: str, pairs: _Parts, seq: int) -> Proposal:
    info, moment = planner.collected.info, now()
    known = planner.known[uuid]
    source = info.title if info.version in info.title else f"{info.title}, version {info.version}"
    return Proposal(
        new_uuid(),
        "submitted",
        tuple(change for change, _ in pairs),
        f"{source} says otherwise, where something was chosen here.",
        space=planner.space,
        author=f"{AUTHOR}{info.origin}",
        author_name=source,
        origin="import",
        lane="conflict",
        seq=seq,
        created=moment,
        submitted=moment,
        changed=moment,
        schemes=[known.scheme],
        kinds=[known.kind],
        conflicts=[
            ValueConflict(part, slot_of(change), conflict.base, change.base, proposed_value(change))
            for part, (change, conflict) in enumerate(pairs)
        ],
    )
