"""A badge's year in Chromium: made with the guide, bound from the page of a competency, its alignment copied; 2027 is published and renames the competency; the
report is treated, and the badge class says the new name, while its older version says what it said. With JavaScript, and without (then nothing copies, and the
text is read from its box)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.moderation import serving
from tests.flows.badge_world import BadgeWorld, make_badge_world
from tests.people import make_person, session_of
from wikic.domain.access import Actor, Grant
from wikic.domain.edits import SetLabels
from wikic.domain.records import Label
from wikic.store.engine import Engine
from wikic.web.acting import SESSION_COOKIE
from wikic.web.texts import Texts

T = Texts("fr")
NEW_NAME = "façonner la pâte à la main"


@dataclass
class Ground:
    """The site, its services, and a browser whose windows are told what goes wrong."""

    address: str
    world: BadgeWorld
    context: BrowserContext
    script: bool

    def window(self, person: Actor) -> Page:
        """A window in which somebody is signed in."""
        self.context.add_cookies([{"name": SESSION_COOKIE, "value": session_of(self.world.app, person.id), "url": self.address}])
        return self.context.new_page()


@pytest.fixture(params=[True, False], ids=["with-javascript", "without-javascript"])
def ground(request: pytest.FixtureRequest, arcadedb_engine: Engine, browser: Browser) -> Iterator[Ground]:
    world = make_badge_world(arcadedb_engine)
    world.app.searching.catch_up()
    with serving(world.app, by_name=False) as site:
        context = browser.new_context(locale="fr", java_script_enabled=request.param)
        wrong: list[str] = []
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        if request.param:
            context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield Ground(site.address, world, context, request.param)
        context.close()
        assert wrong == []


def test_a_badge_is_refreshed(ground: Ground) -> None:
    world = ground.world
    page = ground.window(world.manager)
    badge = make_with_the_guide(ground, page)
    competency = world.skills[7]
    bind_from_the_competency(ground, page, competency)
    old_name = page.locator("h1").inner_text()
    copied = copy_the_alignment(ground, page)
    assert copied["alignment"][0]["targetUrl"] == f"{ground.address}/c/{competency}"
    assert copied["alignment"][0]["targetName"] == old_name

    world.app.editing.apply([SetLabels(competency, "fr", (Label(NEW_NAME, "fr", "preferred"),))], actor="test", summary="another name")
    publish_2027(ground, ground.window(make_person(world.app, "Root", Grant("admin"))))

    page = ground.window(world.manager)
    treat_the_report(ground, page)
    document, version = (page.request.get(f"{ground.address}/b/{badge}{end}.ob2.json").json() for end in ("", "/v/2"))
    assert {each["targetName"] for each in document["alignment"]} >= {NEW_NAME}
    assert old_name not in {each["targetName"] for each in document["alignment"]}
    pinned = next(each for each in version["alignment"] if competency in each["targetUrl"])
    assert (pinned["targetName"], pinned["targetUrl"]) == (old_name, f"{ground.address}/r/2026/c/{competency}")
    assert page.request.get(pinned["targetUrl"], headers={"Accept": "application/json"}).json()["preferred_label"]["fr"] == old_name


def make_with_the_guide(ground: Ground, page: Page) -> str:
    """From a competency to a published badge class; its id."""
    page.goto(f"{ground.address}/badges")
    page.get_by_role("link", name="Créer un badge").click()
    page.get_by_label("Que sait faire la personne").fill("pétrir la pâte")
    page.locator("main").get_by_role("button", name="Rechercher").click()
    page.get_by_role("checkbox", name="pétrir la pâte ").first.check()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Niveau").select_option("Je fais")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_text("Il ne manque rien.")).to_be_visible()
    page.get_by_role("button", name="Publier", exact=True).click()
    page.wait_for_url(re.compile(r"/badges/[0-9a-f-]{36}$"))
    return page.url.rpartition("/")[2]


def bind_from_the_competency(ground: Ground, page: Page, competency: str) -> None:
    """On the page of the competency, where the binding shows at once."""
    page.goto(f"{ground.address}/c/{competency}")
    page.get_by_role("link", name="Relier un badge").click()
    page.get_by_role("checkbox", name=re.compile("Pétrir la pâte")).check()
    page.get_by_role("button", name="Relier", exact=True).click()
    page.wait_for_url(f"**/c/{competency}#badges")
    expect(page.locator("#badges")).to_be_visible()


def copy_the_alignment(ground: Ground, page: Page) -> dict[str, list[dict[str, str]]]:
    """What the box for Open Badges 2.0 holds, by its button."""
    box = page.locator("details", has=page.locator("#box-ob2"))
    box.locator("summary").click()
    if not ground.script:
        text = page.locator("#box-ob2").input_value()
    else:
        box.get_by_role("button", name=T("concept.copy")).click()
        expect(box.get_by_role("button")).to_contain_text(T("concept.copied"))
        text = page.evaluate("navigator.clipboard.readText()")
    found: dict[str, list[dict[str, str]]] = json.loads(text)
    return found


def publish_2027(ground: Ground, page: Page) -> None:
    """By the pages: a moderator sees which badges it touches first."""
    page.goto(f"{ground.address}/releases/preview")
    expect(page.locator("main")).to_contain_text(T("refresh.touched"))
    page.goto(f"{ground.address}/releases")
    page.locator("#name").fill("2027")
    page.get_by_role("button", name=T("releases.freeze_do"), exact=True).click()
    publish = page.get_by_role("button", name=T("releases.publish"), exact=True)
    for _ in range(400):
        if publish.count():
            break
        page.reload()
    publish.click()
    expect(page.locator("main")).to_contain_text(T.name("state", "published"))
    ground.world.app.refresh.refreshing.catch_up()


def treat_the_report(ground: Ground, page: Page) -> None:
    """From the issuer's page to the report, and until nothing is left in it."""
    page.goto(f"{ground.address}/issuers/fournil")
    page.get_by_role("link", name=re.compile("2027")).first.click()
    page.locator("h1", has_text="Actualisation 2027").wait_for()
    expect(page.locator("li.result")).to_have_count(1)
    expect(page.locator("li.result")).to_contain_text(NEW_NAME)
    page.locator("li.result").get_by_role("button", name=T.name("treatment", "update")).click()
    page.get_by_text("1 ligne traitée.").wait_for()
    expect(page.locator("li.result")).to_have_count(0)
    assert ground.world.app.refresh.lines.standings("fournil")[0].states["open"] == 0
