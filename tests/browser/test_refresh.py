"""A report is treated in Chromium, with and without scripts; axe on the pages of reports and awards."""

from __future__ import annotations

import pytest

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site
from tests.browser.test_badges import signed_in
from tests.people import actor_in_session, make_person
from wikic.domain.access import Actor
from wikic.domain.badges import BadgeContent
from wikic.domain.badges_bindings import BINDABLE
from wikic.services.binding import Wish


@pytest.fixture(scope="module")
def manager(site: Site) -> Actor:
    """Who manages an issuer whose badge class was bound to what 2026 changed, as of 2025; the report is open."""
    app = site.world.app
    founder = make_person(app, "Mado")
    app.organisations.make("moulin", "Le Moulin", "issuer", actor=founder, private=False)
    manager = actor_in_session(app, founder.id)
    changed = [each.uuid for each in app.releases.deltas.delta("2025", "2026").concepts if each.kind in BINDABLE and "added" not in each.types()]
    badging = app.badges.badging
    for place, name in enumerate(("Moudre", "Tamiser")):
        more = {"hosted": "elsewhere", "address": "https://badges.example.org/1"} if place else {}
        made = badging.create("moulin", BadgeContent.of({"name": name, "description": "x", "criteria": "x"} | more), manager)
        app.badges.bindings.bind([Wish(made.id, uuid) for uuid in changed], manager, release="2025", historic=True)
        badging.publish(made.id, manager)
    assert app.refresh.refreshing.catch_up()
    return manager


@pytest.mark.parametrize("script", [True, False])
def test_a_report_is_treated(opened: Opening, site: Site, manager: Actor, script: bool) -> None:
    page = opened("/badges", script=script, lang="fr")
    signed_in(page, site, manager)
    page.goto(f"{site.address}/issuers/moulin")
    page.get_by_role("link", name="Actualisation", exact=True).click()
    page.get_by_role("link", name="Actualisation 2026").click()
    page.locator("h1", has_text="Actualisation 2026").wait_for()
    before = page.locator("li.result").count()
    assert before
    page.get_by_role("button", name="garder tel quel").first.click()
    page.get_by_text("1 ligne traitée.").wait_for()
    page.locator("li.result input[type=checkbox][name=line]").first.check()
    page.locator("#treatment").select_option("keep")
    page.get_by_role("button", name="Traiter").first.click()
    page.get_by_text("1 ligne traitée.").wait_for()
    assert page.locator("li.result").count() == before - 2


def test_axe_on_the_pages_of_reports(opened: Opening, site: Site, manager: Actor) -> None:
    for phone, dark, lang in ((False, False, "fr"), (True, True, "en")):
        page = opened("/check-award", phone=phone, dark=dark, lang=lang)
        signed_in(page, site, manager)
        for address in ("/refresh", "/refresh/2026", "/refresh/2026?state=kept", "/check-award", "/issuers/moulin"):
            page.goto(f"{site.address}{address}")
            require_accessible(page)
