"""Accounts: who acts, sessions, tokens, roles, throttled sign-in, the terms; on both engines."""

from __future__ import annotations

import json
import threading

import pytest

from tests.flows.people_world import PeopleWorld, make_people_world
from tests.people import OPERATOR, PASSWORD
from wikic.crypto.passwords import Passwords
from wikic.crypto.tokens import digest
from wikic.domain.access import ACCOUNTS_SPACE, NOBODY, Grant, may
from wikic.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    Throttled,
    Unauthenticated,
    WikicError,
)
from wikic.services.accounts_signing import FROM_HERE, OF_ACCOUNT, OF_ADDRESS
from wikic.store import documents
from wikic.store.engine import Engine, Query
from wikic.store.tables import ATTEMPTS, SESSIONS, USERS

EVERYTHING = Query("tests.everything", "MATCH (n) RETURN properties(n) AS n")


@pytest.fixture
def world(engine: Engine) -> PeopleWorld:
    return make_people_world(engine)


def test_signing_in_and_out(world: PeopleWorld) -> None:
    world.add("Ada Lovelace", email="Ada@Example.org")
    signing, accounts = world.people.signing, world.app.accounts
    for login in ("ada@example.org", "ADA@EXAMPLE.ORG", " ada lovelace", "Ada  LOVELACE"):
        world.clock.advance(minutes=1)
        signed = signing.sign_in(login, PASSWORD, address="a", user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
        actor = accounts.actor_of(session=signed.token)
        assert (actor.name, actor.via, actor.known) == ("Ada Lovelace", "session", True)
    sessions = signing.sessions(actor=actor)
    assert [session.device for session in sessions] == ["Firefox, Linux"] * 4 + [""]
    assert [session.current for session in sessions] == [True] + [False] * 4
    signing.sign_out(signed.token, actor=actor)
    assert accounts.actor_of(session=signed.token) == NOBODY
    assert accounts.actor_of(session="nonsense") == NOBODY
    assert [event.actor for event in world.events("signed_in", "signed_out")] == [actor.id] * 6


def test_a_refused_sign_in_never_tells_why(world: PeopleWorld) -> None:
    gone = world.add("Gone")
    world.app.accounts.disable(gone.id, actor=OPERATOR)
    world.add("No Password", password="")
    world.add("Ada")
    said = set()
    for login, password in (("Gone", PASSWORD), ("No Password", ""), ("Ada", "wrong"), ("Ada", ""), ("nobody@example.org", PASSWORD), ("", "")):
        with pytest.raises(Unauthenticated) as refused:
            world.people.signing.sign_in(login, password)
        said.add(refused.value.message)
    assert len(said) == 1


def test_a_sign_in_takes_the_same_steps_whether_the_account_exists(world: PeopleWorld) -> None:
    world.add("Ada")
    names = []
    for login in ("Ada", "Somebody Else"):
        with world.app.engine.count_round_trips() as trips, pytest.raises(Unauthenticated):
            world.people.signing.sign_in(login, "wrong password")
        names.append([name for name in trips.names if not name.startswith("attempt")])
    assert names[0] == names[1]


def test_a_new_session_replaces_the_old_one(world: PeopleWorld) -> None:
    world.add("Ada")
    first = world.people.signing.sign_in("Ada", PASSWORD).token
    second = world.people.signing.sign_in("Ada", PASSWORD, before=first).token
    assert first != second
    assert not world.app.accounts.actor_of(session=first).known
    assert world.app.accounts.actor_of(session=second).known


def test_sessions_end_when_idle_and_at_last(world: PeopleWorld) -> None:
    world.add("Ada")
    accounts = world.app.accounts
    token = world.people.signing.sign_in("Ada", PASSWORD).token
    for _ in range(8):
        world.clock.advance(days=11)
        assert accounts.actor_of(session=token).known
    world.clock.advance(days=3)
    assert not accounts.actor_of(session=token).known, "90 days are the end"
    token = world.people.signing.sign_in("Ada", PASSWORD).token
    world.clock.advance(days=14)
    assert not accounts.actor_of(session=token).known, "14 days without use are the end"
    world.people.signing.sign_in("Ada", PASSWORD)
    assert len(documents.page(world.app.engine, SESSIONS, "expires")) == 1, "what has run out is cleared away"


def test_reading_who_acts_writes_once_an_hour_at_most(world: PeopleWorld) -> None:
    token = world.people.signing.open(world.add("Ada").id, by="test").token
    world.clock.advance(hours=2)
    counts = []
    for _ in range(2):
        with world.app.engine.count_round_trips() as trips:
            world.app.accounts.actor_of(session=token)
        counts.append(trips.names)
    assert "session.touch" in counts[0]
    assert counts[1] == ["session.by_key", "user.with_memberships"]


def test_ending_sessions(world: PeopleWorld) -> None:
    actor = world.add("Ada")
    other = world.signed_in(actor.id)
    signing = world.people.signing
    third = signing.open(actor.id, by="test").token
    signing.end_session(other.credential.removeprefix("session/"), actor=actor)
    assert len(signing.sessions(actor=actor)) == 2
    stranger = world.add("Eve")
    with pytest.raises(NotFound):
        signing.end_session(actor.credential.removeprefix("session/"), actor=stranger)
    assert signing.end_other_sessions(actor=actor) == 1
    assert not world.app.accounts.actor_of(session=third).known
    with pytest.raises(Forbidden):
        signing.end_sessions_of("Ada", actor=stranger)
    assert signing.end_sessions_of("Ada", actor=OPERATOR) == 1
    assert signing.sessions(actor=actor) == []


def test_guessing_is_slowed_down_by_account_and_by_address(world: PeopleWorld) -> None:
    world.add("Ada")
    signing = world.people.signing
    for _ in range(FROM_HERE.attempts):
        with pytest.raises(Unauthenticated):
            signing.sign_in("ada", "wrong", address="1.2.3.4")
    with pytest.raises(Throttled) as throttled:
        signing.sign_in("ada", PASSWORD, address="1.2.3.4")
    assert 0 < (throttled.value.retry_after or 0) <= FROM_HERE.seconds
    # Nobody locks somebody else out from one address.
    assert signing.sign_in("ada", PASSWORD, address="5.6.7.8").token
    world.clock.advance(seconds=float(throttled.value.retry_after or 0))
    assert signing.sign_in("ada", PASSWORD, address="1.2.3.4").token
    # Many accounts from one address.
    for number in range(OF_ADDRESS.attempts):
        with pytest.raises(Unauthenticated):
            signing.sign_in(f"user {number}", "wrong", address="9.9.9.9")
    with pytest.raises(Throttled):
        signing.sign_in("one more", "wrong", address="9.9.9.9")
    # Those that succeed do not count there: many may sign in from one room. Nor do they make others forgotten.
    for number in range(OF_ADDRESS.attempts):
        assert signing.sign_in("Ada", PASSWORD, address="room").token
        if number < OF_ADDRESS.attempts - 1:
            with pytest.raises(Unauthenticated):
                signing.sign_in(f"user {number}", "wrong", address="room")
    with pytest.raises(Unauthenticated):
        signing.sign_in("user x", "wrong", address="room")
    with pytest.raises(Throttled):
        signing.sign_in("Ada", PASSWORD, address="room")
    # One account from everywhere.
    world.clock.advance(days=1)
    for number in range(OF_ACCOUNT.attempts):
        with pytest.raises(Unauthenticated):
            signing.sign_in("Ada", "wrong", address=f"10.0.{number}.1")
    with pytest.raises(Throttled):
        signing.sign_in("Ada", PASSWORD, address="10.1.1.1")
    world.clock.advance(days=1)
    signing.sign_in("Ada", PASSWORD, address="1.2.3.4")
    assert "ada" not in json.dumps([row["key"] for row in documents.page(world.app.engine, ATTEMPTS, "expires")])


def test_attempts_count_together_however_an_account_is_written(world: PeopleWorld) -> None:
    world.add("Ada", email="ada@bücher.example")
    written = ["ada", "ÁDA", "ada@bücher.example", "ADA@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@bücher。example"]
    assert len(written) == FROM_HERE.attempts
    for login in written:
        with pytest.raises(Unauthenticated):
            world.people.signing.sign_in(login, "wrong", address="here")
    with pytest.raises(Throttled):
        world.people.signing.sign_in("ada@bücher．example", PASSWORD, address="here")
    # So do attempts to be nobody.
    for login in ("eve@bücher.example", "EVE@xn--bcher-kva.example", "eve@bücher。example"):
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                world.people.signing.sign_in(login, "wrong", address="here")
    with pytest.raises(Throttled):
        world.people.signing.sign_in("Eve@bücher.example", "wrong", address="here")


def test_attempts_at_once_all_count(world: PeopleWorld) -> None:
    world.add("Ada")
    outcomes: list[type[WikicError]] = []
    start = threading.Barrier(12)

    def guess() -> None:
        start.wait()
        try:
            world.people.signing.sign_in("Ada", "wrong", address="here")
        except WikicError as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(Unauthenticated) == FROM_HERE.attempts
    assert outcomes.count(Throttled) == 12 - FROM_HERE.attempts


def test_stronger_parameters_reach_old_passwords_at_sign_in(world: PeopleWorld) -> None:
    actor = world.add("Ada")
    before = documents.get(world.app.engine, USERS, actor.id, "user")["password"]
    world.app.accounts.passwords = Passwords(time=2, memory=64, parallelism=1)
    world.people.signing.sign_in("Ada", PASSWORD)
    after = documents.get(world.app.engine, USERS, actor.id, "user")["password"]
    assert before != after
    assert "t=2" in after
    world.people.signing.sign_in("Ada", PASSWORD)
    assert documents.get(world.app.engine, USERS, actor.id, "user")["password"] == after


def test_changing_a_password(world: PeopleWorld) -> None:
    actor = world.add("Ada", email="ada@example.org")
    other = world.people.signing.open(actor.id, by="test").token
    signing = world.people.signing
    with pytest.raises(Unauthenticated):
        signing.change_password("wrong", "quite another sentence", actor=actor)
    for weak in ("short", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "123456789012345", "ada@example.org", "passwordpassword", "x" * 257):
        with pytest.raises(InvalidInput):
            signing.change_password(PASSWORD, weak, actor=actor)
    signing.change_password(PASSWORD, "quite another sentence", actor=actor)
    assert not world.app.accounts.actor_of(session=other).known
    assert len(signing.sessions(actor=actor)) == 1
    with pytest.raises(Unauthenticated):
        signing.sign_in("Ada", PASSWORD)
    signing.sign_in("Ada", "quite another sentence")


def test_tokens(world: PeopleWorld) -> None:
    ada = world.add("Ada", Grant("moderator"))
    tokens, accounts = world.people.tokens, world.app.accounts
    token, entry = tokens.make("my program", ["propose"], actor=ada, days=2)
    assert token.startswith("wikic_")
    actor = accounts.actor_of(token=token)
    assert (actor.id, actor.via, actor.scopes) == (ada.id, "token", frozenset({"read", "propose"}))
    assert may(actor, "propose")
    assert not may(actor, "decide")
    assert actor.credential == f"token/{entry.id}"
    assert [each.used for each in tokens.list(actor=ada)] == ["2026-03-01T08:00:00.000Z"], "exact to the hour"
    with pytest.raises(Forbidden):
        tokens.make("another", actor=actor)
    with pytest.raises(Forbidden):
        tokens.make("for another", actor=ada, owner="Ada")
    with pytest.raises(InvalidInput):
        tokens.make("x", ["everything"], actor=ada)
    eve = world.add("Eve")
    with pytest.raises(NotFound):
        tokens.revoke(entry.id, actor=eve)
    world.clock.advance(days=2)
    with pytest.raises(Unauthenticated):
        accounts.actor_of(token=token)
    token, entry = tokens.make("again", actor=OPERATOR, owner="Ada")
    assert accounts.actor_of(token=token).id == ada.id
    tokens.revoke(entry.id, actor=ada)
    with pytest.raises(Unauthenticated):
        accounts.actor_of(token=token)


@pytest.mark.parametrize("name", ["a\0b", "a\u202eb", "\u3164"])
def test_names_of_tokens_can_be_read(world: PeopleWorld, name: str) -> None:
    with pytest.raises(InvalidInput):
        world.people.tokens.make(name, actor=world.add("Ada"))


def test_a_disabled_account_ends_at_once(world: PeopleWorld) -> None:
    ada = world.add("Ada", Grant("admin"))
    token, _ = world.people.tokens.make("my program", actor=ada)
    session = world.people.signing.open(ada.id, by="test").token
    with pytest.raises(Conflict):
        world.app.accounts.disable("Ada", actor=ada)
    with pytest.raises(Conflict):
        world.app.accounts.revoke("Ada", Grant("admin"), actor=ada)
    world.app.accounts.disable("Ada", actor=OPERATOR)
    assert world.app.accounts.actor_of(session=session) == NOBODY
    assert world.app.accounts.actor(ada.id) == NOBODY
    with pytest.raises(Unauthenticated):
        world.app.accounts.actor_of(token=token)
    world.app.accounts.enable("Ada", actor=OPERATOR)
    assert world.app.accounts.actor_of(session=session) == NOBODY, "sessions do not come back"
    assert world.app.accounts.actor_of(token=token).id == ada.id


def test_roles(world: PeopleWorld) -> None:
    ada = world.add("Ada")
    accounts = world.app.accounts
    with pytest.raises(Forbidden):
        accounts.grant("Ada", Grant("admin"), actor=ada)
    for bad in (Grant("king"), Grant("moderator", "planet:earth"), Grant("admin", "scheme:rome"), Grant("moderator", "scheme:")):
        with pytest.raises(InvalidInput):
            accounts.grant("Ada", bad, actor=OPERATOR)
    accounts.grant("Ada", Grant("moderator", "scheme:rome"), actor=OPERATOR)
    accounts.grant("Ada", Grant("moderator", "scheme:rome"), actor=OPERATOR)
    assert accounts.person("ada").grants == (Grant("contributor"), Grant("moderator", "scheme:rome"))
    assert len(world.events("role_granted")) == 1
    accounts.revoke("Ada", Grant("contributor"), actor=OPERATOR)
    assert accounts.actor(ada.id).grants == (Grant("moderator", "scheme:rome"),)


def test_names_and_addresses_lead_to_one_account_each(world: PeopleWorld) -> None:
    ada = world.add("Ada", email="ada@example.org")
    for name, email in (("ÁDA", ""), ("Somebody", "ADA@example.org")):
        with pytest.raises(Conflict):
            world.app.accounts.add(name, email, actor=OPERATOR)
    for name, email in (("x", ""), ("<b>Ada</b>", ""), ("Bob", "bob"), ("Bob", "bob@localhost"), ("Bob", "a b@example.org")):
        with pytest.raises(InvalidInput):
            world.app.accounts.add(name, email, actor=OPERATOR)
    version = world.app.accounts.person("Ada").version
    world.app.accounts.rename("Ada King", actor=ada, version=version)
    with pytest.raises(StaleVersion):
        world.app.accounts.rename("Ada Again", actor=ada, version=version)
    world.add("Ada")
    assert world.app.accounts.named(["ada king", "Nobody"]) == {"ada king": (ada.id, "Ada King")}
    names, after = [], ""
    while True:
        people, after = world.app.accounts.people(actor=OPERATOR, after=after, limit=1)
        names += [person.name for person in people]
        if not after:
            break
    assert names == ["Ada", "Ada King"]


def test_many_register_one_name_at_once(world: PeopleWorld) -> None:
    made: list[str] = []
    refused: list[str] = []
    start = threading.Barrier(6)

    def add() -> None:
        start.wait()
        try:
            made.append(world.app.accounts.add("Ada", "ada@example.org", actor=OPERATOR).id)
        except Conflict as error:
            refused.append(error.message)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused)) == (1, 5)
    assert len(documents.page(world.app.engine, USERS, "listing")) == 1


def test_terms(world: PeopleWorld) -> None:
    ada = world.add("Ada")
    accounts = world.app.accounts
    assert not accounts.has_accepted_terms(ada)
    with pytest.raises(InvalidInput):
        accounts.accept_terms("1999-01-01", actor=ada)
    with pytest.raises(InvalidInput):
        accounts.set_settings({"terms": "2999-01-01"}, actor=ada)
    accounts.accept_terms(accounts.rules.terms, actor=ada)
    accounts.set_settings({"digest": "daily", "nothing": None}, actor=ada)
    again = world.signed_in(ada.id)
    assert again.settings == {"terms": accounts.rules.terms, "digest": "daily"}
    assert accounts.has_accepted_terms(again)
    assert accounts.has_accepted_terms(OPERATOR)
    assert [event.data["terms"] for event in world.events("terms_accepted")] == [accounts.rules.terms]


def test_no_secret_is_in_the_store_or_in_events(world: PeopleWorld) -> None:
    ada = world.add("Ada", email="ada@example.org")
    session = world.people.signing.sign_in("Ada", PASSWORD).token
    token, _ = world.people.tokens.make("my program", actor=ada)
    link = world.people.joining.password_link("Ada", actor=OPERATOR)
    kept = json.dumps([row["n"] for row in world.app.engine.read(EVERYTHING)], default=str)
    for secret in (PASSWORD, session, token, link.rpartition("=")[2]):
        assert secret not in kept
    events = json.dumps([event.data for event in world.events()])
    for secret in (digest(session), digest(token), "argon2", "ada@example.org"):
        assert secret not in events
    assert {event.space for event in world.events()} == {ACCOUNTS_SPACE}
    assert OPERATOR.may_read(ACCOUNTS_SPACE)
    assert not ada.may_read(ACCOUNTS_SPACE)
