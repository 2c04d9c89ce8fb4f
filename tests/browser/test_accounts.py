"""Accounts in Chromium: signing in by keyboard with and without JavaScript, a token made and revoked, an organisation founded; axe on the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site
from tests.people import OPERATOR, PASSWORD
from wikic.domain.access import Grant


def sign_in(opened: Opening, site: Site, name: str, following: str, **how: bool) -> Page:
    """By keyboard alone: the field has a label, Enter sends."""
    app = site.world.app
    if app.accounts.find_row(name) is None:
        app.accounts.add(name, actor=OPERATOR, password=PASSWORD, grants=(Grant("admin"),))
    page = opened(f"/sign-in?next={following}", **how)
    page.get_by_label("Name or e-mail address").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("details.account")).to_be_visible()
    return page


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("phone", [True, False])
def test_signing_in_and_out(opened: Opening, site: Site, phone: bool, script: bool) -> None:
    page = sign_in(opened, site, "Ada Browser", "/schemes", phone=phone, script=script)
    assert page.url.endswith("/schemes")
    page.locator("details.account summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_axe_finds_nothing_serious_in_an_account(opened: Opening, site: Site) -> None:
    for dark in (False, True):
        page = sign_in(opened, site, "Ada Browser", "/account", dark=dark)
        admin = site.world.app.accounts.person("Ada Browser").id
        for path in ("/account", "/account/security", "/account/tokens", "/people", f"/people/{admin}", "/organisations", "/organisations/new", "/terms"):
            page.goto(site.address + path)
            require_accessible(page)
    for path in ("/sign-in", "/register", "/password/forgotten"):
        require_accessible(opened(path))


def test_a_token_is_shown_once(opened: Opening, site: Site) -> None:
    page = sign_in(opened, site, "Ada Browser", "/account/tokens", script=False)
    page.get_by_label("Name of the token").fill("a program")
    page.get_by_label("propose").check()
    page.get_by_role("button", name="Make the token").click()
    token = page.locator("#made").inner_text()
    assert site.world.app.accounts.actor_of(token=token).scopes == frozenset({"read", "propose"})
    page.goto(f"{site.address}/account/tokens")
    assert token not in page.content()
    page.get_by_role("button", name="Revoke a program").click()
    expect(page.get_by_text("No tokens.")).to_be_visible()


def test_an_organisation_from_its_founding_to_a_second_member(opened: Opening, site: Site) -> None:
    page = sign_in(opened, site, "Ada Browser", "/organisations")
    page.get_by_role("link", name="Found an organisation").click()
    page.get_by_label("Name", exact=True).fill("The Rye Bakery")
    page.get_by_label("SIRET of the seat").fill("732 829 320 00074")
    page.get_by_role("button", name="Found it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Rye Bakery")
    assert page.url.endswith("/organisations/the-rye-bakery")
    require_accessible(page)
    page.get_by_role("button", name="Invite").click()
    link = page.locator("#made").inner_text()
    other = sign_in(opened, site, "Bea Browser", "/")
    other.goto(site.address + link[link.index("/join") :])
    other.get_by_role("button", name="Accept, as Bea Browser").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("The Rye Bakery")
    page.goto(f"{site.address}/organisations/the-rye-bakery")
    expect(page.get_by_text("Bea Browser").first).to_be_visible()
    require_accessible(page)
