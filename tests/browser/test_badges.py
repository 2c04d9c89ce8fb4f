"""A badge class is made with the guide, and bound from the page of a competency; axe on the pages of badges."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site
from tests.flows.badge_world import BadgeWorld, add_issuer
from tests.people import session_of
from wikic.domain.access import Actor
from wikic.web.acting import SESSION_COOKIE


@pytest.fixture(scope="module")
def world(site: Site) -> BadgeWorld:
    return add_issuer(site.world)


def signed_in(page: Page, site: Site, person: Actor) -> None:
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": session_of(site.world.app, person.id), "url": site.address}])


@pytest.mark.parametrize("script", [True, False])
def test_from_the_guide_to_the_page_of_a_competency(opened: Opening, site: Site, world: BadgeWorld, script: bool) -> None:
    page = opened("/badges", script=script, lang="fr")
    signed_in(page, site, world.manager)
    page.goto(f"{site.address}/badges")
    page.get_by_role("link", name="Créer un badge").click()
    page.get_by_label("Que sait faire la personne").fill("pétrir la pâte")
    page.locator("main").get_by_role("button", name="Rechercher").click()
    page.get_by_role("checkbox", name="pétrir la pâte ").first.check()
    page.get_by_label("Que sait faire la personne").fill("cuire")
    page.get_by_label("Que sait faire la personne").press("Enter")
    page.wait_for_url("**q=cuire*")
    assert page.get_by_role("checkbox", name="pétrir la pâte ").first.is_checked(), "another search keeps what is chosen"
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/badges/new/words?*")
    assert page.get_by_label("Nom", exact=True).input_value() == "Pétrir la pâte"
    assert "pétrir la pâte" in page.get_by_label("Critères : que faut-il").input_value()
    assert page.get_by_label("Validité").input_value() == "36"
    name = f"Pétrir, {'avec' if script else 'sans'} script"
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Niveau").select_option("Je transmets")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.wait_for_url("**/guide")
    assert page.get_by_text("Il ne manque rien.").is_visible()
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    page.get_by_label("Fichier PNG ou SVG").set_input_files({"name": "a.svg", "mimeType": "image/svg+xml", "buffer": svg.encode()})
    page.get_by_role("button", name="Envoyer l'image").click()
    page.wait_for_url("**/guide")
    page.get_by_role("button", name="Publier", exact=True).click()
    page.wait_for_url(re.compile(r"/badges/[0-9a-f-]{36}$"))
    assert page.locator("h1").inner_text() == name
    assert page.locator(".badge-image").evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.get_by_role("link", name="pétrir la pâte").is_visible()
    identity = page.url.rpartition("/")[2]

    other = world.skills[7]
    page.goto(f"{site.address}/c/{other}")
    page.get_by_role("link", name="Relier un badge").click()
    page.get_by_role("checkbox", name=re.compile(name)).check()
    page.get_by_role("button", name="Relier", exact=True).click()
    page.wait_for_url(f"**/c/{other}#badges")
    page.locator("#badges").wait_for()
    assert page.get_by_role("link", name=name).is_visible()
    assert world.badges.badging.get(identity, world.manager).number == 2


def test_axe_on_the_pages_of_badges(opened: Opening, site: Site, world: BadgeWorld) -> None:
    badge = world.published("Cuire le pain", *world.skills[:2], level="practice:1", criteria_address="https://fournil.example.org/criteres")
    # One long word widens no page.
    long = replace(world.badges.badging.get(badge.id, world.manager).content, name=f"Cuire_{'x' * 150}", tags=("y" * 80,))
    draft = world.badges.badging.create("fournil", long, world.member)
    skill = world.skills[0]
    addresses = (
        "/badges", f"/badges/{badge.id}", f"/badges/{badge.id}/versions/1", f"/badges/{draft.id}", f"/badges/{draft.id}/guide",
        f"/badges/{draft.id}/edit", "/badges/new?q=pain", f"/badges/new/words?issuer=fournil&concept={skill}", f"/badges/bind?concept={skill}",
        "/badges/table", f"/c/{skill}", f"/c/{skill}/badges", "/issuers", "/issuers/fournil", "/organisations/fournil/edit",
    )  # fmt: skip
    for phone, dark, lang in ((False, False, "fr"), (True, True, "en")):
        page = opened("/badges", phone=phone, dark=dark, lang=lang)
        signed_in(page, site, world.manager)
        for address in addresses:
            page.goto(f"{site.address}{address}")
            require_accessible(page)


def test_a_table_is_shown_before_it_is_done(opened: Opening, site: Site, world: BadgeWorld) -> None:
    badge = world.published("Tamiser", human_code="TAM")
    page = opened("/badges", lang="en")
    signed_in(page, site, world.manager)
    page.goto(f"{site.address}/badges/table")
    table = f"badge_class;concept\nTAM;{world.skills[3]}\nTAM;{world.skills[4]}\n"
    page.get_by_label("CSV file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": table.encode()})
    page.get_by_label("Codes of the issuer").select_option("Le Fournil")
    page.get_by_role("button", name="See what would be done").click()
    page.get_by_role("heading", name="What would be done").wait_for()
    assert world.badges.bindings.of_badge(badge.id, world.manager).items == []
    page.get_by_role("button", name="Bind all lines").click()
    page.get_by_role("heading", name="It is done.").wait_for()
    assert {each.concept for each in world.badges.bindings.of_badge(badge.id, world.manager).items} == {world.skills[3], world.skills[4]}
