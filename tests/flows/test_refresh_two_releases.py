"""Lines of a release that are still open when the next one is published; on both engines."""

from __future__ import annotations

import pytest

from tests.flows.refresh_world import Trade, make_trade, skill
from tests.people import OPERATOR
from tests.sample_world import release
from wikic.domain.badges_elsewhere import Aligned
from wikic.domain.edits import Merge, SetLabels
from wikic.domain.records import Label
from wikic.errors import Conflict
from wikic.services.binding import Wish
from wikic.services.refreshing_lines import RefreshLine
from wikic.store.engine import Engine


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def trade(request: pytest.FixtureRequest) -> Trade:
    """2027 and 2028 are published, and nobody treated anything."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    made = make_trade(engine, issuers=12, classes=24)
    assert made.app.badges.bindings.bind([Wish(elsewhere_in(made), skill(5))], OPERATOR, release="2026").applied
    made.change()
    release(made.app, "2027")
    made.refresh.refreshing.catch_up()
    again = SetLabels(skill(1), "fr", (Label("Bien tenir le geste un", "fr", "preferred"),))
    made.app.editing.apply([again, Merge(skill(6), skill(13))], actor="tester", summary="2028")
    made.app.reading.forget()
    release(made.app, "2028")
    made.refresh.refreshing.catch_up()
    return made


def elsewhere_in(trade: Trade) -> str:
    """A badge class that is hosted elsewhere, and does not attest what is merged twice."""
    return next(each.id for each in trade.wanted if each.content.hosted == "elsewhere" and skill(5) not in dict(each.concepts))


def line_of(trade: Trade, number: int, name: str) -> RefreshLine:
    """What a release asks of the first badge class that attests a skill."""
    badge = next(each.id for each in trade.wanted if each.content.hosted == "here" and skill(number) in dict(each.concepts))
    return next(each for each in trade.refresh.lines.of_badge(badge) if (each.concept, each.release) == (skill(number), name))


def test_what_was_renewed_by_a_later_release_is_not_taken_back_by_an_earlier_one(trade: Trade) -> None:
    early, late = line_of(trade, 1, "2027"), line_of(trade, 1, "2028")
    trade.refresh.treating.treat([late.id], "update", OPERATOR)
    number = trade.app.badges.badging.get(late.badge_class, OPERATOR).number
    assert trade.refresh.treating.treat([early.id], "update", OPERATOR).lines[0].state == "updated"
    bound = trade.app.badges.bindings.get(early.binding, OPERATOR)
    assert (bound.seen_name, bound.since_release) == ("Bien tenir le geste un", "2028")
    assert trade.app.badges.badging.get(late.badge_class, OPERATOR).number == number, "nothing changed, so there is no new version"


def test_nothing_is_re_aligned_to_what_a_later_release_ended(trade: Trade) -> None:
    line = line_of(trade, 5, "2027")
    assert line.successors == (skill(6),)
    with pytest.raises(Conflict, match="deprecated in 2028"):
        trade.refresh.treating.treat([line.id], "realign", OPERATOR)
    done = trade.refresh.treating.treat([line.id], "realign", OPERATOR, to=[skill(13)]).lines[0]
    bound = trade.app.badges.bindings.get(done.made[0], OPERATOR)
    assert (bound.concept, bound.since_release) == (skill(13), "2028")


def test_an_address_that_shows_what_a_later_release_ended_closes_nothing(trade: Trade) -> None:
    badge, own = elsewhere_in(trade), trade.app.accounts.rules.public_url

    def state() -> str:
        return next(each.state for each in trade.refresh.lines.of_badge(badge) if (each.concept, each.release) == (skill(5), "2027"))

    trade.refresh.elsewhere.shown(badge, [Aligned(f"{own}/c/{skill(6)}")], OPERATOR)
    assert state() == "open"
