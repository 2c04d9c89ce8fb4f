"""Permanent addresses: negotiation, forms, aliases, pinned releases, downloads, the catalogue and our terms."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable

import httpx2
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.compare import isomorphic
from starlette.responses import Response
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic.linked_data.serialise import context
from wikic.web.negotiation import Form, choose

# rdflib's own JSON-LD parser still uses it.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")

API = "/api/v1/concepts"
FORMS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
SKOS = rdflib.SKOS
WIKIC = rdflib.Namespace("https://wiki-c.org/ontology#")
DCT = rdflib.DCTERMS
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")

Trips = Callable[[str, dict[str, str]], tuple[httpx2.Response, list[str]]]


def graph(answer: httpx2.Response, form: str) -> rdflib.Graph:
    assert answer.status_code == 200, answer.text
    return rdflib.Graph().parse(data=answer.content, format=RDFLIB[form])


def an_occupation(client: TestClient) -> str:
    items = client.get(f"{API}?scheme=esco&kind=occupation&status=active&limit=1").json()["items"]
    return str(items[0]["uuid"])


def node(uuid: str) -> rdflib.URIRef:
    return rdflib.URIRef(f"{PUBLIC_URL}/c/{uuid}")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/turtle", "ttl"),
        ("TEXT/Turtle", "ttl"),
        ("text/*", "html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("application/ld+json;q=0.5, application/rdf+xml", "rdf"),
        ("application/rdf+xml;q=0.5, application/ld+json;q=0.501", "jsonld"),
        ("text/turtle;q=0, text/*;q=0.1, application/n-triples; q=0.05", "html"),
        ("*/*;q=0.1, text/turtle ; Q=0.2", "ttl"),
        ('application/ld+json; profile="x"; q=0.9, application/json;q=0.8', "jsonld"),
        ("image/png", None),
        ("*/*;q=0", None),
        ("text/turtle;q=7", None),
        ("nonsense, text/turtle", "ttl"),
        (",,;;q=1,/", None),
    ],
)
def test_choosing_a_form(accept: str | None, wanted: str | None) -> None:
    forms = [Form("json", "application/json"), Form("html", "text/html"), *(Form(*each) for each in FORMS.items())]
    chosen = choose(forms, accept)
    assert (chosen.suffix if chosen else None) == wanted


def test_json_is_the_body_of_the_api(client: TestClient) -> None:
    uuid = an_occupation(client)
    api = client.get(f"{API}/{uuid}?lang=fr")
    for address, accept in ((f"/c/{uuid}?lang=fr", "application/json"), (f"/c/{uuid}.json?lang=fr", "text/turtle")):
        answer = client.get(address, headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/json"
        assert (answer.content, answer.headers["etag"]) == (api.content, api.headers["etag"])
    client.app.state.concept_page = None  # type: ignore[attr-defined]
    assert client.get(f"/c/{uuid}", headers={"Accept": "text/html"}).headers["content-type"] == "application/json"


def test_pages_come_from_the_hook(client: TestClient) -> None:
    uuid = an_occupation(client)
    state = client.app.state  # type: ignore[attr-defined]
    state.concept_page = lambda _request, found, _moment: Response(found.concept.identity.uuid, media_type="text/html")
    for address in (f"/c/{uuid}", f"/c/{uuid}.html", f"/r/2025/c/{uuid}"):
        answer = client.get(address, headers={"Accept": "text/html"})
        assert answer.text == uuid
        assert answer.headers["vary"].startswith("Accept, Accept-Language")
    assert client.get(f"/c/{uuid}.json").json()["uuid"] == uuid


@pytest.mark.parametrize("prefix", ["", "/r/2026"])
def test_every_form_says_the_same(client: TestClient, prefix: str) -> None:
    uuid = an_occupation(client)
    graphs = []
    for suffix, media in FORMS.items():
        negotiated = client.get(f"{prefix}/c/{uuid}", headers={"Accept": media})
        named = client.get(f"{prefix}/c/{uuid}.{suffix}")
        assert negotiated.headers["content-type"].partition(";")[0] == media
        assert negotiated.content == named.content
        graphs.append(graph(named, suffix))
        assert len(list(ox.parse(input=named.content, format=ox.RdfFormat.from_media_type(media)))) == len(graphs[-1])
    assert len(graphs[0]) > 40
    assert all(isomorphic(graphs[0], each) for each in graphs[1:])
    assert len({client.get(f"{prefix}/c/{uuid}.{suffix}").headers["etag"] for suffix in FORMS}) == len(FORMS)


def test_what_a_document_says(client: TestClient) -> None:
    uuid = an_occupation(client)
    body = client.get(f"/c/{uuid}.json").json()
    found = graph(client.get(f"/c/{uuid}.ttl"), "ttl")
    subject = node(uuid)
    assert {(label.language, str(label)) for label in found.objects(subject, SKOS.prefLabel)} == {  # type: ignore[attr-defined]
        *body["preferred_label"].items()
    }
    assert set(map(str, found.objects(subject, SKOS.exactMatch))) >= {body["source"]["iri"]}
    assert (subject, rdflib.RDF.type, WIKIC.Occupation) in found
    required = {(str(item["uuid"]), item["importance"]) for item in body["relations"]["requires"]}
    assert required
    for other, importance in required:
        assert (subject, WIKIC.requires, node(other)) in found
        assert (subject, WIKIC[f"requires{importance.capitalize()}"], node(other)) in found
        assert found.value(node(other), SKOS.prefLabel) is not None
    change = found.value(subject, rdflib.PROV.wasGeneratedBy)
    assert found.value(change, rdflib.PROV.endedAtTime) is not None
    document = found.value(None, rdflib.FOAF.primaryTopic, subject)
    assert found.value(document, DCT.license) == rdflib.URIRef("https://creativecommons.org/licenses/by/4.0/")
    attribution = "This service uses the ESCO classification of the European Commission."
    assert str(found.value(document, WIKIC.attribution)) == attribution


def test_incoming_relations_are_said_too(client: TestClient) -> None:
    items = client.get(f"{API}?scheme=esco&kind=occupation_group&limit=50").json()["items"]
    items += client.get(f"{API}?scheme=isco&kind=occupation_group&limit=50").json()["items"]
    parents = [item["uuid"] for item in items if "narrower" in client.get(f"{API}/{item['uuid']}").json()["relations"]]
    found = graph(client.get(f"/c/{parents[0]}.jsonld"), "jsonld")
    children = set(found.objects(node(parents[0]), SKOS.narrower))
    assert children == set(found.subjects(SKOS.broader, node(parents[0])))
    assert children


def test_json_ld_is_compact_and_holds_its_context(client: TestClient) -> None:
    uuid = an_occupation(client)
    document = client.get(f"/c/{uuid}.jsonld").json()
    assert document["@context"] == context()
    assert document["id"] == f"{PUBLIC_URL}/c/{uuid}"
    assert document["type"] == ["skos:Concept", "wikic:Occupation"]
    assert document["prefLabel"] == client.get(f"/c/{uuid}.json").json()["preferred_label"]
    assert any("prefLabel" in each for each in document["requires"] if isinstance(each, dict))
    assert client.get("/ontology/context.jsonld").json()["@context"] == context()


def test_labels_as_things(client: TestClient) -> None:
    uuid = an_occupation(client)
    body = client.get(f"/c/{uuid}.json").json()
    plain, found = (graph(client.get(f"/c/{uuid}.ttl{query}"), "ttl") for query in ("", "?labels=xl"))
    xl = rdflib.Namespace("http://www.w3.org/2008/05/skos-xl#")
    forms = sorted(str(form) for form in found.objects(None, xl.literalForm))
    assert forms == sorted(label["value"] for label in body["labels"])
    assert len(list(plain.objects(None, xl.literalForm))) == sum(bool(label["roles"]) for label in body["labels"])
    assert client.get(f"/c/{uuid}?labels=yes").status_code == 400
    etags = {client.get(f"/c/{uuid}.ttl{query}").headers["etag"] for query in ("", "?labels=xl")}
    assert len(etags) == 2


def test_headers_and_304(client: TestClient, trips: Trips) -> None:
    uuid = an_occupation(client)
    for address, kept in ((f"/c/{uuid}", "no-cache"), (f"/r/2025/c/{uuid}", "public, max-age=31536000, immutable")):
        for media in (*FORMS.values(), "application/json"):
            answer = client.get(address, headers={"Accept": media})
            assert answer.headers["vary"].startswith("Accept, Accept-Language")
            assert answer.headers["cache-control"] == kept
            assert re.fullmatch(r'"[0-9a-f]+(-br|-gzip)?"', answer.headers["etag"])
            assert f'<{PUBLIC_URL}{address}>; rel="canonical"' in answer.headers["link"]
            assert f'<{PUBLIC_URL}{address}.ttl>; rel="alternate"; type="text/turtle"' in answer.headers["link"]
            again, queries = trips(address, {"Accept": media, "If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content, queries) == (304, b"", [])
            assert again.headers["vary"].startswith("Accept, Accept-Language")
    assert f'<{PUBLIC_URL}/c/{uuid}>; rel="latest-version"' in client.get(f"/r/2025/c/{uuid}").headers["link"]


def test_406_lists_what_there_is(client: TestClient) -> None:
    uuid = an_occupation(client)
    answer = client.get(f"/c/{uuid}", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["vary"].startswith("Accept, Accept-Language")
    available = {each["media_type"]: each["address"] for each in answer.json()["available"]}
    assert available["text/turtle"] == f"{PUBLIC_URL}/c/{uuid}.ttl"
    for address in ("/catalog", "/ontology", "/.well-known/void", "/r/2025/"):
        assert client.get(address, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    "address",
    [
        "/c/nothing",
        "/c/00000000-0000-7000-8000-00000000ffff",
        "/c/00000000-0000-7000-8000-00000000ffff.ttl",
        "/r/2031/c/00000000-0000-7000-8000-000000000001",
        "/r/2031/",
        "/r/2031/download.nt",
        "/r/2026/download.exe",
        "/ontology/nothing.ttl",
    ],
)
def test_what_never_was_is_404(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_unknown_suffixes_are_refused(client: TestClient) -> None:
    uuid = an_occupation(client)
    assert client.get(f"/c/{uuid}.pdf").status_code == 406


def test_an_alias_leads_on_in_the_same_form(client: TestClient, world: World) -> None:
    from wikic.store.dump_reading import read_whole

    alias, uuid = next(
        (whole.aliases[0], whole.identity.uuid)
        for whole in read_whole(world.app.engine, {"public": world.head})
        if whole.aliases
    )
    for path, more in (("/c/{}", ""), ("/c/{}.ttl", "?labels=xl"), ("/r/2026/c/{}.json", "?lang=fr")):
        answer = client.get(path.format(alias) + more)
        assert (answer.status_code, answer.headers["location"]) == (301, path.format(uuid) + more)
        assert client.get(answer.headers["location"]).status_code == 200


def test_a_replaced_concept_still_answers(client: TestClient, world: World) -> None:
    found = graph(client.get(f"/c/{world.crumb}.ttl"), "ttl")
    subject = node(world.crumb)
    assert found.value(subject, rdflib.OWL.deprecated) == rdflib.Literal(True)
    assert set(found.objects(subject, DCT.isReplacedBy)) == {node(world.crust)}
    assert found.value(node(world.crust), SKOS.prefLabel) is not None


def test_a_pinned_document_says_what_was(client: TestClient, world: World) -> None:
    items = client.get("/api/v1/diff?from=2025&to=2026&type=renamed&limit=100").json()["items"]
    item = next(each for each in items if any(change["lang"] == "fr" for change in each["changes"]))
    change = next(each for each in item["changes"] if each["lang"] == "fr")
    for release, label in (("2025", change["before"]), ("2026", change["after"])):
        found = graph(client.get(f"/r/{release}/c/{item['uuid']}.nt"), "nt")
        assert rdflib.Literal(label, lang="fr") in set(found.objects(node(item["uuid"]), SKOS.prefLabel))
        seqs = [int(str(seq)) for seq in found.objects(None, WIKIC.seq)]
        assert max(seqs) <= {"2025": world.first, "2026": world.second}[release]


@pytest.mark.parametrize("form", ["ttl", "nt", "jsonld"])
def test_downloads(client: TestClient, form: str) -> None:
    first = client.get(f"/r/2026/download.{form}")
    assert first.headers["content-type"].partition(";")[0] == FORMS[form]
    assert first.headers["content-disposition"] == f'attachment; filename="wikic-2026.{form}"'
    assert first.headers["cache-control"].endswith("immutable")
    assert client.get(f"/r/2026/download.{form}").content == first.content
    packed = client.get(f"/r/2026/download.{form}.gz")
    assert packed.headers["content-type"] == "application/gzip"
    assert gzip.decompress(packed.content) == first.content
    assert client.get(f"/r/2026/download.{form}.gz").content == packed.content
    etag = first.headers["etag"]
    assert client.get(f"/r/2026/download.{form}", headers={"If-None-Match": etag}).status_code == 304
    assert packed.headers["etag"] != etag


def test_the_three_releases_differ_as_they_should(client: TestClient) -> None:
    uuid = client.get("/api/v1/diff?from=2025&to=2026&type=added&limit=1").json()["items"][0]["uuid"]
    then, now = (client.get(f"/r/{name}/download.nt").text for name in ("2025", "2026"))
    assert f"/c/{uuid}>" not in then
    assert f"<{PUBLIC_URL}/c/{uuid}> <{rdflib.RDF.type}>" in now


@pytest.mark.parametrize("address", ["/catalog", "/r/2026/", "/.well-known/void", "/ontology"])
def test_the_catalogue_in_every_form(client: TestClient, address: str) -> None:
    graphs = []
    for suffix, media in FORMS.items():
        answer = client.get(address, headers={"Accept": media})
        assert answer.headers["content-type"].partition(";")[0] == media
        assert client.get(address, headers={"Accept": media}).content == answer.content
        tag = {"Accept": media, "If-None-Match": answer.headers["etag"]}
        assert client.get(address, headers=tag).status_code == 304
        graphs.append(graph(answer, suffix))
    assert len(graphs[0]) > 20
    assert all(isomorphic(graphs[0], each) for each in graphs[1:])


def test_releases_as_datasets(client: TestClient) -> None:
    found = graph(client.get("/catalog", headers={"Accept": "text/turtle"}), "ttl")
    old, new = (rdflib.URIRef(f"{PUBLIC_URL}/r/{name}/") for name in ("2025", "2026"))
    catalog = rdflib.URIRef(f"{PUBLIC_URL}/catalog")
    assert found.value(new, DCAT.previousVersion) == old
    assert found.value(catalog, DCAT.hasCurrentVersion) == new
    assert set(found.objects(catalog, DCAT.hasVersion)) == {old, new}
    one = graph(client.get("/r/2026/", headers={"Accept": "text/turtle"}), "ttl")
    assert str(one.value(new, DCAT.version)) == "2026"
    assert set(map(str, one.objects(new, WIKIC.attribution))) >= {
        "This service uses the ESCO classification of the European Commission.",
        "Source : France Travail, ROME 4.0.",
    }
    for place in one.objects(new, DCAT.distribution):
        assert client.get(str(place).removeprefix(PUBLIC_URL)).status_code == 200
    body = client.get("/r/2026/").json()
    assert body["name"] == "2026"
    assert json.loads(client.get("/catalog").content).keys() == {"schemes", "releases"}
    assert client.get("/r/2026").headers["location"] == "/r/2026/"


def test_void_counts(client: TestClient) -> None:
    found = graph(client.get("/.well-known/void"), "ttl")
    void = rdflib.VOID
    total = sum(item["total"] for item in client.get("/api/v1/schemes").json()["items"])
    assert int(str(found.value(rdflib.URIRef(f"{PUBLIC_URL}/catalog"), void.entities))) == total


def test_our_terms(client: TestClient) -> None:
    terms = graph(client.get("/ontology"), "ttl")
    assert (WIKIC.Occupation, rdflib.RDF.type, rdflib.OWL.Class) in terms
    shapes = client.get("/ontology/shapes.ttl")
    assert graph(shapes, "ttl")
    assert client.get("/ontology/shapes.ttl", headers={"If-None-Match": shapes.headers["etag"]}).status_code == 304
