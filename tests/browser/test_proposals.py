"""Proposing in Chromium: with and without JavaScript, on a phone and a desktop; one proposes, a moderator sees it come, amends and accepts; axe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.axe import require_accessible
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.keyboard import out_of_reach
from tests.browser.moderation import Moderated, fill_queue, serving, sign_in, trade
from tests.engines import wipe
from tests.flows.model import uuid_of
from tests.flows.proposal_tools import ADA, MAY, MEL
from wikic.domain.proposals_changes import ChangeText, DeprecateConcept
from wikic.services.deciding import Ruling
from wikic.store.engine import Engine

SKILL, OTHER = uuid_of("s1"), uuid_of("s2")
SCRIPT = re.compile(r"/proposal[^/]*\.js")


@pytest.fixture(scope="module")
def moderated(arcadedb_engine: Engine) -> Iterator[Moderated]:
    """A site with a small queue."""
    wipe(arcadedb_engine)
    app = trade(arcadedb_engine, 25)
    fill_queue(app, 24)
    with serving(app) as site:
        yield site


Somebody = Callable[..., Page]


@pytest.fixture
def somebody(moderated: Moderated, browser: Browser) -> Iterator[Somebody]:
    """A window of somebody: `somebody("ada", phone=True, dark=True, script=False)`; "" for nobody. What goes wrong in a page fails the test."""
    with opening(moderated, browser) as open_window:
        yield open_window


@pytest.fixture(scope="module")
def kept(moderated: Moderated, browser: Browser) -> Iterator[Somebody]:
    """As `somebody`, the same window each time: new ones would have to read axe again for each page."""
    with opening(moderated, browser) as open_window:
        yield cache(open_window)


@contextmanager
def opening(moderated: Moderated, browser: Browser) -> Iterator[Somebody]:
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_window(name: str, *, phone: bool = False, dark: bool = False, script: bool = True, lang: str = "en") -> Page:
        width, height = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", java_script_enabled=script, locale=lang
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        if name:
            sign_in(page, moderated, name)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize(("script", "phone"), [(True, False), (False, True)])
def test_from_a_field_to_the_moderators(somebody: Somebody, moderated: Moderated, script: bool, phone: bool) -> None:
    page = somebody("ada", script=script, phone=phone)
    page.goto(f"{moderated.address}/c/{SKILL}")
    page.get_by_role("link", name=re.compile(r"^Propose ?: Definition")).click()
    field = page.get_by_role("textbox", name="Definition (English)")
    assert field.input_value() == "To handle the part s1 with care."
    field.fill(f"To handle the part s1 with {'great' if script else 'good'} care.")
    if not script:
        page.get_by_role("button", name="Check").last.click()
    expect(page.locator("#checked ins")).to_contain_text("great" if script else "good")
    expect(page.locator("#checked")).to_contain_text("Nothing keeps it from being submitted.")
    page.get_by_label("Justification").fill("it breaks otherwise")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/proposals/*?done=submitted")
    expect(page.locator(".notice[role=status]")).to_contain_text("Submitted.")


def test_what_is_written_before_the_script_has_come_is_checked(somebody: Somebody, moderated: Moderated) -> None:
    page = somebody("ada")
    held: list[Route] = []
    page.route(SCRIPT, lambda route: held.append(route))
    with page.expect_request(SCRIPT):
        page.goto(f"{moderated.address}/propose?type=text&field=definition&language=en&concept={SKILL}", wait_until="commit")
    page.get_by_role("textbox", name="Definition (English)").fill("To handle the part s1 with utter care.")
    (script,) = held
    script.continue_()
    expect(page.locator("#checked ins")).to_contain_text("utter")


@pytest.mark.parametrize("script", [True, False])
def test_a_target_is_found_within_the_form(somebody: Somebody, moderated: Moderated, script: bool) -> None:
    page = somebody("bob", script=script)
    page.goto(f"{moderated.address}/propose?type=relate&concept={SKILL}&relation=related")
    page.get_by_label("Find an entry").fill("handle part s2")
    page.get_by_label("Find an entry").press("Enter")
    page.locator(f'[name="target"][value="{OTHER}"]').check()
    page.get_by_label("Justification").fill("they go together")
    page.get_by_role("button", name="Keep as a draft").click()
    page.wait_for_url("**/proposals/*?done=drafted")
    expect(page.locator("#proposal-changes ins")).to_contain_text("handle part s2")


def test_two_people(somebody: Somebody, moderated: Moderated) -> None:
    """One proposes; the moderator who has the page of the concept open sees it come, amends and accepts; the first one sees it without asking."""
    moderator, author = somebody("may"), somebody("ada")
    uuid = uuid_of("s24")
    moderator.goto(f"{moderated.address}/c/{uuid}")
    assert moderator.locator("#open-proposals a").count() == 0
    author.goto(f"{moderated.address}/propose?type=text&field=definition&language=en&concept={uuid}")
    author.get_by_role("textbox", name="Definition (English)").fill("To handle the part s24 with caer and gloves.")
    author.get_by_label("Justification").fill("gloves are needed")
    author.get_by_role("button", name="Submit").click()
    author.wait_for_url("**/proposals/*")
    expect(moderator.locator("#open-proposals a").first).to_be_visible(timeout=20_000)
    moderator.locator("#open-proposals a").click()
    moderator.locator("details.amend summary").click()
    moderator.locator("#p0-text").fill("To handle the part s24 with care and gloves.")
    expect(moderator.get_by_label("Accept with these values")).to_be_checked()
    moderator.get_by_role("button", name="Accept", exact=True).click()
    moderator.wait_for_url("**?done=accepted")
    expect(author.locator("#proposal-state")).to_contain_text("Accepted", timeout=20_000)
    author.goto(f"{moderated.address}/c/{uuid}")
    expect(author.get_by_text("To handle the part s24 with care and gloves.").first).to_be_visible()
    assert author.locator("#open-proposals a").count() == 0
    author.goto(f"{moderated.address}/c/{uuid}/history")
    expect(author.get_by_text("moderated by may")).to_be_visible()


def test_what_was_sent_and_is_shown_again_stays(somebody: Somebody, moderated: Moderated) -> None:
    """A page that a form was answered with looks once what happened meanwhile, and takes nothing from who goes on writing in it."""
    proposal = moderated.app.proposing.make([DeprecateConcept(OTHER)], ADA, justification="so", submit=True)
    page = somebody("may")
    page.goto(f"{moderated.address}/proposals/{proposal.id}")
    page.locator("#reason").fill("better there")
    page.locator("details.amend summary").click()
    page.locator('[name="p0-q"]').fill("handle part")
    with page.expect_response(lambda answer: answer.url.endswith(f"/proposals/{proposal.id}") and answer.request.method == "GET"):
        page.locator('[name="p0-action"]').first.click()
    page.wait_for_timeout(300)
    expect(page.locator("#reason")).to_have_value("better there")
    assert page.locator('[name="p0-target"]').count() > 1


PAGES = (
    ("", f"/c/{SKILL}"), ("", f"/propose?type=labels&language=en&concept={SKILL}"), ("ada", "/propose?type=create"), ("ada", "/proposals?author=me"),
    ("may", "/queue"), ("may", "/queue?order=alike&scheme=esco"), ("may", "/queue?lane=conflict"), ("may", "PROPOSAL"), ("ada", "PROPOSAL"),
    ("may", f"/c/{SKILL}/history"), ("may", f"/c/{SKILL}/revert?to=1"),
    ("root", "/releases"), ("root", "/releases/preview"), ("root", "/calendar"),
    *(("ada", f"/propose?type={kind}&concept={SKILL}") for kind in ("relate&relation=related", "move", "map", "merge", "split", "deprecate", "restore")),
    ("ada", f"/propose?type=text&concept={SKILL}"), ("root", "/imports"), ("", "/proposals/suggested"),
)  # fmt: skip


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_axe_finds_nothing_serious_and_tab_leads_everywhere(kept: Somebody, moderated: Moderated, who: str, path: str) -> None:
    if path == "PROPOSAL":
        found = moderated.app.queueing.page(MAY, limit=1).items[0]
        path = f"/proposals/{found.id}"
    for phone, dark, lang in ((False, False, "en"), (True, True, "fr")):
        page = kept(who, phone=phone, dark=dark, lang=lang)
        page.goto(moderated.address + path)
        require_accessible(page)
        if not phone:
            assert out_of_reach(page) == []



def test_an_open_page_says_that_it_is_another_proposal_now(somebody: Somebody, moderated: Moderated) -> None:
    app, one = moderated.app, uuid_of("s3")
    made = app.proposing.make([ChangeText(one, "definition", "en", "Harmless.")], ADA, justification="it is so", submit=True)
    page = somebody("may")
    page.goto(f"{moderated.address}/proposals/{made.id}")
    changed = page.locator("[data-live-changed]")
    expect(changed).to_be_hidden()
    app.talking.assign(made.id, MEL.id, MEL, None)
    expect(page.locator("#proposal-assignment")).to_contain_text("mel")
    app.talking.comment(made.id, "Is it?", MEL)
    expect(page.locator("#talk .count")).to_have_text("1")
    expect(changed).to_be_hidden()
    page.locator("#reason").fill("as agreed")
    edited = app.proposing.edit(made.id, ADA, made.version, changes=[ChangeText(one, "definition", "en", "Something else.")], justification="another reason")
    expect(changed).to_be_visible()
    expect(page.locator("#proposal-changes")).to_contain_text("Something else.")
    expect(page.locator("#proposal-words")).to_contain_text("another reason")
    assert page.locator('#decision [name="version"]').input_value() == str(edited.version)
    assert page.locator("#reason").input_value() == "as agreed"
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#proposal-state")).to_contain_text(re.compile("accepted", re.IGNORECASE))


def test_after_a_refusal_the_page_follows_too(somebody: Somebody, moderated: Moderated) -> None:
    app, one = moderated.app, uuid_of("s4")
    changes = [ChangeText(one, field, "en", "Late.") for field in ("definition", "note")]
    made = app.proposing.make(changes, ADA, justification="it is so", submit=True)
    page = somebody("may")
    page.goto(f"{moderated.address}/proposals/{made.id}")
    page.get_by_role("button", name="Reject", exact=True).click()
    expect(page).to_have_url(re.compile(r"/decide$"))
    page.locator("#part-1-reject").check()
    app.proposing.edit(made.id, ADA, made.version, justification="another reason")
    expect(page.locator("#proposal-words")).to_contain_text("another reason")
    assert page.locator("#part-1-reject").is_checked(), "what was chosen stays, and the version with it"
    assert page.locator('#decision [name="version"]').input_value() == str(made.version)
    app.deciding.decide(made.id, Ruling("reject", "no"), MEL, None)
    expect(page.locator("#proposal-state")).to_contain_text(re.compile("rejected", re.IGNORECASE))
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
