"""Proposals as values: their JSON and rows, the three-way merge of each type of change, what counts as spelling only, and the table of acts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from wikic.domain.access import NOBODY, Actor, Grant
from wikic.domain.proposals import (
    ACTS,
    DECIDED_STATES,
    STATES,
    Decision,
    Proposal,
    may_see,
    next_state,
    of_row,
    require_author,
    require_other_eyes,
    to_row,
    value_topic,
)
from wikic.domain.proposals_changes import (
    CHANGE_TYPES,
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
    concepts_of,
    from_json,
    slot_of,
    spelled,
    subject_of,
    to_json,
    type_of,
)
from wikic.domain.proposals_merging import ValueConflict, labels_value, relation_value, settle
from wikic.domain.proposals_spelling import distance, is_spelling_only, same_but_spelling
from wikic.domain.records import Label
from wikic.errors import Conflict, Forbidden, InvalidInput

A, B, C = "a" * 8, "b" * 8, "c" * 8
SAW, CUT, RIP = Label("saw", "en", "preferred"), Label("cut", "en", "alternative"), Label("rip", "en", "alternative")
EVERY: list[Change] = [
    CreateConcept("skill", (SAW,), {"en": "To saw."}, A),
    ChangeLabels(A, "en", (SAW, Label("sawyer", "en", "hidden", ("male",)))),
    ChangeText(A, "definition", "en", "x", "before", 7),
    AddRelation(A, "requires", B, "key", 2, "n", "3228"),
    RemoveRelation(A, "requires", B),
    MoveConcept(A, B, C),
    ChangeImportance(A, "requires", B, "essential"),
    MergeConcepts(A, B, (CUT,)),
    SplitConcept(A, (B, C), {"r": B}),
    DeprecateConcept(A, B),
    RestoreConcept(A),
    MapConcept(A, "exact_match", B),
]
ADA = Actor("u-ada", "ada", (Grant("contributor"),), via="session")
MAY = Actor("u-may", "may", (Grant("moderator"),), via="session")
ROOT = Actor("u-root", "root", (Grant("admin"),), via="session")


class TestJson:
    @pytest.mark.parametrize("broken", [{"text": "a\ud800"}, {"concept": "\ud800"}])
    def test_half_a_character_is_refused(self, broken: dict[str, str]) -> None:
        with pytest.raises(InvalidInput, match="half a character"):
            from_json({"type": "text", "concept": A, "field": "note", "lang": "en", "text": "x", **broken})
        with pytest.raises(InvalidInput, match="half a character"):
            from_json({"type": "split", "concept": A, "parts": [B, C], "assignments": {"\ud800": B}})

    def test_one_language_has_one_tag(self) -> None:
        assert spelled(ChangeText(A, "note", "FR", "x"), ["fr"]) == ChangeText(A, "note", "fr", "x")
        assert spelled(ChangeText(A, "note", "en-gb", "x"), ["en-GB"]).lang == "en-GB"  # type: ignore[union-attr]
        assert spelled(ChangeLabels(A, "EN", (SAW._replace(lang="En"),)), ()) == ChangeLabels(A, "en", (SAW,))
        with pytest.raises(InvalidInput, match="twice in one language"):
            spelled(CreateConcept("skill", (SAW,), {"fr": "x", "FR": "y"}), ())

    def test_every_type_comes_back(self) -> None:
        assert [type_of(change) for change in EVERY] == list(CHANGE_TYPES)
        assert {type(change) for change in EVERY} == set(get_args(Change))
        for change in EVERY:
            assert from_json(to_json(change)) == change
            assert (subject_of(change), concepts_of(change)[0]) == (A, A)

    @pytest.mark.parametrize(
        "said",
        [
            {},
            {"type": "paint"},
            {"type": "text", "concept": A},
            {"type": "text", "concept": A, "field": "note", "lang": "en", "text": 3},
            {"type": "text", "concept": A, "field": "note", "lang": "en", "text": "x" * 20_001},
            {"type": "restore", "concept": A, "colour": "red"},
            {"type": "restore", "concept": A, "seq": -1},
            {"type": "labels", "concept": A, "lang": "en", "labels": [{"value": "x", "lang": "en"}]},
            {"type": "labels", "concept": A, "lang": "en", "labels": [{"value": "x", "lang": "en", "type": "loud"}]},
            {"type": "split", "concept": A, "parts": "bc"},
        ],
    )
    def test_what_is_none(self, said: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            from_json(said)

    def test_a_row_comes_back(self) -> None:
        conflict = ValueConflict(0, "note|a|en", "1", "2", "3")
        decision = Decision("accept", "u", "may", "2026-01-01T00:00:00.000Z", "r", ("accept", "reject"), {"0": {"before": 1}}, 5)
        proposal = Proposal(
            "id", "rejected", tuple(EVERY), "why", ["s"], author="u", lane="spelling", conflicts=[conflict], decisions=[decision], held=True
        )
        row = to_row(proposal) | {"version": 3, "queue": "a sort key"}
        assert of_row(row) == replace(proposal, version=3)
        assert row["types"] == list(CHANGE_TYPES)
        assert "assignee" not in row

    def test_slots(self) -> None:
        assert slot_of(AddRelation(A, "exact_match", B)) == slot_of(MapConcept(A, "exact_match", B))
        assert slot_of(MergeConcepts(A, B)) == slot_of(DeprecateConcept(A)) != slot_of(DeprecateConcept(B))
        assert slot_of(ChangeText(A, "note", "en", "x")) != slot_of(ChangeText(A, "note", "fr", "x"))

    def test_alike_are_those_that_ask_for_the_same(self) -> None:
        one = CreateConcept("skill", (SAW,), {"en": "To saw."}, A)
        assert value_topic(one) == value_topic(CreateConcept("skill", (Label("SAW", "en", "preferred"), CUT), {}, B))
        assert value_topic(one) != value_topic(replace(one, kind="occupation"))
        assert value_topic(ChangeText(A, "note", "en", "x")) != value_topic(ChangeText(B, "note", "en", "x"))


def settled(change: Change, current: Any) -> Any:
    """The change that is made, "nothing", or the three values of a conflict."""
    found = settle(0, change, current)
    if found.conflict is not None:
        return (found.conflict.base, found.conflict.current, found.conflict.proposed)
    return found.change or "nothing"


class TestMerging:
    def test_texts(self) -> None:
        change = ChangeText(A, "note", "en", "new", "old")
        assert settled(change, "old") == change
        assert settled(change, "new") == "nothing"
        assert settled(change, "other") == ("old", "other", "new")

    def test_labels_merge_one_by_one(self) -> None:
        change = ChangeLabels(A, "en", (SAW, RIP), labels_value([SAW, CUT]))
        assert settled(change, change.base) == change
        assert settled(change, labels_value([SAW, RIP])) == "nothing"
        hew = Label("hew", "en", "alternative")
        assert settled(change, labels_value([SAW, CUT, hew])).labels == (SAW, hew, RIP)
        renamed = Label("saw wood", "en", "preferred")
        assert settled(change, labels_value([renamed, CUT])).labels == (renamed, RIP)

    def test_two_new_names_are_a_conflict(self) -> None:
        mine, theirs = Label("mine", "en", "preferred"), Label("theirs", "en", "preferred")
        change = ChangeLabels(A, "en", (mine, CUT), labels_value([SAW, CUT]))
        assert settled(change, labels_value([theirs, CUT]))[1] == labels_value([theirs, CUT])
        assert settled(change, labels_value([mine, CUT])) == "nothing"

    def test_a_new_name_is_no_longer_an_alternative_one(self) -> None:
        change = ChangeLabels(A, "en", (Label("cut", "en", "preferred"),), labels_value([SAW]))
        assert settled(change, labels_value([SAW, CUT])).labels == (Label("cut", "en", "preferred"),)

    def test_relations(self) -> None:
        key, optional = relation_value("key", 0, ""), relation_value("optional", 0, "")
        add = AddRelation(A, "requires", B, "key")
        assert [settled(add, value) for value in (None, key, optional)] == [add, "nothing", (None, optional, key)]
        remove = RemoveRelation(A, "requires", B, base=key)
        assert [settled(remove, value) for value in (key, None, optional)] == [remove, "nothing", (key, optional, None)]
        weaken = ChangeImportance(A, "requires", B, "optional", base=key)
        assert [settled(weaken, value) for value in (key, optional)] == [weaken, "nothing"]
        assert settled(weaken, None) == (key, None, optional)
        noted = relation_value("key", 3, "a note")
        assert settled(weaken, noted) == weaken

    def test_moves(self) -> None:
        move = MoveConcept(A, B, C, [B])
        assert settled(move, [B]) == move
        assert settled(move, ["d", B]) == move
        assert settled(move, [C]) == "nothing"
        assert settled(move, ["d"]) == ([B], ["d"], [C])
        assert settled(move, [B, C]) == replace(move, new="")
        assert settled(MoveConcept(A, "", C, []), [B]) == MoveConcept(A, "", C, [])

    def test_statuses(self) -> None:
        active, gone = {"status": "active", "replaced_by": []}, {"status": "deprecated", "replaced_by": [B]}
        deprecate = DeprecateConcept(A, B, active)
        assert [settled(deprecate, value) for value in (active, gone)] == [deprecate, "nothing"]
        assert settled(deprecate, {"status": "deprecated", "replaced_by": [C]})[2] == gone
        restore = RestoreConcept(A, gone)
        assert [settled(restore, value) for value in (gone, active)] == [restore, "nothing"]

    def test_splits(self) -> None:
        split = SplitConcept(A, (B, C), {"1": B, "2": C}, {"status": "active", "relations": ["1", "2"]})
        assert settled(split, split.base) == split
        assert settled(split, {"status": "active", "relations": ["1"]}) == replace(split, assignments={"1": B})
        assert isinstance(settled(split, {"status": "active", "relations": ["1", "2", "3"]}), tuple)
        assert isinstance(settled(split, {"status": "deprecated", "relations": ["1", "2"]}), tuple)

    def test_merges_and_new_concepts(self) -> None:
        merge = MergeConcepts(A, B, base={"status": "active", "into": "active", "labels": []})
        assert settled(merge, merge.base) == merge
        assert isinstance(settled(merge, {**merge.base, "into": "deprecated"}), tuple)
        create = CreateConcept("skill", (SAW,), {}, A)
        assert settled(create, None) == create
        assert isinstance(settled(create, {"labels": []}), tuple)


class TestSpelling:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("pétrir la patte", "pétrir la pâte"),
            ("Gérer une équippe", "gérer une équipe"),
            ("wrok wood", "work wood"),
            ("recieve goods", "receive goods."),
            ("accompagnement", "acompagnements"),
        ],
    )
    def test_only_spelling(self, before: str, after: str) -> None:
        assert same_but_spelling(before, after)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("gérer ou vendre", "gérer et vendre"),
            ("porter 10 kg", "porter 15 kg"),
            ("saw wood", "saw planks"),
            ("saw wood", "saw the wood"),
            ("gérer un stock", "gérer ce stock"),
            ("wood", "mood music"),
            ("same", "same"),
        ],
    )
    def test_more_than_that(self, before: str, after: str) -> None:
        assert not same_but_spelling(before, after)

    def test_of_changes(self) -> None:
        text = ChangeText(A, "note", "en", "To saw wood.", "To saw wod.")
        label = ChangeLabels(A, "en", (Label("cuts", "en", "alternative"), SAW), labels_value([SAW, CUT]))
        assert is_spelling_only([text, label])
        assert not is_spelling_only([text, MoveConcept(A, B, C)])
        assert not is_spelling_only([replace(text, base="")])
        assert not is_spelling_only([replace(label, labels=(SAW, Label("cuts", "en", "hidden")))])
        assert not is_spelling_only([replace(label, labels=(SAW, CUT, RIP))])
        assert not is_spelling_only([])

    def test_distance(self) -> None:
        assert [distance("wrok", "work", 2), distance("saw", "saws", 2), distance("abc", "xyz", 2)] == [1, 1, 3]


class TestLife:
    def test_the_table_names_known_states_only(self) -> None:
        for act in ACTS.values():
            assert {*act.from_, act.to or "draft"} <= set(STATES)
        assert {act.to for act in ACTS.values()} >= set(STATES) - {"draft"}

    @pytest.mark.parametrize("state", STATES)
    def test_what_is_decided_stays_decided(self, state: str) -> None:
        proposal = Proposal("id", state, author="ada")
        for name, act in ACTS.items():
            if state in act.from_:
                assert next_state(proposal, name) == (act.to or state)
            else:
                with pytest.raises(Conflict, match=f"is {state}"):
                    next_state(proposal, name)
        if state in DECIDED_STATES:
            assert [name for name, act in ACTS.items() if state in act.from_] == ["reopen"]

    def test_who(self) -> None:
        proposal = Proposal("id", "draft", author=ADA.id, hands=[ADA.id, ROOT.id])
        require_author(proposal, ADA)
        require_author(proposal, ROOT)
        with pytest.raises(Forbidden):
            require_author(proposal, MAY)
        require_other_eyes(proposal, MAY)
        for own in (ADA, ROOT):
            with pytest.raises(Forbidden):
                require_other_eyes(proposal, own)

    def test_who_sees_what(self) -> None:
        draft, held = Proposal("id", "draft", author=ADA.id), Proposal("id", "submitted", held=True)
        private = Proposal("id", "submitted", author="u", space="acme/jobs")
        member = Actor("u-m", "m", memberships=(("acme", ("member",)),), via="session")
        seen = {
            name: [may_see(one, who) for who in (NOBODY, ADA, MAY, member)]
            for name, one in (("draft", draft), ("held", held), ("private", private), ("open", replace(draft, state="submitted")))
        }
        assert seen == {
            "draft": [False, True, False, False],
            "held": [False, True, True, False],
            "private": [False, False, False, True],
            "open": [True, True, True, True],
        }
        assert not may_see(Proposal("id", "draft"), NOBODY)
