"""The pages of accounts: signing in and out, one's own account, people for admins, links; and what browsers are told."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from tests.flows.people_world import Outbox
from tests.people import OPERATOR, PASSWORD, make_person, signed_in
from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from tests.web.people_site import outbox, post, site, token_of
from tests.web.test_pages import Parsed
from wikic.domain.access import Grant
from wikic.domain.accounts import Registration
from wikic.services.accounts import AccountRules
from wikic.services.accounts_signing import FROM_HERE
from wikic.web.acting import SESSION_COOKIE

__all__ = ["outbox", "site"]

FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


def test_signing_in_by_the_form(site: TestClient, world: World) -> None:
    if world.app.accounts.find_row("Signer") is None:
        world.app.accounts.add("Signer", actor=OPERATOR, password=PASSWORD)
    page = site.get("/schemes").text
    assert 'href="/sign-in?next=/schemes"' in page
    wrong = post(site, "/sign-in", login="signer", password="wrong", next="/schemes")
    assert wrong.status_code == 401
    assert "do not belong together" in wrong.text
    assert 'value="signer"' in wrong.text
    assert SESSION_COOKIE not in site.cookies
    answer = post(site, "/sign-in", login="signer", password=PASSWORD, next="/schemes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/schemes")
    cookie = answer.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))
    assert "Domain" not in cookie
    page = site.get("/schemes").text
    assert "Signer" in page
    assert 'action="/sign-out"' in page
    assert site.get("/schemes").headers["cache-control"] == "private, no-cache"
    assert site.get("/sign-in?next=/tree").headers["location"] == "/tree"
    out = post(site, "/sign-out")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert "Signer" not in site.get("/schemes").text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"])
def test_nobody_is_led_to_another_site(site: TestClient, world: World, elsewhere: str) -> None:
    person = make_person(world.app, "Walker")
    assert elsewhere not in site.get("/sign-in", params={"next": elsewhere}).text.replace("&amp;", "&").split("</head>")[1].split("<main")[1]
    signed_in(site, world.app, person)
    assert site.get("/sign-in", params={"next": elsewhere}).headers["location"] == "/"


def test_other_sites_cannot_send_forms(site: TestClient, world: World) -> None:
    signed_in(site, world.app, make_person(world.app, "Careful"))
    for headers in (FROM_ELSEWHERE, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        for address in ("/account", "/sign-out", "/sign-in", "/account/tokens", "/register"):
            assert site.post(address, data={"name": "Taken Over"}, headers=headers).status_code == 403, address
    assert "Careful" in site.get("/account").text
    # A form that another kind of content would smuggle in.
    assert site.post("/account", content=b"name=Taken+Over", headers={"Content-Type": "text/plain"}).status_code == 400


def test_guessing_is_slowed_down(site: TestClient) -> None:
    for _ in range(FROM_HERE.attempts):
        assert post(site, "/sign-in", login="Nobody At All", password="x").status_code == 401
    answer = post(site, "/sign-in", login="Nobody At All", password="x")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Too many attempts" in answer.text


@pytest.mark.parametrize("address", ["/account", "/account/security", "/account/tokens", "/people"])
def test_private_pages_lead_to_the_sign_in_page(site: TestClient, address: str) -> None:
    answer = site.get(f"{address}?a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={address.replace('/', '%2F')}%3Fa%3D1")
    assert site.post(address, data={"name": "x"}).status_code in (401, 405)


def test_ones_own_account(site: TestClient, world: World) -> None:
    person = make_person(world.app, "Owner", terms=False)
    signed_in(site, world.app, person)
    for lang in ("fr", "en"):
        for address in ("/account", "/account/security", "/account/tokens", "/terms"):
            answer = site.get(address, headers={"Accept-Language": lang})
            parsed = Parsed(answer.text)
            assert answer.status_code == 200
            assert sorted(parsed.ids) == sorted(set(parsed.ids))
            assert parsed.headings.count(1) == 1
    refused = post(site, "/account", name="Signer's\u0007 twin")
    assert (refused.status_code, "&#39;s\u0007 twin" in refused.text) == (400, True), "what was typed stays"
    assert post(site, "/account", name="Owner Renamed").headers["location"] == "/account?saved=1"
    assert "Owner Renamed" in site.get("/account").text
    post(site, "/account", name="Owner")
    assert post(site, "/terms", terms="2026-01-01", next="/tree").headers["location"] == "/tree"
    assert "Terms of 1 January 2026 accepted" in site.get("/account").text
    made = site.post("/account/tokens", data={"name": "my <program>", "scope": ["propose"], "days": "3"})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    token = re.search(r"wikic_[\w-]{43}", made.text)
    assert token
    assert token[0] not in site.get("/account/tokens").text
    assert "my &lt;program&gt;" in site.get("/account/tokens").text
    revoke = re.search(r'name="token" value="(\w+)"', made.text)
    assert revoke
    assert post(site, "/account/tokens/revoke", token=revoke[1]).status_code == 303
    assert post(site, "/account/tokens", name="", days="3").status_code == 400
    refused = site.post("/account/tokens", data={"name": "my robot", "scope": ["propose", "badge"], "days": "900"})
    assert (refused.status_code, refused.text.count("checked")) == (400, 2)
    assert ('value="my robot"' in refused.text, 'value="900"' in refused.text) == (True, True)
    assert post(site, "/account/sessions/end", session="others").status_code == 303
    assert post(site, "/account/sessions/end", session="nonsense").status_code == 404
    here = re.findall(r'name="session" value="(\w+)"', site.get("/account/security").text)
    assert post(site, "/account/sessions/end", session=here[0]).headers["location"] == "/"
    assert site.get("/account").status_code == 303


def test_people_are_for_admins(site: TestClient, world: World) -> None:
    reader = make_person(world.app, "Plain Reader")
    signed_in(site, world.app, reader)
    assert site.get("/people").status_code == 403
    assert "Plain Reader" in site.get("/people").text, "the page says who is signed in"
    other = make_person(world.app, "Somebody Unseen")
    refused = post(site, f"/people/{other.id}/grant", role="nonsense", scope="")
    assert refused.status_code == 403
    assert "Somebody Unseen" not in refused.text
    signed_in(site, world.app, make_person(world.app, "Chief", Grant("admin")))
    for lang in ("fr", "en"):
        for address in ("/people", f"/people/{reader.id}"):
            Parsed(site.get(address, headers={"Accept-Language": lang}).text)
    assert post(site, f"/people/{reader.id}/grant", role="moderator", scope="scheme:rome").status_code == 303
    assert "moderator · scheme:rome" in site.get(f"/people/{reader.id}").text
    site.headers["Accept-Language"] = "fr"
    refused = post(site, f"/people/{reader.id}/grant", role="moderator", scope="nonsense")
    assert (refused.status_code, "n&#39;est pas une portée" in refused.text, 'value="nonsense"' in refused.text) == (400, True, True)
    refused = post(site, f"/people/{reader.id}/grant", role="admin", scope="scheme:rome")
    assert (refused.status_code, "vaut pour tout le site" in refused.text, 'value="admin" selected' in refused.text) == (400, True, True)
    assert 'value="nobody"' in post(site, "/people/invitations", email="nobody", role="contributor").text
    site.headers["Accept-Language"] = "en"
    assert post(site, f"/people/{reader.id}/revoke", role="moderator", scope="scheme:rome").status_code == 303
    made = post(site, f"/people/{reader.id}/password-link", do="make")
    assert made.headers["cache-control"] == "no-store"
    token = token_of(made.text)
    assert post(site, f"/people/{reader.id}/sessions", do="end").status_code == 303
    assert post(site, f"/people/{reader.id}/state", state="disabled").status_code == 303
    assert "disabled" in site.get("/people").text
    assert post(site, f"/people/{reader.id}/state", state="active").status_code == 303
    # The link, by who was given it.
    signed_in(site, world.app, None)
    page = site.get(f"/password?token={token}")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert post(site, "/password", token=token, password="short").status_code == 400
    assert post(site, "/password", token=token, password=PASSWORD).headers["location"] == "/account"
    assert "Plain Reader" in site.get("/account").text
    assert site.get(f"/password?token={token}").status_code == 404
    assert post(site, "/password", token=token, password=PASSWORD).status_code == 404


@pytest.mark.parametrize(("mode", "said"), [("closed", "Only an administrator"), ("invitation", "by an invitation"), ("oidc", "by signing in through")])
def test_how_else_an_account_is_had(site: TestClient, world: World, monkeypatch: pytest.MonkeyPatch, mode: Registration, said: str) -> None:
    monkeypatch.setattr(world.app.people.accounts, "rules", AccountRules(mode, PUBLIC_URL))
    assert said in site.get("/register", headers={"Accept-Language": "en"}).text


def test_registration_by_mail(site: TestClient, world: World, outbox: Outbox) -> None:
    number = len(outbox.mails)
    name = f"Newcomer {world.app.engine.kind}"
    asked = post(site, "/register", name=name, email="new@example.org")
    again = post(site, "/register", name="Somebody Else", email="new@example.org")
    assert asked.status_code == again.status_code == 202
    assert world.app.people.mailer.wait()
    token = token_of(outbox.mails[number][2])
    page = site.get(f"/register/confirm?token={token}").text
    assert name in page
    assert post(site, "/register/confirm", token=token, password="short").status_code == 400
    done = post(site, "/register/confirm", token=token, password=PASSWORD, terms="2026-01-01")
    assert done.headers["location"] == "/account"
    assert "Terms of 1 January 2026 accepted" in site.get("/account").text
    assert site.get(f"/register/confirm?token={token}").status_code == 404
    # For the address that is known now the answer is the very same, but for the mail.
    signed_in(site, world.app, None)
    third = post(site, "/register", name="Somebody Else", email="NEW@example.org")
    hidden = re.compile(r'href="/[^"]*"|content="[^"]*"')
    assert hidden.sub("", third.text) == hidden.sub("", asked.text)
    assert world.app.people.mailer.wait()
    assert "account already" in outbox.mails[-1][1]
    known = post(site, "/password/forgotten", login="new@example.org")
    unknown = post(site, "/password/forgotten", login="nobody@example.org")
    assert known.text == unknown.text
    assert world.app.people.mailer.wait()
    token = token_of(outbox.mails[-1][2])
    assert post(site, "/password", token=token, password="an entirely other one").status_code == 303
    world.app.accounts.disable(name, actor=OPERATOR)
    world.app.people.addresses.set_email_of(name, "", actor=OPERATOR)


def test_a_name_that_was_taken_meanwhile_is_given_another(site: TestClient, world: World, outbox: Outbox) -> None:
    number = len(outbox.mails)
    for email in ("first@example.org", "second@example.org"):
        assert post(site, "/register", name="Twin Name", email=email).status_code == 202
    assert world.app.people.mailer.wait()
    first, second = (token_of(mail[2]) for mail in outbox.mails[number : number + 2])
    assert post(site, "/register/confirm", token=first, password=PASSWORD).status_code == 303
    signed_in(site, world.app, None)
    refused = post(site, "/register/confirm", token=second, password=PASSWORD)
    assert (refused.status_code, 'name="name" type="text" value="Twin Name"' in refused.text) == (409, True)
    assert post(site, "/register/confirm", token=second, password=PASSWORD, name="Other Twin").status_code == 303
    assert "Other Twin" in site.get("/account").text
    for person in ("Twin Name", "Other Twin"):
        world.app.accounts.disable(person, actor=OPERATOR)


def test_invitations(site: TestClient, world: World, outbox: Outbox) -> None:
    link, _ = world.app.people.joining.invite("guest@example.org", actor=OPERATOR, grants=[Grant("moderator", "scheme:rome")])
    assert link == ""
    assert world.app.people.mailer.wait()
    token = token_of(outbox.mails[-1][2])
    page = site.get(f"/join?token={token}").text
    Parsed(page)
    assert "guest@example.org" in page
    assert post(site, "/join", token=token, name="Guest", password="short").status_code == 400
    person = make_person(world.app, "Invited Here")
    signed_in(site, world.app, person)
    assert "Accept, as Invited Here" in site.get(f"/join?token={token}").text
    assert post(site, "/join", token=token).headers["location"] == "/account"
    assert "moderator · scheme:rome" in site.get("/account").text
    again = site.get(f"/join?token={token}")
    assert (again.status_code, "<h1>This link is no longer valid</h1>" in again.text, "ask for a new one" in again.text) == (404, True, True)
    world.app.accounts.revoke("Invited Here", Grant("moderator", "scheme:rome"), actor=OPERATOR)


def test_an_address_is_changed_behind_a_link(site: TestClient, world: World, outbox: Outbox) -> None:
    signed_in(site, world.app, make_person(world.app, "Mover"))
    assert post(site, "/account/email", email="moved@example.org").status_code < 400
    assert world.app.people.mailer.wait()
    token = token_of(outbox.mails[-1][2])
    page = site.get(f"/email?token={token}").text
    Parsed(page)
    assert "moved@example.org will be the address of your account" in page
    assert post(site, "/email", token=token).status_code == 201
    gone = site.get(f"/email?token={token}")
    assert (gone.status_code, "<h1>This link is no longer valid</h1>" in gone.text) == (404, True)
    world.app.people.addresses.set_email_of("Mover", "", actor=OPERATOR)


def test_a_token_in_a_request_acts_as_its_owner(site: TestClient, world: World) -> None:
    person = make_person(world.app, "Programmer")
    token, _ = world.app.people.tokens.make("test", actor=person)
    assert "Programmer" in site.get("/about", headers={"Authorization": f"Bearer {token}"}).text
    assert site.get("/account", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert site.get("/api/v1/schemes").status_code == 200
    wrong = site.get("/people", headers={"Authorization": "Bearer wikic_nonsense", "Accept": "application/json"})
    assert wrong.status_code == 401
