"""The site over the sample on a real port, and Chromium. Where there is no Chromium these tests skip; with
WIKIC_REQUIRE_BROWSER=1 (CI sets it) that is a failure."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.engines import arcadedb_engine
from tests.sample_world import World, make_world
from tests.serving import served
from wikic.store.engine import Engine
from wikic.web.app import create_app

__all__ = ["arcadedb_engine"]

PHONE, DESKTOP = (390, 844), (1280, 900)


@dataclass(frozen=True)
class Site:
    """Where the site answers, and what is in it."""

    address: str
    world: World


@pytest.fixture(scope="module")
def site(arcadedb_engine: Engine) -> Iterator[Site]:
    """The site, served from a thread; of each file, since others put worlds of their own into the same store."""
    world = make_world(arcadedb_engine)
    with served(lambda address: create_app(world.app, address)) as address:
        yield Site(address, world)


def _chromium() -> str:
    found = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("WIKIC_REQUIRE_BROWSER") == "1":
            pytest.fail("there is no chromium on the PATH, and WIKIC_REQUIRE_BROWSER=1")
        pytest.skip("there is no chromium on the PATH (apt-get install chromium)")
    return str(found)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    path = _chromium()
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


Opening = Callable[..., Page]


@pytest.fixture
def opened(site: Site, browser: Browser) -> Iterator[Opening]:
    """Open a page of the site: `opened("/", phone=True, dark=True, script=False, lang="fr")`. What a page writes to the
    console as an error, and each request to another host, fails the test."""
    with opening(site, browser) as opened:
        yield opened


@contextmanager
def opening(site: Site, browser: Browser) -> Iterator[Opening]:
    """As `opened`; all is closed, and judged, at the end."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str, *, phone: bool = False, dark: bool = False, script: bool = True, lang: str = "en"
    ) -> Page:
        width, height = PHONE if phone else DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            locale=lang,
            has_touch=phone,
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        page = context.new_page()

        def complain(about: str) -> None:
            complaints.append(f"{page.url}: {about}")

        page.on("console", lambda said: complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.on("request", lambda sent: complain(sent.url) if not sent.url.startswith(site.address) else None)
        page.goto(site.address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [each for each in complaints if "404 (Not Found)" not in each] == []
