"""Badge classes that are retired, and bindings that are ended, by hand while a release asks something of them; on both engines."""

from __future__ import annotations

import pytest

from tests.flows.refresh_world import Trade, make_trade, skill
from tests.people import OPERATOR
from tests.sample_world import release
from wikic.domain.access import NOBODY
from wikic.errors import Conflict
from wikic.services.refreshing_lines import RefreshLine, WantedLines
from wikic.store.engine import Engine
from wikic.store.events import last_event, read_events


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def trade(request: pytest.FixtureRequest) -> Trade:
    """2027 is published and its reports are open."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    made = make_trade(engine, issuers=12, classes=48)
    made.change()
    release(made.app, "2027")
    made.refresh.refreshing.catch_up()
    return made


def take(trade: Trade, advice: str) -> RefreshLine:
    """An open line that asks for this, of a badge class that is published here."""
    here = {each.id for each in trade.wanted if each.content.hosted == "here"}
    lines = trade.refresh.lines.all(OPERATOR, WantedLines("open", advice=advice), release="2027")
    published = trade.app.badges.badging.get
    return next(line for line in lines if line.badge_class in here and published(line.badge_class, NOBODY).status == "published")


def state(trade: Trade, line: RefreshLine) -> tuple[str, str, str]:
    now = trade.refresh.lines.get(line.id, OPERATOR)
    return now.state, now.by, now.treatment


def test_who_retires_a_badge_class_has_treated_its_lines(trade: Trade) -> None:
    badging, treating = trade.app.badges.badging, trade.refresh.treating
    line = take(trade, "realign")
    treating.treat([line.id], "keep", OPERATOR)
    others = [each for each in trade.refresh.lines.of_badge(line.badge_class) if each.state == "open"]
    since = last_event(trade.app.engine)[0]
    retired = badging.retire(line.badge_class, OPERATOR)
    assert state(trade, line)[0] == "kept"
    assert [state(trade, each) for each in others] == [("retired", OPERATOR.name, "retire")] * len(others)
    told = [event for event in read_events(trade.app.engine, since, 100) if event.kind == "refresh_treated"]
    assert [event.data["lines"] for event in told] == ([len(others)] if others else [])
    for treatment in ("update", "realign"):
        with pytest.raises(Conflict, match="is retired"):
            treating.treat([line.id], treatment, OPERATOR, to=[skill(20)])
    treating.treat([line.id], "retire", OPERATOR)
    assert state(trade, line) == ("retired", OPERATOR.name, "retire")
    assert badging.get(line.badge_class, NOBODY).number == retired.number, "what is retired has no new version"
    second = take(trade, "update")
    badging.retire(second.badge_class, OPERATOR)
    assert state(trade, second) == ("retired", OPERATOR.name, "retire")


def test_who_ends_a_binding_has_treated_its_lines(trade: Trade) -> None:
    bindings, treating = trade.app.badges.bindings, trade.refresh.treating
    line = take(trade, "update")
    bindings.unbind([line.binding], OPERATOR)
    assert state(trade, line) == ("retired", OPERATOR.name, "retire")
    kept = take(trade, "realign")
    treating.treat([kept.id], "keep", OPERATOR)
    bindings.unbind([kept.binding], OPERATOR)
    assert state(trade, kept) == ("kept", OPERATOR.name, "keep")
    with pytest.raises(Conflict, match="ended"):
        treating.treat([kept.id], "update", OPERATOR)
    done = treating.treat([kept.id], "realign", OPERATOR).lines[0]
    bound = {each.concept: each.id for each in bindings.open_of([kept.badge_class])[kept.badge_class]}
    assert list(done.made) == [bound[kept.successors[0]]], "it is made all the same"
    renamed = take(trade, "update")
    treating.treat([renamed.id], "keep", OPERATOR)
    bindings.unbind([renamed.binding], OPERATOR)
    with pytest.raises(Conflict, match="binding was ended"):
        treating.treat([renamed.id], "update", OPERATOR)
    assert treating.treat([renamed.id], "update", OPERATOR, partly=True).lines == []
