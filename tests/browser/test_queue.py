"""The queue in Chromium, by keyboard alone: a seeded queue brought down, keystrokes counted; keys that stay out of fields; the same without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.moderation import Moderated, fill_queue, serving, sign_in, trade
from tests.browser.queue_keys import Keys, bring_down, settled, waiting
from tests.engines import wipe
from tests.flows.model import uuid_of
from tests.flows.proposal_tools import ADA
from wikic.domain.proposals_changes import ChangeText
from wikic.store.engine import Engine

SIZE, LEFT = 120, 15


@pytest.fixture(scope="module")
def moderated(arcadedb_engine: Engine) -> Iterator[Moderated]:
    """A site whose queue is full."""
    wipe(arcadedb_engine)
    app = trade(arcadedb_engine, SIZE)
    fill_queue(app, SIZE)
    with serving(app) as site:
        yield site


@pytest.fixture
def page(moderated: Moderated, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    page = context.new_page()
    sign_in(page, moderated, "may")
    yield page
    context.close()


def lead(page: Page) -> str:
    return str(page.locator(".queue-row.here").get_attribute("data-row"))


def test_one_by_one(page: Page, moderated: Moderated) -> None:
    page.goto(f"{moderated.address}/queue")
    keys = Keys(page)
    first = lead(page)
    before = waiting(moderated)
    keys("j")
    assert lead(page) != first
    keys("k")
    assert lead(page) == first
    keys("a")
    expect(page.get_by_text("Proposals accepted: 1.")).to_be_visible()
    assert (waiting(moderated), lead(page) != first) == (before - 1, True)
    keys("u")
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert waiting(moderated) == before
    second = lead(page)
    keys("r", "2")
    expect(page.get_by_text("Proposals rejected: 1.")).to_be_visible()
    settled(page)
    decided = moderated.app.proposing.read(second, ADA)
    assert (decided.state, decided.decisions[-1].reason) == ("rejected", "This is no skill but a task, a tool or the title of a course.")
    here = lead(page)
    keys("o")
    page.wait_for_url(f"**/proposals/{here}")


def test_keys_stay_out_of_fields_and_can_be_switched_off(page: Page, moderated: Moderated) -> None:
    page.goto(f"{moderated.address}/queue")
    before, keys = waiting(moderated), Keys(page)
    keys("/")
    page.locator("#f-author").focus()
    keys("a", "x", "r")
    assert page.locator("#f-author").input_value() == "axr"
    assert page.locator('[name="id"]:checked').count() == 0
    page.locator("#queue-keys summary").focus()
    keys("?")
    for key in ("j, ↓", "x", "a", "r", "e", "o", "u"):
        assert page.locator("#queue-keys kbd", has_text=re.compile(f"^{re.escape(key)}$")).count() == 1
    page.get_by_label("Shortcuts on").uncheck()
    page.locator("h1").click()
    keys("a", "x")
    page.reload()
    keys("a", "x")
    assert (page.locator('[name="id"]:checked').count(), waiting(moderated)) == (0, before)


def test_without_javascript(moderated: Moderated, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en")
    page = context.new_page()
    sign_in(page, moderated, "may")
    page.goto(f"{moderated.address}/queue")
    before = waiting(moderated)
    for box in page.locator('[name="id"]').all()[:2]:
        box.check()
    page.get_by_role("button", name="Accept …").click()
    page.get_by_role("button", name=re.compile(r"^Accept \(")).click()
    expect(page.get_by_text(re.compile("Proposals accepted"))).to_be_visible()
    assert waiting(moderated) < before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert waiting(moderated) == before
    context.close()


def test_what_comes_in_shows_by_itself(page: Page, moderated: Moderated) -> None:
    page.goto(f"{moderated.address}/queue?concept={uuid_of('fitter')}")
    made = moderated.app.proposing.make([ChangeText(uuid_of("fitter"), "definition", "en", "Fits.")], ADA, justification="new", submit=True)
    expect(page.locator(f'[data-row="{made.id}"]')).to_be_visible(timeout=20_000)


def test_who_has_a_row_on_the_screen_shows_by_itself(page: Page, moderated: Moderated) -> None:
    page.clock.install()
    page.goto(f"{moderated.address}/queue")
    row = page.locator(".queue-row").first
    moderated.app.talking.look(str(row.get_attribute("data-row")), ADA)
    page.clock.fast_forward(20_000)
    expect(row.get_by_text("also looked at by ada")).to_be_visible(timeout=20_000)


def test_brought_down_by_keyboard(page: Page, moderated: Moderated) -> None:
    page.goto(f"{moderated.address}/queue?order=alike&limit=200")
    keys = Keys(page)
    bring_down(page, keys, moderated, LEFT)
    assert waiting(moderated) <= LEFT
    assert keys.count < SIZE
