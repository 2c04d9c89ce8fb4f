"""Search and suggest over HTTP."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from wikic.web.api_search import RESULT, RESULTS, SUGGESTIONS, ResultPageShape, ResultShape, SuggestionsShape

API = "/api/v1"
BAKER = "http://data.europa.eu/esco/occupation/"


def test_examples_fit() -> None:
    ResultShape.model_validate(RESULT)
    ResultPageShape.model_validate(RESULTS)
    SuggestionsShape.model_validate(SUGGESTIONS)


def test_a_search(client: TestClient, world: World) -> None:
    answer = client.get(f"{API}/search?q=boulangere&lang=fr")
    assert answer.status_code == 200
    assert answer.headers["wiki-c-seq"] == str(world.head)
    page = answer.json()
    ResultPageShape.model_validate(page)
    assert page["seq"] == world.head
    codes = [item["code"] for item in page["items"][:2]]
    assert set(codes) == {"7512.1", "D1102"}
    label = page["items"][0]["label"]
    assert label["lang"] == "fr"
    assert all(label["value"][start:end].lower().startswith("boulang") for start, end in label["marks"])
    assert sum(page["facets"]["kind"].values()) == sum(page["facets"]["scheme"].values()) == page["total"]


@pytest.mark.parametrize("text", ["D1102", "rome:d1102", "rome:metier:D1102"])
def test_a_code(client: TestClient, text: str) -> None:
    assert client.get(f"{API}/search?q={quote(text)}").json()["items"][0]["code"] == "D1102"


def test_a_source_address(client: TestClient) -> None:
    job = client.get(f"{API}/concepts?scheme=esco&kind=occupation&limit=1").json()["items"][0]
    page = client.get(f"{API}/search?q={quote(job['iri'], safe='')}").json()
    assert [item["uuid"] for item in page["items"]] == [job["uuid"]]
    assert client.get(f"{API}/search?q={job['uuid']}").json()["items"][0]["uuid"] == job["uuid"]


def test_releases_differ(client: TestClient, world: World) -> None:
    def ask(query: str) -> list[dict[str, object]]:
        items: list[dict[str, object]] = client.get(f"{API}/search?q={query}").json()["items"]
        return items

    added = "put a web application into service"
    assert [item["label"] for item in ask(f"{added}&release=2025") if item["score"] > 1] == []  # type: ignore[operator]
    assert ask(f"{added}&release=2026")[0]["preferred_label"]["en"] == added  # type: ignore[index]
    removed = "hand typesetter"
    assert [ask(f"{removed}&{when}")[0]["status"] for when in ("release=2025", "release=2026", f"at={world.head}")] == [
        "active",
        "deprecated",
        "deprecated",
    ]
    renamed = "wear protective gear"
    then, now = ask(f"{renamed}&release=2025")[0], ask(f"{renamed}&release=2026")[0]
    assert then["uuid"] == now["uuid"]
    assert (then["label"]["type"], now["label"]["type"]) == ("preferred", "alternative")  # type: ignore[index]


def test_suggestions(client: TestClient) -> None:
    answer = client.get(f"{API}/suggest?q=boul&lang=fr&limit=3")
    SuggestionsShape.model_validate(answer.json())
    items = answer.json()["items"]
    assert 0 < len(items) <= 3
    assert all(item["label"]["value"].lower().startswith("boul") for item in items[:1])
    assert client.get(f"{API}/suggest?q=D11").json()["items"][0]["code"].startswith("D11")


@pytest.mark.parametrize("path", ["search", "suggest"])
def test_tags(client: TestClient, path: str) -> None:
    first = client.get(f"{API}/{path}?q=pain")
    tag = first.headers["etag"]
    again = client.get(f"{API}/{path}?q=pain", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    others = [
        client.get(f"{API}/{path}?q=pain&{more}").headers["etag"] for more in ("limit=3", "release=2025", "lang=fr")
    ]
    assert len({tag, *others}) == 4
    assert first.headers["cache-control"] == "no-cache"


def test_pages_go_on(client: TestClient) -> None:
    whole = client.get(f"{API}/search?q=de&limit=100&q=pain%20pâte%20machine").json()
    seen: list[str] = []
    address = f"{API}/search?q=pain%20p%C3%A2te%20machine&limit=2"
    while address:
        answer = client.get(address)
        seen += [item["uuid"] for item in answer.json()["items"]]
        address = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [item["uuid"] for item in whole["items"]]
    assert len(seen) > 4


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%20",
        f"q={'x' * 501}",
        "q=a&kind=x",
        "q=a&scheme=x",
        "q=a&lang=1",
        "q=a&limit=0",
        "q=a&limit=1000",
        "q=a&at=0",
        "q=a&release=2025&at=1",
    ],
)
@pytest.mark.parametrize("path", ["search", "suggest"])
def test_bad_parameters(client: TestClient, path: str, query: str) -> None:
    answer = client.get(f"{API}/{path}?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_unknown_moments_and_cursors(client: TestClient, world: World) -> None:
    assert client.get(f"{API}/search?q=a&release=1999").status_code == 404
    assert client.get(f"{API}/search?q=a&at={world.head + 1}").status_code == 404
    assert client.get(f"{API}/search?q=a&cursor=x").status_code == 400
    cursor = client.get(f"{API}/search?q=pain%20machine&limit=1").json()["next"]
    assert client.get(f"{API}/search?q=pain&limit=1&cursor={cursor}").status_code == 400


@pytest.mark.parametrize(
    "text", ["'\"(){}[]^~*?:\\/", "%00", "AND OR NOT", "a" * 500, "é " * 200, "🙂", "x:y:z", "-1", "%ED%A0%80"]
)
@pytest.mark.parametrize("path", ["search", "suggest"])
def test_hostile_words(client: TestClient, path: str, text: str) -> None:
    sent = text if text.startswith("%") else quote(text)
    assert client.get(f"{API}/{path}?q={sent}").status_code in (200, 400)
