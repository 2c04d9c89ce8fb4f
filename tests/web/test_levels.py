"""Scales and criteria over HTTP, on both engines: from the form to the pages of the competency and the badge, addresses of levels, CASE by its schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema_rs import Draft201909Validator
from starlette.testclient import TestClient

from tests.case_schemas import CaseSchemas
from tests.conftest import ROOT
from tests.engines import arcadedb_engine, neo4j_engine
from tests.flows.level_world import LevelWorld, make_level_world
from tests.people import OPERATOR, make_person, signed_in
from tests.sample_world import release
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import Actor, Grant
from wikic.domain.levels import ScaleLevel
from wikic.linked_data.case import PREFIX
from wikic.services.case_levels import AttachedLevels
from wikic.store.engine import Engine
from wikic.web.app import create_app

__all__ = ["arcadedb_engine", "neo4j_engine"]

SCHEMAS = ROOT.parent / "shared" / "schemas"
HTML = {"Accept": "text/html", "Accept-Language": "fr"}

Json = dict[str, Any]


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def world(request: pytest.FixtureRequest) -> LevelWorld:
    engine: Engine = request.getfixturevalue(f"{request.param}_engine")
    made = make_level_world(engine)
    made.app.badges.levels.scales.make("mastery", {"fr": "Maîtrise"}, [ScaleLevel({"fr": "Débute"}), ScaleLevel({"fr": "Maîtrise"})], OPERATOR)
    made.adopted("region", fr1="Région, un.", fr2="Région, deux.")
    made.adopted("bassin", fr2="Bassin, deux.", en2="Basin, two.")
    made.badges.published("Pétrir", made.skill, level="practice:2", deviates="Sans pétrin.")
    return made


@pytest.fixture(scope="module")
def client(world: LevelWorld) -> Iterator[TestClient]:
    with TestClient(create_app(world.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


@pytest.fixture(autouse=True)
def nobody(client: TestClient, world: LevelWorld) -> None:
    signed_in(client, world.app, None)


@pytest.fixture(scope="module")
def schemas() -> CaseSchemas:
    if not (SCHEMAS / "case").is_dir():
        pytest.skip("the schemas of CASE (../shared/schemas/case) are not on this machine")
    return CaseSchemas(SCHEMAS / "case")


def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text[:300]
    return answer.text


def sent(client: TestClient, path: str, status: int = 303, /, **form: str) -> Any:
    answer = client.post(path, data=form, headers=HTML)
    assert answer.status_code == status, answer.text[:2_000]
    return answer


def held(world: LevelWorld, network: str) -> str:
    return world.levels.criteria.page(network=network, concept=world.skill)[0][0].id


def test_from_a_form_to_what_everybody_reads(client: TestClient, world: LevelWorld) -> None:
    skill, here = world.badges.skills[1], "/criteria/propose"
    signed_in(client, world.app, world.member)
    assert here in page(client, f"/c/{skill}")
    choosing = page(client, f"{here}?concept={skill}")
    assert "Le Bassin" in choosing
    assert "La Région" in choosing
    assert "Ailleurs" not in choosing
    assert 'name="level_fr_3"' in page(client, f"{here}?concept={skill}&network=bassin&scale=practice")
    form = {"concept": skill, "network": "bassin", "scale": "practice"}
    refused = sent(client, here, 400, **form, level_fr_1=" ")
    assert "pour un niveau au moins" in refused.text
    where = sent(client, here, 303, **form, level_fr_1="Façonner <trois> pains.", note="Comme ailleurs.").headers["location"]
    shown = page(client, where)
    assert "Façonner &lt;trois&gt; pains." in shown
    assert 'value="accept"' not in shown
    assert sent(client, f"{where}/decide", 403, act="accept", version="1").status_code == 403
    assert sent(client, f"{where}/comment", text="Trois suffisent.").headers["location"] == where

    signed_in(client, world.app, world.local)
    assert where in page(client, "/organisations/bassin/criteria")
    assert "Trois suffisent." in page(client, where)
    stale = sent(client, f"{where}/decide", 412, act="amend", version="1", reason="plus net", level_fr_1="Façonner quatre pains.")
    assert "Façonner quatre pains." in stale.text, "what was written stays in the form"
    sent(client, f"{where}/decide", act="amend", version="2", reason="plus net", level_fr_1="Façonner quatre pains.", level_en_1="Shape four loaves.")
    assert "plus net" in page(client, where)

    signed_in(client, world.app, world.member)
    form |= {"level_fr_1": "Façonner quatre pains.", "level_en_1": "Shape four loaves.", "level_fr_3": "Pilote."}
    further = sent(client, here, 303, **form).headers["location"]
    signed_in(client, world.app, world.local)
    assert "Pratique" in page(client, "/organisations/bassin/criteria")
    amended = {name: text for name, text in form.items() if name in ("level_fr_1", "level_en_1")}
    sent(client, f"{further}/decide", act="amend", version="1", reason="pas encore", **amended)
    assert page(client, further).count("Adopté à la place") == 1, "a text that was left out was not adopted"

    signed_in(client, world.app, make_person(world.app, "Chief of levels", Grant("admin")))
    assert 'name="level_fr_3"' in page(client, f"{here}?concept={skill}&network=ailleurs"), "admins propose to any network"
    assert 'name="level_fr_3"' not in page(client, f"{here}?concept={skill}&network=nul")

    signed_in(client, world.app, None)
    assert page(client, where, 404)
    for path in (f"/c/{skill}", "/organisations/bassin/criteria"):
        assert "Façonner quatre pains." in page(client, path)
    assert "Shape four loaves." in client.get(f"/c/{skill}", headers=HTML | {"Accept-Language": "en"}).text
    assert 'id="proposals"' not in page(client, "/organisations/bassin/criteria")


def test_a_badge_shows_what_its_level_asks_for(client: TestClient, world: LevelWorld) -> None:
    (badge,) = world.app.badges.catalogue.entries()
    shown = page(client, f"/badges/{badge}")
    assert shown.index("Partagés par Le Bassin") < shown.index("Partagés par La Région")
    assert "Bassin, deux." in shown
    assert "Région, un." not in shown
    assert 'href="#deviates"' in shown


def test_addresses_of_levels(client: TestClient, world: LevelWorld) -> None:
    identity = held(world, "bassin")
    for path, name in (("/scales/practice/levels/2", "Je transmets"), (f"/criteria/{identity}/levels/2", "Bassin, deux.")):
        assert name in page(client, path)
        answer = client.get(path, params={"lang": "en"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json()["id"] == f"{PUBLIC_URL}{path}"
        assert answer.json()["type"] == ["RubricCriterionLevel"]
        assert client.get(path, headers={"If-None-Match": client.get(path).headers["etag"]}).status_code == 304
    assert client.get(f"/criteria/{identity}/levels/2", params={"lang": "en"}).json()["description"] == "Basin, two."
    assert client.get(f"/criteria/{identity}/levels/3").json()["name"] == "Je pilote", "a level it says nothing of is that of the scale"
    for path in ("/scales/practice/levels/4", "/scales/nothing/levels/1", f"/criteria/{identity}/levels/4", "/criteria/x/levels/1"):
        assert client.get(path).status_code == 404


def test_a_result_description_by_the_official_schema(world: LevelWorld) -> None:
    path = SCHEMAS / "openbadges" / "achievementcredential.json"
    if not path.is_file():
        pytest.skip("the schemas of Open Badges (../shared/schemas/openbadges) are not on this machine")
    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = Draft201909Validator({"$ref": "#/$defs/ResultDescription", "$defs": schema["$defs"]})
    (badge,) = world.app.badges.catalogue.entries()
    bound = world.app.badges.bindings.open_of([badge])[badge]
    (graded,) = world.levels.criteria.graded("fournil", "practice:2", bound, {world.skill: "Pétrir"})
    made = graded.described(f"{PUBLIC_URL}/b/{badge}", base=PUBLIC_URL, lang="fr")
    assert made["name"] == "Pétrir"
    assert [error.message for error in validator.iter_errors(made)] == []
    assert made["requiredLevel"] == f"{PUBLIC_URL}/criteria/{held(world, 'bassin')}/levels/2"
    assert [error.message for error in validator.iter_errors(made | {"resultType": "None"})]


def test_scales_by_pages(client: TestClient, world: LevelWorld) -> None:
    signed_in(client, world.app, world.member)
    assert "/scales/new" not in page(client, "/scales")
    page(client, "/scales/new", 403)
    signed_in(client, world.app, world.local)
    assert "Le Bassin" in page(client, "/scales/new")
    form = {"id": "gestes", "owner": "bassin", "scale_fr": "Gestes", "name_fr_1": "Regarde", "name_fr_2": "Fait", "about_fr_2": "Sans aide."}
    assert "2 à 20 niveaux" in sent(client, "/scales/new", 400, **form | {"name_fr_2": "", "about_fr_2": ""}).text
    assert sent(client, "/scales/new", 303, **form).headers["location"] == "/scales/gestes"
    shown = page(client, "/scales/gestes")
    assert "Sans aide." in shown
    assert "Créée par Le Bassin" in shown
    sent(client, "/scales/gestes/edit", version="1", scale_fr="Gestes", name_fr_1="Regarde", name_fr_2="Fait", name_fr_3="Montre")
    assert "Montre" in page(client, "/scales/gestes/levels/3")
    assert sent(client, "/scales/gestes/edit", 412, version="1", scale_fr="G", name_fr_1="a", name_fr_2="b").status_code == 412
    signed_in(client, world.app, world.badges.manager)
    assert "gestes:3" in page(client, f"/badges/bind?concept={world.skill}")


def called(client: TestClient, actor: Actor | None, world: LevelWorld, method: str, path: str, status: int = 200, **options: Any) -> Any:
    signed_in(client, world.app, actor)
    answer = client.request(method, f"/api/v1/{path}", **options)
    assert answer.status_code == status, answer.text
    return answer


def test_by_api(client: TestClient, world: LevelWorld) -> None:
    skill = world.badges.skills[2]
    wish = {"network": "bassin", "concept": skill, "levels": {"1": {"fr": "Cuire."}}}
    called(client, world.badges.stranger, world, "POST", "criteria-proposals", 403, json=wish)
    called(client, world.member, world, "POST", "criteria-proposals", 400, json=wish | {"levels": {"one": {"fr": "x"}}})
    made = called(client, world.member, world, "POST", "criteria-proposals", json=wish)
    where = made.headers["location"].removeprefix("/api/v1/")
    listed = called(client, world.regional, world, "GET", "criteria-proposals", params={"network": "bassin"}).json()
    assert [each["id"] for each in listed["items"]] == [made.json()["id"]]
    verdict = {"verdict": "reject", "reason": "trop court"}
    called(client, world.member, world, "POST", f"{where}/decision", 403, json=verdict, headers={"If-Match": "*"})
    called(client, world.regional, world, "POST", f"{where}/decision", 428, json=verdict)
    done = called(client, world.regional, world, "POST", f"{where}/decision", json=verdict, headers={"If-Match": made.headers["etag"]}).json()
    assert (done["state"], done["decision"]["name"], done["decision"]["reason"]) == ("rejected", "Régine", "trop court")
    assert called(client, None, world, "GET", "criteria", params={"concept": skill}).json()["items"] == []
    found = called(client, None, world, "GET", "criteria", params={"concept": world.skill, "limit": 1})
    assert found.json()["items"][0]["network"] == "bassin"
    following = called(client, None, world, "GET", "criteria", params={"concept": world.skill, "limit": 1, "cursor": found.json()["next"]}).json()
    assert [each["network"] for each in following["items"]] == ["region"]
    assert called(client, None, world, "GET", f"criteria/{held(world, 'region')}/versions/1").headers["cache-control"].endswith("immutable")
    scale = called(client, None, world, "GET", "scales/mastery")
    words = {"name": scale.json()["name"], "levels": [{name: each[name] for name in ("name", "description")} for each in scale.json()["levels"]]}
    words["levels"][0]["name"]["en"] = "Begins"
    called(client, world.local, world, "PUT", "scales/mastery", 403, json=words, headers={"If-Match": scale.headers["etag"]})
    assert [each["id"] for each in called(client, None, world, "GET", "scales").json()["items"]][-1] == "practice"


def got(client: TestClient, path: str, **parameters: str) -> Any:
    answer = client.get(f"{PREFIX}/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def package_of(client: TestClient, world: LevelWorld, release: str = "") -> Json:
    scheme = world.app.reading.concept(world.skill).identity.scheme
    documents = got(client, "CFDocuments", filter=f"version='{release}'" if release else "adoptionStatus='Draft'")["CFDocuments"]
    (document,) = [each for each in documents if each["extensions"]["scheme"] == scheme]
    found: Json = got(client, f"CFPackages/{document['identifier']}")
    return found


def test_rubrics_of_case(client: TestClient, world: LevelWorld, schemas: CaseSchemas) -> None:
    package = package_of(client, world)
    assert schemas.package(package) == []
    rubrics = {each["title"]: each for each in package["CFRubrics"]}
    assert {"Pratique", "Maîtrise", "Pratique, La Région", "Pratique, Le Bassin"} <= rubrics.keys()
    (criterion,) = rubrics["Pratique"]["CFRubricCriteria"]
    assert "CFItemURI" not in criterion
    assert [each["uri"] for each in criterion["CFRubricCriterionLevels"]] == [f"{PUBLIC_URL}/scales/practice/levels/{n}" for n in (1, 2, 3)]
    mine = next(each for each in rubrics["Pratique, Le Bassin"]["CFRubricCriteria"] if each["CFItemURI"]["identifier"] == world.skill)
    assert [(each["score"], each["description"]) for each in mine["CFRubricCriterionLevels"]][1] == (2, "Bassin, deux.")
    for each in rubrics.values():
        alone = got(client, f"CFRubrics/{each['identifier']}")
        assert alone == each
        assert schemas.object("CFRubric", alone) == []
        for level in (level for one in each["CFRubricCriteria"] for level in one["CFRubricCriterionLevels"]):
            assert client.get(level["uri"].removeprefix(PUBLIC_URL)).status_code == 200
    pinned = package_of(client, world, "2026")
    assert [each["title"] for each in pinned["CFRubrics"]] == ["Pratique"], "2026 was frozen before anything else was"
    assert {each["associationType"] for each in pinned["CFAssociations"]} & {"exemplar", "hasSkillLevel"} == set()


def test_levels_and_badges_of_an_item(client: TestClient, world: LevelWorld, schemas: CaseSchemas) -> None:
    around = got(client, f"CFItemAssociations/{world.skill}")
    assert schemas.object("CFAssociationSet", around) == []
    graded = [each for each in around["CFAssociations"] if each["associationType"] == "hasSkillLevel"]
    assert sorted(each["destinationNodeURI"]["uri"] for each in graded) == sorted(
        f"{PUBLIC_URL}/criteria/{held(world, network)}/levels/{n}" for network, n in (("region", 1), ("region", 2), ("bassin", 2))
    )
    (badge,) = world.app.badges.catalogue.entries()
    (shown,) = [each for each in around["CFAssociations"] if each["associationType"] == "exemplar"]
    assert shown["destinationNodeURI"]["uri"] == f"{PUBLIC_URL}/badges/{badge}"
    packed = package_of(client, world)["CFAssociations"]
    for each in (*graded, shown):
        assert each in packed
        alone = got(client, f"CFAssociations/{each['identifier']}")
        assert schemas.object("CFAssociation", alone) == []


def test_a_package_is_new_where_criteria_are(client: TestClient, world: LevelWorld) -> None:
    document = package_of(client, world)["CFDocument"]["identifier"]
    before = client.get(f"{PREFIX}/CFPackages/{document}").headers["etag"]
    assert client.get(f"{PREFIX}/CFPackages/{document}").headers["etag"] == before
    world.adopted("bassin", fr2="Bassin, deux fois.")
    assert client.get(f"{PREFIX}/CFPackages/{document}").headers["etag"] != before


def test_a_release_keeps_what_was_attached(client: TestClient, world: LevelWorld, schemas: CaseSchemas) -> None:
    now = package_of(client, world)
    release(world.app, "2027")
    then = package_of(client, world, "2027")
    assert schemas.package(then) == []
    names = {"Pratique", "Maîtrise", "Pratique, region", "Pratique, bassin"}
    assert names <= {each["title"] for each in then["CFRubrics"]}
    (shown,) = [each for each in then["CFAssociations"] if each["associationType"] == "exemplar"]
    (badge,) = world.app.badges.catalogue.entries()
    assert shown["destinationNodeURI"]["uri"] == f"{PUBLIC_URL}/b/{badge}/v/1"
    for group in ("CFRubrics", "CFAssociations"):
        assert not {each["identifier"] for each in then[group]} & {each["identifier"] for each in now[group]}
    graded = next(each for each in then["CFAssociations"] if each["associationType"] == "hasSkillLevel")
    for each in (shown, graded):
        alone = got(client, f"CFAssociations/{each['identifier']}")
        assert alone == each | {"CFDocumentURI": alone["CFDocumentURI"]}
    for each in then["CFRubrics"]:
        assert got(client, f"CFRubrics/{each['identifier']}") == each

    world.adopted("region", fr1="Région, tout autre chose.")
    world.adopted("region", scale="mastery", fr1="Débute ici.")
    world.app.badges.badging.retire(badge, world.badges.manager)
    world.badges.published("Façonner", world.skill)
    present = package_of(client, world)
    assert "Maîtrise, La Région" in {each["title"] for each in present["CFRubrics"]}
    assert present["CFDocument"]["lastChangeDateTime"] >= max(each["lastChangeDateTime"] for each in present["CFRubrics"])
    assert present["CFDocument"]["lastChangeDateTime"] > now["CFDocument"]["lastChangeDateTime"]
    with TestClient(create_app(world.app, PUBLIC_URL)) as again:
        assert package_of(again, world, "2027") == then
    world.app.case.attached = AttachedLevels(world.app.engine, world.app.badges.catalogue)
    assert package_of(client, world, "2027") == then, "read anew from the store it is the same"
