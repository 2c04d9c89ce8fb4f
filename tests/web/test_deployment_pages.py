"""Pages and API of deployment, coverage and awards; badge classes in linked data, in the words of schema.org, and in pages of others."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine
from tests.flows.badge_world import BadgeWorld, content, make_badge_world
from tests.people import OPERATOR, make_person, signed_in
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import Actor, Grant
from wikic.store.engine import Engine
from wikic.web.app import create_app
from wikic.web.schema_org import data_block
from wikic.web.schemas_deployment import AwardLineShape

__all__ = ["arcadedb_engine"]

CANARY = "quillzanzibar"
SCHEMA = "https://schema.org/"


@dataclass
class Site:
    """The sample with two badge classes, a draft and a private issuer's, and a browser."""

    world: BadgeWorld
    client: TestClient
    badge: str
    second: str
    draft: str
    moderator: Actor

    def get(self, address: str, who: Actor | None = None, **headers: str) -> Any:
        signed_in(self.client, self.world.app, who)
        return self.client.get(address, headers=headers)

    def page(self, address: str, who: Actor | None = None) -> str:
        answer = self.get(address, who, Accept="text/html", **{"Accept-Language": "en"})
        assert answer.status_code == 200, (address, answer.text)
        return str(answer.text)

    def post(self, address: str, who: Actor, **fields: str) -> Any:
        signed_in(self.client, self.world.app, who)
        return self.client.post(address, data=fields, headers={"Accept": "text/html", "Accept-Language": "en"})


@pytest.fixture(scope="module")
def site(arcadedb_engine: Engine) -> Iterator[Site]:
    world = make_badge_world(arcadedb_engine)
    one, two = world.skills[:2]
    badge = world.published("Pétrir </script> & <b>cuire</b>", one, two, level="practice:2").id
    second = world.published("Kneading", one, lang="en").id
    draft = world.badges.badging.create("fournil", content(f"Draft {CANARY}"), world.member).id
    world.badges.bindings.bind_one(draft, one, world.member)
    world.app.organisations.make("cave", f"Cave {CANARY}", "issuer", actor=OPERATOR, private=True)
    world.badges.badging.create("cave", content(f"Private {CANARY}"), OPERATOR)
    moderator = make_person(world.app, "Mo", Grant("moderator"))
    with TestClient(create_app(world.app, PUBLIC_URL), follow_redirects=False) as client:
        yield Site(world, client, badge, second, draft, moderator)


def graph(answer: Any, form: ox.RdfFormat) -> ox.Store:
    assert answer.status_code == 200, answer.text
    store = ox.Store()
    store.load(answer.content, format=form)
    return store


def test_badge_classes_of_a_competency_in_linked_data(site: Site) -> None:
    concept = f"{PUBLIC_URL}/c/{site.world.skills[0]}"
    before = site.get(f"/c/{site.world.skills[0]}.ttl")
    answer = site.get(f"/c/{site.world.skills[0]}/badges.ttl")
    found = graph(answer, ox.RdfFormat.TURTLE)
    badges = {str(quad.subject).strip("<>") for quad in found.quads_for_pattern(None, ox.NamedNode(f"{SCHEMA}competencyRequired"), ox.NamedNode(concept))}
    assert badges == {f"{PUBLIC_URL}/b/{site.badge}", f"{PUBLIC_URL}/b/{site.second}"}
    levels = [str(quad.object).strip("<>") for quad in found.quads_for_pattern(None, ox.NamedNode(f"{SCHEMA}educationalLevel"), None)]
    assert levels == [f"{PUBLIC_URL}/scales/practice/levels/2"]
    same = site.get(f"/c/{site.world.skills[0]}/badges", Accept="application/ld+json")
    assert same.headers["content-type"] == "application/ld+json"
    assert {each["@id"] for each in same.json()["@graph"]} == badges | {concept}
    assert site.get(f"/c/{site.world.skills[0]}/badges.ttl", **{"If-None-Match": answer.headers["etag"]}).status_code == 304
    world = site.world
    more = world.published("Encore", world.skills[0])
    assert site.get(f"/c/{site.world.skills[0]}/badges.ttl").headers["etag"] != answer.headers["etag"]
    assert site.get(f"/c/{site.world.skills[0]}.ttl").headers["etag"] == before.headers["etag"], "badges are no part of a concept's own document"
    world.badges.badging.retire(more.id, world.manager)
    assert site.get(f"/c/{site.world.skills[0]}/badges.csv").status_code == 404
    for suffix, form in (("rdf", ox.RdfFormat.RDF_XML), ("nt", ox.RdfFormat.N_TRIPLES), ("jsonld", ox.RdfFormat.JSON_LD), ("ttl", ox.RdfFormat.TURTLE)):
        one = graph(site.get(f"/badges/{site.badge}/data.{suffix}"), form)
        required = ox.NamedNode(f"{SCHEMA}competencyRequired")
        assert len(list(one.quads_for_pattern(ox.NamedNode(f"{PUBLIC_URL}/b/{site.badge}"), required, None))) == 2, suffix
    for start in ("/b", "/badges"):
        asked = site.get(f"{start}/{site.badge}", Accept="text/turtle")
        if start == "/b":
            assert (asked.status_code, asked.headers["location"]) == (303, f"/badges/{site.badge}/data.ttl")
            assert f'</badges/{site.badge}/data.ttl>; rel="alternate"; type="text/turtle"' in asked.headers["link"]
        else:
            assert asked.content == site.get(f"/badges/{site.badge}/data.ttl").content
    assert site.get(f"/b/{site.badge}", Accept="application/ld+json").json()["type"] == "BadgeClass", "as Open Badges says it"
    assert site.get(f"/b/{site.badge}", Accept="text/csv").status_code == 406
    assert site.get(f"/badges/{site.draft}/data.ttl").status_code == 404
    assert CANARY in site.get(f"/badges/{site.draft}/data.ttl", site.world.member).text


def test_markup_is_data_and_nothing_else(site: Site) -> None:
    text = site.page(f"/badges/{site.badge}")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert len(blocks) == 1
    found = json.loads(blocks[0])
    assert (found["@context"], found["@type"], found["name"]) == (SCHEMA, "EducationalOccupationalCredential", "Pétrir </script> & <b>cuire</b>")
    assert {each["@id"] for each in found["competencyRequired"]} == {f"{PUBLIC_URL}/c/{uuid}" for uuid in site.world.skills[:2]}
    assert {each["@type"] for each in found["competencyRequired"]} == {"DefinedTerm"}
    concept = site.page(f"/r/2026/c/{site.world.skills[0]}")
    term = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', concept, re.DOTALL)[0])
    assert (term["@type"], term["@id"]) == ("DefinedTerm", f"{PUBLIC_URL}/r/2026/c/{site.world.skills[0]}")
    assert "application/ld+json" not in site.page(f"/badges/{site.draft}", site.world.member), "a draft gives nothing to others"
    assert "<" not in data_block({"name": "</script><script>alert(1)</script>"})[36:-9]


def test_what_others_put_into_their_pages(site: Site) -> None:
    answer = site.get(f"/embed/badge/{site.badge}", Accept="text/html")
    assert answer.status_code == 200
    assert "frame-ancestors" not in answer.headers["content-security-policy"], "pages without an origin frame it too"
    assert "x-frame-options" not in answer.headers
    assert "<script" not in answer.text
    assert "<form" not in answer.text
    assert f'href="{PUBLIC_URL}/c/{site.world.skills[0]}"' in answer.text
    assert site.get(f"/embed/badge/{site.draft}", site.world.member).status_code == 404, "not even to its own people"
    page = site.get(f"/badges/{site.badge}", Accept="text/html")
    assert page.headers["x-frame-options"] == "DENY"
    assert "&lt;iframe src=&#34;" in page.text
    assert "&amp;lt;b&amp;gt;cuire" in page.text, "a name is escaped in what is copied too"


def test_badges_of_a_competency_narrowed(site: Site) -> None:
    start = f"/c/{site.world.skills[0]}/badges"
    assert all(f"/badges/{each}" in site.page(start) for each in (site.badge, site.second))
    assert "Language" in site.page(start)
    english = site.page(f"{start}?language=en")
    assert f"/badges/{site.second}" in english
    assert f"/badges/{site.badge}" not in english
    assert "Kneading" not in site.page(f"{start}?territory=75")
    assert "Kneading" in site.page(f"{start}?territory=69&issuer=fournil")
    assert "Kneading" not in site.page(f"{start}?level=practice:2")


def test_awards_by_form_and_api(site: Site) -> None:
    address, api = f"/badges/{site.badge}/awards", f"/api/v1/badge-classes/{site.badge}/awards"
    assert site.post(address, site.world.member, month="2026-05", count="1 200").headers["location"] == address
    signed_in(site.client, site.world.app, site.world.member)
    assert site.client.put(f"{api}/2026-06", json={"count": 4}).json()["count"] == 4
    assert site.client.put(f"{api}/2026-06", json={"count": 3}).status_code == 200
    refused = site.post(address, site.world.member, month="2026-06", count="many")
    assert (refused.status_code, "many" in refused.text) == (400, True)
    assert "still to come" in site.post(address, site.world.member, month="2031-01", count="1").text
    assert site.post(address, site.world.stranger, month="2026-05", count="1").status_code == 403
    own = site.page(address, site.world.member)
    assert "4 by Mina" in own
    assert "1,200; small numbers, not counted: 1" in own
    public = site.page(address)
    assert "fewer than 5" in public
    assert "Mina" not in public
    body = site.get(api).json()
    assert [(each["month"], each["count"], each["fewer_than"], each["reports"]) for each in body["items"]] == [
        ("2026-06", None, 5, []), ("2026-05", 1200, None, []),
    ]  # fmt: skip
    assert (body["total"], body["hidden"]) == (1200, 1)
    signed_in(site.client, site.world.app, site.world.member)
    table = f"badge;month;count\n{site.second};2026-05;8\n"
    sent = site.client.post("/badges/awards", files={"table": ("t.csv", table), "act": (None, "")}, headers={"Accept": "text/html"})
    assert (sent.status_code, "Kneading" in sent.text) == (200, True)
    assert site.client.get(f"/api/v1/badge-classes/{site.second}/awards").json()["items"] == [], "only shown"
    applied = site.client.post("/api/v1/awards/csv?dry_run=false", content=table).json()
    assert (applied["applied"], {frozenset(line) for line in applied["lines"]}) == (True, {frozenset(AwardLineShape.model_fields)})
    assert site.client.get(f"/api/v1/badge-classes/{site.second}/awards").json()["total"] == 8


def test_deployment_and_a_frozen_report(site: Site) -> None:
    text = site.page("/deployment")
    assert "Bindings by level" in text
    assert "Freeze a report" not in text
    figures = site.get("/api/v1/deployment").json()["figures"]
    rows = list(csv.DictReader(io.StringIO(site.get("/api/v1/deployment/csv").text)))
    assert {(row["measure"], int(row["value"])) for row in rows if row["list"] == "all"} >= {("badges", figures["badges"]), ("bindings", figures["bindings"])}
    lines = [(row["list"], row["key"], row["measure"]) for row in rows]
    assert len(lines) == len(set(lines)), "a number stands there once"
    refused = site.post("/deployment/freeze", site.moderator, quarter="2026-Q1", fr="", en=" ")
    assert (refused.status_code, "commentary" in refused.text) == (400, True)
    refused = site.get("/deployment?territory=Rh%C3%B4ne&lang=fr", Accept="text/html")
    assert (refused.status_code, "n&#39;est pas un territoire" in refused.text) == (400, True), "no page full of noughts"
    assert site.post("/deployment/freeze", site.world.member, quarter="2026-Q1", fr="x", en="").status_code == 403
    made = site.post("/deployment/freeze", site.moderator, quarter="2026-Q1", fr="Un état & <b>rien</b>.", en="A state.")
    assert made.headers["location"] == "/deployment/2026-Q1"
    report = site.get("/api/v1/deployment/reports/2026-Q1")
    assert report.headers["cache-control"].endswith("immutable")
    assert report.json()["body"]["commentary"] == {"fr": "Un état & <b>rien</b>.", "en": "A state."}
    page = site.page("/deployment/2026-Q1")
    for shown in (page, site.get("/deployment/2026-Q1?lang=fr", Accept="text/html").text):
        assert (shown.count("Un état &amp; &lt;b&gt;rien"), shown.count("A state.")) == (1, 1), "each once, in both languages"
    assert report.json()["digest"] in page
    assert ("Cite this report" in page, "of the day of the report" in page, "those of today" in page) == (True, True, False)
    assert "/api/v1/deployment/reports/2026-Q1/csv" in page
    table = list(csv.DictReader(io.StringIO(site.get("/api/v1/deployment/reports/2026-Q1/csv").text)))
    assert {(row["measure"], int(row["value"])) for row in table if row["list"] == "all"} >= {("badges", report.json()["body"]["figures"]["badges"])}
    assert "/deployment/2026-Q1" in site.page("/deployment")
    assert [each["quarter"] for each in site.get("/api/v1/deployment/reports").json()["items"]] == ["2026-Q1"]
    missing = site.get("/deployment/2026-Q2?lang=fr", Accept="text/html")
    assert (missing.status_code, "pas de rapport figé sur 2026-Q2" in missing.text) == (404, True)


def test_coverage(site: Site) -> None:
    schemes = site.get("/api/v1/coverage").json()["schemes"]
    assert sum(each["covered"] for each in schemes) == 2
    scheme = next(each for each in schemes if each["covered"])
    start = f"/api/v1/coverage/competencies?scheme={scheme['key']}"
    listed, address = [], f"{start}&limit=2"
    while address:
        page = site.get(address).json()
        listed += [each["uuid"] for each in page["items"]]
        assert page["total"] == scheme["missing"]
        address = f"{start}&limit=2&cursor={page['next']}" if page["next"] else ""
    assert len(set(listed)) == scheme["missing"]
    assert not set(listed) & set(site.world.skills[:2])
    table = list(csv.DictReader(io.StringIO(site.get(f"/api/v1/coverage/csv?list=competencies&scheme={scheme['key']}").text)))
    assert [row["uuid"] for row in table] == listed
    assert all(row["name"] for row in table)
    branches = site.get(f"/api/v1/coverage?scheme={scheme['key']}").json()["branches"]
    for branch in branches:
        name = branch["concept"]["uuid"] if branch["concept"] else "none"
        assert "Competencies without a badge" in site.page(f"/coverage?scheme={scheme['key']}&branch={name}")
    assert "/badges/bind?concept=" in site.page(f"/coverage?scheme={scheme['key']}", site.world.member)
    assert "/badges/bind?concept=" not in site.page(f"/coverage?scheme={scheme['key']}")
    assert site.get("/api/v1/coverage/csv").status_code == 400
    assert site.page("/coverage/occupations")


def test_no_word_of_drafts_or_private_issuers(site: Site) -> None:
    one = site.world.skills[0]
    addresses = (
        "/deployment", "/api/v1/deployment", "/api/v1/deployment/csv", "/coverage", "/coverage?scheme=esco", "/coverage?scheme=rome", "/coverage/occupations",
        "/api/v1/coverage/csv?list=occupations", f"/c/{one}/badges", f"/c/{one}/badges.ttl", f"/c/{one}/badges.jsonld", f"/badges/{site.badge}",
        f"/badges/{site.badge}/awards", f"/embed/badge/{site.badge}", "/deployment/2026-Q1", f"/badges/{site.draft}/awards", "/badges?issuer=cave",
        f"/c/{one}/badges?issuer=cave", "/api/v1/badge-classes?issuer=cave", "/issuers/cave", "/api/v1/issuers/cave",
    )  # fmt: skip
    for who in (None, site.world.stranger, site.moderator):
        for address in addresses:
            assert CANARY not in site.get(address, who, Accept="text/html" if "ttl" not in address else "text/turtle").text, address
