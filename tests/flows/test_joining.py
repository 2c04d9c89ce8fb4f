"""Becoming a user and coming back: registration, confirmation, forgotten passwords, addresses; what the answers do not tell."""

from __future__ import annotations

from functools import partial

import pytest

from tests.flows.people_world import SITE, PeopleWorld, make_people_world, token_in
from tests.people import OPERATOR, PASSWORD
from tests.together import at_once
from wikic.domain.access import Grant
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, Throttled, Unauthenticated
from wikic.services.accounts_joining import REGISTRATIONS, RESETS
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.tables import LINKS, USERS


@pytest.fixture
def world(engine: Engine) -> PeopleWorld:
    return make_people_world(engine)


def test_registration(world: PeopleWorld) -> None:
    joining = world.people.joining
    joining.request("Ada", "Ada@example.org", lang="en")
    ((to, subject, text),) = world.mailed()
    assert (to, subject) == ("Ada@example.org", "Wiki-C: choose your password")
    assert f"{SITE}/register/confirm?token=" in text
    assert documents.page(world.app.engine, USERS, "listing") == [], "there is no account before it is confirmed"
    token = token_in(text)
    assert joining.requested(token) == ("Ada", "Ada@example.org")
    with pytest.raises(InvalidInput):
        joining.confirm(token, "ada@example.org")
    person = joining.confirm(token, PASSWORD, terms=world.app.accounts.rules.terms)
    assert (person.grants, person.settings["terms"], person.lang) == ((Grant("contributor"),), world.app.accounts.rules.terms, "en")
    assert documents.get(world.app.engine, USERS, person.id, "user")["email_confirmed"]
    assert world.people.signing.sign_in("ada@example.org", PASSWORD).person == person
    with pytest.raises(NotFound):
        joining.confirm(token, PASSWORD)
    (event,) = world.events("user_registered")
    assert (event.actor, event.via, event.subject) == (person.id, "session", f"user/{person.id}")


def test_nobody_prepares_an_account_for_somebody_elses_address(world: PeopleWorld) -> None:
    """Who asks first learns nothing and sets nothing; the mailbox decides."""
    joining = world.people.joining
    joining.request("Mallory", "ada@example.org")
    joining.request("Ada", "ada@example.org")
    first, second = (token_in(text) for _, _, text in world.mailed())
    joining.confirm(second, PASSWORD)
    with pytest.raises(Conflict):
        joining.confirm(first, "mallory knows this one")
    assert world.app.accounts.person("ada@example.org").name == "Ada"


def test_asking_tells_nobody_whether_an_address_is_known(world: PeopleWorld) -> None:
    world.add("Ada", email="ada@example.org")
    joining, trips = world.people.joining, []
    for number, email in enumerate(("ada@example.org", "new@example.org")):
        with world.app.engine.count_round_trips() as counted:
            joining.request(f"Name {number}", email, address=f"{number}")
        trips.append(counted.names)
    assert trips[0] == trips[1]
    known, new = world.mailed()
    assert known[1] == "Wiki-C : vous avez déjà un compte"
    assert "token=" not in known[2]
    assert "token=" in new[2]
    with pytest.raises(Conflict):
        joining.request("ada", "other@example.org")
    trips.clear()
    for login in ("ada@example.org", "nobody@example.org"):
        with world.app.engine.count_round_trips() as counted:
            joining.request_password(login, address=login)
        trips.append(counted.names)
    assert trips[0] == trips[1]
    assert [to for to, _, _ in world.mailed()] == ["ada@example.org"]


@pytest.mark.parametrize("registration", ["invitation", "oidc", "closed"])
def test_where_registration_is_not_open(engine: Engine, registration: str) -> None:
    world = make_people_world(engine, registration=registration)
    with pytest.raises(Forbidden):
        world.people.joining.request("Ada", "ada@example.org")
    link, _ = world.people.joining.invite(actor=OPERATOR, grants=[Grant("moderator")])
    if registration == "invitation":
        person = world.people.joining.register_invited(token_in(link), "Ada", PASSWORD)
        assert set(person.grants) == {Grant("contributor"), Grant("moderator")}
        assert person.settings == {}
    else:
        with pytest.raises(Forbidden):
            world.people.joining.register_invited(token_in(link), "Ada", PASSWORD)


def test_without_mail_an_admin_hands_links_over(engine: Engine) -> None:
    world = make_people_world(engine, mail=False)
    joining = world.people.joining
    joining.request("Ada", "ada@example.org")
    world.clock.advance(minutes=1)
    joining.request("Eve", "eve@example.org")
    with pytest.raises(Forbidden):
        joining.waiting(actor=world.add("Plain"))
    assert [(name, email) for name, email, _ in joining.waiting(actor=OPERATOR)] == [("Ada", "ada@example.org"), ("Eve", "eve@example.org")]
    token = token_in(joining.approve("ADA@example.org", actor=OPERATOR))
    person = joining.confirm(token, PASSWORD)
    assert not documents.get(engine, USERS, person.id, "user")["email_confirmed"], "nobody has proved the mailbox"
    with pytest.raises(NotFound):
        joining.approve("nobody@example.org", actor=OPERATOR)
    with pytest.raises(Forbidden):
        joining.request_password("Ada")
    token = token_in(joining.password_link("Ada", actor=OPERATOR))
    joining.set_password(token, "quite another sentence")
    world.people.signing.sign_in("Ada", "quite another sentence")
    world.clock.advance(days=40)
    assert joining.waiting(actor=OPERATOR) == []


def test_a_new_password_revokes_tokens_where_that_is_asked_for(world: PeopleWorld) -> None:
    ada, joining = world.add("Ada"), world.people.joining
    token, _ = world.people.tokens.make("program", actor=ada)
    for end in (False, True):
        assert world.app.accounts.actor_of(token=token).id == ada.id
        joining.set_password(token_in(joining.password_link("Ada", actor=OPERATOR)), "quite another sentence", end_tokens=end)
    with pytest.raises(Unauthenticated):
        world.app.accounts.actor_of(token=token)
    assert [event.data.get("tokens_ended") for event in world.events("password_set")] == [None, 1]


def test_what_waits_is_one_for_each_address_without_an_account(engine: Engine) -> None:
    world = make_people_world(engine, mail=False)
    joining = world.people.joining
    joining.request("Ada", "ada@example.org")
    first, second = (token_in(joining.approve("ada@example.org", actor=OPERATOR)) for _ in range(2))
    assert [email for _, email, _ in joining.waiting(actor=OPERATOR)] == ["ada@example.org"]
    with pytest.raises(NotFound):
        joining.confirm(first, PASSWORD)
    joining.confirm(second, PASSWORD)
    assert joining.waiting(actor=OPERATOR) == []
    with pytest.raises(NotFound):
        joining.approve("ada@example.org", actor=OPERATOR)


def test_a_forgotten_password(world: PeopleWorld) -> None:
    ada = world.add("Ada", email="ada@example.org")
    session = world.people.signing.open(ada.id, by="test").token
    joining = world.people.joining
    joining.request_password("ADA@example.org")
    joining.request_password("ada")
    first, second = (token_in(text) for _, _, text in world.mailed())
    assert joining.whose_password(first).id == ada.id
    with pytest.raises(InvalidInput):
        joining.set_password(first, "short")
    joining.set_password(first, "quite another sentence")
    assert not world.app.accounts.actor_of(session=session).known, "all sessions end"
    with pytest.raises(NotFound):
        joining.set_password(second, "a third sentence, then")
    with pytest.raises(Unauthenticated):
        world.people.signing.sign_in("Ada", PASSWORD)
    assert [subject for _, subject, _ in world.mailed()] == ["Wiki-C : votre mot de passe a été changé"]
    joining.request_password("ada")
    token = token_in(world.mailed()[0][2])
    world.clock.advance(hours=2)
    with pytest.raises(NotFound):
        joining.whose_password(token)
    with pytest.raises(NotFound):
        joining.requested(token)


def test_links_of_an_admin_last_no_longer_than_the_role(world: PeopleWorld) -> None:
    world.add("Ada")
    admin, joining = world.add("Root", Grant("admin")), world.people.joining
    joining.request("Eve", "eve@example.org")
    links = joining.password_link("Ada", actor=admin), joining.approve("eve@example.org", actor=admin)
    world.app.accounts.revoke("Root", Grant("admin"), actor=OPERATOR)
    with pytest.raises(NotFound):
        joining.whose_password(token_in(links[0]))
    with pytest.raises(NotFound):
        joining.set_password(token_in(links[0]), "quite another sentence")
    with pytest.raises(NotFound):
        joining.confirm(token_in(links[1]), PASSWORD)


def test_links_that_were_asked_for_before_a_password_was_set_are_gone(world: PeopleWorld) -> None:
    ada, joining = world.add("Ada", email="ada@example.org"), world.people.joining
    world.people.addresses.request_email("eve@example.org", actor=ada)
    joining.request_password("Ada")
    others, mine = (token_in(text) for _, _, text in world.mailed())
    joining.set_password(mine, "quite another sentence")
    with pytest.raises(NotFound):
        world.people.addresses.set_email(others)
    ada = world.signed_in(ada.id)
    world.people.addresses.request_email("eve@example.org", actor=ada)
    others = token_in(world.mailed()[-1][2])
    world.people.signing.change_password("quite another sentence", "a third sentence, then", actor=ada)
    with pytest.raises(NotFound):
        world.people.addresses.set_email(others)


def test_a_link_to_the_former_address_opens_and_confirms_nothing(world: PeopleWorld) -> None:
    ada, joining = world.add("Ada", email="ada@example.org"), world.people.joining
    joining.request_password("Ada")
    former = token_in(world.mailed()[0][2])
    world.people.addresses.set_email_of("Ada", "new@example.org", actor=OPERATOR)
    ((to, subject, text),) = world.mailed()
    assert (to, subject) == ("ada@example.org", "Wiki-C : l'adresse de votre compte a été changée")
    assert "new@example.org" not in text
    with pytest.raises(NotFound):
        joining.set_password(former, "quite another sentence")
    joining.request_password("Ada")
    joining.set_password(token_in(world.mailed()[0][2]), "quite another sentence")
    assert documents.get(world.app.engine, USERS, ada.id, "user")["email_confirmed"]


def test_of_two_who_use_a_link_at_once_one_does(world: PeopleWorld) -> None:
    world.add("Ada")
    token = token_in(world.people.joining.password_link("Ada", actor=OPERATOR))
    sentences = [f"sentence number {number}, and more" for number in range(4)]
    done: list[str] = []

    def use(sentence: str) -> None:
        try:
            world.people.joining.set_password(token, sentence)
            done.append(sentence)
        except NotFound:
            pass

    assert at_once(*(partial(use, sentence) for sentence in sentences)) == []
    assert len(done) == 1
    world.people.signing.sign_in("Ada", done[0])
    assert len(world.events("password_set")) == 1


def test_another_address(world: PeopleWorld) -> None:
    ada, eve = world.add("Ada", email="ada@example.org"), world.add("Eve", email="eve@example.org")
    addresses = world.people.addresses
    addresses.request_email("new@example.org", actor=ada)
    addresses.request_email("eve@example.org", actor=ada)
    (_, _, text), (to, _, known) = world.mailed()
    assert to == "eve@example.org"
    assert "token=" not in known
    assert addresses.set_email(token_in(text)).email == "new@example.org"
    assert world.app.accounts.find_row("ada@example.org") is None
    assert world.people.signing.sign_in("new@example.org", PASSWORD).person.id == ada.id
    with pytest.raises(Conflict):
        addresses.set_email_of("Ada", "EVE@example.org", actor=OPERATOR)
    with pytest.raises(Forbidden):
        addresses.set_email_of("Ada", "x@example.org", actor=eve)
    assert addresses.set_email_of("Ada", "", actor=OPERATOR).email == ""
    world.app.accounts.add("Successor", "new@example.org", actor=OPERATOR)


def test_asking_is_limited(world: PeopleWorld) -> None:
    joining = world.people.joining
    for number in range(REGISTRATIONS.attempts):
        joining.request(f"Person {number}", f"p{number}@example.org", address="here")
    with pytest.raises(Throttled):
        joining.request("One more", "more@example.org", address="here")
    for number in range(RESETS.attempts):
        joining.request_password("p1@example.org", address=f"{number}")
    with pytest.raises(Throttled):
        joining.request_password("P1@example.org", address="elsewhere")
    world.clock.advance(days=31)
    joining.request("Later", "later@example.org", address="here")
    assert len(documents.page(world.app.engine, LINKS, "expires")) == 1, "what has run out is cleared away"
