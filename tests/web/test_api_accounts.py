"""The API of accounts and organisations: what sessions and tokens may do with it, versions, what is shown once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.people import make_person, signed_in
from tests.sample_world import World
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import Grant

API = "/api/v1"


@pytest.fixture
def api(world: World) -> Iterator[TestClient]:
    """A program, without anything to prove who it is."""
    with TestClient(started(world.app, PUBLIC_URL), base_url=f"{PUBLIC_URL}{API}") as client:
        yield client


def by_token(world: World, name: str, *scopes: str, grants: tuple[Grant, ...] = ()) -> dict[str, str]:
    """The header of a new token of somebody."""
    token, _ = world.app.people.tokens.make("test", scopes, actor=make_person(world.app, name, *grants))
    return {"Authorization": f"Bearer {token}"}


def test_who_asks(api: TestClient, world: World) -> None:
    assert api.get("account").json()["type"].endswith("#unauthenticated")
    assert api.get("account").headers["www-authenticate"] == "Bearer"
    signed_in(api, world.app, make_person(world.app, "Api User"))
    body = api.get("account").json()
    assert (body["name"], body["via"], body["scopes"], body["terms"]) == ("Api User", "session", None, "2026-01-01")
    signed_in(api, world.app, None)
    body = api.get("account", headers=by_token(world, "Api User", "propose")).json()
    assert (body["via"], body["scopes"]) == ("token", ["propose", "read"])
    for sent in ("Basic abc", "Bearer", "wikic_abc", "wikic_abc Bearer"):
        refused = api.get("organisations", headers={"Authorization": sent})
        assert (refused.status_code, "Authorization: Bearer" in refused.json()["detail"]) == (401, True), sent


def test_an_account_is_edited_with_the_version_that_was_read(api: TestClient, world: World) -> None:
    signed_in(api, world.app, make_person(world.app, "Versioned"))
    etag = api.get("account").headers["etag"]
    assert api.patch("account", json={"name": "Versioned Again"}).status_code == 428
    assert api.patch("account", json={"name": "Versioned Again"}, headers={"If-Match": '"999-x"'}).status_code == 412
    assert api.patch("account", json={"name": "Versioned Again"}, headers={"If-Match": etag}).json()["name"] == "Versioned Again"
    assert api.patch("account", json={"name": "Versioned"}, headers={"If-Match": etag}).status_code == 412
    assert api.patch("account", json={"name": "Versioned", "admin": True}, headers={"If-Match": "*"}).status_code == 400
    assert api.patch("account", json={"name": "Versioned"}, headers={"If-Match": "*"}).status_code == 200
    assert api.post("account/terms", json={"date": "1999-01-01"}).status_code == 400
    assert api.post("account/terms", json={"date": "2026-01-01"}).json()["terms"] == "2026-01-01"


def test_tokens_and_sessions(api: TestClient, world: World) -> None:
    signed_in(api, world.app, make_person(world.app, "Token Maker"))
    made = api.post("account/tokens", json={"name": "program", "scopes": ["propose"], "days": 2}).json()
    assert made["scopes"] == ["read", "propose"]
    listed = api.get("account/tokens").json()["items"]
    assert made["id"] in [each["id"] for each in listed]
    assert "token" not in listed[0]
    for sent in ({"name": "x", "scopes": ["everything"]}, {"name": "", "scopes": []}, {"name": "x", "days": 1_000}):
        assert api.post("account/tokens", json=sent).status_code == 400
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert api.post("account/tokens", json={"name": "child"}, headers=headers).status_code == 403
    assert api.get("account/sessions", headers=headers).status_code == 403
    assert api.delete(f"account/tokens/{made['id']}").json() == {"ended": 1}
    assert api.get("account", headers=headers).status_code == 401
    sessions = api.get("account/sessions").json()["items"]
    assert [each["current"] for each in sessions].count(True) == 1
    assert api.delete("account/sessions").json() == {"ended": len(sessions) - 1}
    assert api.delete("account/sessions/nonsense").status_code == 404
    assert api.delete(f"account/sessions/{api.get('account/sessions').json()['items'][0]['id']}").json() == {"ended": 1}
    assert api.get("account").status_code == 401


def test_people_are_for_admins_with_the_scope(api: TestClient, world: World) -> None:
    chief = (Grant("admin"),)
    for headers in (by_token(world, "Api Plain", "administer"), by_token(world, "Api Chief", "propose", grants=chief)):
        assert api.get("users", headers=headers).status_code == 403
        assert api.post("users", json={"name": "Nobody"}, headers=headers).status_code == 403
    headers = by_token(world, "Api Chief", "administer", grants=chief)
    name = f"Made {world.app.engine.kind}"
    made = api.post("users", json={"name": name, "email": f"{world.app.engine.kind}@example.org"}, headers=headers).json()
    address = f"users/{made['id']}"
    assert api.get(address, headers=headers).json() == made
    assert api.post("users", json={"name": name}, headers=headers).status_code == 409
    granted = api.post(f"{address}/grants", json={"role": "moderator", "scope": "scheme:rome"}, headers=headers).json()
    assert {"role": "moderator", "scope": "scheme:rome"} in granted["grants"]
    assert api.post(f"{address}/grants", json={"role": "king"}, headers=headers).status_code == 400
    revoked = api.delete(f"{address}/grants?role=moderator&scope=scheme:rome", headers=headers).json()
    assert revoked["grants"] == [{"role": "contributor", "scope": ""}]
    assert api.post(f"{address}/password-link", headers=headers).json()["link"].startswith("http")
    assert api.put(f"{address}/state", json={"state": "disabled"}, headers=headers).json()["state"] == "disabled"
    assert api.delete(f"{address}/sessions", headers=headers).json() == {"ended": 0}
    names = []
    cursor = None
    while True:
        answer = api.get("users", params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=headers)
        page = answer.json()
        assert answer.headers["wiki-c-seq"] == str(page["seq"])
        assert ("link" in answer.headers) == (page["next"] is not None)
        names += [each["name"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert len(names) == len(set(names))
    assert {name, "Api Chief"} <= set(names)
    assert api.get("users", params={"cursor": "Ada"}, headers=headers).status_code == 400
    assert api.get("audit", params={"cursor": cursor}, headers=headers).status_code == 400
    made = api.post("invitations", json={"grants": [{"role": "contributor"}]}, headers=headers).json()
    assert "/join?token=" in made["link"]
    assert "link" not in api.get("invitations", headers=headers).json()["items"][0]
    assert api.delete(f"invitations/{made['id']}", headers=headers).json() == {"ended": 1}
    assert api.delete(f"invitations/{made['id']}", headers=headers).status_code == 404


def test_organisations(api: TestClient, world: World) -> None:
    slug = f"api-{world.app.engine.kind}"
    keeper = by_token(world, "Api Keeper", "administer", "propose")
    stranger = by_token(world, "Api Stranger", "administer", "propose")
    sent = {"slug": slug, "name": "Api & Co", "kind": "network", "profile": {"siret": "73282932000074"}}
    assert api.post("organisations", json=sent).status_code == 401
    made = api.post("organisations", json=sent, headers=keeper)
    assert made.headers["location"] == f"{API}/organisations/{slug}"
    assert made.json()["profile"]["siren"] == "732829320"
    assert api.post("organisations", json=sent, headers=keeper).status_code == 409
    reads = (slug, f"{slug}/members", f"{slug}/invitations", f"{slug}/networks")
    for address in reads:
        assert api.get(f"organisations/{address}", headers=stranger).status_code == 404, address
        assert api.get(f"organisations/{address}").status_code in (401, 404), address
        assert api.get(f"organisations/{address}", headers=keeper).status_code == 200, address
    assert slug not in api.get("organisations", headers=stranger).text
    assert slug in api.get("organisations?kind=network", headers=keeper).text
    assert api.patch(f"organisations/{slug}", json={"private": False}, headers=stranger | {"If-Match": "*"}).status_code == 404
    assert api.patch(f"organisations/{slug}", json={"private": False}, headers=keeper).status_code == 428
    etag = {"If-Match": made.headers["etag"]}
    changed = api.patch(f"organisations/{slug}", json={"private": False}, headers=keeper | etag)
    assert changed.json()["profile"]["siren"] == "732829320", "what is left out stays"
    assert api.patch(f"organisations/{slug}", json={"name": "Late"}, headers=keeper | etag).status_code == 412
    assert api.patch(f"organisations/{slug}", json={"name": "Mine"}, headers=stranger | {"If-Match": "*"}).status_code == 403
    assert api.get(f"organisations/{slug}").json()["roles"] == []
    weak = by_token(world, "Api Keeper", "propose")
    assert api.post(f"organisations/{slug}/invitations", json={}, headers=weak).status_code == 403
    invited = api.post(f"organisations/{slug}/invitations", json={"roles": ["moderator"]}, headers=keeper).json()
    assert invited["roles"] == ["member", "moderator"]
    assert api.delete(f"organisations/{slug}/invitations/{invited['id']}", headers=keeper).json() == {"ended": 1}
    (member,) = api.get(f"organisations/{slug}/members", headers=keeper).json()["items"]
    address = f"organisations/{slug}/members/{member['user']}"
    assert api.put(address, json={"roles": ["manager", "moderator"]}, headers=keeper).json()["roles"] == ["manager", "member", "moderator"]
    assert api.put(address, json={"roles": []}, headers=keeper).status_code == 409
    assert api.delete(address, headers=keeper).status_code == 409
    other = {"slug": f"{slug}-shop", "name": "Shop", "kind": "company", "private": False}
    api.post("organisations", json=other, headers=stranger)
    assert api.put(f"organisations/{slug}-shop/networks/{slug}", headers=stranger).json() == {"state": "asked"}
    assert api.put(f"organisations/{slug}-shop/networks/{slug}", headers=keeper).json() == {"state": "member"}
    assert [each["slug"] for each in api.get(f"organisations/{slug}/networks").json()["holds"]] == [f"{slug}-shop"]
    assert api.delete(f"organisations/{slug}-shop/networks/{slug}", headers=stranger).json() == {"state": "none"}


def test_private_lists_say_what_they_are_as_of(api: TestClient, world: World) -> None:
    headers = by_token(world, "Api Lister", "administer", grants=(Grant("admin"),))
    head = world.app.reading.moment().head
    for address in ("users", "invitations", "organisations", "audit", "webhooks", "watches", "notices"):
        answer = api.get(address, headers=headers)
        assert (answer.json()["seq"], answer.headers["wiki-c-seq"]) == (head, str(head)), address
    page = api.get("audit", params={"limit": 1}, headers=headers)
    assert page.headers["link"] == f'<{API}/audit?limit=1&cursor={page.json()["next"]}>; rel="next"'
    assert api.get("account", headers=headers).headers["wiki-c-seq"] == str(head)


def test_a_webhook_is_read_and_changed_like_every_document(api: TestClient, world: World) -> None:
    headers = by_token(world, "Api Hooker", "administer", grants=(Grant("admin"),))
    made = api.post("webhooks", json={"url": "https://93.184.216.34/hook"}, headers=headers)
    address = made.headers["location"].removeprefix(f"{API}/")
    read = api.get(address, headers=headers)
    assert api.get(address, headers=headers | {"If-None-Match": read.headers["etag"]}).status_code == 304
    assert api.patch(address, json={"description": "mine"}, headers=headers).status_code == 428
    for etag in (made.headers["etag"], "*"):
        assert api.patch(address, json={"description": etag}, headers=headers | {"If-Match": etag}).status_code == 200
    reader = by_token(world, "Api Hooker", "read", grants=(Grant("admin"),))
    assert api.get("webhooks", params={"owner": "*"}, headers=headers).status_code == 200
    assert api.get("webhooks", params={"owner": "*"}, headers=reader).status_code == 400
    assert api.patch(address, json={"description": "late"}, headers=headers | {"If-Match": read.headers["etag"]}).status_code == 412
