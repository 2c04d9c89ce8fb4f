"""Taking changes back: the present reads as before, past years as they were; what moved since is a conflict and nothing is done. Both engines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.model import FakeSource, Framework, concept, relation, source, uuid_of
from tests.flows.whole_store import visible_answer
from wikic.domain.access import NOBODY, Actor, Grant, operator
from wikic.domain.changes import Relation
from wikic.domain.ids import relation_id
from wikic.domain.records import ConceptRecord, Label, RelationRecord
from wikic.domain.taking_back import Moved
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, PREFERRED, PUBLIC_SPACE
from wikic.errors import Conflict, Forbidden, NotFound, Unauthenticated, UnknownRelease
from wikic.services.checking import Checking
from wikic.services.editing import Create, Edit, Merge, Move, Relate, SetLabels, SetStatus, SetText, Split, Unrelate
from wikic.services.reverting import Reverted, Reverting
from wikic.services.reverting_views import reverted_body
from wikic.store.engine import WriteTransaction
from wikic.store.events import read_events
from wikic.store.history import list_changes
from wikic.store.imports import read_outgoing

A, B, TOP, JOINER, MASON, NEW = map(uuid_of, ("a", "b", "top", "joiner", "mason", "new"))
ALL = (A, B, TOP, JOINER, MASON)
ADA = operator("operator:ada")
RECORDS = (
    concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "One."}),
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
LABELS = (Label("rip", "en", ALTERNATIVE), Label("scier", "fr", PREFERRED))
BORN = Create("skill", (Label("saw along", "en", PREFERRED),), uuid=NEW)


@pytest.fixture
def five(framework: Framework) -> Framework:
    framework.run(source(*RECORDS, *RELATIONS))
    return framework


def back(framework: Framework, seq: int, **options: Any) -> Reverted:
    return Reverting(framework.engine).revert_change(seq, actor=ADA, reason="a mistake", **options)


def shown(framework: Framework, at: int | None = None, uuids: tuple[str, ...] = ALL) -> tuple[list[Any], dict[str, list[Relation]]]:
    """All that readers see of these concepts: contents (without whether they were edited here) and relations with their origins."""
    seen = {PUBLIC_SPACE: at or framework.head}
    contents = [(c.status, c.labels, c.texts, c.kind, c.gone) for c in (framework.content(uuid, at) for uuid in uuids)]
    relations = read_outgoing(framework.engine, PUBLIC_SPACE, uuids, seen)
    return contents, {uuid: sorted(found) for uuid, found in relations.items() if found}


def split() -> Split:
    ends = ((JOINER, "requires", A), (MASON, "requires", A), (A, "broader", TOP))
    joiner, mason, up = (relation_id(*one) for one in ends)
    return Split(A, (NEW, B), {joiner: NEW, mason: B, up: B})


@pytest.mark.parametrize(
    "edits",
    [
        (Merge(A, B, LABELS),),
        (Merge(B, A),),
        (BORN, split()),
        (SetStatus(A, DEPRECATED, B),),
        (Move(A, TOP, ""), Relate(JOINER, "requires", A, "key"), Unrelate(MASON, "requires", A)),
        (SetLabels(A, "en", (Label("rip", "en", PREFERRED), Label("saw", "en", ALTERNATIVE))),),
        (SetText(A, "definition", "en", "Two."), SetText(A, "note", "fr", "Une note.")),
    ],
    ids=["merge", "merge back", "split", "replace", "relations", "labels", "texts"],
)
def test_the_present_reads_as_before_and_the_past_as_it_was(five: Framework, edits: tuple[Edit, ...]) -> None:
    year, before = five.head, shown(five)
    seq = five.edit(*edits)
    meanwhile = shown(five)
    assert meanwhile != before
    taken = back(five, seq)
    assert taken.seq == five.head
    assert shown(five) == before
    assert (shown(five, year), shown(five, seq)) == (before, meanwhile)
    assert back(five, taken.seq or 0).seq == five.head
    assert shown(five) == meanwhile
    assert [finding for finding in Checking(five.engine).run() if not finding.note] == []


def test_what_a_change_created_is_deprecated(five: Framework) -> None:
    seq = five.edit(BORN, Relate(NEW, "broader", TOP))
    taken = back(five, seq)
    assert (five.content(NEW).status, five.targets(NEW, "broader")) == (DEPRECATED, {})
    back(five, taken.seq or 0)
    assert (five.content(NEW).status, set(five.targets(NEW, "broader"))) == (ACTIVE, {TOP})


def test_what_was_edited_beside_it_stays(five: Framework) -> None:
    seq = five.edit(Merge(A, B, LABELS))
    five.edit(SetText(A, "note", "en", "Old."), SetText(B, "note", "en", "New."), Relate(MASON, "requires", TOP, "key"))
    back(five, seq)
    assert (five.content("a").status, five.content("a").texts["note"]) == (ACTIVE, {"en": "Old."})
    assert five.content("b").texts["note"] == {"en": "New."}
    assert set(five.targets("mason", "requires")) == {A, TOP}


def test_what_moved_since_is_a_conflict_and_nothing_is_done(five: Framework) -> None:
    seq = five.edit(SetText(A, "definition", "en", "Two."), Relate(JOINER, "requires", A, "key"), SetText(B, "note", "en", "x"))
    five.edit(SetText(A, "definition", "en", "Three."), Relate(JOINER, "requires", A, "optional"))
    looked = back(five, seq, preview=True)
    assert looked.conflicts == [
        Moved(A, "definition", "en", "One.", "Two.", "Three."),
        Moved(JOINER, f"requires {A}", "", "essential", "key", "optional"),
    ]
    assert (looked.seq, [one.uuid for one in looked.concepts]) == (None, [B])
    before = visible_answer(five.engine)
    with pytest.raises(Conflict, match=r"2 values were changed again .* was 'One.', became 'Two.', is 'Three.' now"):
        back(five, seq)
    assert visible_answer(five.engine) == before


def test_replaced_since_by_something_else_is_a_conflict(five: Framework) -> None:
    seq = five.edit(SetStatus(A, DEPRECATED, B))
    five.edit(Unrelate(A, "replaced_by", B), Relate(A, "replaced_by", TOP))
    assert back(five, seq, preview=True).conflicts == [Moved(A, "replaced_by", "", "", "", TOP)]


def test_what_was_built_on_a_new_concept_is_a_conflict(five: Framework) -> None:
    seq = five.edit(BORN, Relate(NEW, "broader", TOP))
    five.edit(SetLabels(NEW, "en", (Label("rip along", "en", PREFERRED),)), Relate(JOINER, "requires", NEW, "essential"))
    assert back(five, seq, preview=True).conflicts == [
        Moved(NEW, PREFERRED, "en", "", "saw along", "rip along"),
        Moved(JOINER, f"requires {NEW}", "", "", "", "essential"),
    ]
    with pytest.raises(Conflict):
        back(five, seq)
    assert five.content(NEW).status == ACTIVE


def test_a_part_that_was_changed_since_keeps_its_split(five: Framework) -> None:
    seq = five.edit(BORN, split())
    five.edit(SetLabels(NEW, "en", (Label("rip along", "en", PREFERRED),)))
    assert back(five, seq, preview=True).conflicts == [Moved(NEW, PREFERRED, "en", "", "saw along", "rip along")]


def test_what_was_merged_on_goes_back_last_first(five: Framework) -> None:
    before = shown(five)
    first = five.edit(Merge(A, B))
    second = five.edit(Merge(B, TOP))
    assert back(five, first, preview=True).conflicts == [
        Moved(MASON, f"requires {B}", "", "", "optional", "optional"),
        Moved(JOINER, f"requires {B}", "", "optional", "essential", ""),
    ]
    back(five, second)
    back(five, first)
    assert shown(five) == before


def test_a_relation_of_which_only_the_origins_change_is_not_told_as_changed(five: Framework) -> None:
    looked = back(five, five.edit(Merge(B, A)), preview=True)
    assert any(len(one.relations) > 1 for one in looked.concepts if one.uuid == JOINER)
    told = {one["uuid"]: [(each["target"], each["before"], each["after"]) for each in one["relations"]] for one in reverted_body(looked)["concepts"]}
    assert sorted(told) == sorted((B, JOINER))
    ((target, before, after),) = told[JOINER]
    assert (target, before, after["importance"]) == (B, None, "optional")


def test_a_preview_says_everything_and_writes_nothing(five: Framework) -> None:
    seq = five.edit(SetText(A, "definition", "en", "Two."), Relate(JOINER, "requires", A, "key"))
    before = visible_answer(five.engine)
    looked = back(five, seq, preview=True)
    assert visible_answer(five.engine) == before
    assert (looked.seq, looked.conflicts) == (None, [])
    told = {one.uuid: (one.changes, one.relations) for one in looked.concepts}
    assert sorted(told) == sorted((A, JOINER))
    assert [(c.field, c.before, c.after) for c in told[A][0]] == [("definition", "Two.", "One.")]
    ((old, new),) = told[JOINER][1]
    assert old is not None
    assert new is not None
    assert (old.importance, new.importance, new.base) == ("key", "essential", "")


def test_twice_is_refused(five: Framework) -> None:
    seq = five.edit(SetText(A, "definition", "en", "Two."))
    back(five, seq)
    with pytest.raises(Conflict, match="taken back already"):
        back(five, seq)


def test_who_may(five: Framework) -> None:
    seq = five.edit(SetText(A, "definition", "en", "Two."))
    service = Reverting(five.engine)
    with pytest.raises(Unauthenticated):
        service.revert_change(seq, actor=NOBODY)
    for scope in ("", "scheme:rome", f"subtree:{B}", "branch:176"):
        grant = Grant("moderator", scope) if scope else Grant("contributor")
        with pytest.raises(Forbidden):
            service.revert_change(seq, actor=Actor("u", "U", (grant,), via="session"))
    for scope in ("scheme:esco", f"subtree:{A}", f"subtree:{TOP}"):
        actor = Actor("u", "U", (Grant("moderator", scope),), via="session")
        assert service.revert_change(seq, actor=actor, preview=True).conflicts == []


def test_the_log_and_the_events_say_so(five: Framework) -> None:
    seq = five.edit(Merge(A, B))
    taken = back(five, seq)
    change = list_changes(five.engine, [PUBLIC_SPACE], {PUBLIC_SPACE: five.head}, after=seq, limit=9)[0]
    assert (change.kind, change.actor, change.details) == ("revert", ADA.name, {"reverts": str(seq), "reason": "a mistake"})
    event = next(one for one in read_events(five.engine, 0) if one.kind == "change_reverted")
    assert (event.subject, event.seq, event.name) == (f"change/{seq}", taken.seq, ADA.name)
    assert {A, B, JOINER} <= set(event.concepts)


def test_callers_complete_it_or_nothing_happens(five: Framework) -> None:
    seq = five.edit(SetText(A, "definition", "en", "Two."))

    def refuse(_: WriteTransaction, __: int) -> None:
        raise Conflict("the caller found something")

    before = visible_answer(five.engine)
    completed: tuple[dict[str, Any], ...] = ({"more": refuse}, {"guard": lambda tx: refuse(tx, 0)})
    for options in completed:
        with pytest.raises(Conflict, match="the caller found"):
            back(five, seq, **options)
        assert visible_answer(five.engine) == before
    seqs: list[int] = []
    taken = Reverting(five.engine).revert_change(seq, actor=ADA, more=lambda _, number: seqs.append(number))
    assert seqs == [taken.seq]


@pytest.mark.parametrize(
    ("later", "built"),
    [
        (SetText(MASON, "note", "en", "x"), False),
        (SetLabels(TOP, "en", (Label("work", "en", PREFERRED),)), False),
        (SetText(A, "note", "en", "x"), True),
        (Relate(JOINER, "requires", A, "optional"), True),
        (Relate(B, "related", NEW), True),
    ],
)
def test_untouched_asks_that_nothing_was_built_on_it(five: Framework, later: Edit, built: bool) -> None:
    seq = five.edit(BORN, SetText(A, "definition", "en", "Two."))
    five.edit(later)
    if built:
        with pytest.raises(Conflict, match="on top of it"):
            back(five, seq, untouched=True)
    else:
        assert back(five, seq, untouched=True).seq == five.head


class TestImports:
    def test_an_import_is_taken_back_as_edits_are_made(self, five: Framework) -> None:
        before = shown(five)
        changed = concept("a", "saw well", "scier", alts=["cut", "split"], texts={"definition": "Two."})
        rest = (*RECORDS[1:], relation("joiner", "requires", "a", "optional"), relation("top", "related", "b"))
        second = five.run(source(changed, concept("x", "x"), *rest, version="2")).seq or 0
        back(five, second)
        after = shown(five)
        assert after[0] == before[0]
        assert [one[:4] for each in after[1].values() for one in each] == [
            one[:4] for each in before[1].values() for one in each
        ]
        assert five.content("x").status == DEPRECATED
        again = source(changed, concept("x", "x"), concept("y", "y"), *rest, version="3")
        report = five.run(again)
        assert (report.conflicts, five.content("a").texts) == ([], {"definition": {"en": "One."}})
        assert five.targets("top", "related") == {}

    def test_after_a_revert_the_source_leads_again(self, five: Framework) -> None:
        seq = five.edit(Unrelate(JOINER, "requires", A), SetText(A, "definition", "en", "Two."))
        back(five, seq)
        three = concept("a", "saw", "scier", alts=["cut", "rip"], texts={"definition": "Three."})
        five.run(source(three, *RECORDS[1:], relation("mason", "requires", "a", "optional"), version="2"))
        assert five.content("a").texts == {"definition": {"en": "Three."}}
        assert five.targets("joiner", "requires") == {}
        five.run(source(three, *RECORDS[1:], *RELATIONS, version="3"))
        assert set(five.targets("joiner", "requires")) == {A, B}


class TestConcepts:
    def test_a_concept_as_it_was_at_a_number(self, five: Framework) -> None:
        year, before = five.head, shown(five, uuids=(A,))
        five.edit(SetText(A, "definition", "en", "Two."), Move(A, TOP, B))
        five.edit(SetStatus(A, DEPRECATED, TOP), SetText(B, "note", "en", "stays"))
        taken = Reverting(five.engine).revert_concept(A, year, actor=ADA)
        assert taken.seq == five.head
        assert shown(five, uuids=(A,)) == before
        assert five.content("b").texts["note"] == {"en": "stays"}
        with pytest.raises(Conflict, match="is what it was"):
            Reverting(five.engine).revert_concept(A, year, actor=ADA)

    def test_what_was_not_there(self, five: Framework) -> None:
        year = five.head
        five.edit(BORN)
        with pytest.raises(NotFound):
            Reverting(five.engine).revert_concept(NEW, year, actor=ADA)
        for at in (0, five.head + 1):
            with pytest.raises(UnknownRelease):
                Reverting(five.engine).revert_concept(A, at, actor=ADA)
        with pytest.raises(NotFound):
            back(five, five.head + 1)

    def test_what_an_import_changed_stays_taken_back(self, five: Framework) -> None:
        def said(needs: str, *more: ConceptRecord | RelationRecord, version: str) -> FakeSource:
            return source(*RECORDS, *RELATIONS[:1], relation("joiner", "requires", "b", needs), *more, version=version)

        year, before = five.head, five.targets("joiner", "requires")
        # One relation gets another importance, one is withdrawn, one is new.
        five.run(said("key", relation("joiner", "requires", "top"), version="2"))
        Reverting(five.engine).revert_concept(JOINER, year, actor=ADA)
        after = five.targets("joiner", "requires")
        assert after == {A: ("essential", ("local",)), B: before[B]}
        report = five.run(said("key", relation("joiner", "requires", "top"), concept("x", "x"), version="3"))
        assert (report.conflicts, five.targets("joiner", "requires")) == ([], after)
        report = five.run(said("essential", concept("x", "x"), version="4"))
        assert [(one["base"], one["local"], one["incoming"]) for one in report.conflicts] == [("key", "optional", "essential")]
        assert five.targets("joiner", "requires") == after

    def test_what_was_removed_here_follows_its_source_again(self, five: Framework) -> None:
        year, before = five.head, shown(five)
        five.edit(Unrelate(JOINER, "requires", A), Relate(JOINER, "requires", B, "key"))
        Reverting(five.engine).revert_concept(JOINER, year, actor=ADA)
        assert shown(five) == before
        five.run(source(*RECORDS, RELATIONS[0], RELATIONS[3], relation("joiner", "requires", "b", "essential"), version="2"))
        assert five.targets("joiner", "requires") == {B: ("essential", ("esco",))}
