"""A queue brought down by keyboard, as somebody would; keystrokes are counted."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.moderation import Moderated
from tests.flows.proposal_tools import ROOT


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.count += 1


def waiting(moderated: Moderated) -> int:
    return sum(moderated.app.queueing.counts(ROOT).values())


def settled(page: Page) -> None:
    """Until what was sent has been answered."""
    expect(page.locator("[data-queue]")).not_to_have_attribute("aria-busy", "true")


def bring_down(page: Page, keys: Keys, moderated: Moderated, left: int) -> None:
    """As somebody would: a lot or a group at once where there is one, else the single proposal. What contradicts what was accepted is rejected."""
    while waiting(moderated) > left:
        group = page.locator(".queue-row.here").locator("xpath=ancestor::section[contains(@class, 'group')]")
        if group.count() and group.locator("[data-row]").count() > 1:
            together(page, keys)
        else:
            keys("a")
            settled(page)
            if page.locator("#queue-notice .notice.bad").count():
                keys("r", "1")
        settled(page)


def together(page: Page, keys: Keys) -> None:
    """A whole group: a look at what it would do, then Enter; or back, and rejected, where it would do nothing."""
    keys("X", "a")
    page.wait_for_url("**/queue/preview")
    if not page.locator("#decided").count():
        keys("Escape")
        page.wait_for_url("**/queue?**")
        keys("X", "r", "1")
        page.wait_for_url("**/queue/preview")
    keys("Enter")
    page.wait_for_url("**/queue?**")
