"""Taking back is decided as proposals are: nobody decides on their own work, and where two moderators are asked for nobody deprecates alone. Both engines."""

from __future__ import annotations

import pytest

from tests.flows.proposal_tools import ADA, GLUE, MAY, MEL, ROOT, SAW, Ground, make_ground, person, text
from wikic.domain.access import operator
from wikic.domain.proposals_changes import DeprecateConcept, RestoreConcept
from wikic.errors import Conflict, Forbidden
from wikic.services.deciding import Ruling
from wikic.services.editing import SetStatus
from wikic.store.engine import Engine


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def seq_of(ground: Ground, by: str, value: str = "To cut.") -> int:
    """A change of somebody's, accepted by another one."""
    seq = ground.accept(ground.propose(text(value), by=person(by, "moderator")), by=ROOT).seq
    assert seq
    return seq


def test_nobody_takes_their_own_work_back_alone(ground: Ground) -> None:
    reverting, before = ground.app.reverting, ground.framework.head
    seq = seq_of(ground, "may")
    for preview in (True, False):
        with pytest.raises(Forbidden, match="another moderator") as refused:
            reverting.revert_change(seq, actor=MAY, preview=preview)
        assert refused.value.reason == "own-work"
    with pytest.raises(Forbidden, match="your own work"):
        reverting.revert_concept(SAW, before, actor=MAY)
    assert reverting.revert_concept(SAW, before, actor=MEL, preview=True).conflicts == []
    assert reverting.revert_change(seq, actor=MEL).seq
    assert ground.text(SAW) == "To saw."


def test_nobody_brings_their_own_work_back_alone(ground: Ground) -> None:
    reverting, before = ground.app.reverting, ground.framework.head
    seq = seq_of(ground, "may")
    taken = reverting.revert_change(seq, actor=MEL).seq or 0
    for actor in (MAY, MEL):
        with pytest.raises(Forbidden, match="your own work"):
            reverting.revert_change(taken, actor=actor)
        with pytest.raises(Forbidden, match="your own work"):
            reverting.revert_concept(SAW, seq, actor=actor)
    assert reverting.revert_change(taken, actor=ROOT).seq
    whole = reverting.revert_concept(SAW, before, actor=operator("operator:root")).seq or 0
    with pytest.raises(Forbidden, match="your own work"):
        reverting.revert_change(whole, actor=MAY)
    assert reverting.revert_change(whole, actor=person("noa", "moderator")).seq


def test_one_of_many_that_were_decided_together(ground: Ground) -> None:
    made = [ground.propose(text("To cut."), by=MAY), ground.propose(text("To join.", GLUE), by=ADA)]
    seq = ground.app.bulk.decide_many([one.id for one in made], Ruling("accept"), ROOT).seq
    assert seq
    with pytest.raises(Forbidden, match="your own work"):
        ground.app.reverting.revert_change(seq, actor=MAY)
    assert ground.app.reverting.revert_change(seq, actor=MEL).seq


def test_an_import_is_nobodys_work(ground: Ground) -> None:
    seq = ground.framework.head
    assert ground.app.reverting.revert_change(seq, actor=MAY, preview=True).conflicts == []


def test_nobody_deprecates_alone_where_two_are_asked_for(ground: Ground) -> None:
    before = ground.framework.edit(SetStatus(GLUE, "deprecated"))
    seq = ground.accept(ground.propose(RestoreConcept(GLUE))).seq or 0
    assert ground.app.reverting.revert_change(seq, actor=MEL, preview=True).conflicts == []
    ground.app.deciding.ask_for_two(True, ROOT)
    for preview in (True, False):
        with pytest.raises(Conflict, match="take two moderators here"):
            ground.app.reverting.revert_change(seq, actor=MEL, preview=preview)
        with pytest.raises(Conflict, match="take two moderators here"):
            ground.app.reverting.revert_concept(GLUE, before, actor=MEL, preview=preview)
    assert ground.framework.content(GLUE).status == "active"
    deprecated = ground.propose(DeprecateConcept(GLUE), by=MAY)
    assert ground.accept(deprecated, by=MEL).awaits_second
    again = ground.accept(deprecated, by=ROOT).seq
    assert again
    assert ground.app.reverting.revert_change(again, actor=MEL).seq


def test_who_decided_together_still_undoes_it(ground: Ground) -> None:
    ground.framework.edit(SetStatus(GLUE, "deprecated"))
    made = ground.propose(RestoreConcept(GLUE))
    ground.app.deciding.ask_for_two(True, ROOT)
    done = ground.app.bulk.decide_many([made.id], Ruling("accept"), MAY)
    assert ground.app.bulk.undo(done.id, MAY)["state"] == "undone"
    assert ground.framework.content(GLUE).status == "deprecated"
