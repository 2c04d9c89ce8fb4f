"""Merging, splitting, moving and restoring concepts, seen from the present and from the past year, on both engines."""

from __future__ import annotations

import pytest

from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.whole_store import visible_answer
from wikic.domain.ids import relation_id
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, PREFERRED
from wikic.errors import InvalidInput, NotFound
from wikic.services.checking import Checking
from wikic.services.editing import Create, Edit, Merge, Move, Relate, SetStatus, Split, Unrelate

A, B, TOP, JOINER, MASON = map(uuid_of, ("a", "b", "top", "joiner", "mason"))
NEW = uuid_of("new")
RECORDS = (
    concept("a", "saw", "scier", alts=["cut", "rip"]),
    concept("b", "saw wood", alts=["cut"]),
    concept("top", "work wood"),
    concept("joiner", "joiner", kind="occupation"),
    concept("mason", "mason", kind="occupation"),
)
RELATIONS = (
    relation("a", "broader", "top"),
    relation("joiner", "requires", "a", "essential"),
    relation("joiner", "requires", "b", "optional"),
    relation("mason", "requires", "a", "optional"),
)
MERGE = Merge(A, B, (Label("rip", "en", ALTERNATIVE), Label("scier", "fr", PREFERRED)))
CREATED = Create("skill", (Label("saw along", "en", PREFERRED),), uuid=NEW)


@pytest.fixture
def five(framework: Framework) -> Framework:
    """Two skills that mean the same, what is above one of them, and two occupations that require them."""
    framework.run(source(*RECORDS, *RELATIONS))
    return framework


def ids(*relations: tuple[str, str, str]) -> list[str]:
    return [relation_id(*one) for one in relations]


def split_of(first: str, second: str) -> Split:
    """A split that gives what the joiner needs to the first part, the rest to the second."""
    joiner, mason, up = ids((JOINER, "requires", A), (MASON, "requires", A), (A, "broader", TOP))
    return Split(A, (first, second), {joiner: first, mason: second, up: second})


def healthy(framework: Framework) -> bool:
    """Whether nothing is wrong with the store."""
    return [finding for finding in Checking(framework.engine).run() if not finding.note] == []


class TestMerge:
    def test_what_is_merged_hands_everything_over(self, five: Framework) -> None:
        year = five.head
        seq = five.edit(MERGE)
        assert (five.content("a").status, set(five.targets("a", "replaced_by"))) == (DEPRECATED, {B})
        assert set(five.body("a").relations) == {"replaced_by"}
        assert five.targets("b", "required_by") == {
            JOINER: ("essential", ("esco", "local")),  # the stronger importance
            MASON: ("optional", ("local",)),
        }
        assert five.targets("b", "broader") == {TOP: ("", ("local",))}
        assert five.labels("b", ALTERNATIVE) == ["cut", "rip"]
        assert (five.labels("b", lang="fr"), five.labels("a", lang="fr")) == (["scier"], ["scier"])
        assert five.labels("a", ALTERNATIVE) == ["cut"]
        assert [five.body(name).seq for name in ("a", "b", "top", "joiner", "mason")] == [seq] * 5
        assert set(five.targets("joiner", "requires", year)) == {A, B}
        assert five.content("a", year).status == ACTIVE
        assert five.labels("b", ALTERNATIVE, at=year) == ["cut"]
        assert healthy(five)

    def test_the_weaker_importance_gives_way(self, five: Framework) -> None:
        five.edit(Merge(B, A))
        assert five.targets("a", "required_by")[JOINER] == ("essential", ("esco", "local"))

    def test_relations_between_the_two_are_dropped(self, five: Framework) -> None:
        five.edit(Relate(A, "related", B), Relate(B, "broader", A))
        five.edit(Merge(A, B))
        assert "related" not in five.body("b").relations
        assert set(five.targets("b", "broader")) == {TOP}
        assert healthy(five)

    def test_the_source_neither_brings_back_nor_withdraws(self, five: Framework) -> None:
        five.edit(MERGE)
        before = five.targets("b", "required_by"), five.labels("b", ALTERNATIVE), five.labels("a", ALTERNATIVE)
        more = concept("b", "saw wood", alts=["cut"], texts={"definition": "New."})
        five.run(source(RECORDS[0], more, *RECORDS[2:], *RELATIONS, relation("b", "broader", "top"), version="2"))
        assert five.content("a").status == DEPRECATED
        assert (five.targets("b", "required_by"), five.labels("b", ALTERNATIVE), five.labels("a", ALTERNATIVE)) == before
        assert set(five.body("a").relations) == {"replaced_by"}

    def test_what_its_source_newly_says_of_it_is_reported(self, five: Framework) -> None:
        five.edit(MERGE)
        new = concept("cooper", "cooper", kind="occupation")
        more = (relation("cooper", "requires", "a"), relation("a", "broader", "b"), relation("mason", "requires", "b"))
        report = five.run(source(*RECORDS, new, *RELATIONS, *more, version="2"))
        reason, count, places = report.skipped["at-replaced"]
        assert (count, sorted(places)) == (2, sorted(
            f"{source} {kind} {target}: {A} is replaced by {B}"
            for source, kind, target in ((uuid_of("cooper"), "requires", A), (A, "broader", B))
        ))
        assert "its successor does not get it" in reason
        assert set(five.targets("cooper", "requires")) == {A}
        assert "at-replaced" not in five.run(source(*RECORDS, new, concept("x", "x"), *RELATIONS, *more, version="3")).skipped

    def test_what_was_replaced_by_it_is_still_told_step_by_step(self, five: Framework) -> None:
        five.edit(Create("skill", (Label("old", "en", PREFERRED),), uuid=NEW))
        five.edit(SetStatus(NEW, DEPRECATED, A))
        five.edit(Merge(A, B))
        assert (set(five.targets(NEW, "replaced_by")), set(five.targets("a", "replaced_by"))) == ({A}, {B})
        with pytest.raises(InvalidInput, match="already: restore it first"):
            five.edit(Merge(A, TOP))

    @pytest.mark.parametrize(
        ("edits", "message"),
        [
            ((Merge(A, A),), "replaced by itself"),
            ((Merge(A, JOINER),), "is a skill"),
            ((SetStatus(B, DEPRECATED), Merge(A, B)), "is deprecated"),
            ((Merge(A, B, (Label("glue", "en", ALTERNATIVE),)),), "no label of"),
            ((Merge(A, B, (Label("saw", "en", PREFERRED),)),), "two preferred labels in en"),
            ((Merge(A, B, (Label("rip", "en", "nickname"),)),), "no type of label"),
            ((Relate(TOP, "broader", B), Merge(A, B)), "cannot stand under"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, five: Framework, edits: tuple[Edit, ...], message: str) -> None:
        before = visible_answer(five.engine)
        with pytest.raises(InvalidInput, match=message):
            five.edit(*edits)
        assert visible_answer(five.engine) == before


class TestSplit:
    def test_each_part_gets_what_is_assigned_to_it(self, five: Framework) -> None:
        year = five.head
        five.edit(CREATED, split_of(NEW, B))
        assert (five.content("a").status, set(five.targets("a", "replaced_by"))) == (DEPRECATED, {NEW, B})
        assert five.targets(NEW, "required_by") == {JOINER: ("essential", ("local",))}
        assert five.targets("b", "required_by") == {JOINER: ("optional", ("esco",)), MASON: ("optional", ("local",))}
        assert set(five.targets("b", "broader")) == {TOP}
        assert set(five.body("a").relations) == {"replaced_by"}
        assert set(five.targets("a", "required_by", year)) == {JOINER, MASON}
        assert (five.content("a", year).status, five.there(NEW, year)) == (ACTIVE, False)
        assert healthy(five)

    def test_every_relation_must_be_assigned(self, five: Framework) -> None:
        whole = split_of(B, TOP)
        up = relation_id(A, "broader", TOP)
        rest = {one: part for one, part in whole.assignments.items() if one != up}
        with pytest.raises(InvalidInput, match=rf"1 of 3 relations .* {up}"):
            five.edit(Split(A, (B, TOP), rest))
        five.edit(Unrelate(A, "broader", TOP), Split(A, (B, TOP), rest))
        assert five.targets("b", "broader") == {}

    def test_a_relation_with_a_part_itself_is_dropped(self, five: Framework) -> None:
        five.edit(split_of(B, TOP))
        assert five.targets("top", "narrower") == {}
        assert healthy(five)

    @pytest.mark.parametrize(
        ("parts", "more", "message"),
        [
            ((B,), {}, "two different parts"),
            ((B, B), {}, "two different parts"),
            ((B, A), {}, "replaced by itself"),
            ((B, MASON), {}, "is a skill"),
            ((B, TOP), {relation_id(B, "broader", TOP): B}, "no open relation of"),
            ((B, TOP), {relation_id(A, "broader", TOP): NEW}, "no part of the split"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, five: Framework, parts: tuple[str, ...], more: dict[str, str], message: str
    ) -> None:
        with pytest.raises(InvalidInput, match=message):
            five.edit(Split(A, parts, split_of(B, TOP).assignments | more))

    def test_parts_must_be_there(self, five: Framework) -> None:
        with pytest.raises(NotFound):
            five.edit(split_of(B, NEW))


class TestMoveAndRestore:
    def test_moving_is_from_one_to_another(self, five: Framework) -> None:
        five.edit(Move(A, TOP, B))
        assert set(five.targets("a", "broader")) == {B}
        five.edit(Move(A, "", TOP))
        five.edit(Move(A, B, ""))
        assert set(five.targets("a", "broader")) == {TOP}
        with pytest.raises(NotFound, match="no open relation broader"):
            five.edit(Move(A, B, TOP))
        with pytest.raises(InvalidInput, match="a move leads"):
            five.edit(Move(A, "", ""))

    def test_nothing_stands_under_itself(self, five: Framework) -> None:
        for edit in (Relate(TOP, "broader", A), Move(TOP, "", A), Relate(A, "broader", A)):
            with pytest.raises(InvalidInput, match="cannot stand under"):
                five.edit(edit)
        five.edit(Move(A, TOP, ""), Relate(TOP, "broader", A))
        assert set(five.targets("top", "broader")) == {A}

    def test_what_is_restored_is_replaced_by_nothing(self, five: Framework) -> None:
        five.edit(SetStatus(A, DEPRECATED, B))
        year = five.head
        five.edit(SetStatus(A, ACTIVE))
        assert (five.content("a").status, five.targets("a", "replaced_by")) == (ACTIVE, {})
        assert set(five.targets("a", "replaced_by", year)) == {B}

    @pytest.mark.parametrize("edit", [SetStatus(A, ACTIVE, B), Relate(A, "replaced_by", B)])
    def test_what_is_active_is_not_replaced(self, five: Framework, edit: Edit) -> None:
        with pytest.raises(InvalidInput, match=f"{A} (cannot be active|is active)"):
            five.edit(edit)
