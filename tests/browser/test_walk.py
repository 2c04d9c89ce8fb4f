"""A moderated year in Chromium, by keyboard alone: proposed by one person, seen to arrive by a moderator in another window, amended, accepted, in the history;
the release 2026 frozen and published on the pages; changed again; and read as it was in 2026 and as it is now. With JavaScript, and without (then a page is
loaded again where it would follow by itself), in English and in French."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import DESKTOP
from tests.browser.keyboard import Hands
from tests.browser.moderation import Moderated, serving
from tests.engines import wipe
from tests.flows.proposal_tools import SAW, make_ground
from tests.people import OPERATOR, PASSWORD
from wikic.domain.access import Grant
from wikic.store.engine import Engine
from wikic.web.texts import Texts

FIRST, AMENDED, SECOND = "To saw with teh grain.", "To saw with the grain.", "To saw along the grain, slowly."
LIVE_MS = 20_000


@pytest.fixture
def site(arcadedb_engine: Engine) -> Iterator[Moderated]:
    """A small framework, and people with passwords: Ada proposes, May moderates, Root administers."""
    wipe(arcadedb_engine)
    app = make_ground(arcadedb_engine).app
    for name, role in (("Ada", "contributor"), ("May", "moderator"), ("Root", "admin")):
        app.accounts.add(name, actor=OPERATOR, password=PASSWORD, grants=(Grant(role),))
    with serving(app, by_name=False) as made:
        yield made


@dataclass
class Window:
    """Somebody's window."""

    page: Page
    hands: Hands
    t: Texts
    address: str
    script: bool

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def link(self, name: str | re.Pattern[str], within: str = "main") -> Locator:
        return self.page.locator(within).get_by_role("link", name=name, exact=isinstance(name, str)).first

    def button(self, name: str) -> Locator:
        return self.page.locator("main").get_by_role("button", name=name, exact=True).first

    def field(self, name: str) -> Locator:
        return self.page.locator("main").get_by_label(name, exact=True).first

    def sign_in(self, name: str, path: str) -> None:
        """From the page at hand to the form and back, then on to `path`."""
        self.go(path)
        if "/sign-in" not in self.page.url:
            self.hands.open(self.link(self.t("account.sign_in"), "header"), "/sign-in")
        self.hands.write(self.field(self.t("account.login")), name)
        self.hands.to(self.field(self.t("account.password")))
        self.page.keyboard.type(PASSWORD)
        with self.page.expect_navigation(url=re.compile(re.escape(path) + "$")):
            self.page.keyboard.press("Enter")

    def sign_out(self) -> None:
        self.hands.press(self.page.locator("details.account summary"))
        self.hands.open(
            self.page.locator("details.account").get_by_role("button", name=self.t("account.sign_out")), "/$"
        )

    def arrives(self, what: Locator) -> None:
        """Something that others did shows: by itself, or without JavaScript when the page is asked for again."""
        if not self.script:
            self.page.reload()
        expect(what).to_be_visible(timeout=LIVE_MS)


Windows = tuple[Window, Window]


@pytest.fixture(params=[(True, "en"), (False, "fr")], ids=["with-javascript-en", "without-javascript-fr"])
def windows(request: pytest.FixtureRequest, site: Moderated, browser: Browser) -> Iterator[Windows]:
    """The author's window, and the other one; what goes wrong in a page fails the test."""
    script, lang = request.param
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def window() -> Window:
        width, height = DESKTOP
        context = browser.new_context(
            viewport={"width": width, "height": height}, java_script_enabled=script, locale=lang
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return Window(page, Hands(page), Texts(lang), site.address, script)

    yield window(), window()
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_moderated_year(windows: Windows) -> None:
    author, other = windows
    other.sign_in("May", "/queue")
    author.sign_in("Ada", "/")
    proposal = propose(author, FIRST)
    amend_and_accept(other, proposal)
    author.arrives(author.page.locator("#proposal-state").get_by_text(author.t.name("proposal_state", "accepted")))
    read_the_history(other)

    other.sign_out()
    other.sign_in("Root", "/releases")
    freeze_and_publish(other)

    again = propose(author, SECOND)
    accept_from_the_queue(other, again)
    author.arrives(author.page.locator("#proposal-state").get_by_text(author.t.name("proposal_state", "accepted")))
    switch_between_2026_and_now(author)


def propose(author: Window, text: str) -> str:
    """From the search to the entry, to its definition, and off to the moderators; the proposal's id."""
    t, hands, page = author.t, author.hands, author.page
    author.go("/")
    hands.write(author.field(t("site.search_label")), "saw planks")
    with page.expect_navigation(url=re.compile(r"/search\?q=")):
        page.keyboard.press("Enter")
    hands.open(page.locator(f'main a[href="/c/{SAW}"]').first, f"/c/{SAW}")
    definition = t("concept.definition")
    hands.open(author.link(re.compile(f"^{t('propose.short')}.*{definition}")), "/propose")
    terms = author.link(t("propose.terms_link"))
    if terms.count():
        hands.open(terms, "/terms")
        hands.open(page.locator("main form").get_by_role("button"), "/propose")
    hands.write(page.get_by_role("textbox", name=definition), text)
    hands.write(author.field(t("propose.justification")), "The trade says so.")
    hands.open(author.button(t("propose.submit")), r"/proposals/[0-9a-f-]+\?done=submitted")
    expect(page.locator(".notice[role=status]")).to_contain_text(t("done.submitted"))
    return page.url.partition("?")[0].rpartition("/")[2]


def amend_and_accept(moderator: Window, proposal: str) -> None:
    """It arrives in the queue that is open, is opened from there, mended and accepted."""
    t, hands, page = moderator.t, moderator.hands, moderator.page
    row = page.locator(f'[data-row="{proposal}"]')
    moderator.arrives(row)
    if moderator.script:
        with page.expect_navigation(url=re.compile(f"/proposals/{proposal}")):
            page.keyboard.press("e")
    else:
        hands.open(row.get_by_role("link", name=re.compile(f"^{t('queue.open')}")), f"/proposals/{proposal}")
    hands.press(page.locator("details.amend summary"))
    hands.press(moderator.field(t("decide.amend_this")), "Space")
    hands.write(page.locator("#p0-text"), AMENDED)
    hands.open(moderator.button(t.name("verdict_act", "accept")), r"\?done=accepted")
    expect(page.locator("#proposal-history")).to_contain_text(t("proposal.amended"))


def read_the_history(moderator: Window) -> None:
    """Who proposed, who decided, what was and what is."""
    t, hands, page = moderator.t, moderator.hands, moderator.page
    hands.open(page.locator("#change-1 h3").get_by_role("link"), f"/c/{SAW}$")
    expect(page.locator("#live-definition")).to_contain_text(AMENDED)
    hands.open(moderator.link(re.compile(f"^{t('concept.tab_history')}")), f"/c/{SAW}/history")
    entry = page.locator(".timeline > li").first
    for said in (t("changes.by", actor="Ada"), t("changes.moderated", name="May"), AMENDED):
        expect(entry).to_contain_text(said)
    expect(entry.locator("del")).to_have_text("To saw.")


def freeze_and_publish(admin: Window) -> None:
    """2026, by the pages: named, its manifest made aside, then open to everyone."""
    t, hands, page = admin.t, admin.hands, admin.page
    hands.open(admin.link(t("releases.preview")), "/releases/preview")
    expect(page.locator("main")).to_contain_text(t("preview.proposals"))
    hands.open(admin.link(t("releases.title"), ".breadcrumb"), "/releases$")
    hands.write(page.locator("#name"), "2026")
    hands.open(admin.button(t("releases.freeze_do")), "/releases/2026$")
    publish = admin.button(t("releases.publish"))
    for _ in range(400):
        if publish.count():
            break
        page.reload()
    hands.open(publish, "/releases/2026$")
    expect(page.locator("main")).to_contain_text(t.name("state", "published"))
    assert publish.count() == 0


def accept_from_the_queue(admin: Window, proposal: str) -> None:
    """By the menu to the queue, and accepted there: one key, or the form and its preview."""
    t, hands, page = admin.t, admin.hands, admin.page
    hands.press(page.locator("details.account summary"))
    hands.open(admin.link(t("queue.title"), "details.account"), "/queue$")
    row = page.locator(f'[data-row="{proposal}"]')
    expect(row).to_be_visible()
    if admin.script:
        page.keyboard.press("a")
    else:
        hands.press(row.get_by_role("checkbox"), "Space")
        hands.open(admin.button(t("queue.do_accept")), "/queue/preview")
        hands.open(page.locator("#confirm"), r"/queue\?")
    expect(page.locator("#queue-notice")).to_contain_text(t("queue.done_accept", n=1))
    expect(row).to_have_count(0)


def switch_between_2026_and_now(reader: Window) -> None:
    """The entry as it was published, and as it is."""
    t, hands, page = reader.t, reader.hands, reader.page
    hands.open(page.locator("#change-1 h3").get_by_role("link"), f"/c/{SAW}$")
    definition = page.locator("section", has=page.locator("#definition"))
    expect(definition).to_contain_text(SECOND)
    hands.press(page.locator("details.release-switch summary"))
    hands.open(reader.link("2026", "details.release-switch"), f"/r/2026/c/{SAW}$")
    expect(page.get_by_text(t("site.pinned", release="2026"))).to_be_visible()
    expect(definition).to_contain_text(AMENDED)
    hands.open(reader.link(t("site.to_current"), "body"), f"/c/{SAW}$")
    expect(definition).to_contain_text(SECOND)
