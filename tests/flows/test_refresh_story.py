"""Forty issuers bind five hundred badge classes to 2026; 2027 renames, redefines, merges, splits and deprecates; on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.refresh_world import SUCCESSORS, Trade, issuer_of, make_trade, skill
from tests.people import OPERATOR
from tests.sample_world import release
from wikic.domain.access import NOBODY
from wikic.domain.refreshing import Touched
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.refreshing import figures_of
from wikic.services.refreshing_lines import RefreshLine, WantedLines
from wikic.store.engine import Engine
from wikic.store.events import Event, last_event, read_events


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def trade(request: pytest.FixtureRequest) -> Trade:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_trade(engine)


def told(lines: list[Touched]) -> dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]:
    """What asks for something, by badge class and skill."""
    return {
        (line.badge_class, line.concept): (line.verdict.advice, line.verdict.severity, line.verdict.types) for line in lines if line.verdict.asks
    }


def opened(trade: Trade, state: str = "open") -> list[RefreshLine]:
    return list(trade.refresh.lines.all(OPERATOR, WantedLines(state), release="2027"))


def events(trade: Trade, since: int, *kinds: str) -> list[Event]:
    return [event for event in read_events(trade.app.engine, since, 10_000) if event.kind in kinds]


def answers_of_2026(trade: Trade) -> list[Any]:
    """What the addresses of 2026, and the versions of that year, say."""
    reading = trade.app.reading
    concepts = [reading.concept(skill(number), "2026") for number in range(13)]
    return [*concepts, *(trade.app.badges.badging.version(each.id, 1, NOBODY) for each in trade.wanted[::25])]


def test_the_story(trade: Trade) -> None:
    app, refresh = trade.app, trade.refresh
    before, since = answers_of_2026(trade), last_event(app.engine)[0]
    assert refresh.refreshing.catch_up() == [], "nothing was bound before the first release"
    trade.change()
    app.releasing.freeze("2027-rc1", actor=OPERATOR)
    _rehearse(trade)

    release(app, "2027")
    made = refresh.refreshing.catch_up()
    expected = trade.expected()
    owners = {each.id: each.issuer for each in trade.wanted}
    assert {each.issuer for each in made} >= {owners[badge] for badge, _ in expected}
    assert refresh.refreshing.catch_up() == [], "what is opened is opened once"
    present = refresh.refreshing.rehearsal("", OPERATOR)
    assert (present.before, present.lines) == ("2027", []), "nothing came after it yet"
    assert {(line.badge_class, line.concept): (line.advice, line.severity, tuple({c.type: 0 for c in line.changes})) for line in opened(trade)} == expected
    reports = events(trade, since, "refresh_opened")
    assert len(reports) == len(made) == len({event.subject for event in reports})
    assert all(line.by == "Wiki-C" for line in opened(trade, "kept")), "what is minor and asks for nothing was kept at once"

    _treat_one_by_one(trade)
    _treat_the_rest(trade)
    assert opened(trade) == []
    assert answers_of_2026(trade) == before, "the addresses of 2026 answer as before"
    _what_stands_now(trade)


def _rehearse(trade: Trade) -> None:
    refresh, first = trade.refresh, issuer_of(0)
    whole = refresh.refreshing.rehearsal("2027-rc1", OPERATOR)
    assert (whole.before, told(whole.lines)) == ("2026", trade.expected())
    figures = figures_of(whole.lines)
    assert figures.severities["breaking"] == sum(severity == "breaking" for _, severity, _ in trade.expected().values())
    for number, names in SUCCESSORS.items():
        line = next(line for line in whole.lines if line.concept == skill(number))
        assert set(line.verdict.successors) == set(map(skill, names))
    mine = refresh.refreshing.rehearsal("2027-rc1", trade.member)
    assert told(mine.lines) == trade.expected(first), "an issuer's people see their own"
    assert refresh.refreshing.rehearsal("2027-rc1", NOBODY).lines == []
    assert told(refresh.refreshing.report("").lines) == trade.expected(), "as of now it is the same"
    with pytest.raises(NotFound):
        refresh.refreshing.rehearsal("2027", trade.member)

    broken = sorted({line.badge_class for line in mine.lines if line.verdict.severity == "breaking"})
    made = refresh.objecting.add("2027-rc1", first, broken, "Nos badges perdent leur compétence.", trade.member)
    assert (made.issuer, list(made.badge_classes)) == (first, broken)
    assert refresh.objecting.list("2027-rc1") == [made]
    untouched = next(each.id for each in trade.wanted if each.issuer == first and each.id not in {line.badge_class for line in mine.lines})
    with pytest.raises(InvalidInput, match="no published badge class"):
        refresh.objecting.add("2027-rc1", first, [untouched], "Non.", trade.member)
    with pytest.raises(Forbidden):
        refresh.objecting.add("2027-rc1", issuer_of(1), broken, "Non.", trade.member)


def _treat_one_by_one(trade: Trade) -> None:
    treating, badging = trade.refresh.treating, trade.app.badges.badging
    here = [line for line in opened(trade) if line.issuer == issuer_of(0) and badging.get(line.badge_class, NOBODY).content.hosted == "here"]
    renamed = next(line for line in here if line.advice == "update")
    with pytest.raises(Forbidden):
        treating.treat([renamed.id], "update", trade.member)
    with pytest.raises(NotFound):
        treating.treat([next(line for line in opened(trade) if line.issuer == issuer_of(1)).id], "keep", trade.manager)
    since = last_event(trade.app.engine)[0]
    done = treating.treat([renamed.id], "update", trade.manager, note="Vu.").lines[0]
    assert (done.state, done.by, done.treatment, done.note) == ("updated", "Maud", "update", "Vu.")
    version = badging.version(renamed.badge_class, 2, NOBODY)
    assert version.why == "refreshed"
    seen = {each["concept"]: (each["seen_name"], each["since_release"]) for each in version.bindings}
    assert seen[renamed.concept][1] == "2027"
    assert [event.kind for event in events(trade, since, "binding_renewed", "refresh_treated")] == ["binding_renewed", "refresh_treated"]
    with pytest.raises(Conflict, match="updated already"):
        treating.treat([renamed.id], "keep", trade.manager)

    split = next(line for line in opened(trade) if line.advice == "choose")
    with pytest.raises(InvalidInput, match="to which"):
        treating.treat([split.id], "realign", OPERATOR)
    with pytest.raises(Conflict, match="has ended"):
        treating.treat([split.id], "update", OPERATOR)
    with pytest.raises(Conflict, match="deprecated in 2027"):
        treating.treat([split.id], "realign", OPERATOR, to=[skill(8)])
    parts = treating.treat([split.id], "realign", OPERATOR, to=[skill("a"), skill("b")]).lines[0]
    bound = {each.concept for each in trade.app.badges.bindings.open_of([split.badge_class])[split.badge_class]}
    assert {skill("a"), skill("b")} <= bound
    assert skill(7) not in bound
    assert len(parts.made) == 2


def _treat_the_rest(trade: Trade) -> None:
    treating = trade.refresh.treating
    elsewhere = {each.id for each in trade.wanted if each.content.hosted == "elsewhere"}
    for number in range(40):
        issuer = issuer_of(number)
        treating.treat_all(issuer, "2027", "update", OPERATOR, WantedLines(advice="update"))
        treating.treat_all(issuer, "2027", "realign", OPERATOR, WantedLines(advice="realign"))
        treating.treat_all(issuer, "2027", "retire", OPERATOR, WantedLines(advice="retire"))
    left = opened(trade)
    assert {line.badge_class for line in left if line.advice != "choose"} <= elsewhere
    for line in left:
        if line.advice == "choose" and line.badge_class not in elsewhere:
            treating.treat([line.id], "realign", OPERATOR, to=[line.successors[0]])
    there = [line.id for line in opened(trade)]
    with pytest.raises(Conflict, match="hosted elsewhere"):
        treating.treat(there, "update", OPERATOR)
    treating.treat(there, "keep", OPERATOR)


def _what_stands_now(trade: Trade) -> None:
    bindings, ended = trade.app.badges.bindings, {skill(number) for number in (5, 7, 8, 9, 10, 11)}
    elsewhere = {each.id for each in trade.wanted if each.content.hosted == "elsewhere"}
    here = [each.id for each in trade.wanted if each.id not in elsewhere]
    found = bindings.open_of(here)
    known = trade.app.badges.badging.get_many(here, NOBODY)
    assert all(known[key].status == "retired" for key, rows in found.items() if ended & {each.concept for each in rows})
    merged = next(each for each in trade.wanted if skill(5) in dict(each.concepts) and each.id in here)
    assert skill(6) in {each.concept for each in found[merged.id]}
    states = {line.state for line in trade.refresh.lines.all(OPERATOR, WantedLines(), release="2027")}
    assert states == {"kept", "updated", "retired"}
    assert sum(trade.refresh.lines.standings(issuer_of(0))[0].states.values()) == trade.refresh.lines.standings(issuer_of(0))[0].lines
