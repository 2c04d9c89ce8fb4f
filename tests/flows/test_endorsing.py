"""Endorsements and acceptances: in whose name, of what, replaced, revoked for good, hidden where their target is; on both engines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.people import OPERATOR, actor_in_session, make_person
from wikic.domain.acceptances import Terms
from wikic.domain.access import NOBODY, Actor
from wikic.domain.endorsements import Named, Statement
from wikic.domain.happenings import may_see
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, Unauthenticated
from wikic.services.acceptances import AcceptancesAsked
from wikic.services.checking import Checking
from wikic.services.endorsing import Endorsing
from wikic.store.engine import Engine
from wikic.store.events import last_event, read_events

SAID = Statement("Nous recrutons avec ce badge.", "https://cci.example.org/etude", "fr")
TODAY = date.today().isoformat()


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def world(request: pytest.FixtureRequest) -> BadgeWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    made = make_badge_world(engine)
    made.app.organisations.make("cci", "La Chambre", "company", actor=OPERATOR, private=False)
    return made


@pytest.fixture(scope="module")
def chamber(world: BadgeWorld) -> Actor:
    return make_person(world.app, "Carla", organisations={"cci": ["manager", "member"]})


@pytest.fixture
def endorsing(world: BadgeWorld) -> Endorsing:
    return world.app.endorsing.endorsements


@pytest.fixture
def badge(world: BadgeWorld) -> Named:
    """A badge class that nobody has endorsed."""
    return Named("badge_class", world.published().id)


def day(offset: int) -> str:
    return (date.today() + timedelta(days=offset)).isoformat()


def test_made_replaced_revoked_and_made_again(world: BadgeWorld, endorsing: Endorsing, badge: Named, chamber: Actor) -> None:
    since = last_event(world.app.engine)[0]
    first = endorsing.make(badge, SAID, chamber, organisation="cci")
    assert (first.status, first.number, first.name, first.endorser) == ("open", 1, "La Chambre", Named("organisation", "cci"))
    assert endorsing.make(badge, SAID, chamber, organisation="cci") == first, "the same words make no version"
    newer = endorsing.make(badge, Statement("Nous le demandons."), chamber, organisation="cci")
    assert (newer.id, newer.number, newer.first) == (first.id, 2, first.first)
    assert [(each.number, each.statement.comment) for each in endorsing.versions(first.id, NOBODY)] == [(1, SAID.comment), (2, "Nous le demandons.")]
    person = endorsing.make(badge, SAID, world.stranger)
    assert (person.endorser.kind, person.name, person.id != first.id) == ("user", "Stan", True)
    assert [each.id for each in endorsing.of_target(badge, NOBODY).items] == [first.id, person.id], "organisations come first"
    assert endorsing.count(badge, NOBODY) == 2

    with pytest.raises(Forbidden):
        endorsing.revoke(first.id, "faux", world.stranger)
    with pytest.raises(InvalidInput, match="say why"):
        endorsing.revoke(first.id, " ", chamber)
    with pytest.raises(StaleVersion):
        endorsing.revoke(first.id, "faux", chamber, version=1)
    gone = endorsing.revoke(first.id, "Le badge a changé.", chamber, version=newer.version)
    assert (gone.status, gone.reason, bool(gone.revoked)) == ("revoked", "Le badge a changé.", True)
    with pytest.raises(Conflict, match="revoked already"):
        endorsing.revoke(first.id, "encore", chamber)
    assert endorsing.get(first.id, NOBODY).status == "revoked", "it stays readable"
    assert [each.id for each in endorsing.revoked(NOBODY)] == [first.id]
    assert endorsing.count(badge, NOBODY) == 1
    again = endorsing.make(badge, SAID, chamber, organisation="cci")
    assert (again.id != first.id, again.number) == (True, 1), "what was revoked stays so"
    assert [each.id for each in endorsing.of_endorser(Named("organisation", "cci"), NOBODY, status="revoked").items] == [first.id]

    told = [event for event in read_events(world.app.engine, since, 100) if event.kind.startswith("endorsement_")]
    assert [event.kind for event in told] == ["endorsement_made"] * 3 + ["endorsement_revoked", "endorsement_made"]
    assert {event.subject for event in told} == {str(badge)}
    assert all(may_see(NOBODY, event.kind, space=event.space, subject=event.subject, by=event.actor, data=event.data) for event in told)


def test_nobody_endorses_their_own(world: BadgeWorld, endorsing: Endorsing, badge: Named) -> None:
    for target in (badge, Named("issuer", "fournil")):
        with pytest.raises(Forbidden, match="to which you belong"):
            endorsing.make(target, SAID, world.manager, organisation="fournil")
        with pytest.raises(Forbidden, match="to which you belong"):
            endorsing.make(target, SAID, world.member)
    assert endorsing.make(Named("concept", world.skills[0]), SAID, world.manager, organisation="fournil").status == "open"


def test_who_endorses_and_in_whose_name(world: BadgeWorld, endorsing: Endorsing, badge: Named, chamber: Actor) -> None:
    app = world.app
    with pytest.raises(Unauthenticated):
        endorsing.make(badge, SAID, NOBODY)
    with pytest.raises(Forbidden, match="role manager"):
        endorsing.make(badge, SAID, world.stranger, organisation="cci")
    with pytest.raises(InvalidInput, match="name the organisation"):
        endorsing.make(badge, SAID, OPERATOR)
    assert endorsing.make(badge, SAID, OPERATOR, organisation="cci").made_by == OPERATOR.name
    with pytest.raises(Forbidden, match="terms"):
        endorsing.make(badge, SAID, make_person(app, "Nino", terms=False))
    token, _ = app.people.tokens.make("t", ["propose"], actor=chamber)
    with pytest.raises(Forbidden, match="scope 'badge'"):
        endorsing.make(badge, SAID, app.accounts.actor_of(token=token), organisation="cci")
    for wrong in (Statement(" "), Statement("x", "ftp://x"), Statement("x", lang="f r")):
        with pytest.raises(InvalidInput):
            endorsing.make(badge, wrong, chamber)


def test_what_is_private_is_neither_endorsed_nor_shown(world: BadgeWorld, endorsing: Endorsing, chamber: Actor) -> None:
    app = world.app
    draft = Named("badge_class", world.badges.badging.create("fournil", content(), world.manager).id)
    for actor, kind in ((chamber, NotFound), (world.member, Conflict)):
        with pytest.raises(kind):
            endorsing.make(draft, SAID, actor)
    with pytest.raises(NotFound):
        endorsing.of_target(draft, chamber)
    founder = make_person(app, "Fanny")
    app.organisations.make("secret", "Le Secret", "issuer", actor=founder, private=True)
    founder = actor_in_session(app, founder.id)
    hidden = Named("issuer", "secret")
    for actor, kind in ((chamber, NotFound), (founder, Conflict)):
        with pytest.raises(kind):
            endorsing.make(hidden, SAID, actor)
    public = Named("badge_class", world.published().id)
    with pytest.raises(Conflict, match="make its profile public"):
        endorsing.make(public, SAID, founder, organisation="secret")
    with pytest.raises(NotFound):
        endorsing.make(public, SAID, chamber, organisation="secret")

    app.organisations.change("secret", actor=founder, private=False)
    made = endorsing.make(hidden, SAID, chamber, organisation="cci")
    endorsing.revoke(endorsing.make(hidden, SAID, chamber).id, "non", chamber)
    app.organisations.change("secret", actor=founder, private=True)
    assert endorsing.get(made.id, founder) == made
    for actor in (NOBODY, chamber):
        with pytest.raises(NotFound):
            endorsing.get(made.id, actor)
        with pytest.raises(NotFound):
            endorsing.count(hidden, actor)
        assert made.id not in {each.id for each in endorsing.find(None, None, actor, limit=1_000).items}
        assert hidden not in {each.target for each in endorsing.revoked(actor)}
    with pytest.raises(Conflict, match="stays public"):
        app.organisations.change("cci", actor=chamber, private=True)


def test_only_competencies_that_hold_are_endorsed(world: BadgeWorld, endorsing: Endorsing, chamber: Actor) -> None:
    with pytest.raises(InvalidInput, match="occupation"):
        endorsing.make(Named("concept", "rome:D1102"), SAID, chamber)
    with pytest.raises(Conflict, match="replaced it"):
        endorsing.make(Named("concept", world.world.crumb), SAID, chamber)
    with pytest.raises(NotFound):
        endorsing.make(Named("concept", "01890a5d-ac96-774b-bcce-b302099a8057"), SAID, chamber)


def test_acceptances(world: BadgeWorld, badge: Named, chamber: Actor) -> None:
    acceptances = world.app.endorsing.acceptances
    terms = Terms("Épreuve pratique E2", "Délivré depuis moins de trois ans.", "https://cci.example.org/e2", day(-30), day(30))
    made = acceptances.declare(badge.id, "cci", terms, chamber)
    assert (made.state(TODAY), made.state(day(-31)), made.state(day(31))) == ("in_force", "to_come", "expired")
    with pytest.raises(Conflict, match="accepted already"):
        acceptances.declare(badge.id, "cci", terms, chamber)
    later = acceptances.declare(badge.id, "cci", Terms("Module 3", valid_from=day(60)), chamber)
    with pytest.raises(Conflict, match="accepted already"):
        acceptances.declare(badge.id, "cci", Terms("module 3", valid_from=day(40)), chamber)
    for on, expected in (("", [made.id, later.id]), (TODAY, [made.id]), (day(31), []), (day(90), [later.id]), (day(4_000), [later.id])):
        for asked in (AcceptancesAsked(badge.id, valid_on=on), AcceptancesAsked(badge.id, "cci", on)):
            assert [each.id for each in acceptances.list(asked, NOBODY).items] == expected, (on, asked)
    page = acceptances.list(AcceptancesAsked(badge.id), NOBODY, limit=1)
    assert [each.id for each in acceptances.list(AcceptancesAsked(badge.id), NOBODY, after=page.next).items] == [later.id]

    with pytest.raises(Forbidden):
        acceptances.revoke(made.id, "non", world.stranger)
    gone = acceptances.revoke(made.id, "Épreuve supprimée.", chamber, version=made.version)
    assert (gone.state(TODAY), gone.state(day(-1)), gone.ends) == ("revoked", "in_force", day(-1))
    assert acceptances.list(AcceptancesAsked(badge.id, valid_on=TODAY), NOBODY).items == []
    assert [each.id for each in acceptances.list(AcceptancesAsked(organisation="cci", revoked=True), NOBODY).items] == [made.id]
    anew = acceptances.declare(badge.id, "cci", terms, chamber)
    table = acceptances.table(AcceptancesAsked(badge.id), NOBODY).splitlines()
    assert len(table) == 4
    assert "Épreuve supprimée." in table[1]
    assert anew.id in "".join(table)
    for wrong in (Terms(" "), Terms("x", valid_from=day(2), valid_until=day(1)), Terms("x", valid_from="soon"), Terms("x", address="ftp://x")):
        with pytest.raises(InvalidInput):
            acceptances.declare(badge.id, "cci", wrong, chamber)
    draft = world.badges.badging.create("fournil", content(), world.manager)
    for actor, kind in ((chamber, NotFound), (OPERATOR, Conflict)):
        with pytest.raises(kind):
            acceptances.declare(draft.id, "cci", Terms("x"), actor)
    with pytest.raises(Forbidden):
        acceptances.declare(badge.id, "cci", Terms("x"), world.stranger)


def test_the_store_is_sound_with_them(world: BadgeWorld) -> None:
    assert Checking(world.app.engine).run() == []
