"""The guide to a badge class, on the way: what stands before it is said at its first step, and what was wrong is seen where it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine
from tests.flows.badge_world import BadgeWorld, make_badge_world
from tests.people import make_person, signed_in
from tests.web.conftest import PUBLIC_URL
from wikic.domain.badges import BadgeContent
from wikic.store.engine import Engine
from wikic.web.app import create_app

__all__ = ["arcadedb_engine"]


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> BadgeWorld:
    return make_badge_world(arcadedb_engine)


@pytest.fixture
def client(world: BadgeWorld) -> Iterator[TestClient]:
    with TestClient(create_app(world.app, PUBLIC_URL), follow_redirects=False, headers={"Accept-Language": "fr"}) as client:
        yield client


def test_the_terms_are_asked_for_before_anything_is_typed_and_led_to_where_they_stop_it(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, make_person(world.app, "Newcomer", organisations={"fournil": ["member"]}, terms=False))
    assert 'href="/terms?next=/badges/new"' in client.get("/badges/new").text
    refused = client.post("/badges/new", data={"issuer": "fournil", "name": "Pétrir"})
    assert refused.status_code == 403
    assert re.search(r'role="alert".*href="/terms".*</form>', refused.text, re.DOTALL)
    signed_in(client, world.app, world.member)
    assert "/terms?next=" not in client.get("/badges/new").text


def test_a_field_that_was_wrong_is_not_folded_away(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.member)
    assert "<details>" in client.get("/badges/new/words?issuer=fournil").text.partition("<form class=\"card\"")[2]
    refused = client.post("/badges/new", data={"issuer": "fournil", "name": "Pétrir", "review_due": "2026-13-45"})
    assert refused.status_code == 400
    assert refused.text.index("<details open>") < refused.text.index('value="2026-13-45"')


def test_who_founds_an_issuer_is_asked_for_no_kind_and_begins_in_public(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, make_person(world.app, "Founder"))
    assert 'href="/organisations/new?kind=issuer"' in client.get("/badges/new").text
    form = client.get("/organisations/new?kind=issuer").text
    assert '<option value="issuer" selected>' in form
    assert not re.search(r'name="private"[^>]*checked', form)
    assert re.search(r'name="private"[^>]*checked', client.get("/organisations/new").text)


def test_words_that_say_nothing_suggest_nothing(world: BadgeWorld) -> None:
    for found in world.badges.suggesting.suggest(BadgeContent(name="Une et la de pâte", description="les pains et leur croûte", lang="fr"), limit=50):
        assert found.words
        assert not {"une", "et", "la", "de", "les", "leur"} & {word.casefold() for word in found.words}
    assert world.badges.suggesting.suggest(BadgeContent(name="pour avec dans les", lang="fr")) == []
