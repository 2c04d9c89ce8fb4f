"""Whatever is sent, the answer is a problem that helps: 4xx, one line, what to do; never a fault of ours."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic.web.app import create_app
from wikic.web.limits import LARGEST_BODY

TEXTS = (
    "'; MATCH (n) DETACH DELETE n //",
    "\x00",
    "%00",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "a" * 5_000,
    "é" * 400,
    "\u202e\u2066",
    "*:* OR 1=1",
    '"unclosed',
    "kind:skill AND ((((",
    "\ud83d\ude00" * 100,
    "-1",
    "9" * 400,
)
PATHS = (
    "/api/v1/search?q={}",
    "/api/v1/suggest?q={}",
    "/api/v1/concepts/{}",
    "/api/v1/concepts?cursor={}",
    "/api/v1/concepts?release={}",
    "/api/v1/concepts?at={}",
    "/api/v1/tree?parent={}",
    "/api/v1/lookup?iri={}",
    "/api/v1/lookup?scheme=rome&code={}",
    "/api/v1/diff?from={}&to=2026",
    "/api/v1/changes?after={}",
    "/search?q={}",
    "/tree?parent={}",
    "/c/{}",
    "/r/{}/c/{}",
    "/r/{}/",
    "/r/{}/download.nt",
)


@pytest.mark.parametrize("path", PATHS)
def test_hostile_words(client: TestClient, path: str) -> None:
    for text in TEXTS:
        address = path.replace("{}", quote(text.encode("utf-8", "surrogatepass"), safe=""))
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code < 500, (address[:200], answer.status_code)
        if answer.status_code >= 400:
            body = answer.json()
            assert body["type"].startswith(f"{PUBLIC_URL}/docs/errors#"), address[:200]
            assert body["detail"], address[:200]
            assert "\n" not in body["detail"], address[:200]


def test_a_thousand_facets_and_parameters(client: TestClient) -> None:
    many = "&".join(f"kind=k{number}" for number in range(1_000))
    answer = client.get(f"/api/v1/search?q=pain&{many}")
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (400, "invalid-input")
    same = "&".join(["kind=skill"] * 1_000)
    assert client.get(f"/api/v1/search?q=pain&{same}").status_code == 200
    unknown = "&".join(f"x{number}=1" for number in range(1_000))
    assert client.get(f"/api/v1/search?q=pain&{unknown}").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/search?q=pain", "/c/{uuid}", "/api/v1/concepts/{uuid}", "/"])
def test_a_body_of_ten_megabytes_is_refused(client: TestClient, world: World, path: str) -> None:
    address = path.format(uuid=world.slice)
    for send in (client.post, client.put):
        answer = send(address, content=b"x" * 10_000_000, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (413, "too-large")


def test_a_body_without_a_length_is_counted(world: World) -> None:
    from starlette.requests import Request
    from starlette.responses import Response

    app = create_app(world.app, PUBLIC_URL)

    async def read(request: Request) -> Response:
        return Response(str(len(await request.body())))

    app.add_route("/read", read, methods=["POST"])
    with TestClient(app) as client:
        piece = b"x" * 100_000
        assert client.post("/read", content=(piece for _ in range(3))).text == "300000"
        answer = client.post("/read", content=(piece for _ in range(LARGEST_BODY // len(piece) + 1)))
        assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (413, "too-large")


ORIGINS: tuple[tuple[dict[str, str], bool], ...] = (
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": PUBLIC_URL}, True),
    ({"Origin": "http://testserver"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, False),
    ({"Origin": "https://other.example"}, False),
    ({"Origin": "null"}, False),
)


@pytest.mark.parametrize(("headers", "taken"), ORIGINS)
def test_pages_of_other_sites_change_nothing(client: TestClient, headers: dict[str, str], taken: bool) -> None:
    answer = client.post("/api/v1/search", headers={"Accept": "application/json", **headers})
    assert answer.status_code == (405 if taken else 403)
    assert client.get("/api/v1/search?q=pain", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/concepts", "/api/v1/tree?scheme=rome", "/api/v1/search?q=pain", "/api/v1/changes"])
def test_bad_cursors_say_so(client: TestClient, path: str) -> None:
    joined = "&" if "?" in path else "?"
    foreign = client.get("/api/v1/concepts?kind=skill&limit=1").json()["next"]
    for cursor in ("x", "e30", quote(foreign[:-4] + "AAAA"), foreign):
        answer = client.get(f"{path}{joined}cursor={cursor}")
        assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (400, "invalid-input")
        assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/concepts?release=1999", "/r/1999/", "/r/1999/download.nt", "/api/v1/search?q=pain&release=1999"])
def test_unknown_releases_say_so(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["type"].partition("#")[2]) == (404, "unknown-release")
    assert "1999" in answer.json()["detail"]
