"""Hands that only know the keyboard: they come to a control by Tab, as somebody without a mouse would."""

from __future__ import annotations

import re
from typing import Final

from playwright.sync_api import Locator, Page, expect

_MOST: Final = 250
"""Tabs after which a control counts as out of reach."""


class Hands:
    """One person's keyboard in one window."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, control: Locator) -> Locator:
        """Press Tab until a control has the focus; fails where Tab does not lead to it."""
        expect(control).to_be_visible()
        held = control.element_handle()
        for _ in range(_MOST):
            self.page.keyboard.press("Tab")
            if held.evaluate("element => element === document.activeElement"):
                return control
        raise AssertionError(f"{control} cannot be reached by Tab on {self.page.url}")

    def open(self, control: Locator, leads_to: str) -> None:
        """Enter on a link or a button that leads to another page; `leads_to` is a pattern of its address."""
        self.to(control)
        with self.page.expect_navigation(url=re.compile(leads_to)):
            self.page.keyboard.press("Enter")

    def press(self, control: Locator, key: str = "Enter") -> None:
        """A key on a control that changes something in the page."""
        self.to(control)
        self.page.keyboard.press(key)

    def write(self, field: Locator, text: str) -> None:
        """Type into a field, in the place of what it holds."""
        self.to(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)


def out_of_reach(page: Page) -> list[str]:
    """The controls that can be seen and that Tab never comes to; of radio buttons one of each group is enough."""
    stops = int(page.evaluate(_MARK))
    for _ in range(stops + 5):
        page.keyboard.press("Tab")
    return list(page.evaluate("[...document.querySelectorAll('[data-stop]')].filter((each) => !reached.has(each)).map((each) => each.outerHTML.slice(0, 120))"))


_MARK: Final = """() => {
  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const groups = new Set();
  let stops = 0;
  window.reached = new Set();
  for (const each of document.querySelectorAll(controls)) {
    if (!each.checkVisibility({ visibilityProperty: true }) || each.disabled || each.closest("[aria-hidden=true]")) continue;
    if (each.type === "radio" && groups.size === groups.add(each.name).size) continue;
    each.dataset.stop = String(stops++);
  }
  document.addEventListener("focusin", ({ target }) => {
    reached.add(target);
    if (target.type === "radio") for (const each of document.getElementsByName(target.name)) reached.add(each);
  });
  return stops;
}"""
