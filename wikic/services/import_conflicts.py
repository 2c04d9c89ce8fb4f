"""What an import found changed on both sides, as proposals: one a concept, its changes those that would take over what the source says.

They appear with the import's number. The base has advanced by then, so one upstream change is proposed once, whatever becomes of it; where the source
changes its mind before anybody has decided, the new proposal stands for the old one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
from wikic.services.import_planning import Plan, Planner
from wikic.services.placing import places_of
from wikic.store import imports
from wikic.store import proposals as store
from wikic.store.engine import WriteTransaction
from wikic.store.events import happened
from wikic.store.proposals_impact import count_impact

AUTHOR: Final = "source:"
"""Before the origin: whoever a source's proposals are from."""


def proposals_of(planner: Planner, seq: int) -> list[Proposal]:
    """The proposals of an import that becomes number `seq`. Attributes that changed on both sides cannot be edited here: they are in the report only."""
    grouped: dict[str, list[FieldConflict]] = defaultdict(list)
    for uuid, conflict in planner.plan_.conflicts:
        grouped[uuid].append(conflict)
    contents = _contents(planner, grouped)
    places = places_of(planner.engine, planner.space, planner.head, grouped)
    made = []
    for uuid, conflicts in sorted(grouped.items()):
        pairs = [
            (change, conflict)
            for conflict in conflicts
            if (change := _change(planner.plan_, uuid, contents[uuid], conflict, seq)) is not None
        ]
        if pairs:
            proposal = _proposal(planner, uuid, pairs, seq)
            place = places[uuid]
            proposal.line, proposal.branches = sorted(place.line), sorted(place.branches)
            proposal.impact, proposal.neighbours = count_impact(planner.engine, [uuid], planner.at).get(uuid, (0, 0))
            made.append(proposal)
    return made


def hand_in(tx: WriteTransaction, actor: Actor, proposals: Iterable[Proposal]) -> None:
    """Write them down, submitted; what an earlier import proposed for the same fields, and nobody has decided on, is superseded."""
    made = list(proposals)
    by_concept = {proposal.concepts()[0]: proposal for proposal in made}
    found = {one.proposal for one in store.about(tx, by_concept, open_=True)} if made else set()
    store.add_proposals(tx, made)
    for old in store.lock_proposals(tx, sorted(found)).values() if found else ():
        new = by_concept.get(old.concepts()[0])
        if new is not None and (old.origin, old.author) == ("import", new.author) and old.slots() <= new.slots():
            old.state, old.superseded_by, old.changed = next_state(old, "supersede"), new.id, now()
            store.save_proposal(tx, old)
            _happened(tx, actor, "proposal_superseded", old, by=new.id)
    for proposal in made:
        _happened(tx, actor, "proposal_submitted", proposal)


def _happened(tx: WriteTransaction, actor: Actor, kind: str, proposal: Proposal, by: str = "") -> None:
    data = {"by": by} if by else {"origin": proposal.origin}
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


def _proposal(planner: Planner, uuid: str, pairs: list[tuple[Change, FieldConflict]], seq: int) -> Proposal:
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
