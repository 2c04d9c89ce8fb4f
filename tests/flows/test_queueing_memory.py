"""What a process remembers of the queue: in step with other processes by the event log, whatever they did; on both engines."""

from __future__ import annotations

import pytest

from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, SAW, Ground, make_ground, text
from wikic.services.deciding import Ruling
from wikic.services.queueing_memory import QueueMemory
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.schema import renew_epoch
from wikic.store.tables import PROPOSALS


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ids(memory: QueueMemory, lane: str = "main", **filters: object) -> list[str]:
    return [proposal for _, proposal in memory.page(lane, "queue", "", 100, {"reader": MAY, **filters})]


def test_it_follows_what_others_do(ground: Ground) -> None:
    one = ground.propose(text("One."))
    memory = QueueMemory(ground.engine)
    assert ids(memory) == [one.id]
    lot = ground.app.proposing.make_lot("t", [[text("a", GLUE)], [text("b", JOINER)]], BOB, justification="x")
    assert set(ids(memory)) == {one.id, *(part.id for part in lot.parts)}
    ground.app.talking.assign(one.id, MAY.id, MAY, None)
    assert ids(memory, assignee=MAY.id) == [one.id]
    outcome = ground.app.bulk.decide_many([part.id for part in lot.parts], Ruling("reject", "no"), MAY)
    assert ids(memory) == [one.id]
    ground.app.bulk.undo(outcome.id, MAY)
    assert len(ids(memory)) == 3
    ground.app.proposing.withdraw(one.id, ADA, None)
    assert ids(memory, concept=SAW) == []
    assert memory.counts(MAY) == {"main": 2, "spelling": 0, "conflict": 0}


def test_it_costs_one_question_where_nothing_happened(ground: Ground) -> None:
    ground.propose(text("One."))
    clock = Clock()
    memory = QueueMemory(ground.engine, clock=clock)
    ids(memory)
    with ground.engine.count_round_trips() as trips:
        ids(memory)
        ids(memory, kind="occupation")
    assert trips.names == ["event.last", "event.last"]
    with ground.engine.count_round_trips() as trips:
        memory.page("main", "queue", "", 10, {}, event=1)
    assert trips.names == []


def test_what_was_seen_in_the_middle_of_a_commit_is_looked_at_again(ground: Ground) -> None:
    clock = Clock()
    memory = QueueMemory(ground.engine, clock=clock)
    one = ground.propose(text("One."))
    assert ids(memory) == [one.id]
    # As if the event had been there before the proposal's new state.
    ground.engine.write(lambda tx: documents.change(tx, PROPOSALS, one.id, {"queue": None}))
    assert ids(memory) == [one.id]
    clock.now = 1.0
    assert ids(memory) == []


def test_all_is_read_again_after_a_restore(ground: Ground) -> None:
    one = ground.propose(text("One."))
    memory = QueueMemory(ground.engine)
    assert ids(memory) == [one.id]
    ground.engine.write(lambda tx: documents.change(tx, PROPOSALS, one.id, {"queue": None}))
    assert ids(memory) == [one.id]
    ground.engine.write(renew_epoch)
    assert ids(memory) == []
