"""A queue of 400 mixed proposals brought below 50 in Chromium, by keyboard alone: the keystrokes, and how long the machine took for them."""

from __future__ import annotations

import shutil
import time
from typing import Final

from playwright.sync_api import sync_playwright

from benchmarks.common import Bench, Table, main
from tests.browser.moderation import fill_queue, serving, sign_in, trade
from tests.browser.queue_keys import Keys, bring_down, waiting

SIZE: Final = 400
LEFT: Final = 49


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    app = trade(bench.engine, SIZE)
    fill_queue(app, SIZE)
    with serving(app) as site, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
        sign_in(page, site, "may")
        started = time.perf_counter()
        page.goto(f"{site.address}/queue?order=alike&limit=100")
        keys = Keys(page)
        bring_down(page, keys, site, LEFT)
        took = time.perf_counter() - started
        left = waiting(site)
        browser.close()
    table.add("proposals waiting", f"{SIZE} -> {left}", f"below {LEFT + 1}")
    table.add("keystrokes", str(keys.count), "", f"{keys.count / (SIZE - left):.2f} for each proposal decided")
    table.add("the machine's part", f"{took:.0f} s", "", "what is left of the morning is for reading")


if __name__ == "__main__":
    main("a morning's queue", __doc__, body)
