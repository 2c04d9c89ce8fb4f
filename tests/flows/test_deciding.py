"""Deciding: what is accepted becomes one change, four eyes see it, and what moved meanwhile merges or goes back, on both engines."""

from __future__ import annotations

import pytest

from tests.flows.proposal_tools import (
    ADA,
    BOB,
    GLUE,
    JOINER,
    MAY,
    MEL,
    ROOT,
    SAW,
    WOOD,
    Ground,
    labels,
    make_ground,
    person,
    text,
)
from wikic.domain.access import NOBODY
from wikic.domain.ids import new_uuid, relation_id
from wikic.domain.proposals_changes import (
    AddRelation,
    ChangeImportance,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED, PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, InvalidInput, StaleVersion, Unauthenticated
from wikic.services.deciding import Ruling
from wikic.services.editing import Create, SetText
from wikic.store.engine import Engine
from wikic.store.history import list_changes


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def two_moderators(ground: Ground) -> None:
    with pytest.raises(Forbidden):
        ground.app.deciding.ask_for_two(True, MAY)
    assert ground.app.deciding.ask_for_two(True, ROOT)


def born(ground: Ground, name: str, kind: str = "skill") -> str:
    """A concept that came after the others."""
    uuid = new_uuid()
    ground.framework.edit(Create(kind, (Label(name, "en", PREFERRED),), {}, uuid))
    ground.app.reading.forget()
    return uuid


class TestAccepting:
    def test_it_becomes_one_change_that_credits_both(self, ground: Ground) -> None:
        proposal = ground.propose(text("To cut with a saw."), labels("saw boards", "cut planks"), why="boards, not planks")
        outcome = ground.accept(proposal, reason="right")
        assert ground.framework.head == outcome.seq
        change = list_changes(ground.engine, [PUBLIC_SPACE], {PUBLIC_SPACE: outcome.seq or 0}, after=1, limit=9)[-1]
        assert (change.kind, change.actor, change.summary) == ("proposal", "ada", "boards, not planks")
        assert {name: change.details[name] for name in ("proposal", "author", "moderator")} == {
            "proposal": proposal.id,
            "author": "ada",
            "moderator": "may",
        }
        assert ground.text(SAW) == "To cut with a saw."
        assert ground.framework.content("saw").preferred()["en"] == "saw boards"
        kept = ground.app.proposing.read(proposal.id, BOB)
        assert (kept.state, kept.result, kept.decisions[0].moderator, kept.decisions[0].reason) == (
            "accepted",
            outcome.seq,
            "user-may",
            "right",
        )
        event = ground.events("proposal_accepted")[0]
        assert (event.subject, event.seq, event.actor, event.concepts) == (
            f"proposal/{proposal.id}",
            outcome.seq,
            "user-may",
            (SAW,),
        )

    def test_change_by_change(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."), text("Two.", GLUE), text("Drei.", lang="de"))
        with pytest.raises(InvalidInput, match="give a reason"):
            ground.app.deciding.decide(proposal.id, Ruling("accept", "", {1: "reject"}), MAY, None)
        ground.app.deciding.decide(proposal.id, Ruling("accept", "the second is wrong", {1: "reject"}), MAY, None)
        assert (ground.text(SAW), ground.text(GLUE), ground.text(SAW, "de")) == ("One.", "To glue.", "Drei.")
        assert ground.app.proposing.read(proposal.id, ADA).decisions[-1].parts == ("accept", "reject", "accept")
        assert ground.state(proposal) == "accepted_in_part"

    def test_amended(self, ground: Ground) -> None:
        proposal = ground.propose(text("To saw wuud."))
        ground.accept(proposal, amended={0: text("To saw wood.")})
        assert ground.text(SAW) == "To saw wood."
        kept = ground.app.proposing.read(proposal.id, ADA)
        pair = kept.decisions[0].amended["0"]
        assert (pair["before"]["text"], pair["after"]["text"]) == ("To saw wuud.", "To saw wood.")

    @pytest.mark.parametrize("other", [text("x", GLUE), text("x", lang="fr"), text("x", field="note"), labels("x")])
    def test_an_amendment_is_of_the_same_field(self, ground: Ground, other: object) -> None:
        proposal = ground.propose(text("To saw wuud."))
        with pytest.raises(Forbidden, match="keeps the type"):
            ground.accept(proposal, amended={0: other})
        assert ground.state(proposal) == "submitted"

    def test_an_amendment_is_checked(self, ground: Ground) -> None:
        proposal = ground.propose(labels("saw boards"))
        with pytest.raises(InvalidInput, match="blank"):
            ground.accept(proposal, amended={0: labels(" ")})

    def test_another_target_of_a_merge_and_other_labels(self, ground: Ground) -> None:
        proposal = ground.propose(MergeConcepts(SAW, GLUE, (Label("cut planks", "en", ALTERNATIVE),)))
        plane = born(ground, "plane boards")
        taken = (Label("scier des planches", "fr", ALTERNATIVE),)
        ground.accept(proposal, amended={0: MergeConcepts(SAW, plane, taken)})
        assert set(ground.framework.targets("saw", "replaced_by")) == {plane}
        assert {one.value for one in ground.framework.content(plane).labels} == {"plane boards", "scier des planches"}
        pair = ground.app.proposing.read(proposal.id, ADA).decisions[0].amended["0"]
        assert (pair["before"]["into"], pair["after"]["into"]) == (GLUE, plane)

    def test_what_becomes_of_a_concept_otherwise(self, ground: Ground) -> None:
        proposal = ground.propose(DeprecateConcept(SAW))
        ground.accept(proposal, amended={0: MergeConcepts(SAW, GLUE)})
        assert set(ground.framework.targets("saw", "replaced_by")) == {GLUE}
        assert GLUE in ground.framework.targets(JOINER, "requires")
        restored = ground.propose(RestoreConcept(SAW))
        ground.accept(restored, amended={0: DeprecateConcept(SAW, WOOD)})
        assert (set(ground.framework.targets("saw", "replaced_by")), ground.framework.content("saw").status) == ({WOOD}, "deprecated")

    def test_a_relation_that_should_go_may_weigh_less(self, ground: Ground) -> None:
        proposal = ground.propose(RemoveRelation(JOINER, "requires", SAW))
        ground.accept(proposal, amended={0: ChangeImportance(JOINER, "requires", SAW, "optional")})
        assert ground.framework.targets(JOINER, "requires")[SAW][0] == "optional"

    def test_relations_given_away_otherwise(self, ground: Ground) -> None:
        plane = born(ground, "plane boards")
        relations = {
            relation_id(JOINER, "requires", SAW): GLUE,
            relation_id(SAW, "broader", WOOD): GLUE,
        }
        proposal = ground.propose(SplitConcept(SAW, (GLUE, plane), relations))
        ground.accept(proposal, amended={0: SplitConcept(SAW, (GLUE, plane), dict.fromkeys(relations, plane))})
        assert set(ground.framework.targets("saw", "replaced_by")) == {GLUE, plane}
        assert set(ground.framework.targets(JOINER, "requires")) == {GLUE, plane}
        assert set(ground.framework.targets(plane, "broader")) == {WOOD}

    def test_another_parent_another_relation_another_mapping(self, ground: Ground) -> None:
        plane, work = born(ground, "plane boards"), born(ground, "work boards", "skill_group")
        moved, related = MoveConcept(SAW, WOOD, ""), AddRelation(GLUE, "related", SAW)
        mapped = MapConcept(GLUE, "close_match", born(ground, "rip planks"))
        proposal = ground.propose(moved, related, mapped)
        other = {0: MoveConcept(SAW, WOOD, work), 1: AddRelation(GLUE, "skill_requires", plane), 2: MapConcept(GLUE, "broad_match", plane)}
        ground.accept(proposal, amended=other)
        assert set(ground.framework.targets("saw", "broader")) == {work}
        assert ground.framework.targets(GLUE, "related") == {}
        assert set(ground.framework.targets(GLUE, "skill_requires")) == set(ground.framework.targets(GLUE, "broad_match")) == {plane}

    def test_relations(self, ground: Ground) -> None:
        moved = MoveConcept(GLUE, "", WOOD)
        stronger = ChangeImportance(JOINER, "requires", GLUE, "essential")
        gone = RemoveRelation(JOINER, "requires", SAW)
        new = AddRelation(GLUE, "related", SAW, note="both")
        ground.accept(ground.propose(moved, stronger, gone, new))
        assert set(ground.framework.targets(GLUE, "broader")) == {WOOD}
        assert set(ground.framework.targets(JOINER, "requires")) == {GLUE}


    def test_once(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        ground.accept(proposal)
        with pytest.raises(Conflict, match="is accepted"):
            ground.accept(proposal, by=MEL)
        with pytest.raises(Conflict):
            ground.reject(proposal, by=MEL)
        assert len(ground.events("proposal_accepted", "proposal_rejected")) == 1

    def test_on_what_was_looked_at(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        ground.app.proposing.edit(proposal.id, ADA, 1, changes=[text("Another one.")])
        with pytest.raises(StaleVersion):
            ground.app.deciding.decide(proposal.id, Ruling("accept"), MAY, 1)
        assert ground.text(SAW) == "To saw."


class TestMeanwhile:
    def test_other_fields_merge_by_themselves(self, ground: Ground) -> None:
        first = ground.propose(labels("saw boards", "cut planks"))
        second = ground.propose(labels("saw planks", "cut planks", "rip planks"), text("To rip."), by=BOB)
        ground.accept(first)
        assert ground.accept(second).seq
        content = ground.framework.content("saw")
        assert content.preferred()["en"] == "saw boards"
        assert ground.framework.labels("saw", ALTERNATIVE) == ["cut planks", "rip planks"]
        assert ground.text(SAW) == "To rip."

    def test_a_conflict_goes_back_with_three_values(self, ground: Ground) -> None:
        first, second = ground.propose(text("Mine.")), ground.propose(text("Yours."), labels("saw boards"), by=BOB)
        ground.accept(first)
        head = ground.framework.head
        outcome = ground.accept(second)
        assert (outcome.seq, ground.framework.head) == (None, head)
        (conflict,) = outcome.conflicts
        assert (conflict.part, conflict.base, conflict.current, conflict.proposed) == (0, "To saw.", "Mine.", "Yours.")
        kept = ground.app.proposing.read(second.id, BOB)
        assert (kept.state, kept.conflicts, kept.decisions[-1].verdict) == ("changes_requested", [conflict], "conflict")
        assert ground.events("proposal_returned")[0].data["conflicts"] == [f"definition|{SAW}|en"]
        again = ground.app.proposing.edit(second.id, BOB, kept.version, changes=[text("Yours."), labels("saw boards")])
        again = ground.app.proposing.submit(second.id, BOB, again.version)
        assert ground.accept(again).seq
        assert ground.text(SAW) == "Yours."

    def test_what_nobody_can_mend_stays_with_the_moderators(self, ground: Ground) -> None:
        sent = ground.app.suggesting.suggest([text("Yours."), labels("saw boards", "cut planks")], "it is so", sender="198.51.100.7")
        mine = ground.app.suggesting.confirm(sent.proposal.id, sent.token)
        with pytest.raises(Conflict, match="no author"):
            ground.app.deciding.decide(mine.id, Ruling("return", "more, please"), MAY, None)
        assert [item.effect for item in ground.app.bulk.preview([mine.id], Ruling("return", "more"), MAY).items] == ["skipped"]
        ground.accept(ground.propose(text("Mine."), labels("saw wood", "cut planks", "rip planks")))
        outcome = ground.accept(mine)
        assert (outcome.seq, outcome.conflicts[0].current) == (None, "Mine.")
        kept = ground.app.proposing.read(mine.id, BOB)
        assert (kept.state, len(kept.conflicts), kept.decisions[-1].verdict) == ("submitted", 2, "conflict")
        assert mine.id in {one.id for one in ground.app.queueing.page(MAY).items}
        assert [view.effect for view in ground.app.deciding.look(kept)] == ["applies", "applies"]
        assert ground.accept(kept).seq
        assert ground.text(SAW) == "Yours."
        assert ground.framework.content("saw").preferred()["en"] == "saw boards"
        assert ground.framework.labels("saw", ALTERNATIVE) == ["cut planks", "rip planks"], "what came meanwhile stays"

    def test_who_it_is_given_to_is_nothing_that_is_decided_on(self, ground: Ground) -> None:
        made = ground.propose(text("Mine."))
        ground.app.talking.assign(made.id, MAY.id, MAY, made.version)
        edited = ground.app.proposing.edit(made.id, ADA, made.version, justification="better")
        assert (edited.version, edited.assignee) == (made.version + 1, MAY.id)
        assert ground.app.talking.assign(made.id, "", MAY, edited.version).assignee == ""
        assert ground.app.deciding.decide(made.id, Ruling("accept"), MAY, edited.version).seq

    def test_relations_conflict_too(self, ground: Ground) -> None:
        away = ground.propose(RemoveRelation(JOINER, "requires", SAW))
        weaker = ground.propose(ChangeImportance(JOINER, "requires", SAW, "optional"), by=BOB)
        ground.accept(away)
        (conflict,) = ground.accept(weaker).conflicts
        assert (conflict.base["importance"], conflict.current) == ("essential", None)

    def test_the_same_twice_is_superseded(self, ground: Ground) -> None:
        first, twin = ground.propose(text("Same.")), ground.propose(text("Same."), by=BOB)
        more = ground.propose(text("Same."), text("More.", GLUE), by=BOB)
        ground.accept(first)
        kept = ground.app.proposing.read(twin.id, BOB)
        assert (kept.state, kept.superseded_by) == ("superseded", first.id)
        assert ground.accept(more).seq
        assert ground.text(GLUE) == "More."

    def test_a_twin_of_what_was_rejected_stays(self, ground: Ground) -> None:
        both = ground.propose(text("Same."), text("Other.", GLUE))
        twins = [ground.propose(text("Same."), by=BOB), ground.propose(text("Other.", GLUE), by=BOB)]
        ground.accept(both, reason="not the second", parts={1: "reject"})
        assert [ground.state(one) for one in twins] == ["superseded", "submitted"]

    def test_what_stands_already_is_superseded(self, ground: Ground) -> None:
        proposal = ground.propose(text("Same."))
        ground.framework.edit(SetText(SAW, "definition", "en", "Same."))
        outcome = ground.accept(proposal)
        assert (outcome.seq, outcome.proposal.state) == (None, "superseded")


class TestRights:
    def test_four_eyes(self, ground: Ground) -> None:
        for author in (MAY, ROOT):
            proposal = ground.propose(text(f"By {author.name}."), by=author)
            with pytest.raises(Forbidden, match="your own work"):
                ground.accept(proposal, by=author)
            with pytest.raises(Forbidden, match="your own work"):
                ground.accept(proposal, by=author, amended={0: text("Amended.")})
            assert ground.state(proposal) == "submitted"

    def test_who_wrote_in_it_does_not_decide(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        ground.app.proposing.edit(proposal.id, ROOT, 1, changes=[text("By the admin.")])
        with pytest.raises(Forbidden, match="your own work"):
            ground.accept(proposal, by=ROOT)
        assert ground.accept(proposal, by=MAY).seq

    @pytest.mark.parametrize("scope", ["scheme:rome", f"subtree:{GLUE}", "branch:3228"])
    def test_a_place_that_is_not_theirs(self, ground: Ground, scope: str) -> None:
        proposal = ground.propose(text("One."))
        with pytest.raises(Forbidden, match="this part of the framework"):
            ground.accept(proposal, by=person("lea", "moderator", scope=scope))

    @pytest.mark.parametrize("scope", ["scheme:esco", f"subtree:{SAW}", f"subtree:{WOOD}"])
    def test_a_place_that_is_theirs(self, ground: Ground, scope: str) -> None:
        assert ground.accept(ground.propose(text("One.")), by=person("lea", "moderator", scope=scope)).seq

    def test_every_concept_counts(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."), text("Two.", GLUE))
        with pytest.raises(Forbidden):
            ground.accept(proposal, by=person("lea", "moderator", scope=f"subtree:{WOOD}"))

    def test_contributors_and_nobody(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        with pytest.raises(Forbidden):
            ground.accept(proposal, by=BOB)
        with pytest.raises(Unauthenticated):
            ground.accept(proposal, by=NOBODY)

    def test_two_moderators_on_a_deprecation(self, ground: Ground) -> None:
        two_moderators(ground)
        plain, hard = ground.propose(text("One.")), ground.propose(DeprecateConcept(GLUE, SAW))
        assert ground.accept(plain).seq
        outcome = ground.accept(hard)
        assert (outcome.awaits_second, outcome.seq, ground.state(hard)) == (True, None, "submitted")
        with pytest.raises(Conflict, match="already"):
            ground.accept(hard)
        assert ground.accept(hard, by=MEL).seq
        assert ground.framework.content("glue").status == "deprecated"
        assert [one.moderator for one in ground.app.proposing.read(hard.id, ADA).decisions] == ["user-may", "user-mel"]

    def test_what_was_approved_is_what_counts(self, ground: Ground) -> None:
        two_moderators(ground)
        proposal = ground.propose(DeprecateConcept(GLUE, SAW))
        ground.accept(proposal)
        assert ground.accept(proposal, by=MEL, amended={0: DeprecateConcept(GLUE)}).awaits_second
        with pytest.raises(Conflict, match="already"):
            ground.accept(proposal, by=MEL)
        assert ground.accept(proposal, by=MAY).seq
        assert ground.framework.targets("glue", "replaced_by") == {}


class TestClosing:
    def test_a_rejection_needs_a_reason(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        with pytest.raises(InvalidInput, match="give a reason"):
            ground.reject(proposal, " \u2800")
        ground.reject(proposal, "not so")
        kept = ground.app.proposing.read(proposal.id, BOB)
        assert (kept.state, kept.decisions[0].reason) == ("rejected", "not so")
        assert ground.text(SAW) == "To saw."

    def test_sent_back_and_handed_in_again(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        outcome = ground.app.deciding.decide(proposal.id, Ruling("return", "say more"), MAY, 1)
        assert outcome.proposal.state == "changes_requested"
        with pytest.raises(Conflict):
            ground.accept(proposal)
        edited = ground.app.proposing.edit(proposal.id, ADA, 2, changes=[text("One and more.")])
        assert edited.state == "changes_requested"
        ground.app.proposing.submit(proposal.id, ADA, edited.version)
        assert ground.accept(proposal).seq
        assert ground.text(SAW) == "One and more."

    def test_parts_are_not_sent_back(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."), text("Two.", GLUE))
        with pytest.raises(InvalidInput, match="on the whole proposal"):
            ground.app.deciding.decide(proposal.id, Ruling("accept", "x", {1: "return"}), MAY, None)
