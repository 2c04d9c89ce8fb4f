"""The commands of accounts and organisations, over a store of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.flows.people_world import PeopleWorld, make_people_world, token_in
from wikic import cli, cli_organisation, cli_user
from wikic.bootstrap import App
from wikic.errors import Unauthenticated
from wikic.store.engine import Engine


@pytest.fixture
def world(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> PeopleWorld:
    world = make_people_world(engine, mail=False)

    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield world.app

    monkeypatch.setattr(cli_user, "opened", opened)
    monkeypatch.setattr(cli_organisation, "opened", opened)
    return world


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert cli.run(arguments) == status, capsys.readouterr().err
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(said(capsys, *arguments, "--json"))


def test_users(world: PeopleWorld, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    made = told(capsys, "user", "add", "Ada", "--email", "ada@example.org", "--role", "admin")
    assert made["grants"] == [{"role": "admin", "scope": ""}]
    world.people.joining.set_password(token_in(made["password_link"]), "correct horse battery staple")
    assert "within three days" in said(capsys, "user", "add", "Bob")
    monkeypatch.setattr("sys.stdin", io.StringIO("another sentence to know\n"))
    assert "password" not in said(capsys, "user", "add", "Cleo", "--password-stdin")
    world.people.signing.sign_in("Cleo", "another sentence to know")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert "nothing came" in said(capsys, "user", "add", "Dan", "--password-stdin", status=1)
    assert [each["name"] for each in told(capsys, "user", "list")] == ["Ada", "Bob", "Cleo"]
    assert said(capsys, "user", "grant", "Bob", "moderator@scheme:rome") == "user Bob is active: contributor moderator@scheme:rome\n"
    assert "is no role" in said(capsys, "user", "grant", "Bob", "king", status=1)
    assert said(capsys, "user", "revoke", "bob", "contributor") == "user Bob is active: moderator@scheme:rome\n"
    assert told(capsys, "user", "email", "Bob", "bob@example.org")["email"] == "bob@example.org"
    token_in(said(capsys, "user", "password-link", "bob@example.org"))
    token_in(said(capsys, "user", "invite", "--role", "moderator"))
    assert told(capsys, "user", "end-sessions", "Cleo") == {"ended": 1}
    assert told(capsys, "user", "disable", "Cleo")["state"] == "disabled"
    with pytest.raises(Unauthenticated):
        world.people.signing.sign_in("Cleo", "another sentence to know")
    capsys.readouterr()
    assert told(capsys, "user", "enable", "Cleo")["state"] == "active"
    assert "there is no user" in said(capsys, "user", "disable", "Nobody", status=1)
    world.people.joining.request("Eve", "eve@example.org")
    assert [each["email"] for each in told(capsys, "user", "waiting")] == ["eve@example.org"]
    world.people.joining.confirm(token_in(said(capsys, "user", "approve", "eve@example.org")), "a sentence that Eve knows")
    assert {event.actor for event in world.events("user_added")} == {"operator"}


def test_tokens(world: PeopleWorld, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "user", "add", "Ada")
    made = told(capsys, "token", "make", "Ada", "--name", "program", "--scope", "propose", "--days", "3")
    assert world.app.accounts.actor_of(token=made["token"]).scopes == frozenset({"read", "propose"})
    plain = said(capsys, "token", "make", "Ada", "--name", "other").strip()
    assert world.app.accounts.actor_of(token=plain).name == "Ada"
    assert {each["name"] for each in told(capsys, "token", "list", "Ada")} == {"program", "other"}
    assert told(capsys, "token", "revoke", "Ada", made["id"]) == {"revoked": made["id"]}
    assert made["token"] not in said(capsys, "token", "list", "Ada")
    with pytest.raises(Unauthenticated):
        world.app.accounts.actor_of(token=made["token"])


def test_organisations(world: PeopleWorld, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "user", "add", "Ada")
    said(capsys, "user", "add", "Bob")
    made = told(capsys, "organisation", "add", "bakery", "--name", "The Bakery", "--manager", "Ada", "--siret", "73282932000074")
    assert made["profile"]["siren"] == "732829320"
    assert "is no SIREN" in said(capsys, "organisation", "add", "x-y", "--name", "X Y", "--siren", "1", status=1)
    said(capsys, "organisation", "add", "guild", "--name", "The Guild", "--kind", "network", "--public")
    assert [each["slug"] for each in told(capsys, "organisation", "list")] == ["bakery", "guild"]
    assert "manager" in said(capsys, "organisation", "member", "bakery", "Bob", "--role", "manager")
    assert told(capsys, "organisation", "join", "guild", "bakery")["state"] == "member"
    shown = told(capsys, "organisation", "show", "bakery")
    assert [each["name"] for each in shown["members"]] == ["Ada", "Bob"]
    assert [each["slug"] for each in shown["networks"]] == ["guild"]
    assert "The Bakery (company, private)" in said(capsys, "organisation", "show", "bakery")
    said(capsys, "organisation", "remove-member", "bakery", "Ada")
    assert "no manager" in said(capsys, "organisation", "remove-member", "bakery", "Bob", status=1)
    link = said(capsys, "organisation", "invite", "bakery", "--role", "moderator")
    assert world.people.joining.invitation(token_in(link)).organisation == "bakery"
    said(capsys, "organisation", "leave", "guild", "bakery")
    assert told(capsys, "organisation", "show", "guild")["holds"] == []
