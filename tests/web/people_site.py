"""A browser on a site with open registration and mail, and what its tests share."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.flows.people_world import CHEAP, HandClock, Outbox
from tests.sample_world import World
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic.services.accounts import AccountRules
from wikic.services.accounts_parts import AccountServices
from wikic.services.mailing import Mailer

HTML = {"Accept": "text/html"}


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def site(world: World, outbox: Outbox) -> Iterator[TestClient]:
    """A browser on a site with open registration and mail."""
    rules = AccountRules("open", PUBLIC_URL)
    mailer = Mailer(world.app.engine, outbox, "Wiki-C <wiki-c@example.org>")
    people = AccountServices.of(world.app.engine, rules, mailer=mailer, passwords=CHEAP, clock=HandClock())
    before, world.app.people = world.app.people, people
    with TestClient(started(world.app, PUBLIC_URL), base_url=PUBLIC_URL, follow_redirects=False) as client:
        client.headers.update(HTML | {"Accept-Language": "en"})
        yield client
    world.app.people = before


def post(site: TestClient, address: str, /, **fields: str) -> httpx2.Response:
    return site.post(address, data=fields)


def token_of(text: str) -> str:
    found = re.search(r"token=([\w-]+)", text)
    assert found
    return found[1]
