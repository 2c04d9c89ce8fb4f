"""Suggestions of readers without an account: held, confirmed, taken up, rejected, counted; on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.flows.proposal_tools import BOB, MAY, SAW, Ground, make_ground, text
from wikic.domain.access import NOBODY
from wikic.errors import Conflict, Forbidden, NotFound, Throttled
from wikic.services.mailing import Mailer
from wikic.services.proposing_suggesting import Suggesting
from wikic.store.engine import Engine


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


def suggest(ground: Ground, value: str = "By a reader.", sender: str = "192.0.2.1") -> Any:
    return ground.app.suggesting.suggest([text(value)], "I know it", sender=sender, mail="reader@example.org")


def test_held_until_confirmed(ground: Ground) -> None:
    held = suggest(ground)
    assert ground.app.queueing.page(MAY).items == []
    assert ground.app.proposing.of_concept(SAW, BOB) == []
    with pytest.raises(NotFound):
        ground.app.suggesting.confirm(held.proposal.id, held.token[:-1])
    confirmed = ground.app.suggesting.confirm(held.proposal.id, held.token)
    assert (confirmed.held, confirmed.author, confirmed.secret) == (False, "", "")
    with pytest.raises(NotFound):
        ground.app.suggesting.confirm(held.proposal.id, held.token)
    assert [one.id for one in ground.app.queueing.page(MAY).items] == [held.proposal.id]
    ground.accept(confirmed)
    assert ground.text(SAW) == "By a reader."
    said = str([(event.data, event.name, event.subject) for event in ground.events()])
    assert "reader@example.org" not in said
    assert held.token not in said


def test_a_held_one_is_not_decided(ground: Ground) -> None:
    held = suggest(ground)
    with pytest.raises(Conflict, match="nobody has confirmed"):
        ground.accept(held.proposal)


def test_rejected_while_it_is_held(ground: Ground) -> None:
    held = suggest(ground)
    assert ground.reject(held.proposal).proposal.state == "rejected"
    with pytest.raises(NotFound):
        ground.app.suggesting.confirm(held.proposal.id, held.token)
    with pytest.raises(Conflict):
        ground.app.suggesting.take_up(held.proposal.id, BOB)
    assert ground.state(held.proposal) == "rejected"
    with pytest.raises(NotFound):
        ground.app.proposing.read(held.proposal.id, NOBODY)


def test_many_at_once_are_counted(ground: Ground) -> None:
    def one(number: int) -> bool:
        try:
            suggest(ground, f"{number}")
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(one, range(8))) == 5


def test_taken_up_by_a_contributor_who_does_not_decide(ground: Ground) -> None:
    held = suggest(ground)
    taken = ground.app.suggesting.take_up(held.proposal.id, MAY)
    assert taken.author == MAY.id
    with pytest.raises(Forbidden, match="your own work"):
        ground.accept(taken, by=MAY)
    with pytest.raises(Conflict):
        ground.app.suggesting.take_up(held.proposal.id, BOB)


def test_the_link_is_mailed(ground: Ground) -> None:
    mails: list[tuple[str, ...]] = []

    class Server:
        """Keeps what it is given."""

        def send(self, sender: str, to: str, subject: str, text: str) -> None:
            mails.append((sender, to, subject, text))

    mailer = Mailer(ground.engine, Server(), "wikic@example.org")
    app = ground.app
    suggesting = Suggesting(ground.engine, app.epoch, app.proposing, mailer, "https://skills.example.org")
    held = suggesting.suggest([text("By mail.")], "x", sender="192.0.2.9", mail="reader@example.org", lang="en")
    mailer.close()
    ((*_, to, subject, letter),) = mails
    assert (to, subject) == ("reader@example.org", "Wiki-C: confirm your suggestion")
    assert f"https://skills.example.org/proposals/{held.proposal.id}/confirm?token={held.token}" in letter


def test_few_from_one_address(ground: Ground) -> None:
    for number in range(5):
        suggest(ground, f"{number}")
    with pytest.raises(Throttled):
        suggest(ground, "6")
    assert len(ground.app.suggesting.held(MAY)) == 5
    suggest(ground, "7", "192.0.2.2")
