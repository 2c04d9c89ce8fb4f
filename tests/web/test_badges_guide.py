"""The guide to a badge class, on the way: what stands before it is said at its first step, and what was wrong is seen where it was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine
from tests.flows.badge_world import BadgeWorld, make_badge_world
from tests.people import make_person, signed_in
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic.domain.badges import BadgeContent
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine"]


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> BadgeWorld:
    return make_badge_world(arcadedb_engine)


@pytest.fixture
def client(world: BadgeWorld) -> Iterator[TestClient]:
    with TestClient(started(world.app, PUBLIC_URL), follow_redirects=False, headers={"Accept-Language": "fr"}) as client:
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


def test_an_image_is_given_up_only_where_that_is_asked_for(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.member)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><circle cx="50" cy="50" r="40" fill="#c00"/></svg>'
    draft = world.badges.badging.create("fournil", BadgeContent(name="Pétrir", lang="fr"), world.member)
    address = f"/badges/{draft.id}/image"

    def send(files: dict[str, tuple[str, bytes]], **more: str) -> tuple[int, str]:
        version = str(world.badges.badging.get(draft.id, world.member).version)
        answer = client.post(address, data={"version": version, **more}, files=files)
        return answer.status_code, answer.text

    nothing = {"image": ("", b"")}
    assert "La dessiner" not in client.get(f"/badges/{draft.id}/guide").text
    assert send({"image": ("a.svg", drawing)})[0] == 303
    status, text = send(nothing)
    assert (status, "choisissez d&#39;abord un fichier" in text, "La dessiner" in text) == (400, True, True)
    assert world.badges.badging.get(draft.id, world.member).working.image
    assert send(nothing, draw="1")[0] == 303
    assert not world.badges.badging.get(draft.id, world.member).working.image


def test_a_table_of_which_no_line_is_right_offers_nothing_to_bind(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.manager)
    badge = world.published("Pétrir")
    wrong, right = f"{badge.id},none-such", f"{badge.id},{world.skills[0]}"
    for lines, offered in ((wrong, False), (f"{wrong}\n{right}", True)):
        text = client.post("/badges/table", files={"table": ("", b"")}, data={"text": f"badge_class,concept\n{lines}\n"}).text
        assert "refusé\u00a0: 1" in text
        assert ("Relier les lignes justes" in text) == offered
    sent = {"text": f"badge_class,concept\n{wrong}\n{right}\n", "act": "partly"}
    done = client.post("/badges/table", files={"table": ("", b"")}, data=sent).text
    assert "relié\u00a0: 1" in done, "what was bound is not still to be bound"
    assert f"{wrong}\n" in done[done.index("<textarea") :], "what was refused is still there to be mended"


def test_to_bind_from_a_competency_takes_a_badge_class(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.manager)
    badge, skill = world.published("Cuire"), world.skills[0]
    refused = client.post("/badges/bind", data={"concept": skill, "level": "practice:2"})
    assert (refused.status_code, "cochez au moins un badge" in refused.text) == (400, True)
    refused = client.post("/badges/bind", data={"concept": skill, "badge_class": badge.id, "level": "practice:9"})
    assert (refused.status_code, f'value="{badge.id}" checked' in refused.text) == (400, True), "what was ticked is ticked again"
    assert client.post("/badges/bind", data={"concept": skill, "badge_class": badge.id, "level": "practice:2"}).status_code == 303
    assert [each.level for each in world.badges.bindings.open_of([badge.id])[badge.id]] == ["practice:2"]


def test_what_stands_in_the_way_of_publishing_is_not_called_taken(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.manager)
    badge = world.published("Pétrir")
    refused = client.post(f"/badges/{badge.id}/publish", data={"version": str(badge.version)})
    assert refused.status_code == 409
    assert "Cela n&#39;a pas été enregistré." in refused.text
    assert "C&#39;est déjà pris" not in refused.text


def test_what_there_is_around_badges_is_led_to(world: BadgeWorld, client: TestClient) -> None:
    signed_in(client, world.app, world.member)
    led = re.findall(r'<a class="choice" href="(/[^"]+)"', client.get("/badges").text.partition('id="around"')[2])
    assert {"/embed/picker", "/check-award", "/lint", "/scales", "/refresh", "/acceptances", "/endorsements"} <= set(led)
    assert [address for address in led if client.get(address).status_code != 200] == []
    signed_in(client, world.app, None)
    assert 'href="/refresh"' not in client.get("/badges").text
