"""Open pages follow what happens, in Chromium: what changed is taken over in place, the focus stays, and it is said."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site
from tests.people import make_person, session_of
from wikic.domain.access import Grant
from wikic.domain.ids import concept_uuid, rome_key
from wikic.domain.records import Label
from wikic.services.editing import SetLabels, SetText
from wikic.web.acting import SESSION_COOKIE

BAKER = concept_uuid(rome_key("metier", "D1102"))
SAID = "The page was updated."


def edit(site: Site, uuid: str, text: str) -> None:
    """Somebody else changes a definition."""
    site.world.app.editing.apply([SetText(uuid, "definition", "en", text)], actor="somebody else", summary="")


def test_a_page_that_is_open_follows(opened: Opening, site: Site) -> None:
    uuid = site.world.slice
    page = opened(f"/c/{uuid}")
    other = opened(f"/c/{BAKER}")
    page.get_by_role("link", name="History").focus()
    edit(site, uuid, "Cut across the grain, slowly.")
    expect(page.locator("#live-definition")).to_contain_text("Cut across the grain, slowly.")
    expect(page.get_by_role("status").filter(has_text=SAID)).to_have_count(1)
    expect(page.get_by_role("link", name="History")).to_be_focused()
    rename = SetLabels(uuid, "en", (Label("slice a loaf", "en", "preferred"),))
    site.world.app.editing.apply([rename], actor="somebody else", summary="")
    expect(page.locator("h1")).to_have_text("slice a loaf")
    expect(other.get_by_role("status").filter(has_text=SAID)).to_have_count(0)


def test_what_was_missed_while_nobody_looked(opened: Opening, site: Site) -> None:
    uuid = site.world.slice
    page = opened(f"/c/{uuid}")
    hide = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => HIDDEN }); document.dispatchEvent(new Event('visibilitychange'))"
    edit(site, uuid, "First.")
    expect(page.locator("#live-definition")).to_contain_text("First.")
    page.evaluate(hide.replace("HIDDEN", "true"))
    edit(site, uuid, "Second.")
    page.evaluate(hide.replace("HIDDEN", "false"))
    expect(page.locator("#live-definition")).to_contain_text("Second.")


def test_a_release_stays_as_it_is(opened: Opening) -> None:
    page = opened(f"/r/2025/c/{BAKER}")
    assert page.locator("[data-live]").count() == 0
    assert page.locator("script[src*=live]").count() == 0


def test_watching_without_javascript(opened: Opening, site: Site) -> None:
    ada = make_person(site.world.app, "Ada", Grant("admin"))
    page = opened("/", script=False)
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": session_of(site.world.app, ada.id), "url": site.address}])
    page.goto(f"{site.address}/c/{BAKER}")
    page.get_by_role("button", name="Watch this entry").click()
    expect(page.get_by_role("button", name="Stop watching this entry")).to_have_count(1)
    page.goto(f"{site.address}/notices")
    assert page.locator(f"a[href='/c/{BAKER}']").count() >= 1
    page.locator("li").filter(has_text="entry").get_by_role("button", name="Stop watching").click()
    expect(page.get_by_text("Nothing yet")).to_have_count(1)


def test_axe_finds_nothing_serious_in_the_pages_of_people(opened: Opening, site: Site) -> None:
    ada = make_person(site.world.app, "Ada", Grant("admin"))
    session = session_of(site.world.app, ada.id)
    for phone in (False, True):
        page = opened("/", phone=phone)
        page.context.add_cookies([{"name": SESSION_COOKIE, "value": session, "url": site.address}])
        page.goto(f"{site.address}/webhooks")
        page.get_by_label(re.compile("^Address")).fill("https://receiver.example.org/hook")
        page.get_by_role("button", name="Register this webhook").click()
        for path in ("", "/notices", "/audit", f"/c/{BAKER}", "/webhooks", "/notices/stop?token=x"):
            if path:
                page.goto(f"{site.address}{path}")
            require_accessible(page)
