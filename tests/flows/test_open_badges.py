"""Documents of Open Badges and copy boxes: by the official schemas and an outside validator, in the form that is asked for, for everybody alike; on both
engines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from jsonschema_rs import Draft201909Validator
from PIL import Image
from starlette.testclient import TestClient

from tests.conftest import ROOT
from tests.flows.badge_world import BadgeWorld, content, forget_badges, make_badge_world
from tests.open_badges_validator import validate
from tests.people import OPERATOR, make_person, signed_in
from tests.serving import served
from tests.started import started
from wikic import cli, cli_badge_documents
from wikic.bootstrap import App
from wikic.domain.badges import BadgeClass
from wikic.domain.badges_alignments import BOX_FORMATS
from wikic.domain.badges_documents import OB2_CONTEXT, OB3_CONTEXT
from wikic.domain.endorsements import Named, Statement
from wikic.domain.open_badges import read
from wikic.domain.organisations import Profile
from wikic.domain.records import Label
from wikic.services.binding import Wish
from wikic.services.editing import SetLabels
from wikic.store.engine import Engine
from wikic.web.app import create_app

SCHEMAS = ROOT.parent / "shared" / "schemas" / "openbadges"
SITE = "https://skills.example.org"
OB3_ACCEPT = {"Accept": f'application/ld+json; profile="{OB3_CONTEXT}"'}
OB2_ACCEPT = {"Accept": "application/ld+json, application/json, image/png, image/svg+xml"}


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def sample(request: pytest.FixtureRequest) -> BadgeWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    return make_badge_world(engine)


@pytest.fixture
def world(sample: BadgeWorld) -> BadgeWorld:
    forget_badges(sample)
    return sample


@pytest.fixture
def client(world: BadgeWorld) -> Iterator[TestClient]:
    with TestClient(started(world.app, SITE), follow_redirects=False) as client:
        yield client


def skill_of_rome(world: BadgeWorld) -> str:
    page = world.app.reading.concepts(world.app.reading.moment("2026"), scheme="rome", kind="skill", status="active", limit=1)
    return str(page.items[0]["uuid"])


def bound(world: BadgeWorld, **more: object) -> BadgeClass:
    """A badge class of the second level, bound to a skill of ESCO, one of ROME, and one that no release has."""
    return world.published("Pétrir", world.skills[0], skill_of_rome(world), world.world.slice, level="practice:2", tags=["four"], **more)


def get(client: TestClient, address: str, **headers: str) -> Any:
    answer = client.get(address.removeprefix(SITE), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def achievement_problems(made: Any) -> list[str]:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of Open Badges (../shared/schemas/openbadges) are not on this machine")
    schema = json.loads((SCHEMAS / "achievementcredential.json").read_text(encoding="utf-8"))
    credential = {
        "@context": made["@context"], "id": "urn:uuid:1", "type": ["VerifiableCredential", "OpenBadgeCredential"], "validFrom": "2026-01-01T00:00:00Z",
        "issuer": made["creator"], "credentialSubject": {"type": ["AchievementSubject"], "achievement": made},
    }  # fmt: skip
    return [f"{error.instance_path}: {error.message}" for error in Draft201909Validator(schema).iter_errors(credential)]


def profile_problems(made: Any) -> list[str]:
    schema = json.loads((SCHEMAS / "profile.json").read_text(encoding="utf-8"))
    return [f"{error.instance_path}: {error.message}" for error in Draft201909Validator(schema).iter_errors(made)]


def ours(made: Any) -> list[str]:
    """What our own linter finds wrong."""
    return [f"{each.pointer}: {each.message}" for each in read(made).problems if each.severity == "error"]


def test_documents_by_the_official_schemas(world: BadgeWorld, client: TestClient) -> None:
    badge = bound(world)
    for start in (f"/b/{badge.id}", f"/b/{badge.id}/v/1"):
        three = get(client, f"{start}.ob3.json")
        assert three["id"] == f"{SITE}{start}"
        assert achievement_problems(three) == []
        assert ours(three) == ours(get(client, f"{start}.ob2.json")) == []
        rubric = three["resultDescription"][0]
        assert [(each["level"], each["name"]) for each in rubric["rubricCriterionLevel"]] == [("1", "Je fais"), ("2", "Je transmets"), ("3", "Je pilote")]
        assert rubric["requiredLevel"] == rubric["rubricCriterionLevel"][1]["id"] == f"{SITE}/scales/practice/levels/2"
        assert "null" not in json.dumps(three)
    issuer = get(client, "/i/fournil.ob3.json")
    assert profile_problems(issuer) == []
    assert (issuer["id"], issuer["email"]) == (f"{SITE}/i/fournil", "badges@fournil.example.org")
    creator = get(client, f"/b/{badge.id}.ob3.json")["creator"]
    assert creator == {name: value for name, value in issuer.items() if name != "@context"}


def test_alignments_name_permanent_and_pinned_addresses(world: BadgeWorld, client: TestClient) -> None:
    badge = bound(world)
    skill, rome, fresh = world.skills[0], skill_of_rome(world), world.world.slice
    now = {each["targetUrl"]: each for each in get(client, f"/b/{badge.id}.ob3.json")["alignment"]}
    then = {each["targetUrl"]: each for each in get(client, f"/b/{badge.id}/v/1.ob3.json")["alignment"]}
    identity = world.app.reading.body(world.app.reading.find(skill))["source"]["iri"]
    assert set(now) == {f"{SITE}/c/{skill}", identity, f"{SITE}/c/{rome}", f"{SITE}/c/{fresh}"}
    assert set(then) == {f"{SITE}/r/2026/c/{skill}", identity, f"{SITE}/r/2026/c/{rome}", f"{SITE}/c/{fresh}"}
    assert now[f"{SITE}/c/{skill}"]["targetFramework"] == "Wiki-C 2026"
    assert {each["targetType"] for url, each in now.items() if url != identity} == {"CFItem"}
    assert (now[identity]["targetType"], now[identity]["targetFramework"]) == ("ext:ESCOAlignment", "ESCO")
    assert now[f"{SITE}/c/{rome}"]["targetCode"] == world.app.reading.body(world.app.reading.find(rome))["source"]["code"]
    assert now[f"{SITE}/c/{fresh}"]["targetFramework"] == "Wiki-C"
    for url in (*now, *then):
        if url.startswith(SITE):
            assert client.get(url.removeprefix(SITE)).status_code == 200
    two = get(client, f"/b/{badge.id}.ob2.json")["alignment"]
    assert [each["targetUrl"] for each in two] == list(now)
    assert not any({"type", "targetType"} & set(each) for each in two)


def test_a_competency_at_two_levels_is_aligned_once_and_open_badges_2_says_the_levels(world: BadgeWorld, client: TestClient) -> None:
    skill = world.skills[0]
    made = world.badges.badging.create("fournil", content("Cuire", lang="en"), world.manager)
    world.badges.bindings.bind([Wish(made.id, skill, f"practice:{number}") for number in (1, 3)], world.manager)
    world.badges.badging.publish(made.id, world.manager)
    for part, url in (("", f"{SITE}/c/{skill}"), ("/v/1", f"{SITE}/r/2026/c/{skill}")):
        three = [each for each in get(client, f"/b/{made.id}{part}.ob3.json")["alignment"] if each["targetUrl"] == url]
        two = [each["targetDescription"] for each in get(client, f"/b/{made.id}{part}.ob2.json")["alignment"] if each["targetUrl"] == url]
        assert len(three) == 1
        assert "Level" not in three[0].get("targetDescription", "")
        assert sorted(text.partition("Level ")[2] for text in two) == ["1: I do.", "3: I lead."]
    given = client.get(f"/api/v1/badge-classes/{made.id}/alignment?format=ob3").json()["alignments"]
    assert len({json.dumps(each) for each in given}) == len(given)


def test_a_document_says_what_was_bound_whatever_happens_to_the_concept(world: BadgeWorld, client: TestClient) -> None:
    badge = bound(world)
    addresses = [f"/b/{badge.id}{part}.{form}.json" for part in ("", "/v/1") for form in ("ob2", "ob3")]
    before = [client.get(address).content for address in addresses]
    renamed = [SetLabels(world.world.slice, "en", (Label(f"slice bread, {badge.id[-4:]}", "en", "preferred"),))]
    world.app.editing.apply(renamed, actor="tester", summary="another name")
    world.app.reading.forget()
    assert [client.get(address).content for address in addresses] == before
    world.badges.bindings.bind([Wish(badge.id, world.skills[1])], world.manager)
    after = [client.get(address).content for address in addresses]
    assert after[2:] == before[2:], "a version never changes"
    assert json.loads(after[0])["version"] == "2"
    assert len(json.loads(after[0])["alignment"]) > len(json.loads(before[0])["alignment"])


def test_the_form_that_is_asked_for(world: BadgeWorld, client: TestClient) -> None:
    badge = bound(world)
    address = f"/b/{badge.id}"
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}, OB2_ACCEPT):
        answer = client.get(address, headers=headers)
        assert answer.json()["@context"] == OB2_CONTEXT
        assert answer.headers["vary"].startswith("Accept")
        assert answer.headers["access-control-allow-origin"] == "*"
    assert client.get(address, headers={"Accept": "application/ld+json"}).headers["content-type"] == "application/ld+json"
    assert client.get(address).headers["content-type"] == "application/json"
    for headers in (OB3_ACCEPT, {"Accept": "application/vc+ld+json, application/json"}, {"Accept": "application/vc"}):
        answer = client.get(address, headers=headers)
        assert answer.json()["@context"][1] == OB3_CONTEXT
        assert answer.headers["content-type"] == OB3_ACCEPT["Accept"]
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    for here, page in ((address, f"/badges/{badge.id}"), (f"{address}/v/1", f"/badges/{badge.id}/versions/1"), ("/i/fournil", "/issuers/fournil")):
        answer = client.get(here, headers=browser)
        assert (answer.status_code, answer.headers["location"]) == (303, page)
        assert client.get(page).status_code == 200
        assert client.get(here, headers={"Accept": "image/webp"}).status_code == 406
        assert f'<{SITE}{here}.ob3.json>; rel="alternate"' in client.get(here).headers["link"]
    assert client.get(f"{address}/criteria").headers["location"] == f"/badges/{badge.id}#criteria"
    assert client.get(f"{address}.pdf").status_code == client.get(f"{address}/v/01").status_code == client.get(f"{address}/v/2").status_code == 404
    tag = client.get(address).headers["etag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address).headers["cache-control"] == "no-cache"
    for fixed in (f"{address}/v/1", f"{address}/v/1/image"):
        assert "immutable" in client.get(fixed).headers["cache-control"]
    image = client.get(f"{address}/image")
    assert image.headers["content-type"] == "image/svg+xml"
    assert client.get(f"{address}/image", headers={"If-None-Match": image.headers["etag"]}).status_code == 304


def test_what_is_not_public_is_not_there_for_anybody(world: BadgeWorld, client: TestClient) -> None:
    draft = world.badges.badging.create("fournil", content("Un secret"), world.manager)
    if "cachette" not in world.badges.catalogue.issuers():
        world.app.organisations.make("cachette", "La cachette", "issuer", actor=OPERATOR, profile=Profile(), private=True)
    signed_in(client, world.app, world.manager)
    parts = ("", ".ob2.json", ".ob3.json", ".html", "/criteria", "/image", "/v/1", "/v/1.ob3.json", "/v/1/image", "/v/1/criteria")
    addresses = [f"/b/{draft.id}{part}" for part in parts] + ["/i/cachette", "/i/cachette.ob3.json", f"/api/v1/badge-classes/{draft.id}/alignment"]
    for address in addresses:
        assert client.get(address).status_code == 404, address
    published = bound(world)
    world.badges.badging.change(published.id, content("Un autre secret"), world.manager, version=None)
    for address in (f"/b/{published.id}.ob2.json", f"/b/{published.id}.ob3.json"):
        assert "secret" not in client.get(address).text


def test_one_that_is_hosted_elsewhere_names_its_original(world: BadgeWorld, client: TestClient) -> None:
    there = "https://badges.example.com/b/1"
    badge = world.published("Ailleurs", hosted="elsewhere", address=there, format="ob2", lang="FR-fr")
    three = get(client, f"/b/{badge.id}.ob3.json")
    assert [each["id"] for each in three["related"]] == [f"{SITE}/b/{badge.id}/v/1", there]
    assert three["inLanguage"] == "fr-FR"
    assert achievement_problems(three) == []
    assert client.get(f"/b/{badge.id}/image").status_code == 200


@pytest.mark.parametrize("image", [False, True])
def test_open_badges_2_by_the_outside_validator(world: BadgeWorld, image: bool) -> None:
    if image:
        made = world.badges.badging.create("fournil", content("Cuire", level="practice:3", lang="fr"), world.manager)
        picture = io.BytesIO()
        Image.new("RGB", (20, 20), "#7b241c").save(picture, "PNG")
        world.badges.badging.set_image(made.id, picture.getvalue(), world.manager, version=None)
        world.badges.bindings.bind_one(made.id, world.skills[0], world.manager)
        badge = world.badges.badging.publish(made.id, world.manager)
    else:
        badge = bound(world, criteria_address="https://fournil-é.example.org/critères?q=ü")
    with served(lambda address: create_app(world.app, address)) as site:
        addresses = [f"{site}/b/{badge.id}", f"{site}/b/{badge.id}/v/1", f"{site}/i/fournil", f"{site}/i/{'nobody'}"]
        *found, refused = validate(addresses)
    assert [(each["valid"], each["messages"]) for each in found] == [(True, [])] * 3
    assert not refused["valid"]


def test_endorsements_by_the_outside_validator(world: BadgeWorld) -> None:
    """Also of a person, and of an organisation without a site: a profile of 2.0 has a `url`."""
    badge, said = Named("badge_class", bound(world).id), Statement("Nous recrutons avec ce badge.")
    world.app.organisations.make("sans-site", "Sans site", "company", actor=OPERATOR, private=False)
    speaker = make_person(world.app, "Élise", organisations={"sans-site": ["manager", "member"]})
    endorse = world.app.endorsing.endorsements.make
    ids = [endorse(badge, said, world.stranger).id, endorse(badge, said, speaker, organisation="sans-site").id]
    endorse(Named("issuer", "fournil"), said, world.stranger)
    with served(lambda address: create_app(world.app, address)) as site:
        assert httpx2.get(f"{site}/b/{badge.id}").json()["endorsement"] == [f"{site}/e/{each}" for each in reversed(ids)], "organisations first"
        addresses = [f"{site}/e/{each}" for each in ids] + [f"{site}/b/{badge.id}", f"{site}/i/fournil"]
        found = validate(addresses)
    assert [(each["valid"], each["messages"]) for each in found] == [(True, [])] * 4


def test_documents_name_those_who_stand_behind(world: BadgeWorld, client: TestClient) -> None:
    """The present ones do, versions never; each token is the one that its own address answers; what is revoked is no longer there."""
    badge = bound(world).id
    make, revoke = world.app.endorsing.endorsements.make, world.app.endorsing.endorsements.revoke
    for kind, identity, start, problems in (
        ("badge_class", badge, f"/b/{badge}", achievement_problems),
        ("issuer", "fournil", "/i/fournil", profile_problems),
    ):
        made = make(Named(kind, identity), Statement("Nous recrutons."), world.stranger).id
        three, before = get(client, f"{start}.ob3.json"), client.get(f"{start}.ob3.json").headers["etag"]
        assert three["endorsementJwt"] == [client.get(f"/e/{made}.jwt").text]
        assert (problems(three), ours(three)) == ([], [])
        two = get(client, f"{start}.ob2.json")
        assert (two["endorsement"], ours(two)) == ([f"{SITE}/e/{made}"], [])
        assert "endorsement" not in json.dumps(get(client, f"/b/{badge}/v/1.ob2.json") | get(client, f"/b/{badge}/v/1.ob3.json"))
        revoke(made, "Fini.", world.stranger)
        assert "endorsement" not in json.dumps(get(client, f"{start}.ob2.json") | get(client, f"{start}.ob3.json"))
        assert client.get(f"{start}.ob3.json").headers["etag"] != before


def test_copy_boxes_by_the_api(world: BadgeWorld, client: TestClient) -> None:
    badge = bound(world)
    skill = world.skills[0]
    start = f"/api/v1/concepts/{skill}/alignment"
    for name in BOX_FORMATS:
        for address in (f"{start}?format={name}", f"/api/v1/badge-classes/{badge.id}/alignment?format={name}"):
            body = get(client, address)
            assert body["format"] == name
            assert body["release"] == ("2026" if "concepts" in address else None)
            assert body["alignments"][0]["targetName"]
    two, three = get(client, f"{start}?format=ob2&level=practice:1&lang=en"), get(client, f"{start}?format=ob3&level=practice:1&lang=en")
    assert two["alignments"][0]["targetDescription"].endswith("Level 1: I do.")
    assert json.loads(three["text"])["resultDescription"][0]["requiredLevel"].endswith("/scales/practice/levels/1")
    assert "Level 1" not in three["text"]
    pinned = get(client, f"{start}?release=2025&address=pinned")
    assert (pinned["alignments"][0]["targetUrl"], pinned["alignments"][0]["targetFramework"]) == (f"{SITE}/r/2025/c/{skill}", "Wiki-C 2025")
    whole = get(client, f"/api/v1/badge-classes/{badge.id}/alignment?format=ob2&address=pinned")
    assert whole["address"] == "pinned"
    assert {each["targetUrl"] for each in whole["alignments"] if "/r/" in each["targetUrl"]} == {
        f"{SITE}/r/{each.since_release}/c/{each.concept}"
        for each in world.badges.bindings.of_badge(badge.id, OPERATOR).items if each.since_release
    }  # fmt: skip
    assert get(client, f"/api/v1/concepts/{world.world.crust}/alignment?format=ob2")["remarks"][0]["key"] == "deprecated"
    for wrong, status in (("release=1999", 404), ("level=x", 400), ("format=pdf", 400), ("address=x", 400)):
        assert client.get(f"{start}?{wrong}").status_code == status
    occupation = world.app.reading.locate(None, "rome", "D1102", "occupation", world.app.reading.moment())
    assert client.get(f"/api/v1/concepts/{occupation}/alignment").status_code == 400
    frozen = world.app.releasing.freeze(f"rc-{badge.id[-6:]}", actor=OPERATOR).name
    world.app.reading.forget()
    assert client.get(f"{start}?release={frozen}").status_code == 404, "a release that is not published yet is not there"
    world.app.releasing.withdraw(frozen, actor=OPERATOR)


def test_by_commands(world: BadgeWorld, client: TestClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object, **__: object) -> Iterator[App]:
        yield world.app

    def said(*arguments: str, status: int = 0) -> str:
        assert cli.run(["badge", *arguments]) == status, capsys.readouterr().err
        return capsys.readouterr().out

    monkeypatch.setattr(cli_badge_documents, "opened", opened)
    badge, skill = bound(world), world.skills[0]
    base = world.app.accounts.rules.public_url
    made = json.loads(said("alignment", skill, "--format", "badgr", "--release", "2025", "--pinned"))["alignments"][0]
    assert (made["targetUrl"], made["targetFramework"]) == (f"{base}/r/2025/c/{skill}", "Wiki-C 2025")
    assert said("alignment", skill, "--format", "moodle").startswith("targetName: ")
    said("alignment", skill, "--format", "pdf", status=1)
    for arguments, address in (
        ((badge.id,), f"/b/{badge.id}.ob3.json"),
        ((badge.id, "--version", "1", "--format", "ob2"), f"/b/{badge.id}/v/1.ob2.json"),
        (("fournil",), "/i/fournil.ob3.json"),
    ):  # fmt: skip
        assert json.loads(said("document", *arguments)) == json.loads(client.get(address).text.replace(SITE, base))
