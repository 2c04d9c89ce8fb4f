"""The picker, embedded by one script tag in a page of another origin: searched, chosen and handed over by keyboard; as a plain page without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site
from tests.serving import served

Scope = MutableMapping[str, Any]


def tool(site: Site) -> Callable[[Scope, Any, Callable[[Scope], Awaitable[None]]], Awaitable[None]]:
    """A badge tool of somebody else's, with strict rules of its own for what it embeds."""
    page = f"""<!doctype html><html lang="en"><title>Tool</title><main><h1>My badge</h1><label for="a">Alignment</label><textarea id="a"></textarea>
<script src="{site.address}/embed/picker.js" data-lang="en" data-format="ob2" data-target="#a" data-title="Competencies"></script></main></html>"""
    policy = f"default-src 'none'; script-src {site.address}; frame-src {site.address}"

    async def app(scope: Scope, receive: Any, send: Callable[[Scope], Awaitable[None]]) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"text/html"), (b"content-security-policy", policy.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": page.encode()})
        else:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})

    return app


@pytest.fixture(scope="module")
def elsewhere(site: Site) -> Iterator[str]:
    with served(lambda _: tool(site)) as address:
        yield address


@pytest.fixture
def embedding(browser: Browser, elsewhere: str) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script("window.told = []; addEventListener('wiki-c:alignment', (event) => window.told.push(event.detail))")
    page.goto(elsewhere)
    yield page
    assert context.cookies() == []
    context.close()
    assert complaints == []


def press_until(page: Page, name: str) -> None:
    """Go on by Tab until what has this name has the focus, within the frame."""
    frame = page.frames[1]
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in str(frame.evaluate("document.activeElement.textContent")):
            return
    pytest.fail(f"{name} is not reached by keyboard")


def test_by_keyboard_in_a_page_of_another_origin(embedding: Page, site: Site) -> None:
    frame = embedding.frame_locator("iframe[title=Competencies]")
    frame.get_by_label("What can the person do?").wait_for()
    embedding.locator("#a").focus()
    embedding.keyboard.press("Tab")
    embedding.keyboard.type("knead")
    embedding.keyboard.press("Enter")
    result = frame.locator(".result a").first
    result.wait_for()
    name = result.inner_text()
    press_until(embedding, name)
    embedding.keyboard.press("Enter")
    expect(frame.get_by_role("heading", level=1)).to_have_text(name)
    expect(frame.get_by_role("heading", level=1)).to_be_focused()
    press_until(embedding, "I pass on")
    embedding.keyboard.press("Enter")
    expect(frame.locator("[aria-current]")).to_have_text("I pass on")
    press_until(embedding, "Use this alignment")
    embedding.keyboard.press("Enter")
    expect(frame.get_by_role("status")).to_have_text("The alignment was handed to the page.")
    embedding.wait_for_function("document.querySelector('#a').value !== ''")
    given = json.loads(embedding.locator("#a").input_value())["alignment"][0]
    assert given["targetUrl"].startswith(f"{site.address}/c/")
    assert given["targetDescription"].endswith("Level 2: I pass on.")
    told: list[dict[str, Any]] = embedding.evaluate("window.told")
    assert len(told) == 1
    assert (told[0]["level"], told[0]["format"], told[0]["name"]) == ("practice:2", "ob2", name)
    assert {"ob2", "ob3", "badgr", "moodle"} <= told[0]["formats"].keys()
    assert json.loads(told[0]["formats"]["ob3"]["text"])["resultDescription"]


def test_nothing_is_told_to_a_page_of_another_origin_than_it_was_opened_by(embedding: Page, site: Site) -> None:
    frame = embedding.frame_locator("iframe")
    frame.get_by_label("What can the person do?").wait_for()
    embedding.evaluate("window.any = []; addEventListener('message', (event) => window.any.push(event.data))")
    skill = site.world.slice
    embedding.evaluate(
        "(address) => { document.querySelector('iframe').src = address; }", f"{site.address}/embed/picker?concept={skill}&origin=https://victim.example"
    )
    frame.get_by_role("heading", name="slice bread").wait_for()
    assert not frame.locator("[data-use]").is_visible()
    assert [each for each in embedding.evaluate("window.any") if "alignment" in str(each)] == []


def test_in_a_page_without_an_origin(browser: Browser, site: Site) -> None:
    page = browser.new_page(locale="en")
    # A tool may ask for a whole description: what is too long for the picker is cut.
    asked = f"knead{' ' * 400}and whatever else a badge says"
    inner = f'<script src="{site.address}/embed/picker.js" data-lang="en" data-query="{asked}" data-title="Competencies"></script>'
    page.set_content(f'<iframe sandbox="allow-scripts allow-forms" srcdoc=\'{inner}\'></iframe>')
    frame = page.frame_locator("iframe").frame_locator("iframe[title=Competencies]")
    frame.locator(".result a").first.evaluate("(link) => link.click()")
    expect(frame.locator("#box-ob3")).to_have_count(1)
    expect(frame.locator("[data-use]")).to_be_hidden()
    page.close()


@pytest.mark.parametrize(("phone", "script"), [(False, True), (True, False)])
def test_as_a_plain_page(opened: Opening, phone: bool, script: bool) -> None:
    page = opened("/embed/picker?format=ob2", phone=phone, script=script, lang="en")
    page.get_by_label("What can the person do?").fill("knead")
    page.get_by_role("button", name="Search").click()
    page.locator(".result a").first.click()
    page.get_by_role("link", name="I lead").click()
    box = page.get_by_label("Alignment for Open Badges 2.0")
    assert json.loads(box.input_value())["alignment"][0]["targetUrl"].startswith("http://127.0.0.1")
    assert not page.locator("[data-use]").is_visible()
    if script:
        page.get_by_role("button", name="Copy").first.click()
        assert page.evaluate("navigator.clipboard.readText()") == box.input_value()
        require_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "too wide"
