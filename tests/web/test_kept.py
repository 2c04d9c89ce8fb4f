"""What a release said of a concept is made once by a process, and then answered without the store."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import Trips
from wikic.services.reading_moments import Moment
from wikic.web.kept import KeptAnswers

ADDRESSES = (
    ("/api/v1/concepts/{uuid}?release=2026", "application/json"),
    ("/r/2026/c/{uuid}", "text/turtle"),
    ("/r/2026/c/{uuid}.jsonld", "*/*"),
)


@pytest.mark.parametrize(("address", "accept"), ADDRESSES)
def test_asked_again_it_costs_no_query(trips: Trips, client: TestClient, address: str, accept: str) -> None:
    uuid = client.get("/api/v1/lookup?scheme=rome&code=D1102&kind=occupation&redirect=false").json()["uuid"]
    address = address.format(uuid=uuid)
    first, _ = trips(address, {"Accept": accept})
    again, queries = trips(address, {"Accept": accept})
    assert queries == []
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"].endswith("immutable")
    unchanged, queries = trips(address, {"Accept": accept, "If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, queries) == (304, [])


def test_forms_releases_and_the_present_do_not_mix(client: TestClient, world: World) -> None:
    addresses = [f"/r/{name}/c/{world.crumb}" for name in ("2025", "2026")] + [f"/c/{world.crumb}"]
    for _ in range(2):
        assert [client.get(address, headers={"Accept": "text/turtle"}).status_code for address in addresses] == [404, 404, 200]
    for _ in range(2):
        media = {accept: client.get(f"/c/{world.slice}", headers={"Accept": accept}).headers["content-type"] for accept in ("text/turtle", "application/json")}
        assert all(found.startswith(accept) for accept, found in media.items())


def test_the_oldest_give_way() -> None:
    request = Request({"type": "http", "headers": []})
    moment = Moment({"public": 3}, 3, "e", pinned=True)
    kept = KeptAnswers(limit=3_200)
    for number in range(40):
        kept.put(moment, f"/{number}", "", b"x" * 100, {"ETag": f'"{number}"'}, "text/plain")
    kept.put(moment, "/large", "", b"x" * 101, {}, "text/plain")
    kept.put(Moment({"public": 3}, 3, "e"), "/present", "", b"x", {}, "text/plain")
    assert [number for number in range(40) if kept.get(request, moment, f"/{number}") is not None] == list(range(8, 40))
    assert kept.get(request, moment, "/large") is None
    assert kept.get(request, moment, "/present") is None
