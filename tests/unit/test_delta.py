"""What differences mean: merges, splits, moves, severities, lists and figures."""

from __future__ import annotations

import pytest

from wikic.domain.changes import Relation
from wikic.domain.delta import DELTA_TYPES, ConceptDelta, Move, concept_delta, figures_of
from wikic.domain.diff import CHANGE_TYPES, FieldChange
from wikic.services.releasing_delta import Chosen

DEPRECATED = FieldChange("deprecated", "status", "", "active", "deprecated")


def delta(
    *changes: FieldChange,
    moves: tuple[Move, ...] = (),
    born: tuple[str, ...] = (),
    takers: dict[str, int] | None = None,
    successors: tuple[str, ...] = (),
) -> ConceptDelta:
    return concept_delta("a", "skill", changes, moves, born=born, takers=takers or {}, successors=successors)


def told(found: ConceptDelta) -> list[tuple[str, str]]:
    return [(change.type, change.severity) for change in found.changes]


def test_every_type_of_difference_has_a_place() -> None:
    assert set(CHANGE_TYPES) <= set(DELTA_TYPES)
    assert set(DELTA_TYPES) - set(CHANGE_TYPES) == {"moved", "merged", "split", "replaced"}


@pytest.mark.parametrize(
    ("successors", "born", "takers", "name", "lists"),
    [
        ((), (), {}, "deprecated", ("deprecated", "without_replacement")),
        (("b",), (), {"b": 1}, "merged", ("deprecated",)),
        (("b",), ("b",), {"b": 1}, "replaced", ("deprecated",)),
        (("b",), ("b",), {"b": 2}, "merged", ("deprecated",)),
        (("b", "c"), ("b",), {}, "split", ("deprecated",)),
    ],
)
def test_how_a_concept_ends(
    successors: tuple[str, ...], born: tuple[str, ...], takers: dict[str, int], name: str, lists: tuple[str, ...]
) -> None:
    gained: tuple[Move, ...] = tuple(("related", Relation("a", "replaced_by", each), None) for each in successors)
    found = delta(DEPRECATED, moves=gained, born=born, takers=takers, successors=successors)
    assert told(found) == [(name, "breaking")]
    assert found.changes[0].new == tuple(sorted(successors))
    assert found.lists() == lists


def test_a_successor_that_comes_later() -> None:
    found = delta(moves=(("related", Relation("a", "replaced_by", "b"), None),), takers={"b": 1})
    assert told(found) == [("merged", "notable")]
    assert found.lists() == ("modified",)


def test_a_move_is_one_change() -> None:
    moves: tuple[Move, ...] = (
        ("unrelated", Relation("a", "broader", "x"), None),
        ("related", Relation("a", "broader", "y"), None),
        ("related", Relation("a", "broader", "z"), None),
    )
    found = delta(moves=moves)
    assert told(found) == [("moved", "notable")]
    assert (found.changes[0].old, found.changes[0].new) == (("x",), ("y", "z"))


def test_what_a_new_concept_begins_with_is_no_move() -> None:
    moves: tuple[Move, ...] = (
        ("related", Relation("a", "broader", "x"), None),
        ("related", Relation("a", "requires", "y", "essential"), None),
    )
    found = delta(FieldChange("added", "", "", "", "active"), moves=moves, born=("a",))
    assert told(found) == [("added", "notable"), ("related", "minor"), ("related", "minor")]
    assert found.lists() == ("new",)


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        (FieldChange("renamed", "preferred", "en", "saw", "cut"), "notable"),
        (FieldChange("renamed", "preferred", "fr", "Scier à la main", "scier a la main."), "minor"),
        (FieldChange("renamed", "preferred", "fr", "", "scier"), "minor"),
        (FieldChange("redefined", "definition", "fr", "", "Un."), "minor"),
        (FieldChange("redefined", "definition", "en", "One.", "one"), "minor"),
        (FieldChange("redefined", "definition", "en", "One.", "Two."), "notable"),
        (FieldChange("recoded", "code", "", "1", "2"), "breaking"),
        (FieldChange("recoded", "code", "", "", "2"), "minor"),
        (FieldChange("reclassified", "kind", "", "skill", "knowledge"), "breaking"),
        (FieldChange("reclassified", "nature", "", "savoir", "savoir_etre"), "notable"),
        (FieldChange("reclassified", "reuse_level", "", "a", "b"), "minor"),
        (FieldChange("readdressed", "iri", "", "a", "b"), "notable"),
        (FieldChange("restored", "status", "", "deprecated", "active"), "notable"),
        (FieldChange("relabelled", "alternative", "en", "", "b"), "minor"),
        (FieldChange("annotated", "scope_note", "en", "", "b"), "minor"),
    ],
)
def test_severities(change: FieldChange, severity: str) -> None:
    found = delta(change)
    assert (told(found), found.severity) == ([(change.type, severity)], severity)


@pytest.mark.parametrize(
    ("move", "now", "before", "severity"),
    [
        ("related", "essential", None, "notable"),
        ("related", "optional", None, "minor"),
        ("unrelated", "key", None, "notable"),
        ("rerelated", "optional", "essential", "notable"),
        ("rerelated", "optional", "emerging", "minor"),
        ("rerelated", "essential", "essential", "minor"),
    ],
)
def test_severities_of_relations(move: str, now: str, before: str | None, severity: str) -> None:
    was = Relation("a", "requires", "b", before) if before else None
    found = delta(moves=((move, Relation("a", "requires", "b", now), was),))
    assert told(found) == [(move, severity)]


def test_figures() -> None:
    renamed = FieldChange("renamed", "preferred", "en", "saw", "cut")
    labels = (FieldChange("relabelled", "alternative", "en", "", "x"), FieldChange("relabelled", "hidden", "en", "", "x"))
    figures = figures_of([delta(renamed, *labels), delta(DEPRECATED)])
    assert (figures.total, figures.changes) == (2, 4)
    assert figures.types == {"deprecated": 1, "renamed": 1, "relabelled": 2}
    assert figures.severities == {"breaking": 1, "notable": 1, "minor": 2}
    assert figures.concepts == {"new": 0, "modified": 1, "deprecated": 1, "without_replacement": 1}
    assert figures.kinds["relabelled"] == {"skill": 1}
    assert figures.fields["relabelled"] == {"alternative": 1, "hidden": 1}
    assert figures.languages == {"en": 3}


def test_first_texts_in_a_language_are_counted_apart() -> None:
    first = (FieldChange("renamed", "preferred", "fr", "", "scier"), FieldChange("redefined", "definition", "fr", "", "Couper."))
    found = delta(FieldChange("renamed", "preferred", "en", "saw", "cut"), *first, FieldChange("annotated", "note", "fr", "", "x"))
    assert sorted(change.type for change in found.changes) == ["annotated", "redefined", "renamed", "renamed"]
    figures = figures_of([found])
    assert figures.types == {"renamed": 1, "annotated": 1, "translated": 2}
    assert figures.kinds["translated"] == {"skill": 1}
    assert figures.fields["translated"] == {"definition": 1, "preferred": 1}
    assert figures.languages == {"en": 1, "fr": 3}
    told = [(change.word, change.lang) for change in found.changes if Chosen(type="translated", language="fr").takes(change)]
    assert told == [("translated", "fr"), ("translated", "fr")]
    assert [change.lang for change in found.changes if Chosen(type="renamed").takes(change)] == ["en"]


def test_what_is_needed_for_a_branch_says_for_which() -> None:
    found = delta(moves=(("related", Relation("a", "requires", "b", "essential", branch="1267"), None),))
    assert [(change.lang, change.branch) for change in found.changes] == [("", "1267")]
