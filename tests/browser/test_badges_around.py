"""What stands around badge classes, in Chromium: scales and criteria, endorsements and acceptances, badges elsewhere, deployment, coverage. Axe finds nothing
serious there, a network adopts criteria that are proposed to it, and a badge class is endorsed: with and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import require_accessible
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.moderation import Moderated, serving
from tests.flows.level_world import LevelWorld, make_level_world
from tests.people import OPERATOR, make_person, session_of
from wikic.domain.acceptances import Terms
from wikic.domain.access import Actor, Grant
from wikic.domain.badges import BadgeClass
from wikic.domain.endorsements import Named, Statement
from wikic.store.engine import Engine
from wikic.web.acting import SESSION_COOKIE


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> LevelWorld:
    made = make_level_world(arcadedb_engine)
    made.app.searching.catch_up()
    return made


@pytest.fixture(scope="module")
def site(world: LevelWorld) -> Iterator[Moderated]:
    with serving(world.app, by_name=False) as made:
        yield made


@pytest.fixture(scope="module")
def badge(world: LevelWorld) -> BadgeClass:
    return world.badges.published("Pétrir à la main", world.skill, level="practice:2")


class Window:
    """A window in which somebody is signed in; what goes wrong in its pages is kept."""

    def __init__(self, browser: Browser, site: Moderated, person: Actor, *, phone: bool = False, script: bool = True, lang: str = "fr") -> None:
        width, height = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script, locale=lang, color_scheme="dark" if phone else "light"
        )
        context.add_cookies([{"name": SESSION_COOKIE, "value": session_of(site.app, person.id), "url": site.address}])
        self.wrong: list[str] = []
        context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.page: Page = context.new_page()
        self._address = site.address

    def go(self, path: str) -> Page:
        """The page at a path."""
        self.page.goto(f"{self._address}{path}")
        return self.page

    def close(self) -> None:
        self.page.context.close()
        assert self.wrong == []


def test_axe(browser: Browser, site: Moderated, world: LevelWorld, badge: BadgeClass) -> None:
    admin = make_person(world.app, "Root", Grant("admin"))
    proposal, criteria = world.proposed("region", fr1="Le faire seul."), world.adopted("bassin", fr2="Le montrer trois fois.")
    endorsement = world.app.endorsing.endorsements.make(Named("badge_class", badge.id), Statement("Nous recrutons avec."), OPERATOR, organisation="region")
    acceptance = world.app.endorsing.acceptances.declare(badge.id, "ailleurs", Terms("Épreuve E2"), OPERATOR)
    target = f"badge_class/{badge.id}"
    addresses = (
        "/scales", "/scales/practice", "/scales/new", "/scales/practice/levels/2", f"/criteria/{criteria.id}", f"/criteria/proposals/{proposal.id}",
        f"/criteria/propose?network=bassin&concept={world.skill}", "/organisations/bassin/criteria", f"/endorse?target={target}",
        f"/endorsements?target={target}", f"/e/{endorsement.id}", f"/accept?badge_class={badge.id}", "/acceptances", f"/acceptances/{acceptance.id}",
        "/badges/elsewhere", "/badges/catalogue", "/badges/awards", f"/badges/{badge.id}", f"/badges/{badge.id}/awards", "/deployment", "/coverage",
        "/coverage?scheme=esco", "/coverage/occupations", "/releases/preview",
    )  # fmt: skip
    for phone, lang in ((False, "fr"), (True, "en")):
        window = Window(browser, site, admin, phone=phone, lang=lang)
        for address in addresses:
            page = window.go(address)
            assert page.locator("h1").count() == 1, address
            require_accessible(page)
        window.close()


@pytest.mark.parametrize("script", [True, False])
def test_criteria_are_proposed_and_adopted(browser: Browser, site: Moderated, world: LevelWorld, script: bool) -> None:
    """By a member of the issuer, and by a moderator of the network that holds it."""
    text = f"Pétrir devant un groupe, {'avec' if script else 'sans'} script."
    window = Window(browser, site, world.member, script=script)
    page = window.go(f"/criteria/propose?network=region&concept={world.skill}")
    page.locator("textarea[name=level_fr_3]").fill(text)
    page.locator("main form").get_by_role("button").last.click()
    page.wait_for_url("**/criteria/proposals/*")
    address = page.url
    window.close()
    window = Window(browser, site, world.regional, script=script)
    page = window.page
    page.goto(address)
    expect(page.locator("main")).to_contain_text(text)
    page.get_by_role("button", name="Accepter").first.click()
    expect(page.locator("main")).to_contain_text("acceptée")
    assert world.levels.criteria.page(network="region", concept=world.skill)[0][0].levels[3]["fr"] == text
    window.close()


@pytest.mark.parametrize("script", [True, False])
def test_a_badge_class_is_endorsed(browser: Browser, site: Moderated, world: LevelWorld, badge: BadgeClass, script: bool) -> None:
    stranger = make_person(world.app, f"Zoé {script}")
    window = Window(browser, site, stranger, script=script)
    page = window.go(f"/endorse?target=badge_class/{badge.id}")
    page.locator("textarea[name=comment]").fill(f"Je le reconnais ({script}).")
    page.locator("main form").get_by_role("button").last.click()
    page.wait_for_url("**#endorsed")
    expect(page.locator("main")).to_contain_text(f"Je le reconnais ({script}).")
    window.close()
