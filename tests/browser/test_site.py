"""The site in Chromium: with and without JavaScript, on a phone and a desktop, by keyboard; and axe on every page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import require_accessible
from tests.browser.conftest import Opening, Site, opening
from wikic.domain.ids import concept_uuid, rome_key
from wikic.services.editing import SetLabels

BAKER = concept_uuid(rome_key("metier", "D1102"))
PAGES = (
    "/", "/search?q=pain", "/search?q=zzzz", "/tree", "/tree?scheme=rome", f"/c/{BAKER}", f"/r/2025/c/{BAKER}",
    f"/c/{BAKER}/relations", f"/c/{BAKER}/history", "/schemes", "/releases", "/releases/2026", "/diff", "/diff?from=2025&to=2026",
    "/changes", "/changes/1", "/about", "/use-the-api", "/docs", "/docs/errors", "/design", "/lint", "/nothing",
)  # fmt: skip


@pytest.fixture(scope="module")
def windows(site: Site, browser: Browser) -> Iterator[list[Page]]:
    """Of a desktop and of a phone, which go from page to page: new ones would have to read axe again for each."""
    with opening(site, browser) as opened:
        yield [opened("/", phone=phone, dark=dark, lang=lang) for phone, dark, lang in ((False, False, "en"), (True, True, "fr"))]


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious(windows: list[Page], site: Site, path: str) -> None:
    for page in windows:
        page.goto(site.address + path)
        require_accessible(page)


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("phone", [True, False])
def test_search_to_an_occupation(opened: Opening, site: Site, phone: bool, script: bool) -> None:
    page = opened("/", phone=phone, script=script, lang="fr")
    page.get_by_label("Rechercher un métier").fill("boulanger")
    page.get_by_label("Rechercher un métier").press("Enter")
    page.wait_for_url("**/search?q=boulanger")
    page.locator("main").get_by_role("link", name="Boulanger / Boulangère", exact=True).first.click()
    page.wait_for_url(re.compile(r"/c/[0-9a-f-]+$"))
    assert page.locator("h1").inner_text() == "Boulanger / Boulangère"
    assert page.get_by_role("heading", name="Composition du métier").count() in (0, 1)
    assert page.url.startswith(site.address)


def test_suggestions_by_keyboard(opened: Opening) -> None:
    page = opened("/", lang="fr")
    field = page.get_by_role("combobox")
    field.press_sequentially("boul", delay=10)
    page.get_by_role("option").first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("a", delay=10)
    page.get_by_role("option").first.wait_for()
    field.press("ArrowDown")
    assert page.get_by_role("option", selected=True).count() == 1
    assert field.get_attribute("aria-activedescendant") == page.get_by_role("option", selected=True).get_attribute("id")
    field.press("Enter")
    page.wait_for_url("**/c/*")


def test_tree_by_keyboard(opened: Opening) -> None:
    page = opened("/tree?scheme=rome&kind=occupation_group", lang="fr")
    tree = page.get_by_role("tree")
    first = tree.get_by_role("treeitem").first
    first.focus()
    page.keyboard.press("ArrowRight")
    first.get_by_role("group").first.wait_for()
    assert first.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.parentElement.getAttribute('role')") == "group"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert first.get_attribute("aria-expanded") == "false"
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url("**/c/*")


def test_tree_without_script(opened: Opening) -> None:
    page = opened("/tree?scheme=rome&kind=occupation_group", script=False, lang="fr")
    assert page.get_by_role("tree").count() == 0
    page.locator("a.toggle").first.click()
    page.wait_for_url("**/tree?parent=*")
    assert page.locator(".tree-path li").count() == 1


@pytest.mark.parametrize("script", [True, False])
def test_the_release_switch_keeps_the_page(opened: Opening, script: bool) -> None:
    page = opened(f"/c/{BAKER}", script=script)
    page.locator(".release-switch summary").click()
    page.locator(".release-switch").get_by_role("link", name="2025").click()
    page.wait_for_url(f"**/r/2025/c/{BAKER}")
    assert page.get_by_text("You are reading release 2025").is_visible()
    page.get_by_role("link", name="Schemes").click()
    page.wait_for_url("**/schemes?release=2025")
    page.get_by_role("link", name="See the current version").click()
    page.wait_for_url("**/schemes")


@pytest.mark.parametrize("script", [True, False])
def test_the_language_switch_keeps_the_page(opened: Opening, script: bool) -> None:
    page = opened(f"/c/{BAKER}/history", script=script)
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("navigation", name="Language").get_by_role("link", name="FR").click()
    assert page.locator("html").get_attribute("lang") == "fr"
    page.get_by_role("link", name="Fiche").click()
    page.wait_for_url(f"**/c/{BAKER}")
    assert page.locator("html").get_attribute("lang") == "fr"


def test_cite(opened: Opening, site: Site) -> None:
    page = opened(f"/c/{BAKER}")
    button = page.locator('[data-copy="pinned"]')
    button.click()
    button.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.address}/r/2026/c/{BAKER}"
    without = opened(f"/c/{BAKER}", script=False)
    assert not without.locator('[data-copy="pinned"]').is_visible()
    assert without.locator("#pinned").inner_text() == f"{site.address}/r/2026/c/{BAKER}"


def test_downloads(opened: Opening) -> None:
    page = opened(f"/r/2026/c/{BAKER}")
    links = page.locator("#downloads + ul a")
    media = {"JSON": "application/json", "Turtle": "text/turtle", "N-Triples": "application/n-triples"}
    for name, kind in media.items():
        answer = page.request.get(page.url + "." + str(links.get_by_text(name, exact=True).get_attribute("href")).rpartition(".")[2])
        assert answer.ok
        assert answer.headers["content-type"].startswith(kind)


def test_what_is_edited_here_stands_beside_its_source(opened: Opening, site: Site) -> None:
    app = site.world.app
    labels = tuple(label for label in app.reading.find(BAKER).concept.content.labels if label.lang == "fr")
    renamed = tuple(each._replace(value="Artisan du pain") if each.type == "preferred" else each for each in labels)
    app.editing.apply([SetLabels(BAKER, "fr", renamed)], actor="tester", summary="another name")
    app.reading.forget()
    page = opened(f"/c/{BAKER}", script=False)
    assert page.locator("h1").inner_text() == "Artisan du pain"
    row = page.locator("section.edited tbody tr")
    assert row.locator("td").all_inner_texts() == ["Artisan du pain", "Boulanger / Boulangère"]
    assert page.locator(".concept-head").get_by_text("Edited here").is_visible()
    pinned = opened(f"/r/2026/c/{BAKER}", script=False)
    assert pinned.get_by_text("Edited here").count() == 0
    app.editing.apply([SetLabels(BAKER, "fr", labels)], actor="tester", summary="the name of the source again")
    app.reading.forget()
