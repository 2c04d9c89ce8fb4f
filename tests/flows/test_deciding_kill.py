"""A process that decides dies at each of its transactions, and the engine under it: what was acknowledged is there, once; the rest can be decided again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.engines import server_for_tests
from tests.flows.deciding_process import Decide, decide_elsewhere
from tests.flows.kill_tools import check
from tests.flows.proposal_tools import ADA, GLUE, JOINER, MEL, SAW, Ground, make_ground, text
from wikic.domain.proposals import Proposal
from wikic.store.embedded import open_embedded
from wikic.store.engine import Engine

PLACES = [(step, place) for step in (1, 2, 3, 4) for place in ("inside", "after")]


def three(ground: Ground) -> list[Proposal]:
    return [ground.propose(text("New.", uuid)) for uuid in (SAW, GLUE, JOINER)]


def accepted(ground: Ground, proposals: list[Proposal]) -> list[str]:
    """Those that count as accepted now; the framework says the same of each."""
    found = []
    for proposal in proposals:
        state = ground.app.proposing.read(proposal.id, ADA).state
        assert state in ("submitted", "accepted")
        assert (ground.text(proposal.concepts()[0]) == "New.") == (state == "accepted")
        if state == "accepted":
            found.append(proposal.id)
    return found


def decide_the_rest(ground: Ground, proposals: list[Proposal]) -> None:
    """The next writer clears up; in the end each was decided once."""
    for identity in {one.id for one in proposals} - set(accepted(ground, proposals)):
        ground.accept(ground.app.proposing.read(identity, ADA), by=MEL)
    assert accepted(ground, proposals) == [one.id for one in proposals]
    counted = Counter(event.subject for event in ground.events("proposal_accepted"))
    assert counted == Counter(f"proposal/{one.id}" for one in proposals)
    check(ground.engine)


@pytest.mark.parametrize(("step", "place"), PLACES)
def test_a_decider_that_dies(engine: Engine, step: int, place: str) -> None:
    ground = make_ground(engine)
    proposals = three(ground)
    task = Decide(engine.kind, [one.id for one in proposals], step, place, server_for_tests(engine.kind))
    killed, told = decide_elsewhere(task)
    assert killed
    # Two transactions each: the rows, and the head with what was decided.
    written = step // 2 if place == "after" else (step - 1) // 2
    assert told == [one.id for one in proposals[: (step - 1) // 2]]
    assert accepted(ground, proposals) == [one.id for one in proposals[:written]]
    decide_the_rest(ground, proposals)


@pytest.mark.parametrize(("step", "place"), PLACES[:4])
def test_a_bulk_decider_that_dies(engine: Engine, step: int, place: str) -> None:
    ground = make_ground(engine)
    proposals = three(ground)
    ids = [one.id for one in proposals]
    killed, told = decide_elsewhere(Decide(engine.kind, ids, step, place, server_for_tests(engine.kind), bulk=True))
    assert (killed, told) == (True, [])
    assert accepted(ground, proposals) == (ids if (step, place) == (2, "after") else [])
    decide_the_rest(ground, proposals)


@pytest.mark.parametrize("step", [1, 2, 3])
def test_an_engine_that_dies_under_a_decider(tmp_path: Path, step: int) -> None:
    with open_embedded(tmp_path) as store, Engine.of(store.connection(), "arcadedb", store.refresh) as engine:
        ground = make_ground(engine)
        proposals = three(ground)
        task = Decide("arcadedb", [one.id for one in proposals], step, "inside", data=str(tmp_path), victim=store.engine_pid or 0)
        killed, told = decide_elsewhere(task)
        assert not killed
        assert set(told) <= set(accepted(ground, proposals))
        decide_the_rest(ground, proposals)
