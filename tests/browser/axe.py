"""What axe-core finds in a page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page


@cache
def _script() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def require_accessible(page: Page) -> None:
    """The page is not wider than its window, and axe finds nothing serious or critical in it."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{page.url} is too wide"
    page.evaluate(_script())
    found: list[dict[str, Any]] = page.evaluate("axe.run({resultTypes: ['violations']}).then((found) => found.violations)")
    bad = [each for each in found if each["impact"] in ("serious", "critical")]
    assert [(page.url, each["id"], each["nodes"][0]["target"], each["nodes"][0]["failureSummary"]) for each in bad] == []
