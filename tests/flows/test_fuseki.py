"""Readers of others take what we publish: a SPARQL server with SKOS queries loads the downloads, a JSON-LD processor expands documents offline."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from tests.engines import NoNeo4jError, arcadedb_engine, jars, java
from tests.sample_world import World, make_world
from wikic.store.engine import Engine

__all__ = ["arcadedb_engine"]

VERSION = "5.6.0"
POM = Path(__file__).parent.parent / "fuseki_server" / "pom.xml"
BASE = "https://skills.example.org"
PREFIXES = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX owl: <http://www.w3.org/2002/07/owl#> "
MEDIA = {"ttl": "text/turtle", "nt": "application/n-triples", "jsonld": "application/ld+json"}


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> World:
    return make_world(arcadedb_engine)


@pytest.fixture(scope="module")
def fuseki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with an empty data set in memory."""
    try:
        command = [java(), "-cp", f"{jars(f'fuseki-{VERSION}', POM)}/*", "org.apache.jena.fuseki.main.cmds.FusekiMainCmd"]
    except NoNeo4jError as error:
        if os.environ.get("WIKIC_REQUIRE_NEO4J") == "1":
            pytest.fail(f"WIKIC_REQUIRE_NEO4J=1, but {error}")
        pytest.skip(str(error))
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    folder = tmp_path_factory.mktemp("fuseki")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--port={port}", "--localhost", "--update", "--mem", "/ds"], cwd=folder, stdout=log, stderr=log
        )
        address = f"http://127.0.0.1:{port}/ds"
        try:
            while not _answers(address):
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(0.1)
            yield address
        finally:
            process.terminate()
            process.wait()


def _answers(address: str) -> bool:
    try:
        return bool(ask(address, "SELECT (1 AS ?one) {}"))
    except urllib.error.URLError:
        return False


def ask(address: str, query: str) -> list[dict[str, str]]:
    """The rows of a SELECT."""
    request = urllib.request.Request(
        f"{address}/query?{urllib.parse.urlencode({'query': PREFIXES + query})}",
        headers={"Accept": "application/sparql-results+json"},
    )
    with urllib.request.urlopen(request) as answer:
        rows = json.load(answer)["results"]["bindings"]
    return [{name: value["value"] for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("form", ["ttl.gz", "nt", "jsonld"])
def test_a_skos_reader_loads_the_downloads(fuseki: str, world: World, form: str) -> None:
    content = b"".join(world.app.publishing.download("2026", BASE, form))
    content = gzip.decompress(content) if form.endswith(".gz") else content
    graph = f"urn:x:{form}"
    request = urllib.request.Request(
        f"{fuseki}/data?{urllib.parse.urlencode({'graph': graph})}",
        data=content,
        headers={"Content-Type": MEDIA[form.removesuffix(".gz")]},
        method="PUT",
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status in (200, 201, 204)

    def within(query: str) -> list[dict[str, str]]:
        return ask(fuseki, query.replace("WHERE {", f"WHERE {{ GRAPH <{graph}> {{", 1).replace("}#", "} }"))

    app = world.app
    moment = app.reading.moment("2026")
    total = sum(int(item["total"]) for item in app.reading.schemes(moment).items)
    assert within("SELECT (COUNT(?c) AS ?n) WHERE { ?c a skos:Concept }#") == [{"n": str(total)}]
    assert within(
        "SELECT ?c WHERE { ?c skos:prefLabel ?a, ?b FILTER(LANG(?a) = LANG(?b) && STR(?a) != STR(?b)) }#"
    ) == []
    roots = within(
        "SELECT DISTINCT ?top WHERE { ?c skos:broader+ ?top FILTER NOT EXISTS { ?top skos:broader ?more } }#"
    )
    assert roots
    for row in roots:
        uuid = row["top"].removeprefix(f"{BASE}/c/")
        assert app.reading.tree(moment, parent=uuid, limit=1000).items, uuid


def test_a_json_ld_processor_expands_offline(world: World) -> None:
    def refuse(url: str, _options: object) -> dict[str, Any]:
        raise AssertionError(f"the processor asked for {url}")

    moment = world.app.reading.moment("2026")
    found = world.app.reading.find(world.slice, world.app.reading.moment())
    for concept in (found, world.app.reading.find("isco:1", moment)):
        document = json.loads(world.app.publishing.document(concept, moment, BASE, "jsonld"))
        expanded = jsonld.expand(document, {"documentLoader": refuse})
        assert f"{BASE}/c/{concept.concept.identity.uuid}" in json.dumps(expanded)
        # The context as we serve it says the same as the one within the document.
        context = json.loads(world.app.publishing.ontology_file("context.jsonld"))["@context"]
        assert jsonld.expand({**document, "@context": context}, {"documentLoader": refuse}) == expanded
