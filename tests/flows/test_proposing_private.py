"""Proposals in an organisation's own framework: its members make and see them, its moderators decide, nobody else learns anything; on both engines."""

from __future__ import annotations

import pytest

from tests.flows.proposal_tools import BOB, MAY, SAW, Ground, make_ground, text
from wikic.domain.access import NOBODY, Actor, Grant
from wikic.domain.proposals_changes import AddRelation, CreateConcept
from wikic.domain.records import Label
from wikic.errors import Forbidden, InvalidInput, NotFound
from wikic.services.deciding import Ruling
from wikic.store.concepts import read_briefs
from wikic.store.engine import Engine, Query
from wikic.store.leases import heads

SPACE = "acme"
UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
WELD = CreateConcept("skill", (Label("weld hulls", "en", "preferred"),), {"en": "Canary."}, UUID)
_SPACE = Query(
    "tests.space",
    f"CREATE (s:Space {{name: '{SPACE}', kind: 'organisation', head: 0, lease_token: 0, lease_until: 0, lease_holder: ''}})",
)


def member(name: str, *roles: str) -> Actor:
    """A contributor who belongs to the organisation."""
    grants = (Grant("contributor"),)
    return Actor(f"user-{name}", name, grants, ((SPACE, roles),), via="session", settings={"terms": "2999-01-01"})


MIA, LEO, MAX = member("mia", "member"), member("leo", "moderator"), member("max", "manager")


@pytest.fixture
def ground(engine: Engine) -> Ground:
    ground = make_ground(engine)
    engine.write(lambda tx: tx.run(_SPACE))
    return ground


def test_members_propose_and_their_moderator_decides(ground: Ground) -> None:
    app = ground.app
    match = AddRelation(UUID, "close_match", SAW)
    made = app.proposing.make([WELD, match], MIA, justification="ours", space=SPACE, submit=True)
    for other in (NOBODY, BOB, MAY):
        with pytest.raises(NotFound):
            app.proposing.read(made.id, other)
        with pytest.raises(NotFound):
            app.proposing.make([WELD], other, justification="x", space=SPACE) if other.known else app.proposing.check([WELD], other, space=SPACE)
        assert app.proposing.list(other).items == []
        assert app.proposing.of_concept(SAW, other) == []
        assert app.queueing.page(other).items == []
        assert app.queueing.counts(other)["main"] == 0
    assert app.queueing.counts(LEO)["main"] == 1
    assert [one.id for one in app.proposing.list(MIA).items] == [made.id]
    for other in (MIA, MAX, MAY):
        with pytest.raises((Forbidden, NotFound)):
            app.deciding.decide(made.id, Ruling("accept"), other, None)
    head = ground.framework.head
    seq = app.deciding.decide(made.id, Ruling("accept"), LEO, None).seq
    assert (heads(ground.engine)[SPACE], ground.framework.head) == (seq, head)
    assert read_briefs(ground.engine, [UUID], {SPACE: seq or 0})[UUID].preferred == {"en": "weld hulls"}
    assert read_briefs(ground.engine, [UUID], {"public": 10**9}) == {}
    assert {event.space for event in ground.events("proposal_made", "proposal_submitted", "proposal_accepted")} == {SPACE}


def test_the_public_framework_is_changed_in_public(ground: Ground) -> None:
    with pytest.raises(InvalidInput, match="there is no concept"):
        ground.app.proposing.make([text("x")], MIA, justification="x", space=SPACE, submit=True)


def test_what_was_rejected_there_is_not_told_elsewhere(ground: Ground) -> None:
    app = ground.app
    ours = app.proposing.make([WELD, AddRelation(UUID, "close_match", SAW)], MIA, justification="ours", space=SPACE, submit=True)
    assert app.proposing.check([AddRelation(SAW, "related", SAW), WELD], BOB).alike == []
    app.deciding.decide(ours.id, Ruling("reject", "canary"), LEO, None)
    checked = app.proposing.check([WELD], BOB)
    assert (checked.rejected, checked.alike, checked.findings) == ([], [], [])
    assert [one["reason"] for one in app.proposing.check([WELD], MIA, space=SPACE).rejected] == ["canary"]


def test_bulks_and_assignments_of_a_space(ground: Ground) -> None:
    app = ground.app
    made = app.proposing.make([WELD], MIA, justification="ours", space=SPACE, submit=True)
    with pytest.raises(NotFound):
        app.talking.assign(made.id, MAY.id, MAY, None)
    with pytest.raises(Forbidden):
        app.talking.assign(made.id, MIA.id, MIA, None)
    assert app.talking.assign(made.id, LEO.id, LEO, None).assignee == LEO.id
    with pytest.raises(NotFound):
        app.bulk.decide_many([made.id], Ruling("accept"), MAY)
    outcome = app.bulk.decide_many([made.id], Ruling("reject", "no"), LEO)
    with pytest.raises(NotFound):
        app.bulk.read(outcome.id, MAY)
    assert app.bulk.read(outcome.id, LEO)["proposals"] == [made.id]
