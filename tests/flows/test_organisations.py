"""Organisations: who founds them, who belongs, who sees what, invitations, networks; on both engines."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.flows.people_world import PeopleWorld, make_people_world, token_in
from tests.people import OPERATOR, PASSWORD
from tests.together import at_once
from wikic.domain.access import ACCOUNTS_SPACE, ORGANISATION_KINDS, Actor, Grant
from wikic.domain.organisations import Profile
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion, Throttled, Unauthenticated
from wikic.services import accounts_joining
from wikic.services.organisations import FOUNDED, Organisations
from wikic.services.throttling import Allowance
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.tables import INVITATIONS


@pytest.fixture
def world(engine: Engine) -> PeopleWorld:
    return make_people_world(engine, registration="invitation")


@pytest.fixture
def organisations(world: PeopleWorld) -> Organisations:
    return world.app.organisations


def again(world: PeopleWorld, actor: Actor) -> Actor:
    """The actor as the next request sees them."""
    return world.signed_in(actor.id)


def founded(world: PeopleWorld, slug: str, kind: str = "company", *, private: bool = True) -> Actor:
    """An organisation, and its manager."""
    actor = world.add(f"Manager of {slug}")
    world.app.organisations.make(slug, f"The {slug}", kind, actor=actor, private=private)
    return again(world, actor)


def test_founding(world: PeopleWorld, organisations: Organisations) -> None:
    ada = world.add("Ada")
    plain = world.app.accounts.actor(world.app.accounts.add("Plain", actor=OPERATOR, grants=()).id)
    for kind in ORGANISATION_KINDS:
        made = organisations.make(f"one-{kind.replace('_', '-')}", f"One {kind}", kind, actor=ada, profile=Profile(siren="732 829 320"))
        assert (made.kind, made.roles, made.profile.siren) == (kind, ("manager", "member"), "732829320")
    for slug, name, kind in (
        ("x", "Xavier", "company"), ("Public", "Xavier", "company"), ("public", "Xavier", "company"), ("x-y", "X", "company"),
        ("x-y", "Xavier", "club"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            organisations.make(slug, name, kind, actor=ada)
    with pytest.raises(Conflict):
        organisations.make("one-company", "Another", "company", actor=ada)
    with pytest.raises(Forbidden):
        organisations.make("two", "Two", "company", actor=plain)
    for number in range(FOUNDED.attempts - len(ORGANISATION_KINDS) - 1):
        organisations.make(f"more-{number}", "More", "company", actor=ada)
    with pytest.raises(Throttled):
        organisations.make("too-many", "More", "company", actor=ada)
    made = organisations.make("by-command", "By command", "branch", actor=OPERATOR, manager="Ada")
    assert made.roles == ()
    assert dict(again(world, ada).memberships)["by-command"] == ("manager", "member")


def test_a_private_organisation_is_not_there_for_others(world: PeopleWorld, organisations: Organisations) -> None:
    manager, stranger = founded(world, "secret"), world.add("Stranger")
    founded(world, "open", private=False)
    for actor in (stranger, Actor()):
        with pytest.raises(NotFound):
            organisations.get("secret", actor=actor)
        assert [each.slug for each in organisations.list(actor=actor)[0]] == ["open"]
        assert organisations.get("open", actor=actor).roles == ()
    for work in (
        lambda: organisations.members("secret", actor=stranger),
        lambda: organisations.change("secret", name="Mine", actor=stranger),
        lambda: organisations.remove("secret", manager.id, actor=stranger),
        lambda: organisations.set_roles("secret", stranger.id, ["manager"], actor=stranger),
        lambda: organisations.associations("secret", actor=stranger),
    ):
        with pytest.raises(NotFound):
            work()
    with pytest.raises(Forbidden):
        organisations.members("open", actor=stranger)
    with pytest.raises(Forbidden):
        world.people.joining.invite(organisation="secret", actor=stranger)
    assert [each.slug for each in organisations.list(actor=manager)[0]] == ["open", "secret"]
    assert organisations.get("secret", actor=OPERATOR).private
    # Nothing of it is in what others may read of the event log.
    for event in world.events("organisation_made", "member_joined"):
        assert event.space in ("secret", "open")
        assert stranger.may_read(event.space) is False
        assert manager.may_read(event.space) is (event.space == "secret")


def test_changing_needs_a_manager_and_the_version_read(world: PeopleWorld, organisations: Organisations) -> None:
    manager = founded(world, "guild")
    before = organisations.get("guild", actor=manager)
    after = organisations.change("guild", name="The Bakers' Guild", private=False, profile=Profile(city="Lyon"), version=before.version, actor=manager)
    assert (after.name, after.private, after.profile.city) == ("The Bakers' Guild", False, "Lyon")
    with pytest.raises(StaleVersion):
        organisations.change("guild", name="Too late", version=before.version, actor=manager)
    with pytest.raises(InvalidInput):
        organisations.change("guild", profile=Profile(siren="732829321"), actor=manager)
    organisations.add_member("guild", world.add("Member").name, actor=OPERATOR)
    member = again(world, world.app.accounts.actor(world.app.accounts.person("Member").id))
    with pytest.raises(Forbidden):
        organisations.change("guild", name="Mine", actor=member)
    token, _ = world.people.tokens.make("reader", ["propose"], actor=manager)
    with pytest.raises(Forbidden, match="scope"):
        organisations.change("guild", name="By token", actor=world.app.accounts.actor_of(token=token))
    token, _ = world.people.tokens.make("manager", ["administer"], actor=manager)
    assert organisations.change("guild", name="By token", actor=world.app.accounts.actor_of(token=token)).name == "By token"


def test_invitations_into_an_organisation(world: PeopleWorld) -> None:
    manager = founded(world, "guild")
    joining = world.people.joining
    with pytest.raises(Forbidden):
        joining.invite(organisation="guild", actor=manager, grants=[Grant("admin")])
    with pytest.raises(InvalidInput):
        joining.invite(organisation="guild", actor=manager, roles=["king"])
    link, entry = joining.invite("new@example.org", organisation="guild", roles=["moderator"], actor=manager)
    ((to, _, text),) = world.mailed()
    assert (to, link) == ("new@example.org", ""), "where it is mailed, only the mailbox has it"
    assert "l'organisation The guild sur Wiki-C. Ce lien sert une fois, pendant 14 jours :" in text
    assert joining.inviting(joining.invitation(token_in(text))) == "The guild"
    assert [each.id for each in joining.invitations("guild", actor=manager)[0]] == [entry.id]
    # By somebody new.
    person = joining.register_invited(token_in(text), "Newcomer", PASSWORD, terms=world.app.accounts.rules.terms)
    newcomer = world.signed_in(person.id)
    assert newcomer.memberships == (("guild", ("member", "moderator")),)
    assert person.grants == (Grant("contributor"),)
    with pytest.raises(NotFound):
        joining.register_invited(token_in(text), "Second", PASSWORD)
    # By somebody who is here already.
    link, _ = joining.invite(organisation="guild", actor=manager)
    stranger = world.add("Stranger")
    joining.accept(token_in(link), actor=stranger)
    assert again(world, stranger).in_organisation("guild", "member")
    with pytest.raises(NotFound):
        joining.accept(token_in(link), actor=world.add("Late"))
    # Withdrawn, or too old.
    link, entry = joining.invite(organisation="guild", actor=manager)
    with pytest.raises(NotFound):
        joining.withdraw(entry.id, actor=OPERATOR)
    joining.withdraw(entry.id, "guild", actor=manager)
    with pytest.raises(NotFound):
        joining.invitation(token_in(link))
    link, _ = joining.invite(organisation="guild", actor=manager, days=1)
    world.clock.advance(days=1)
    with pytest.raises(NotFound):
        joining.invitation(token_in(link))
    assert joining.invitations("guild", actor=manager) == ([], "")
    assert {event.space for event in world.events("invited", "member_joined")} == {"guild"}


def test_an_invitation_lasts_no_longer_than_the_right_to_give_it(world: PeopleWorld, organisations: Organisations) -> None:
    manager, joining = founded(world, "guild"), world.people.joining
    organisations.add_member("guild", world.add("Second").name, ["manager"], actor=OPERATOR)
    link, _ = joining.invite(organisation="guild", roles=["manager"], actor=manager)
    assert joining.invitation(token_in(link)).organisation == "guild"
    organisations.set_roles("guild", manager.id, ["member"], actor=OPERATOR)
    assert joining.invitations("guild", actor=OPERATOR) == ([], ""), "what is useless is not among those that may be used"
    stranger = world.add("Stranger")
    for work in (
        lambda: joining.invitation(token_in(link)),
        lambda: joining.accept(token_in(link), actor=stranger),
        lambda: joining.register_invited(token_in(link), "Newcomer", PASSWORD),
    ):
        with pytest.raises(NotFound, match="no longer valid"):
            work()
    admin = world.add("Root", Grant("admin"))
    to_site, into = joining.invite(actor=admin, grants=[Grant("admin")])[0], joining.invite(organisation="guild", actor=admin)[0]
    ours, _ = joining.invite(organisation="guild", actor=OPERATOR)
    world.app.accounts.disable("Root", actor=OPERATOR)
    assert [each.by for each in joining.invitations("guild", actor=OPERATOR)[0]] == [OPERATOR.name]
    assert joining.invitations(actor=OPERATOR)[0] == []
    for link in (to_site, into):
        with pytest.raises(NotFound, match="no longer valid"):
            joining.accept(token_in(link), actor=stranger)
    joining.accept(token_in(ours), actor=stranger)
    assert again(world, stranger).in_organisation("guild", "member")


def test_leaving_takes_more_than_a_token_for_reading(world: PeopleWorld, organisations: Organisations) -> None:
    founded(world, "guild")
    organisations.add_member("guild", world.add("Member").name, actor=OPERATOR)
    member = world.signed_in(world.app.accounts.person("Member").id)
    for scope in ("read", "propose"):
        token, _ = world.people.tokens.make(scope, [scope], actor=member)
        with pytest.raises(Forbidden, match="scope"):
            organisations.remove("guild", member.id, actor=world.app.accounts.actor_of(token=token))
    assert again(world, member).in_organisation("guild", "member")
    organisations.remove("guild", member.id, actor=member)


def test_one_invitation_makes_one_member(world: PeopleWorld, organisations: Organisations) -> None:
    manager = founded(world, "guild")
    link, _ = world.people.joining.invite(organisation="guild", actor=manager)
    people = [world.add(f"Person {number}") for number in range(4)]
    joined: list[str] = []

    def accept(person: Actor) -> None:
        try:
            world.people.joining.accept(token_in(link), actor=person)
            joined.append(person.id)
        except NotFound:
            pass

    assert at_once(*(partial(accept, person) for person in people)) == []
    assert len(joined) == 1
    assert len(organisations.members("guild", actor=manager)) == 2


def test_the_last_manager_stays(world: PeopleWorld, organisations: Organisations) -> None:
    first = founded(world, "guild")
    works: list[Callable[[], None]] = [
        lambda: organisations.remove("guild", first.id, actor=first),
        lambda: organisations.set_roles("guild", first.id, ["moderator"], actor=first),
        lambda: organisations.remove("guild", first.id, actor=OPERATOR),
    ]
    for work in works:
        with pytest.raises(Conflict, match="no manager"):
            work()
    organisations.add_member("guild", world.add("Second").name, ["manager"], actor=OPERATOR)
    second = again(world, world.app.accounts.actor(world.app.accounts.person("Second").id))
    # Both leave at once: one has to stay.
    failed = at_once(
        lambda: organisations.remove("guild", first.id, actor=first), lambda: organisations.remove("guild", second.id, actor=second)
    )
    assert [type(error) for error in failed] == [Conflict]
    left = organisations.members("guild", actor=OPERATOR)
    assert [member.roles for member in left] == [("manager", "member")]
    assert len(world.events("member_left")) == 1


def test_members(world: PeopleWorld, organisations: Organisations) -> None:
    manager = founded(world, "guild")
    organisations.add_member("guild", world.add("Abel").name, actor=OPERATOR)
    abel = again(world, world.app.accounts.actor(world.app.accounts.person("Abel").id))
    assert [member.name for member in organisations.members("guild", actor=abel)] == ["Abel", "Manager of guild"]
    with pytest.raises(Forbidden):
        organisations.set_roles("guild", abel.id, ["manager"], actor=abel)
    with pytest.raises(Forbidden):
        organisations.remove("guild", manager.id, actor=abel)
    organisations.set_roles("guild", abel.id, ["moderator"], actor=manager)
    assert again(world, abel).in_organisation("guild", "moderator")
    organisations.remove("guild", abel.id, actor=again(world, abel))
    with pytest.raises(NotFound):
        organisations.get("guild", actor=again(world, abel))
    with pytest.raises(NotFound):
        organisations.set_roles("guild", abel.id, [], actor=manager)


def test_networks_take_both_sides(world: PeopleWorld, organisations: Organisations) -> None:
    network, company = founded(world, "network", "network", private=False), founded(world, "company", private=False)
    stranger = world.add("Stranger")
    with pytest.raises(Forbidden):
        organisations.associate("network", "company", actor=stranger)
    with pytest.raises(InvalidInput, match="no network"):
        organisations.associate("company", "network", actor=company)
    assert organisations.associate("network", "company", actor=network) == "asked"
    assert organisations.associate("network", "company", actor=network) == "asked", "asking twice is no answer"
    assert organisations.associations("network", actor=stranger) == ((), ())
    assert organisations.associations("company", actor=company)[1][0].state == "asked"
    assert organisations.associate("network", "company", actor=company) == "member"
    assert [each.slug for each in organisations.associations("network", actor=stranger)[0]] == ["company"]
    with pytest.raises(Forbidden):
        organisations.dissociate("network", "company", actor=stranger)
    organisations.dissociate("network", "company", actor=company)
    assert organisations.associations("network", actor=network) == ((), ())
    with pytest.raises(NotFound):
        organisations.dissociate("network", "company", actor=company)


def test_the_people_of_its_members_see_a_private_network_and_not_each_other(world: PeopleWorld, organisations: Organisations) -> None:
    for slug in ("inner", "outer"):
        founded(world, slug, "network")
    one, two = founded(world, "one"), founded(world, "two")
    for network, member in (("outer", "inner"), ("inner", "one"), ("inner", "two")):
        assert organisations.associate(network, member, actor=OPERATOR) == "member"
    assert organisations.get("inner", actor=one).slug == "inner"
    assert organisations.get("outer", actor=one).slug == "outer"
    with pytest.raises(NotFound):
        organisations.get("two", actor=one)
    assert [each.slug for each in organisations.associations("inner", actor=one)[0]] == ["one"]
    assert [each.slug for each in organisations.list(actor=two)[0]] == ["inner", "outer", "two"]
    with pytest.raises(Forbidden):
        organisations.members("inner", actor=one)


def test_networks_never_go_round_in_circles(world: PeopleWorld, organisations: Organisations) -> None:
    for slug in "abc":
        founded(world, f"net-{slug}", "network")
    organisations.associate("net-a", "net-b", actor=OPERATOR)
    organisations.associate("net-b", "net-c", actor=OPERATOR)
    for network, member in (("net-c", "net-a"), ("net-b", "net-a"), ("net-a", "net-a")):
        with pytest.raises(InvalidInput, match="circles"):
            organisations.associate(network, member, actor=OPERATOR)
    # Two halves of a circle at once.
    founded(world, "net-x", "network")
    founded(world, "net-y", "network")
    failed = at_once(
        lambda: organisations.associate("net-x", "net-y", actor=OPERATOR), lambda: organisations.associate("net-y", "net-x", actor=OPERATOR)
    )
    assert [type(error) for error in failed] == [InvalidInput]


def test_who_is_nobody(world: PeopleWorld, organisations: Organisations) -> None:
    founded(world, "open", private=False)
    with pytest.raises(Unauthenticated):
        organisations.make("mine", "Mine", "company", actor=Actor())
    with pytest.raises(Unauthenticated):
        organisations.members("open", actor=Actor())
    assert ACCOUNTS_SPACE not in Actor().spaces()


def test_every_invitation_can_be_found_and_those_that_have_run_out_are_removed(world: PeopleWorld) -> None:
    joining = world.people.joining
    for _ in range(3):
        joining.invite(organisation="", actor=OPERATOR, days=1)
    world.clock.advance(days=2)
    for _ in range(5):
        joining.invite(actor=OPERATOR)
    assert len(documents.page(world.app.engine, INVITATIONS, "listing")) == 5
    found, after = [], ""
    while True:
        page, after = joining.invitations(actor=OPERATOR, after=after, limit=2)
        found += [each.id for each in page]
        if not after:
            break
    assert len(set(found)) == len(found) == 5
    joining.withdraw(found[-1], actor=OPERATOR)
    for nothing in (found[-1], "", found[0][:8]):
        with pytest.raises(NotFound):
            joining.withdraw(nothing, actor=OPERATOR)


def test_mailed_invitations_are_counted(world: PeopleWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts_joining, "INVITED", Allowance("invitations", 2, 3_600))
    manager = founded(world, "guild")
    for number in range(2):
        world.people.joining.invite(f"new{number}@example.org", organisation="guild", actor=manager)
    with pytest.raises(Throttled):
        world.people.joining.invite("new@example.org", organisation="guild", actor=manager)
    world.people.joining.invite(organisation="guild", actor=manager)


def test_who_is_disabled_manages_nothing(world: PeopleWorld, organisations: Organisations) -> None:
    manager = founded(world, "guild")
    other = world.add("Other")
    organisations.add_member("guild", "Other", ["manager"], actor=OPERATOR)
    world.app.accounts.disable("Other", actor=OPERATOR)
    with pytest.raises(Conflict, match="no manager"):
        organisations.remove("guild", manager.id, actor=manager)
    with pytest.raises(Conflict, match="no manager"):
        organisations.set_roles("guild", manager.id, [], actor=manager)
    organisations.remove("guild", other.id, actor=manager)
