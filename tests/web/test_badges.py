"""Badge classes by their pages and by the API: what is shown, what is made once, what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, neo4j_engine
from tests.flows.badge_world import BadgeWorld, content, forget_badges, make_badge_world
from tests.people import signed_in
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.page_forms import fields_of
from wikic.domain.access import NOBODY
from wikic.domain.ids import new_uuid
from wikic.services.badging_catalogue import Asked
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine", "neo4j_engine"]

API = "/api/v1/badge-classes"


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def whole(request: pytest.FixtureRequest) -> BadgeWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_badge_world(engine)


@pytest.fixture
def world(whole: BadgeWorld) -> BadgeWorld:
    forget_badges(whole)
    return whole


@pytest.fixture
def client(world: BadgeWorld) -> Iterator[TestClient]:
    """A member's browser."""
    with TestClient(started(world.app, PUBLIC_URL), follow_redirects=False, headers={"Accept-Language": "fr"}) as client:
        signed_in(client, world.app, world.member)
        yield client


def drafts(world: BadgeWorld) -> list[str]:
    return world.badges.catalogue.find(Asked(status="draft"), world.member).ids


def test_the_page_says_who_bound_it(world: BadgeWorld, client: TestClient) -> None:
    badge = world.published("Pétrir", world.skills[0])
    signed_in(client, world.app, None)
    bound = world.badges.bindings.of_badge(badge.id, NOBODY).items[0]
    text = client.get(f"/badges/{badge.id}").text
    assert f"Reliée par {world.manager.name} le " in text
    assert bound.made_by == world.manager.name
    assert f"Bound by {world.manager.name} on " in client.get(f"/badges/{badge.id}", headers={"Accept-Language": "en"}).text


def test_a_form_that_is_sent_twice_makes_one_draft(world: BadgeWorld, client: TestClient) -> None:
    page = client.get("/badges/new/words", params={"issuer": "fournil", "concept": world.skills[0]}).text
    sent = dict(fields_of(page))
    first = client.post("/badges/new", data=sent)
    assert (first.status_code, client.post("/badges/new", data=sent).headers["location"]) == (303, first.headers["location"])
    (draft,) = drafts(world)
    assert len(world.badges.bindings.of_badge(draft, world.member).items) == 1
    client.post("/badges/new", data=sent | {"name": "Un autre geste"})
    assert len(drafts(world)) == 2, "other words are another badge class"
    again = client.get("/badges/new/words", params={"issuer": "fournil", "concept": world.skills[0]}).text
    assert client.post("/badges/new", data=dict(fields_of(again))).status_code == 303
    assert len(drafts(world)) == 3, "so is the same from another form"
    refused = client.post("/badges/new", data=sent | {"name": "", "once": "x"})
    assert (refused.status_code, dict(fields_of(refused.text))["once"]) == (400, "x")


def test_what_is_too_long_is_said_beside_what_was_typed(world: BadgeWorld, client: TestClient) -> None:
    sent = {"issuer": "fournil", "name": "Pétrir", "criteria": "x" * 20_001}
    made = client.post("/badges/new", data=sent, headers={"Accept": "text/html"})
    edited = client.post(f"/badges/{world.published().id}/edit", data=sent, headers={"Accept": "text/html"})
    for answer in (made, edited):
        assert answer.status_code == 400
        assert "c&#39;est trop long pour les critères" in answer.text
        typed = dict(fields_of(answer.text))
        assert (typed["name"], typed["criteria"]) == ("Pétrir", sent["criteria"])


def test_a_tag_with_a_comma_within_stays_one_where_nobody_touches_it(world: BadgeWorld, client: TestClient) -> None:
    badge = world.badges.badging.create("fournil", content(tags=("farine, eau", "sel")), world.member)
    sent = dict(fields_of(client.get(f"/badges/{badge.id}/edit").text))
    assert client.post(f"/badges/{badge.id}/edit", data=sent | {"name": "Autre"}).status_code == 303
    now = world.badges.badging.get(badge.id, world.member)
    assert (now.working.name, now.working.tags) == ("Autre", ("farine, eau", "sel"))
    client.post(f"/badges/{badge.id}/edit", data=sent | {"version": str(now.version), "tags": "farine, eau, sel, four"})
    assert world.badges.badging.get(badge.id, world.member).working.tags == ("farine", "eau", "sel", "four")


def test_two_that_are_sent_at_once_make_one_draft(world: BadgeWorld) -> None:
    once, together, made = new_uuid(), Barrier(2), []

    def send() -> None:
        together.wait()
        made.append(world.badges.badging.create("fournil", content(), world.member, once=once).id)

    threads = [Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [once, once]
    assert drafts(world) == [once]


def test_no_moment_can_be_asked_of_badge_classes(world: BadgeWorld, client: TestClient) -> None:
    skill = world.skills[0]
    badge = world.published("Pétrir", skill)
    lists = (API, f"/api/v1/concepts/{skill}/badge-classes", f"{API}/{badge.id}/bindings", f"{API}/{badge.id}", f"/api/v1/bindings?concept={skill}")
    for address in (*lists, f"{API}/{badge.id}/alignment"):
        assert client.get(address).status_code == 200
        for asked in ({"release": "2025"}, {"release": "nope"}, {"at": "1"}):
            answer = client.get(address, params=dict(httpx2.URL(address).params) | asked)
            assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (400, "invalid-input"), address
            assert "as of now" in answer.json()["detail"]


def test_what_is_asked_wrongly_is_refused(world: BadgeWorld, client: TestClient) -> None:
    for address in (API, f"/api/v1/concepts/{world.skills[0]}/badge-classes"):
        assert client.get(address, params={"level": "practice:2"}).status_code == 200
        assert client.get(address, params={"level": "x"}).status_code == 400
    draft = world.badges.badging.create("fournil", content(), world.member)
    wish = {"badge_class": draft.id, "concept": world.skills[0]}
    assert client.post("/api/v1/bindings", json={"bindings": [wish], "source": "imported"}).status_code == 400
    assert client.post("/api/v1/bindings", json={"bindings": [wish], "source": "suggested"}).json()["applied"] is True
    assert "what you read" in client.delete(f"{API}/{draft.id}", headers={"If-Match": "1"}).json()["detail"]
    assert "what you read" in client.delete(f"{API}/{draft.id}", headers={"If-Match": '"1-" "2-"'}).json()["detail"]
    page = client.get(f"/badges/{draft.id}").text
    assert "Adresse de cette page" in page
    assert f"{PUBLIC_URL}/b/{draft.id}" not in page


def test_of_several_tags_one_has_to_hold(world: BadgeWorld, client: TestClient) -> None:
    draft = world.badges.badging.create("fournil", content(), world.member)
    read = client.get(f"{API}/{draft.id}").headers["etag"]
    assert client.delete(f"{API}/{draft.id}", headers={"If-Match": '"other", "0-old"'}).status_code == 412
    assert client.delete(f"{API}/{draft.id}", headers={"If-Match": '"other"'}).status_code == 412
    assert client.delete(f"{API}/{draft.id}", headers={"If-Match": f'"other", "0-old" , {read}'}).status_code == 204
