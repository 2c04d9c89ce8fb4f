"""Editing: sets of edits as one change, what is refused, and what the history keeps, on both engines."""

from __future__ import annotations

import threading

import pytest

from tests.flows.model import Framework, concept, relation, source, uuid_of
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED, PREFERRED, PUBLIC_SPACE
from wikic.errors import Busy, Conflict, InvalidInput, NotFound
from wikic.services.editing import Create, Edit, Editing, Relate, SetLabels, SetStatus, SetText, Unrelate
from wikic.store.history import list_changes
from wikic.store.imports import read_bases
from wikic.store.leases import acquire

A, B, NEW = uuid_of("a"), uuid_of("b"), uuid_of("new")
GLUE = (Label("glue", "en", PREFERRED),)


@pytest.fixture
def two(framework: Framework) -> Framework:
    """Two imported skills, one broader than the other."""
    records = concept("a", "saw", "scier", alts=["cut"], texts={"definition": "One."}), concept("b", "work wood")
    framework.run(source(*records, relation("a", "broader", "b")))
    return framework


def base_of(framework: Framework, uuid: str) -> list[str]:
    """The definition that the source is remembered to have given."""
    found = read_bases(framework.engine, [uuid], {PUBLIC_SPACE: framework.head})
    return [content.texts["definition"]["en"] for content in found.values()]


def test_several_edits_are_one_change(two: Framework) -> None:
    seq = two.edit(
        Create("skill", GLUE, {"en": "To glue."}, uuid=NEW),
        SetText(A, "note", "en", "  Mind  the fingers. "),
        Relate(NEW, "related", A),
        Unrelate(A, "broader", B),
    )
    assert two.head == seq
    changes = list_changes(two.engine, [PUBLIC_SPACE], {PUBLIC_SPACE: seq}, after=0, limit=9)
    assert [(c.seq, c.kind, c.actor) for c in changes][1:] == [(seq, "edit", "editor")]
    assert two.content(NEW).texts == {"definition": {"en": "To glue."}}
    assert two.body(NEW).identity.scheme == "wiki"
    assert set(two.targets(NEW, "related")) == {A}
    assert two.targets("a", "broader") == {}
    assert [two.body(name).seq for name in (A, B, NEW)] == [seq, seq, seq]


def test_the_first_edit_keeps_what_the_source_said(two: Framework) -> None:
    assert base_of(two, A) == []
    two.edit(SetText(A, "definition", "en", "Two."))
    two.edit(SetText(A, "definition", "en", "Three."))
    assert base_of(two, A) == ["One."]
    assert two.content("a").edited
    two.edit(Create("skill", GLUE, uuid=NEW))
    two.edit(SetText(NEW, "note", "en", "N."))
    assert not two.content(NEW).edited  # nobody else speaks for it


def test_labels_of_one_language(two: Framework) -> None:
    two.edit(SetLabels(A, "fr", (Label(" scier  droit ", "fr", PREFERRED), Label("couper", "fr", ALTERNATIVE))))
    assert two.content("a").preferred() == {"en": "saw", "fr": "scier droit"}
    assert (two.labels("a", ALTERNATIVE), two.labels("a", ALTERNATIVE, "fr")) == (["cut"], ["couper"])
    two.edit(SetLabels(A, "fr", ()))
    assert two.content("a").preferred() == {"en": "saw"}


def test_a_past_number_does_not_know_later_edits(two: Framework) -> None:
    first = two.head
    two.edit(SetStatus(A, DEPRECATED, replaced_by=B))
    assert (two.content("a", first).status, two.targets("a", "replaced_by", first)) == (ACTIVE, {})
    assert (two.content("a").status, set(two.targets("b", "replaces"))) == (DEPRECATED, {A})
    assert two.body("b").seq == two.head
    assert two.body("b", first).seq == first


@pytest.mark.parametrize(
    "edit",
    [
        SetText(A, "definition", "en", "One."),
        SetText(A, "note", "en", " "),
        SetStatus(A, ACTIVE),
        Relate(A, "broader", B),
        SetLabels(B, "en", (Label("work wood", "en", PREFERRED),)),
    ],
)
def test_what_changes_nothing_is_refused(two: Framework, edit: Edit) -> None:
    head = two.head
    with pytest.raises(InvalidInput, match="change nothing"):
        two.edit(edit)
    assert two.head == head


def test_made_and_unmade_in_one_set_is_nothing(two: Framework) -> None:
    with pytest.raises(InvalidInput, match="change nothing"):
        two.edit(Relate(B, "related", A), Unrelate(B, "related", A))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (SetText(A, "colour", "en", "x"), "no text of a concept"),
        (SetStatus(A, "draft"), "made active or deprecated"),
        (SetStatus(A, DEPRECATED, replaced_by=A), "cannot be replaced"),
        (Relate(A, "likes", B), "no type of relation"),
        (Relate(A, "related", A), "with itself"),
        (Create("idea", GLUE), "no kind of concept"),
        (Create("skill", ()), "needs a preferred label"),
        (Create("skill", GLUE, uuid="../../admin"), "no UUID in small letters"),
        (Create("skill", GLUE, uuid=NEW.upper()), "no UUID in small letters"),
        (SetLabels(A, "en", (Label("scier", "fr", PREFERRED),)), "must be in en"),
        (SetLabels(B, "en", ()), "keeps a preferred label"),
        (SetLabels(A, "en", (Label("x", "en", PREFERRED), Label("y", "en", PREFERRED))), "two preferred labels in en"),
        (Create("skill", (*GLUE, GLUE[0]._replace(lang="EN"))), "two preferred labels"),
        (SetLabels(A, "en", (Label("x", "en", PREFERRED), Label(" ", "en", ALTERNATIVE))), "blank"),
    ],
)
def test_what_is_not_valid_is_refused_whole(two: Framework, edit: Edit, message: str) -> None:
    head = two.head
    with pytest.raises(InvalidInput, match=message):
        two.edit(SetText(B, "note", "en", "a good edit beside it"), edit)
    assert two.head == head
    assert two.content("b").texts == {}


@pytest.mark.parametrize(
    "edit", [SetText(NEW, "note", "en", "x"), Relate(A, "related", NEW), Unrelate(B, "related", A)]
)
def test_what_is_not_there_is_not_found(two: Framework, edit: Edit) -> None:
    with pytest.raises(NotFound):
        two.edit(edit)


def test_replacements_have_no_cycle(two: Framework) -> None:
    two.edit(Create("skill", GLUE, uuid=NEW))
    two.edit(SetStatus(A, DEPRECATED, replaced_by=B))
    two.edit(SetStatus(B, DEPRECATED, replaced_by=NEW))
    with pytest.raises(InvalidInput, match="in the end, replaced by"):
        two.edit(SetStatus(NEW, DEPRECATED, replaced_by=A))


def test_a_uuid_is_taken_once(two: Framework) -> None:
    with pytest.raises(Conflict):
        two.edit(Create("skill", GLUE, uuid=A))
    assert two.labels("a") == ["saw"]


def test_based_on_an_older_head_is_a_conflict(two: Framework) -> None:
    editing = Editing(two.engine)
    head = two.head
    editing.apply([SetText(A, "note", "en", "1")], actor="a", summary="s", based_on=head)
    with pytest.raises(Conflict, match=f"moved from {head}"):
        editing.apply([SetText(A, "note", "en", "2")], actor="a", summary="s", based_on=head)
    assert two.content("a").texts["note"] == {"en": "1"}


def test_an_import_under_way_makes_edits_wait(two: Framework) -> None:
    acquire(two.engine, PUBLIC_SPACE)
    with pytest.raises(Busy):
        two.edit(SetText(A, "note", "en", "x"))
    assert two.content("a").texts == {"definition": {"en": "One."}}


def test_edits_at_once_are_all_kept(two: Framework) -> None:
    together = threading.Barrier(3)
    failed: list[BaseException] = []

    def work(lang: str) -> None:
        together.wait()
        try:
            two.edit(SetText(A, "note", lang, lang))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(lang,)) for lang in ("en", "fr", "de")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert two.content("a").texts["note"] == {"en": "en", "fr": "fr", "de": "de"}
