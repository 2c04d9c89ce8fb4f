"""Proposing: drafts, submission, checks as it is written, suggestions, and what a concept's page and the queue show, on both engines."""

from __future__ import annotations

import pytest

from tests.flows.proposal_tools import (
    ADA,
    BOB,
    GLUE,
    JOINER,
    MAY,
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
from wikic.domain.ids import new_uuid
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeImportance,
    CreateConcept,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, Unauthenticated
from wikic.services.deciding import Ruling
from wikic.services.editing import Create, Move, SetStatus, SetText
from wikic.services.proposing_values import Present
from wikic.store import documents
from wikic.store.engine import Engine, Row
from wikic.store.leases import heads, write_numbered
from wikic.store.tables import BINDINGS

PLANE = new_uuid()
NAIL = CreateConcept("skill", (Label("nail boards", "en", PREFERRED),), {"en": "To nail."})


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def test_both_ends_are_named(ground: Ground) -> None:
    for change in (AddRelation(SAW, "related", ""), MapConcept(SAW, "exact_match", "")):
        assert codes(ground, change)["missing"] == "error"
        with pytest.raises(InvalidInput):
            ground.propose(change)


def codes(ground: Ground, *changes: Change) -> dict[str, str]:
    """What checking finds: severity by code."""
    return {one.code: one.severity for one in ground.app.proposing.check(changes, ADA).findings}


class TestLife:
    def test_a_draft_is_its_authors(self, ground: Ground) -> None:
        draft = ground.propose(text("One."), submit=False)
        assert [event.concepts for event in ground.events("proposal_made")] == [()]
        for other in (NOBODY, BOB, MAY, ROOT):
            with pytest.raises(NotFound):
                ground.app.proposing.read(draft.id, other)
        assert ground.app.proposing.of_concept(SAW, BOB) == []
        assert [one.id for one in ground.app.proposing.list(ADA, author=ADA.id).items] == [draft.id]
        assert ground.app.proposing.list(BOB, author=ADA.id).items == []
        submitted = ground.app.proposing.submit(draft.id, ADA, 1)
        assert (submitted.state, submitted.impact, submitted.version) == ("submitted", 1, 2)
        assert [one.id for one in ground.app.proposing.of_concept(SAW, NOBODY)] == [draft.id]
        assert [event.kind for event in ground.events("proposal_made", "proposal_submitted")] == [
            "proposal_made",
            "proposal_submitted",
        ]

    def test_changed_in_place(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        with pytest.raises(StaleVersion):
            ground.app.proposing.edit(proposal.id, ADA, 7, justification="x")
        with pytest.raises(Forbidden):
            ground.app.proposing.edit(proposal.id, BOB, 1, justification="x")
        edited = ground.app.proposing.edit(proposal.id, ADA, 1, changes=[text("Two.", GLUE)])
        assert (edited.state, edited.version, edited.concepts()) == ("submitted", 2, [GLUE])
        assert ground.app.proposing.of_concept(SAW, BOB) == []
        assert len(ground.app.proposing.of_concept(GLUE, BOB)) == 1
        with pytest.raises(InvalidInput, match="changes nothing"):
            ground.app.proposing.edit(proposal.id, ADA, 2, changes=[text("To glue.", GLUE)])

    def test_taken_back(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        with pytest.raises(Forbidden):
            ground.app.proposing.withdraw(proposal.id, BOB, 1)
        assert ground.app.proposing.withdraw(proposal.id, ADA, 1).state == "withdrawn"
        with pytest.raises(Conflict, match="is withdrawn"):
            ground.app.proposing.submit(proposal.id, ADA, None)
        assert ground.app.proposing.read(proposal.id, BOB).changes == proposal.changes

    def test_another_stands_for_it(self, ground: Ground) -> None:
        old = ground.propose(text("One."))
        with pytest.raises(Forbidden):
            ground.app.proposing.make([text("Two.")], BOB, justification="x", supersedes=old.id)
        new = ground.app.proposing.make([text("Two.")], ADA, justification="x", submit=True, supersedes=old.id)
        kept = ground.app.proposing.read(old.id, ADA)
        assert (kept.state, kept.superseded_by, new.supersedes) == ("superseded", new.id, old.id)

    def test_a_draft_stands_for_nothing_yet(self, ground: Ground) -> None:
        app, old = ground.app, ground.propose(text("One."))
        with pytest.raises(Forbidden):
            app.proposing.make([text("Two.")], BOB, supersedes=old.id)
        gone = app.proposing.make([text("Two.")], ADA, supersedes=old.id)
        app.proposing.withdraw(gone.id, ADA, None)
        draft = app.proposing.make([text("Three.")], ADA, justification="x", supersedes=old.id)
        assert ground.state(old) == "submitted"
        app.proposing.submit(draft.id, ADA, None)
        kept = app.proposing.read(old.id, ADA)
        assert (kept.state, kept.superseded_by) == ("superseded", draft.id)

    def test_what_was_handed_in_again_says_so(self, ground: Ground) -> None:
        proposal = ground.propose(text("One."))
        ground.app.deciding.decide(proposal.id, Ruling("return", "why?"), MAY, None)
        again = ground.app.proposing.submit(proposal.id, ADA, None)
        assert again.submitted_before == [proposal.submitted]
        assert ground.app.proposing.read(proposal.id, ADA).submitted_before == [proposal.submitted]

    def test_those_about_a_concept(self, ground: Ground) -> None:
        made = [ground.propose(text(f"{number}.", lang=f"fr-0{number}"), by=by).id for number, by in enumerate((ADA, BOB, ADA))]
        ground.reject(ground.app.proposing.read(made[2], MAY))
        of = ground.app.proposing.list
        first = of(BOB, concept=SAW, limit=1)
        rest = of(BOB, concept=SAW, limit=1, cursor=first.next)
        assert ([one.id for one in (*first.items, *rest.items)], rest.next) == (made[:2], None)
        assert [one.id for one in of(BOB, concept=SAW, author=ADA.id).items] == made[:1]
        assert [one.id for one in of(BOB, concept=SAW, state="rejected").items] == made[2:]
        assert of(BOB, concept=SAW, scheme="wiki").items == []
        assert of(BOB, concept=new_uuid()).items == []
        with pytest.raises(NotFound):
            of(BOB, concept="rome:M1805")

    def test_who_may(self, ground: Ground) -> None:
        with pytest.raises(Unauthenticated):
            ground.propose(text("x"), by=NOBODY)
        with pytest.raises(Forbidden, match="terms"):
            ground.propose(text("x"), by=person("eve", terms=False))
        with pytest.raises(InvalidInput, match="say why"):
            ground.propose(text("x"), why=" ")
        ground.propose(text("x"), why="", submit=False)

    def test_usual_delay(self, ground: Ground) -> None:
        assert ground.app.proposing.usual_delay() is None
        ground.reject(ground.propose(text("One.")))
        assert ground.app.proposing.usual_delay() == 0

    def test_pages(self, ground: Ground) -> None:
        made = [ground.propose(text(f"{number}.", lang=f"fr-0{number}")).id for number in range(5)]
        first = ground.app.proposing.list(BOB, limit=3)
        rest = ground.app.proposing.list(BOB, limit=3, cursor=first.next)
        assert ({one.id for one in (*first.items, *rest.items)}, rest.next) == (set(made), None)
        with pytest.raises(InvalidInput):
            ground.app.proposing.list(BOB, state="draft", limit=3, cursor=first.next)


class TestChecks:
    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (labels(" "), "blank"),
            (labels("x" * 501), "long"),
            (labels("x", lang="french!"), "language"),
            (text("To saw."), "nothing"),
            (text("x", field="colour"), "field"),
            (text("x", "11111111-1111-7111-8111-111111111111"), "missing"),
            (AddRelation(SAW, "likes", GLUE), "relation"),
            (AddRelation(SAW, "related", SAW), "itself"),
            (AddRelation(JOINER, "requires", SAW, "vital"), "importance"),
            (RemoveRelation(JOINER, "requires", WOOD), "nothing"),
            (MapConcept(SAW, "related", GLUE), "relation"),
            (MoveConcept(WOOD, "", SAW), "cycle"),
            (MergeConcepts(SAW, SAW), "itself"),
            (SplitConcept(SAW, (GLUE,)), "parts"),
            (RestoreConcept(SAW), "nothing"),
            (CreateConcept("skill", ()), "unnamed"),
            (labels("glue boards"), "label-exists"),
        ],
    )
    def test_what_blocks(self, ground: Ground, change: Change, code: str) -> None:
        assert codes(ground, change)[code] == "error"
        with pytest.raises(InvalidInput):
            ground.propose(change)
        assert ground.events("proposal_made") == []

    def test_two_of_one_field(self, ground: Ground) -> None:
        assert "twice" in codes(ground, text("One."), text("Two."))
        assert "two-preferred" in codes(ground, CreateConcept("skill", (*NAIL.labels, Label("nails", "en", PREFERRED))))

    def test_a_circle_of_replacements(self, ground: Ground) -> None:
        ground.framework.edit(SetStatus(GLUE, "deprecated", SAW))
        assert codes(ground, DeprecateConcept(SAW, GLUE)) == {"cycle": "error", "deprecated": "warning"}
        both = DeprecateConcept(SAW, JOINER), DeprecateConcept(JOINER, SAW)
        assert "cycle" in codes(ground, *both)

    def test_moving_round_is_no_circle(self, ground: Ground) -> None:
        ground.framework.edit(Move(SAW, WOOD, GLUE))
        assert codes(ground, MoveConcept(SAW, GLUE, ""), MoveConcept(GLUE, "", SAW)) == {}

    def test_what_warns(self, ground: Ground) -> None:
        seq = ground.framework.head
        ground.framework.edit(SetText(SAW, "definition", "en", "Newer."))
        assert codes(ground, text("Mine.", seq=seq)) == {"moved": "warning"}
        assert codes(ground, text("Mine.")) == {}

    def test_similar_ones_with_scores(self, ground: Ground) -> None:
        checked = ground.app.proposing.check([CreateConcept("skill", (Label("sawing planks", "en", PREFERRED),))], ADA)
        assert checked.errors == []
        assert [one["uuid"] for one in checked.similar] == [SAW]
        assert checked.similar[0]["score"] > 0.6

    def test_rejected_before_and_why(self, ground: Ground) -> None:
        ground.reject(ground.propose(text("One.")), "we say it otherwise")
        checked = ground.app.proposing.check([text("Uno.")], BOB)
        assert [(one["reason"], one["state"]) for one in checked.rejected] == [("we say it otherwise", "rejected")]
        assert codes(ground, text("Uno.")) == {"rejected-before": "warning"}
        assert codes(ground, text("One.", field="note")) == {}

    def test_open_ones_about_the_same(self, ground: Ground) -> None:
        one = ground.propose(NAIL)
        twin = CreateConcept("skill", (Label("Nail Boards", "en", PREFERRED),))
        assert ground.app.proposing.check([twin], BOB).alike == [one.id]

    def test_what_it_touches(self, ground: Ground) -> None:
        checked = ground.app.proposing.check([text("x"), text("x", GLUE)], ADA)
        assert (checked.impact, checked.neighbours, checked.kinds, set(checked.line)) == (1, 3, ["skill"], {SAW, GLUE, WOOD}), "one joiner, needed twice"
        assert ground.app.proposing.check([text("x"), text("x", JOINER)], ADA).impact == 1

    def test_badges_are_touched_too(self, ground: Ground) -> None:
        rows: list[Row] = [
            {"key": f"{badge}/{concept}", "concept": concept, "badge_class": badge, "status": status, "state": "published", "public": public}
            for badge, concept, status, public in (
                ("one", SAW, "open", True), ("one", GLUE, "open", True), ("two", SAW, "open", True), ("gone", SAW, "closed", True),
                ("draft", SAW, "open", False),
            )
        ]  # fmt: skip
        write_numbered(ground.engine, lambda tx: documents.insert_many(tx, BINDINGS, rows))
        assert ground.app.proposing.check([text("x")], ADA).impact == 3
        assert ground.app.proposing.check([text("x"), text("x", GLUE)], ADA).impact == 3
        made = ground.propose(text("x"))
        assert ground.app.queueing.page(MAY).items[0].impact == made.impact == 3

    def test_spelling_has_a_lane(self, ground: Ground) -> None:
        assert ground.propose(labels("saw plancks", "cut planks")).lane == "spelling"
        assert ground.propose(labels("saw planks", "cut planks", "rip planks")).lane == "main"


class TestWhatItBecomes:
    def test_a_new_concept_with_its_place(self, ground: Ground) -> None:
        new = CreateConcept("skill", NAIL.labels, {"en": "To nail."}, "01890a5d-ac96-774b-bcce-b302099a8057")
        ground.accept(ground.propose(new, MoveConcept(new.uuid, "", WOOD), AddRelation(JOINER, "requires", new.uuid, "key")))
        assert ground.framework.content(new.uuid).texts == {"definition": {"en": "To nail."}}
        assert set(ground.framework.targets(new.uuid, "broader")) == {WOOD}
        assert new.uuid in ground.framework.targets(JOINER, "requires")

    def test_merged(self, ground: Ground) -> None:
        merge = MergeConcepts(GLUE, SAW, (Label("glue boards", "en", ALTERNATIVE),))
        ground.accept(ground.propose(merge))
        assert ground.framework.content(GLUE).status == "deprecated"
        assert set(ground.framework.targets(GLUE, "replaced_by")) == {SAW}
        assert "glue boards" in ground.framework.labels(SAW, ALTERNATIVE)
        assert set(ground.framework.targets(JOINER, "requires")) == {SAW}

    def test_split(self, ground: Ground) -> None:
        new = CreateConcept("skill", NAIL.labels, {}, "01890a5d-ac96-774b-bcce-b302099a8057")
        present = Present(ground.engine, "public", heads(ground.engine), [SplitConcept(SAW, (GLUE, new.uuid))])
        held = present.value(SplitConcept(SAW, (GLUE, new.uuid)))["relations"]
        assert len(held) == 2
        split = SplitConcept(SAW, (GLUE, new.uuid), dict.fromkeys(held, new.uuid))
        ground.accept(ground.propose(new, split))
        assert set(ground.framework.targets(SAW, "replaced_by")) == {GLUE, new.uuid}
        assert set(ground.framework.targets(JOINER, "requires")) == {GLUE, new.uuid}

    def test_a_split_that_forgets_a_new_relation_goes_back(self, ground: Ground) -> None:
        parts = (GLUE, JOINER)
        held = Present(ground.engine, "public", heads(ground.engine), [SplitConcept(WOOD, parts)])
        new = CreateConcept("skill_group", NAIL.labels, {}, "01890a5d-ac96-774b-bcce-b302099a8057")
        twin = CreateConcept("skill_group", (Label("work iron", "en", PREFERRED),), {}, "01890a5d-ac96-774b-bcce-b302099a8058")
        relations = held.value(SplitConcept(WOOD, parts))["relations"]
        split = ground.propose(new, twin, SplitConcept(WOOD, (new.uuid, twin.uuid), dict.fromkeys(relations, new.uuid)))
        ground.accept(ground.propose(MoveConcept(GLUE, "", WOOD), by=BOB))
        (conflict,) = ground.accept(split).conflicts
        assert (len(conflict.base["relations"]), len(conflict.current["relations"])) == (1, 2)

    def test_deprecated_and_restored(self, ground: Ground) -> None:
        ground.accept(ground.propose(DeprecateConcept(GLUE, SAW)))
        assert ground.framework.content(GLUE).status == "deprecated"
        ground.accept(ground.propose(RestoreConcept(GLUE)))
        assert (ground.framework.content(GLUE).status, ground.framework.targets(GLUE, "replaced_by")) == ("active", {})

    def test_mapped(self, ground: Ground) -> None:
        assert codes(ground, MapConcept(SAW, "close_match", GLUE)) == {"one-scheme": "error"}
        ground.framework.edit(Create("skill", NAIL.labels, uuid=PLANE))
        ground.accept(ground.propose(MapConcept(SAW, "close_match", PLANE)))
        assert set(ground.framework.targets(SAW, "close_match")) == {PLANE}

    def test_a_rank_and_a_note_stay_when_the_importance_changes(self, ground: Ground) -> None:
        ground.accept(ground.propose(AddRelation(SAW, "skill_requires", GLUE, "optional", 3, "beside it")))
        ground.accept(ground.propose(ChangeImportance(SAW, "skill_requires", GLUE, "essential")))
        relation = ground.framework.body(SAW).relations["skill_requires"].items[0].relation
        assert (relation.importance, relation.rank, relation.note) == ("essential", 3, "beside it")
