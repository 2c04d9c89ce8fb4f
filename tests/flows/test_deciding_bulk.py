"""Deciding on many at once: seen before, written as one change, taken back whole, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, MEL, SAW, Ground, labels, make_ground, person, text
from wikic.domain.ids import new_uuid, relation_id
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import AddRelation, CreateConcept, DeprecateConcept, SplitConcept
from wikic.domain.records import Label
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, InvalidInput
from wikic.services.deciding import Ruling
from wikic.services.deciding_bulk import BulkDeciding
from wikic.services.deciding_writing import Accepting
from wikic.services.editing import SetText
from wikic.store.engine import Engine
from wikic.store.history import list_changes

ACCEPT = Ruling("accept")


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def ground(engine: Engine) -> Ground:
    ground = make_ground(engine)
    app = ground.app
    app.bulk = BulkDeciding(engine, Accepting(app.engine, app.editing, app.searching), app.reverting, clock=Clock())
    return ground


def clock_of(ground: Ground) -> Clock:
    clock = ground.app.bulk._clock
    assert isinstance(clock, Clock)
    return clock


def three(ground: Ground) -> list[Proposal]:
    return [
        ground.propose(text("One.")),
        ground.propose(text("Two.", GLUE), by=BOB),
        ground.propose(labels("joining carpenter", uuid=JOINER)),
    ]


def ids(proposals: list[Proposal]) -> list[str]:
    return [one.id for one in proposals]


def test_one_change_for_all(ground: Ground) -> None:
    proposals = three(ground)
    preview = ground.app.bulk.preview(ids(proposals), ACCEPT, MAY)
    assert (preview.counts, preview.changes, preview.concepts) == ({"accepted": 3}, 3, 3)
    assert (preview.impact, [one.impact for one in proposals]) == (1, [1, 1, 1]), "the one occupation that all of them touch"
    assert ground.text(SAW) == "To saw."
    outcome = ground.app.bulk.decide_many(ids(proposals), ACCEPT, MAY)
    assert ground.framework.head == outcome.seq
    change = list_changes(ground.engine, [PUBLIC_SPACE], {PUBLIC_SPACE: outcome.seq or 0}, after=1, limit=9)[-1]
    assert (change.kind, change.actor, change.details["moderator"]) == ("proposal", "ada and 1 others", "may")
    assert change.details["proposal"].split() == ids(proposals)
    assert {ground.state(one) for one in proposals} == {"accepted"}
    events = ground.events("proposal_accepted", "bulk_decided")
    assert [event.subject for event in events] == [*(f"proposal/{one.id}" for one in proposals), f"bulk/{outcome.id}"]
    assert {event.seq for event in events} == {outcome.seq}
    assert [event.number for event in events] == sorted(event.number for event in events)


def test_what_cannot_be_decided_with_the_others_stays(ground: Ground) -> None:
    good, own, rival = ground.propose(text("One.")), ground.propose(text("x", JOINER), by=MAY), ground.propose(text("Uno."), by=BOB)
    done = ground.propose(text("Two.", GLUE))
    ground.reject(done)
    wanted = ids([good, own, rival, done])
    effects = [(item.effect, bool(item.conflicts)) for item in ground.app.bulk.preview(wanted, ACCEPT, MAY).items]
    assert effects == [("accepted", False), ("skipped", False), ("skipped", True), ("skipped", False)]
    outcome = ground.app.bulk.decide_many(wanted, ACCEPT, MAY)
    (conflict,) = outcome.items[2].conflicts
    assert (conflict.base, conflict.current, conflict.proposed) == ("To saw.", "One.", "Uno.")
    assert [ground.state(one) for one in (good, own, rival, done)] == ["accepted", "submitted", "submitted", "rejected"]
    assert ground.text(SAW) == "One."
    change = list_changes(ground.engine, [PUBLIC_SPACE], {PUBLIC_SPACE: outcome.seq or 0}, after=1, limit=9)[-1]
    assert (change.actor, change.details["proposal"], change.summary) == ("ada", good.id, "it is so"), "nobody is credited with what was left"
    with pytest.raises(Conflict, match="none of these"):
        ground.app.bulk.decide_many(wanted, ACCEPT, MAY)


def test_rejecting_needs_a_reason(ground: Ground) -> None:
    proposals = three(ground)
    with pytest.raises(InvalidInput, match="give a reason"):
        ground.app.bulk.decide_many(ids(proposals), Ruling("reject"), MAY)
    outcome = ground.app.bulk.decide_many(ids(proposals), Ruling("reject", "no"), MAY)
    assert (outcome.seq, {ground.state(one) for one in proposals}) == (None, {"rejected"})
    ground.app.bulk.undo(outcome.id, MAY)
    assert {ground.state(one) for one in proposals} == {"submitted"}


def test_taken_back_whole(ground: Ground) -> None:
    proposals = three(ground)
    before = ground.framework.head
    outcome = ground.app.bulk.decide_many(ids(proposals), ACCEPT, MAY)
    clock_of(ground).now += timedelta(minutes=9)
    row = ground.app.bulk.undo(outcome.id, MAY)
    assert (row["state"], row["undone_by"]) == ("undone", ground.framework.head)
    for uuid in (SAW, GLUE, JOINER):
        now, then = ground.framework.content(uuid), ground.framework.content(uuid, before)
        assert (now.labels, now.texts) == (then.labels, then.texts)
    assert ground.text(SAW, "en") == "To saw."
    assert ground.framework.content("saw", outcome.seq).texts["definition"]["en"] == "One."
    assert {ground.state(one) for one in proposals} == {"submitted"}
    assert [event.subject for event in ground.events("proposal_reopened")] == [f"proposal/{one.id}" for one in proposals]
    queued = ground.app.queueing.page(MEL).items
    assert {one.id for one in queued} == set(ids(proposals))
    with pytest.raises(Conflict, match="taken back already"):
        ground.app.bulk.undo(outcome.id, MAY)
    assert ground.app.bulk.decide_many(ids(proposals), ACCEPT, MEL).seq == ground.framework.head


def test_a_new_concept_taken_back_can_be_accepted_again(ground: Ground) -> None:
    new = new_uuid()
    born = CreateConcept("skill", (Label("To mortise", "en", "preferred"),), uuid=new)
    made = ground.propose(born, AddRelation(new, "broader", SAW), SplitConcept(GLUE, (new, SAW), {relation_id(JOINER, "requires", GLUE): new}))
    outcome = ground.app.bulk.decide_many([made.id], ACCEPT, MAY)
    ground.app.bulk.undo(outcome.id, MAY)
    (again,) = ground.app.queueing.page(MEL).items
    create, relate, split = again.changes
    assert isinstance(create, CreateConcept)
    assert isinstance(relate, AddRelation)
    assert isinstance(split, SplitConcept)
    assert create.uuid != new, "that is the one of what was created then"
    assert (relate.source, split.parts) == (create.uuid, (create.uuid, SAW))
    assert [one.effect for one in ground.app.bulk.decide_many([made.id], ACCEPT, MEL).items] == ["accepted"]
    assert ground.framework.content(create.uuid).status == "active"
    assert ground.framework.content(new).status == "deprecated"


def test_taken_back_by_who_did_it_only_and_in_time(ground: Ground) -> None:
    outcome = ground.app.bulk.decide_many(ids(three(ground)), ACCEPT, MAY)
    with pytest.raises(Forbidden):
        ground.app.bulk.undo(outcome.id, MEL)
    clock_of(ground).now += timedelta(minutes=11)
    with pytest.raises(Conflict, match="for 10 minutes"):
        ground.app.bulk.undo(outcome.id, MAY)
    assert ground.text(SAW) == "One."


def test_not_if_something_was_built_on_it(ground: Ground) -> None:
    proposals = three(ground)
    outcome = ground.app.bulk.decide_many(ids(proposals), ACCEPT, MAY)
    ground.framework.edit(SetText(GLUE, "note", "en", "built on it"))
    with pytest.raises(Conflict):
        ground.app.bulk.undo(outcome.id, MAY)
    assert {ground.state(one) for one in proposals} == {"accepted"}
    assert ground.text(SAW) == "One."


def test_places_and_two_moderators(ground: Ground) -> None:
    proposals = three(ground)
    outcome = ground.app.bulk.decide_many(ids(proposals), ACCEPT, person("lea", "moderator", scope=f"subtree:{SAW}"))
    assert [item.effect for item in outcome.items] == ["accepted", "skipped", "skipped"]
    with pytest.raises(InvalidInput, match="one proposal at a time"):
        ground.app.bulk.decide_many(ids(proposals[1:]), Ruling("accept", parts={0: "reject"}), MAY)
    assert ground.app.bulk.preview([ground.propose(DeprecateConcept(GLUE)).id], ACCEPT, MAY).counts == {"accepted": 1}


def test_a_large_one(ground: Ground) -> None:
    langs = [f"fr-{number:02d}" for number in range(60)]
    lot = ground.app.proposing.make_lot("many", [[text("T.", lang=lang)] for lang in langs], ADA, justification="all")
    outcome = ground.app.bulk.decide_many(ids(lot.parts), ACCEPT, MAY)
    assert len(ground.framework.content("saw").texts["definition"]) == 61
    ground.app.bulk.undo(outcome.id, MAY)
    assert len(ground.framework.content("saw").texts["definition"]) == 1


def test_what_was_changed_since_it_was_looked_at_is_left(ground: Ground) -> None:
    seen, changed = ground.propose(text("Seen.", GLUE)), ground.propose(text("Harmless."))
    versions = {one.id: one.version for one in (seen, changed)}
    ground.app.proposing.edit(changed.id, ADA, 1, changes=[text("Something else.")])
    for items in (
        ground.app.bulk.preview(versions, ACCEPT, MAY, versions).items,
        ground.app.bulk.decide_many(versions, ACCEPT, MAY, versions).items,
    ):
        assert [item.effect for item in items] == ["accepted", "skipped"]
        assert "was changed meanwhile" in items[1].reason
    assert (ground.text(SAW), ground.state(changed)) == ("To saw.", "submitted")


def test_what_the_framework_refuses_is_left_and_the_others_are_decided(ground: Ground) -> None:
    one, other = ground.propose(DeprecateConcept(SAW, GLUE)), ground.propose(DeprecateConcept(GLUE, SAW), by=BOB)
    innocent = ground.propose(text("Innocent.", JOINER))
    wanted = ids([one, other, innocent])
    preview = ground.app.bulk.preview(wanted, ACCEPT, MAY)
    assert [item.effect for item in preview.items] == ["accepted", "skipped", "accepted"]
    assert preview.why[other.id].reason == "cycle"
    outcome = ground.app.bulk.decide_many(wanted, ACCEPT, MAY)
    assert [item.effect for item in outcome.items] == ["accepted", "skipped", "accepted"]
    assert ground.text(JOINER) == "Innocent."
    (view,) = ground.app.deciding.look(ground.app.proposing.read(other.id, MAY))
    assert (view.effect, view.why.reason if view.why else "") == ("refused", "cycle")


def test_twins_are_superseded_and_wait_again_where_it_is_taken_back(ground: Ground) -> None:
    first, chosen, elsewhere = (ground.propose(text("Same."), by=by) for by in (ADA, BOB, person("cleo")))
    other = ground.propose(text("Other.", GLUE))
    outcome = ground.app.bulk.decide_many(ids([first, chosen, other]), ACCEPT, MAY)
    assert [item.effect for item in outcome.items] == ["accepted", "superseded", "accepted"]
    assert [ground.state(one) for one in (first, chosen, elsewhere)] == ["accepted", "superseded", "superseded"]
    assert ground.app.proposing.read(elsewhere.id, BOB).superseded_by == first.id
    assert {event.subject for event in ground.events("proposal_accepted")} == {f"proposal/{one.id}" for one in (first, other)}
    ground.app.bulk.undo(outcome.id, MAY)
    assert {ground.state(one) for one in (first, chosen, elsewhere, other)} == {"submitted"}
    assert ground.text(SAW) == "To saw."


def test_what_is_so_already_needs_no_change(ground: Ground) -> None:
    late = ground.propose(text("Late."))
    head = ground.framework.edit(SetText(SAW, "definition", "en", "Late."))
    outcome = ground.app.bulk.decide_many([late.id], ACCEPT, MAY)
    assert (outcome.seq, [item.effect for item in outcome.items], ground.framework.head) == (None, ["superseded"], head)
    ground.app.bulk.undo(outcome.id, MAY)
    assert ground.state(late) == "submitted"


def test_the_second_of_two_moderators_may_decide_in_bulk(ground: Ground) -> None:
    ground.app.deciding.ask_for_two(True, person("root", "admin"))
    gone, plain = ground.propose(DeprecateConcept(GLUE)), ground.propose(text("Plain."))
    assert [item.effect for item in ground.app.bulk.preview(ids([gone, plain]), ACCEPT, MAY).items] == ["skipped", "accepted"]
    assert ground.accept(gone).awaits_second
    assert [item.effect for item in ground.app.bulk.decide_many(ids([gone, plain]), ACCEPT, MEL).items] == ["accepted", "accepted"]
