"""Badge classes that are hosted elsewhere: what their issuers are told to paste, and which alignments close a line; on both engines."""

from __future__ import annotations

import pytest

from tests.flows.refresh_world import Trade, french, make_trade, skill
from tests.people import OPERATOR
from tests.sample_world import release
from wikic.domain.badges import BadgeContent
from wikic.domain.badges_bindings import Target
from wikic.domain.badges_elsewhere import Aligned, Said
from wikic.domain.delta import DeltaChange
from wikic.services.binding import Wish
from wikic.services.refreshing_elsewhere import tells
from wikic.services.refreshing_lines import RefreshLine
from wikic.store import badges_elsewhere as states
from wikic.store.engine import Engine

REDEFINED, UPPER = skill(3), skill(4)
OLD, NEW = "Le geste 3, tel qu'on l'apprend.", "Tout autre chose que ce qui était dit auparavant."


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def trade(request: pytest.FixtureRequest) -> Trade:
    """2027 is published; the first badge class is hosted elsewhere and attests what it redefined, and what it only spells otherwise."""
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    made = make_trade(engine, issuers=4, classes=4)
    wishes = [Wish(made.wanted[0].id, each) for each in (REDEFINED, UPPER)]
    assert made.app.badges.bindings.bind(wishes, OPERATOR, release="2026").applied
    made.change()
    release(made.app, "2027")
    made.refresh.refreshing.catch_up()
    return made


def line_of(trade: Trade, concept: str) -> RefreshLine:
    return next(line for line in trade.refresh.lines.of_badge(trade.wanted[0].id) if line.concept == concept)


def show(trade: Trade, *aligned: Aligned) -> None:
    """What the address shows, as it is told when it is read."""
    trade.refresh.elsewhere.shown(trade.wanted[0].id, aligned, OPERATOR)


def test_what_to_paste_in_place_of_what(trade: Trade) -> None:
    own, line = trade.app.accounts.rules.public_url, line_of(trade, REDEFINED)
    paste = trade.refresh.elsewhere.paste([line], OPERATOR, own)[line.id]
    assert paste.old["targetDescription"] == OLD, "it was not read yet: as the release before has it"
    assert [each["targetDescription"] for each in paste.new] == [NEW]
    there = Aligned(f"{own}/c/{REDEFINED}", "Le troisième geste", "Comme on l'a écrit là-bas.", framework="Nos gestes")
    address = trade.wanted[0].content.address
    said = Said(BadgeContent(name="x"), aligned=(Aligned(f"{own}/c/{UPPER}"), there)).packed()
    row = {"key": line.badge_class, "issuer": line.issuer, "address": address, "due": f"9 {line.badge_class}", "said": said}
    states.add(trade.app.engine, row)
    read = trade.refresh.elsewhere.paste([line], OPERATOR, own)[line.id]
    assert read.old == {
        "targetName": there.name, "targetUrl": there.url, "targetDescription": there.description, "targetFramework": there.framework,
    }, "as it was read"  # fmt: skip
    assert read.new == paste.new


def test_a_line_closes_when_what_changed_is_there(trade: Trade) -> None:
    address = f"{trade.app.accounts.rules.public_url}/c/"
    show(trade, Aligned(address + REDEFINED, french(3), OLD), Aligned(address + UPPER, french(4)))
    assert [line_of(trade, each).state for each in (REDEFINED, UPPER)] == ["open", "open"], "the document is as it was"
    show(trade, Aligned(address + REDEFINED, french(3)), Aligned(address + UPPER, "Un geste"))
    assert [line_of(trade, each).state for each in (REDEFINED, UPPER)] == ["open", "open"], "it says nothing of what changed"
    show(trade, Aligned(address + REDEFINED, "Le geste", f" {NEW}\n"), Aligned(address + UPPER, french(4).upper()))
    assert [line_of(trade, each).state for each in (REDEFINED, UPPER)] == ["updated", "updated"]


def test_codes_and_addresses() -> None:
    own, iri = "https://skills.example.org", "http://data.europa.eu/esco/skill/00000000-0000-4000-8000-000000000001"
    old = iri.replace("0001", "0002")
    target = Target(REDEFINED, "skill", "esco", "active", "Pétrir", "", "S1.2", "Wiki-C", iri, "", "fr")
    recoded = [DeltaChange("recoded", "breaking", "code", "", "S1.1", "S1.2")]
    moved = [DeltaChange("readdressed", "notable", "iri", "", old, iri)]
    here = f"{own}/c/{REDEFINED}"
    assert not tells(Aligned(here, "Pétrir", code="S1.1"), recoded, target, own)
    assert not tells(Aligned(here, "Pétrir"), recoded, target, own), "it has no code"
    assert tells(Aligned(here, "Pétrir", code="S1.2"), recoded, target, own)
    assert not tells(Aligned(old, "Pétrir"), moved, target, own)
    assert tells(Aligned(iri, "Pétrir"), moved, target, own)
    assert not tells(Aligned(iri, "Pétrir", code="S1.1"), [*moved, *recoded], target, own), "all that changed"
