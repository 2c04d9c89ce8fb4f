"""Edits in an organisation's space: they may point to public concepts and leave no trace there, and the public ones never point to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.flows.model import Framework, concept, relation, source, uuid_of
from tests.flows.sample_store import PRIVATE, found_private
from wikic.domain.access import Actor, Grant
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED, PUBLIC_SPACE
from wikic.errors import Forbidden, InvalidInput, NotFound
from wikic.services.checking import Checking
from wikic.services.editing import Create, Edit, Editing, Merge, Relate, SetLabels, SetStatus, SetText
from wikic.services.reverting import Reverting
from wikic.store.imports import read_outgoing, read_states
from wikic.store.leases import heads

A, B = uuid_of("a"), uuid_of("b")
MINE, OURS = uuid_of("mine"), uuid_of("ours")
MANAGER = Actor("m", "Manager", memberships=((PRIVATE, ("moderator",)),), via="session")


@pytest.fixture
def two(framework: Framework) -> Framework:
    """Two public skills; two private ones, one of them mapped to a public one."""
    framework.run(source(concept("a", "saw"), concept("b", "plane"), relation("a", "broader", "b")))
    found_private(framework.engine)
    named = ((MINE, "scier ici"), (OURS, "scier chez nous"))
    made = [Create("skill", (Label(name, "fr", PREFERRED),), uuid=uuid) for uuid, name in named]
    edit(framework, *made, Relate(MINE, "exact_match", A), Relate(MINE, "broader", OURS))
    return framework


def edit(framework: Framework, *edits: Edit) -> int:
    return Editing(framework.engine).apply(edits, actor="m", summary="ours", space=PRIVATE)


def outgoing(framework: Framework, uuid: str) -> set[tuple[str, str]]:
    at = {PRIVATE: heads(framework.engine)[PRIVATE]}
    found = read_outgoing(framework.engine, PRIVATE, [uuid], at)
    return {(one.type, one.target) for one in found.get(uuid, ())}


def test_public_concepts_keep_no_trace(two: Framework) -> None:
    before = two.body("a").seq
    assert outgoing(two, MINE) == {("exact_match", A), ("broader", OURS)}
    edit(two, SetLabels(MINE, "fr", (Label("scier encore", "fr", PREFERRED),)))
    edit(two, SetStatus(MINE, DEPRECATED))
    assert (two.body("a").seq, set(two.body("a").relations)) == (before, {"broader"})
    assert [finding for finding in Checking(two.engine).run() if not finding.note] == []


@pytest.mark.parametrize("wrong", [SetText(A, "note", "fr", "x"), Relate(A, "exact_match", MINE), Merge(MINE, A)])
def test_public_concepts_are_not_changed_from_there(two: Framework, wrong: Edit) -> None:
    with pytest.raises(InvalidInput, match="belongs to the public framework"):
        edit(two, wrong)


def test_the_public_framework_does_not_know_them(two: Framework) -> None:
    for wrong in (Relate(A, "exact_match", MINE), SetText(MINE, "note", "fr", "x")):
        with pytest.raises(NotFound):
            two.edit(wrong)


def test_a_private_merge_and_its_revert(two: Framework) -> None:
    edit(two, Relate(OURS, "close_match", B))
    seq = edit(two, Merge(MINE, OURS))
    assert outgoing(two, OURS) == {("exact_match", A), ("close_match", B)}
    two.edit(SetText(A, "note", "en", "the public framework goes on"))
    with pytest.raises(Forbidden):
        Reverting(two.engine).revert_change(seq, actor=replace(MANAGER, memberships=((PRIVATE, ("member",)),)))
    with pytest.raises(NotFound):
        Reverting(two.engine).revert_change(seq, actor=Actor("x", "X", (Grant("moderator"),), via="session"))
    Reverting(two.engine).revert_change(seq, actor=MANAGER)
    assert outgoing(two, MINE) == {("exact_match", A), ("broader", OURS)}
    assert outgoing(two, OURS) == {("close_match", B)}
    states = dict(read_states(two.engine, [MINE], {PRIVATE: heads(two.engine)[PRIVATE]}))
    assert states[MINE].status == "active"
    assert heads(two.engine)[PUBLIC_SPACE] < heads(two.engine)[PRIVATE]
    assert [finding for finding in Checking(two.engine).run() if not finding.note] == []
