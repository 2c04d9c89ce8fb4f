"""What checking finds before anything is submitted: identifiers, texts, kinds, names, whatever accepting would refuse; on both engines."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, SAW, WOOD, Ground, labels, make_ground, text
from wikic.domain.ids import concept_uuid, new_uuid
from wikic.domain.proposals import names_of
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    CreateConcept,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    SplitConcept,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED
from wikic.errors import Conflict, InvalidInput
from wikic.services.deciding import Ruling
from wikic.services.editing import Create, SetStatus, SetText
from wikic.services.proposing_values import Present
from wikic.store.engine import Engine, Query, Row
from wikic.store.leases import heads


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def codes(ground: Ground, *changes: Change) -> dict[str, str]:
    """What checking finds: severity by code."""
    return {one.code: one.severity for one in ground.app.proposing.check(changes, ADA).findings}


def new(name: str, lang: str = "en", kind: str = "skill", uuid: str = "", *more: Label) -> CreateConcept:
    """A new concept."""
    return CreateConcept(kind, (Label(name, lang, PREFERRED), *more), {}, uuid)


class TestIdentifiers:
    @pytest.mark.parametrize("uuid", ["../../admin", SAW, SAW.upper(), concept_uuid("http://example.org/coming"), "01A22A6C-67CA-7335-A278-30413D5A2C44"])
    def test_a_new_concept_has_one_of_its_own(self, ground: Ground, uuid: str) -> None:
        assert codes(ground, new("nail boards", uuid=uuid))["uuid"] == "error"
        with pytest.raises(InvalidInput):
            ground.propose(new("nail boards", uuid=uuid))

    def test_one_that_is_there_already(self, ground: Ground) -> None:
        taken = new_uuid()
        ground.framework.edit(Create("skill", (Label("plane boards", "en", PREFERRED),), uuid=taken))
        assert codes(ground, new("nail boards", uuid=taken)) == {"uuid": "error"}
        assert codes(ground, new("nail boards", uuid=new_uuid())) == {}


class TestWhatAcceptingWouldRefuse:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ((ChangeLabels(GLUE, "en", ()),), "keeps-preferred"),
            ((MergeConcepts(SAW, JOINER),), "unlike"),
            ((MergeConcepts(GLUE, SAW, (Label("never said", "en", ALTERNATIVE),)),), "no-label-of"),
            ((AddRelation(SAW, "replaced_by", GLUE),), "replaced-active"),
            ((AddRelation(SAW, "title_of", GLUE),), "kinds"),
            ((AddRelation(SAW, "requires", JOINER),), "kinds"),
            ((MoveConcept(JOINER, "", SAW),), "kinds"),
            ((DeprecateConcept(SAW, JOINER),), "kinds"),
            ((MapConcept(SAW, "exact_match", GLUE),), "one-scheme"),
            ((AddRelation(SAW, "broad_match", GLUE),), "one-scheme"),
            ((AddRelation(JOINER, "requires", SAW, branch="not a branch!"),), "branch"),
            ((new("\u200b"),), "characters"),
            ((new("nail\u202eboards"),), "characters"),
            ((text("a\x00b"),), "characters"),
            ((new("nail", "en", "skill", "", Label("nail", "en", ALTERNATIVE)),), "label-twice"),
            ((ChangeLabels(SAW, "en", (Label("rip", "en", ALTERNATIVE), Label("rip", "en", HIDDEN))),), "label-twice"),
            ((new("clouer", "fr", "skill", "", Label("clouer bien", "FR", PREFERRED)),), "two-preferred"),
            ((MoveConcept(GLUE, SAW, WOOD),), "not-there"),
            ((ChangeImportance(JOINER, "requires", WOOD, "key"),), "not-there"),
            ((SplitConcept(SAW, (GLUE, WOOD)),), "unassigned"),
        ],
    )
    def test_is_said_before(self, ground: Ground, changes: tuple[Change, ...], code: str) -> None:
        assert codes(ground, *changes)[code] == "error"
        with pytest.raises(InvalidInput):
            ground.propose(*changes)

    def test_one_language_has_one_tag(self, ground: Ground) -> None:
        with pytest.raises(InvalidInput, match="twice in one language"):
            codes(ground, CreateConcept("skill", (Label("nail", "en", PREFERRED),), {"fr": "Un.", "FR": "Deux."}))
        ground.accept(ground.propose(text("Scier.", lang="FR")))
        ground.accept(ground.propose(ChangeLabels(SAW, "FR", (Label("scier droit", "Fr", PREFERRED),))))
        content = ground.framework.content(SAW)
        assert (content.languages(), content.preferred()["fr"], content.texts["definition"]["fr"]) == (["en", "fr"], "scier droit", "Scier.")

    def test_what_its_source_wrote_may_stay(self, ground: Ground) -> None:
        ground.framework.edit(SetText(SAW, "definition", "en", "To\u00ad saw."))
        assert codes(ground, text("To\u00ad cut.")) == {}
        assert codes(ground, text("Un \U0001f469\u200d\U0001f527 et \u0645\u06cc\u200c\u062e.", lang="fr")) == {}

    def test_a_split_gives_away_what_is_there(self, ground: Ground) -> None:
        one, two = new("rip", uuid=new_uuid()), new("crosscut", uuid=new_uuid())
        split = SplitConcept(SAW, (one.uuid, two.uuid))
        held = Present(ground.engine, "public", heads(ground.engine), [split]).value(split)["relations"]
        some = SplitConcept(SAW, split.parts, {held[0]: one.uuid})
        assert codes(ground, one, two, some) == {"unassigned": "error"}
        odd = SplitConcept(SAW, split.parts, {**dict.fromkeys(held, one.uuid), new_uuid(): two.uuid})
        assert codes(ground, one, two, odd) == {"not-there": "error"}
        elsewhere = SplitConcept(SAW, split.parts, dict.fromkeys(held, GLUE))
        assert codes(ground, one, two, elsewhere) == {"no-part": "error"}
        assert codes(ground, one, two, SplitConcept(SAW, split.parts, dict.fromkeys(held, one.uuid))) == {}


def test_reads_do_not_grow_with_the_parts_of_a_lot(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Counter[str]()
    read = Engine.read

    def counted(self: Engine, query: Query, **parameters: Any) -> list[Row]:
        calls[query.name] += 1
        return read(self, query, **parameters)

    ground.app.searching.catch_up()
    ground.app.reading.forget()
    monkeypatch.setattr(Engine, "read", counted)
    seen = []
    for size in (2, 20):
        calls.clear()
        made = [new(f"saw number {size}-{number}", uuid=new_uuid()) for number in range(size)]
        parts: list[list[Change]] = [[one, AddRelation(one.uuid, "broader", WOOD), AddRelation(JOINER, "requires", one.uuid)] for one in made]
        ground.app.proposing.make_lot("t", parts, ADA, justification="x")
        seen.append(dict(calls))
    assert seen[0] == seen[1]


class TestNames:
    def test_of_another_concept(self, ground: Ground) -> None:
        assert codes(ground, labels("glue boards")) == {"label-exists": "error"}
        assert codes(ground, new("Glue boards")) == {"label-exists": "warning"}
        assert codes(ground, new("glue boards", kind="knowledge")) == {}
        ground.framework.edit(SetStatus(GLUE, "deprecated"))
        assert codes(ground, labels("glue boards")) == {}

    def test_that_is_given_up_by_the_same_proposal(self, ground: Ground) -> None:
        assert codes(ground, labels("glue planks", uuid=GLUE), labels("glue boards", "cut planks")) == {}

    def test_that_is_given_twice(self, ground: Ground) -> None:
        assert codes(ground, new("nail boards"), new("Nail boards")) == {"name-twice": "error"}
        with pytest.raises(InvalidInput, match="part 2 of the lot"):
            ground.app.proposing.make_lot("t", [[new("nail boards")], [new("Nail boards")]], ADA, justification="x")
        with pytest.raises(InvalidInput, match="part 2 of the lot"):
            ground.app.proposing.make_lot("t", [[text("One.")], [labels("glue boards")]], ADA, justification="x")

    def test_that_two_propose(self, ground: Ground) -> None:
        one, two = ground.propose(new("nail boards")), ground.propose(new("Nail boards"), by=BOB)
        ground.accept(one)
        with pytest.raises(Conflict, match="is the preferred label of"):
            ground.accept(two)
        assert ground.state(two) == "submitted"

    def test_that_two_propose_while_the_index_is_behind(self, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
        one, two = ground.propose(new("nail boards")), ground.propose(new("Nail boards"), by=BOB)
        before = ground.app.searching.named(["nail boards", "Nail boards"])
        monkeypatch.setattr(type(ground.app.searching), "named", lambda _self, _labels: before)
        ground.accept(one)
        with pytest.raises(Conflict, match="is the preferred label of"):
            ground.accept(two)
        with pytest.raises(Conflict, match="is the preferred label of"):
            ground.app.bulk.decide_many([two.id], Ruling("accept"), MAY)

    def test_that_two_of_one_bulk_give(self, ground: Ground) -> None:
        one, two = ground.propose(new("nail boards")), ground.propose(new("Nail boards"), by=BOB)
        done = ground.app.bulk.decide_many([one.id, two.id], Ruling("accept"), MAY)
        assert [item.effect for item in done.items] == ["accepted", "skipped"]

    def test_rejected_before_whatever_its_accents(self, ground: Ground) -> None:
        ground.reject(ground.propose(new("clouer des planches serrées", "fr")), "too narrow")
        again = new("Clouer des planches serrees", "fr", "skill", "", Label("nail planks close", "en", PREFERRED))
        assert codes(ground, again) == {"rejected-before": "warning"}
        assert names_of(again)[0].lang == "fr"
