"""Somebody who reads pages and sends forms, for tests of pages; the fixtures `ground` and `site`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.flows.proposal_tools import ADA, Ground, make_ground
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.known_people import WithPeople
from tests.web.test_pages import Parsed
from wikic.domain.access import Actor
from wikic.store.engine import Engine
from wikic.web.acting import SESSION_COOKIE

FORM = {"Accept": "text/html", "Accept-Language": "en", "Content-Type": "application/x-www-form-urlencoded"}


class Site:
    """A client that reads pages and sends forms as somebody."""

    def __init__(self, client: TestClient, ground: Ground) -> None:
        self.client, self.ground, self.who = client, ground, ""

    def be(self, who: Actor | None) -> Site:
        """From now on as that person."""
        self.client.cookies.delete(SESSION_COOKIE)
        if who is not None:
            self.client.cookies.set(SESSION_COOKIE, who.name)
        return self

    def get(self, address: str, status: int = 200) -> str:
        """A page, which is well formed."""
        answer = self.client.get(address, headers=FORM)
        assert answer.status_code == status, (address, answer.status_code, answer.text[:2_000])
        Parsed(answer.text)
        return str(answer.text)

    def send(self, address: str, fields: list[tuple[str, str]]) -> httpx2.Response:
        """A form."""
        answer = self.client.post(address, content=urlencode(fields), headers=FORM)
        if answer.status_code != 303:
            Parsed(answer.text)
        return answer

    def fill(self, page: str, address: str, /, **changed: Any) -> httpx2.Response:
        """Send the form of a page that goes to an address, with the fields as they stand but for these."""
        form = next(found for found in re.findall(r"(?s)<form[^>]*method=\"post\".*?</form>", page) if f'action="{address}"' in found)
        fields: list[tuple[str, str]] = []
        for name, value in fields_of(form):
            if name not in changed:
                fields.append((name, value))
        for name, value in changed.items():
            fields += [(name, each) for each in (value if isinstance(value, list) else [value])]
        return self.send(address, fields)


def fields_of(form: str) -> Iterator[tuple[str, str]]:
    """The fields of a form as a browser would send them, buttons left out."""
    for tag in re.findall(r"<input[^>]*>", form):
        kind, name = attribute(tag, "type"), attribute(tag, "name")
        if name and (kind not in ("checkbox", "radio") or " checked" in tag):
            yield name, attribute(tag, "value")
    for head, value in re.findall(r"(?s)<textarea([^>]*)>(.*?)</textarea>", form):
        yield attribute(head, "name"), html.unescape(value)
    for head, options in re.findall(r"(?s)<select([^>]*)>(.*?)</select>", form):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'<option value="([^"]*)"', options)
        yield attribute(head, "name"), html.unescape(chosen[1]) if chosen else ""


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


@pytest.fixture
def ground(engine: Engine) -> Ground:
    return make_ground(engine)


@pytest.fixture
def site(ground: Ground) -> Iterator[Site]:
    with TestClient(started(WithPeople(ground.app), PUBLIC_URL), follow_redirects=False) as client:
        yield Site(client, ground)


def the_one(ground: Ground, who: Actor = ADA) -> Any:
    """The newest proposal."""
    return ground.app.proposing.list(who, author=who.id).items[0]
