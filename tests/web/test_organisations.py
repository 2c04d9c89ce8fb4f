"""The pages of organisations: founding, members, invitations, networks; and what nobody else gets to see."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.people import make_person, signed_in
from tests.sample_world import World
from tests.web.people_site import outbox, post, site, token_of
from tests.web.test_pages import Parsed
from wikic.errors import Conflict

__all__ = ["outbox", "site"]

CANARY = "zanzibar"


@pytest.fixture
def guild(world: World) -> str:
    """A private organisation with a manager, a member and a canary in every field."""
    manager = make_person(world.app, "Guild Manager")
    try:
        world.app.organisations.make("guild", f"Guild {CANARY}", "network", actor=manager)
    except Conflict:
        return "guild"
    make_person(world.app, "Guild Member", organisations={"guild": ["member"]})
    return "guild"


def test_founding_and_changing(site: TestClient, world: World) -> None:
    slug = f"bakery-{world.app.engine.kind}"
    signed_in(site, world.app, None)
    assert site.get("/organisations/new").headers["location"].startswith("/sign-in?next=")
    signed_in(site, world.app, make_person(world.app, "Founder"))
    for lang in ("fr", "en"):
        Parsed(site.get("/organisations/new", headers={"Accept-Language": lang}).text)
    wrong = post(site, "/organisations/new", name="The Bakery", slug=slug, kind="company", siren="732829321", description="Bread")
    assert wrong.status_code == 400
    assert "is no SIREN" in wrong.text
    assert ">Bread</textarea>" in wrong.text
    made = post(
        site, "/organisations/new", name="The Bakery", slug=slug, kind="company", siret="732 829 320 00074", private="yes", idcc="843, 1505",
        territories="69 FRK26", city="Lyon", country="fr", site="https://bakery.example.org", description="Bread <b>and</b> cake",
    )  # fmt: skip
    assert made.headers["location"] == f"/organisations/{slug}"
    for lang in ("fr", "en"):
        text = site.get(f"/organisations/{slug}", headers={"Accept-Language": lang}).text
        Parsed(text)
    for part in ("732829320", "73282932000074", "0843, 1505", "69, FRK26", "Bread &lt;b&gt;and&lt;/b&gt; cake", "private", "noindex"):
        assert part in text
    form = site.get(f"/organisations/{slug}/edit").text
    Parsed(form)
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version
    assert post(site, f"/organisations/{slug}/edit", name="Bakery Lyon", version=version[1]).status_code == 303
    stale = post(site, f"/organisations/{slug}/edit", name="Too Late", version=version[1])
    assert stale.status_code == 412
    assert "Too Late" in stale.text
    assert "private" not in site.get(f"/organisations/{slug}").text.split("<h1>")[0].split("<main")[1]
    assert post(site, "/organisations/new", name="Another", slug=slug, kind="company").status_code == 409


def test_nobody_else_sees_a_private_one(site: TestClient, world: World, guild: str) -> None:
    addresses = [f"/organisations/{guild}", f"/organisations/{guild}/edit", "/organisations", "/organisations?kind=network", "/account", "/"]
    for person in (None, make_person(world.app, "Outsider")):
        signed_in(site, world.app, person)
        for address in addresses:
            answer = site.get(address)
            assert CANARY not in answer.text, address
        assert site.get(f"/organisations/{guild}").status_code == 404
        for address in ("edit", "invitations", "members", "members/remove", "networks", "networks/leave"):
            answer = post(site, f"/organisations/{guild}/{address}", name="x", user="x", other="x")
            assert answer.status_code == (401 if person is None else 404), address
            assert CANARY not in answer.text
    signed_in(site, world.app, make_person(world.app, "Guild Member"))
    assert CANARY in site.get("/organisations").text
    page = site.get(f"/organisations/{guild}").text
    assert "Guild Manager" in page
    assert "/edit" not in page
    assert post(site, f"/organisations/{guild}/edit", name="Mine").status_code == 403
    assert post(site, f"/organisations/{guild}/invitations", email="").status_code == 403


def test_members_and_invitations(site: TestClient, world: World, guild: str) -> None:
    manager = make_person(world.app, "Guild Manager")
    signed_in(site, world.app, manager)
    made = post(site, f"/organisations/{guild}/invitations", email="", role="moderator")
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token = token_of(made.text)
    assert token not in site.get(f"/organisations/{guild}").text
    guest = make_person(world.app, "Guest")
    signed_in(site, world.app, guest)
    assert post(site, "/join", token=token).headers["location"] == f"/organisations/{guild}"
    assert "Guest" in site.get(f"/organisations/{guild}").text
    signed_in(site, world.app, manager)
    assert post(site, f"/organisations/{guild}/members", user=guest.id, role="manager").status_code == 303
    assert post(site, f"/organisations/{guild}/members", user=guest.id, role="king").status_code == 400
    assert post(site, f"/organisations/{guild}/members", user=guest.id).status_code == 303
    assert post(site, f"/organisations/{guild}/members/remove", user=guest.id).status_code == 303
    last = post(site, f"/organisations/{guild}/members/remove", user=manager.id)
    assert last.status_code == 409
    assert "no manager" in last.text
    post(site, f"/organisations/{guild}/invitations", email="guest@example.org")
    found = re.search(r'name="invitation" value="(\w+)"', site.get(f"/organisations/{guild}").text)
    assert found
    assert post(site, f"/organisations/{guild}/invitations/withdraw", invitation=found[1]).status_code == 303
    # Who leaves a private one sees it no more.
    member = make_person(world.app, "Leaver", organisations={guild: ["member"]})
    signed_in(site, world.app, member)
    assert post(site, f"/organisations/{guild}/members/remove", user=member.id).headers["location"] == "/organisations"


def test_networks(site: TestClient, world: World, guild: str) -> None:
    slug = f"shop-{world.app.engine.kind}"
    keeper = make_person(world.app, "Shopkeeper")
    if slug not in world.app.accounts.organisations_of(keeper.id):
        world.app.organisations.make(slug, "The Shop", "company", actor=keeper, private=False)
    signed_in(site, world.app, make_person(world.app, "Guild Manager"))
    assert post(site, f"/organisations/{guild}/networks", side="network", other=slug).status_code == 303
    assert "asked" in site.get(f"/organisations/{guild}").text
    signed_in(site, world.app, make_person(world.app, "Shopkeeper"))
    page = site.get(f"/organisations/{slug}").text
    Parsed(page)
    assert "Agree" in page
    assert post(site, f"/organisations/{slug}/networks", side="organisation", other=guild).status_code == 303
    assert CANARY in site.get(f"/organisations/{guild}").text, "the people of its members see a network"
    assert "Guild Member" not in site.get(f"/organisations/{guild}").text
    assert post(site, f"/organisations/{slug}/networks/leave", side="organisation", other=guild).status_code == 303
    assert site.get(f"/organisations/{guild}").status_code == 404
