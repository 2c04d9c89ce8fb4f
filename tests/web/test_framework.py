"""Schemes, releases, changes and differences over HTTP."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.test_concepts import every_item
from wikic.domain.diff import CHANGE_TYPES
from wikic.domain.vocabulary import SCHEMES
from wikic.web.schemas import ChangeShape, DiffPageShape, PageShape, ReleaseDetailShape, ReleaseShape, SchemeShape

API = "/api/v1"


def test_schemes(client: TestClient, world: World) -> None:
    page = client.get(f"{API}/schemes").json()
    PageShape[SchemeShape].model_validate(page)
    assert tuple(item["scheme"] for item in page["items"]) == SCHEMES
    wiki = page["items"][-1]
    assert (wiki["total"], wiki["counts"]) == (3, {"skill": {"active": 1, "deprecated": 2}})
    assert page["items"][0]["attribution"] == "This service uses the ESCO classification of the European Commission."
    before = client.get(f"{API}/schemes?release=2026").json()
    assert (before["seq"], before["items"][-1]["total"]) == (world.second, 0)


def test_releases(client: TestClient, world: World) -> None:
    page = client.get(f"{API}/releases").json()
    PageShape[ReleaseShape].model_validate(page)
    assert [(item["name"], item["seq"]) for item in page["items"]] == [("2025", world.first), ("2026", world.second)]
    one = client.get(f"{API}/releases/2026").json()
    ReleaseDetailShape.model_validate(one)
    assert one["change"]["seq"] == world.second
    assert client.get(f"{API}/releases/2027").status_code == 404


def test_changes(client: TestClient, world: World) -> None:
    page = client.get(f"{API}/changes").json()
    PageShape[ChangeShape].model_validate(page)
    seqs = [item["seq"] for item in page["items"]]
    assert seqs == sorted(seqs)
    assert seqs[-1] == world.head
    assert every_item(client, f"{API}/changes?limit=2") == page["items"]
    later = client.get(f"{API}/changes?after={world.second}").json()["items"]
    assert [item["kind"] for item in later] == ["edit"] * 4
    assert client.get(f"{API}/changes?after={world.second}&at={world.second}").json()["items"] == []
    assert client.get(f"{API}/changes/{world.head}").json() == page["items"][-1]
    assert client.get(f"{API}/changes/{world.head + 1}").status_code == 404
    assert client.get(f"{API}/changes/0").status_code == 404


def test_diff_of_two_releases(client: TestClient, world: World) -> None:
    page = client.get(f"{API}/diff?from=2025&to=2026&limit=1000").json()
    DiffPageShape.model_validate(page)
    assert (page["from"], page["to"], page["seq"]) == (world.first, world.second, world.second)
    assert page["concepts"] == len(page["items"])
    found: dict[str, int] = {}
    for item in page["items"]:
        assert item["changes"] or item["relations"]
        for each in item["changes"]:
            found[each["type"]] = found.get(each["type"], 0) + 1
        for each in item["relations"]:
            found[each["change"]] = found.get(each["change"], 0) + 1
    assert found == page["counts"]
    assert {"added", "deprecated", "renamed", "redefined", "related", "unrelated", "rerelated"} <= found.keys()
    assert found.keys() <= set(CHANGE_TYPES)
    names = {
        (each["before"], each["after"]) for item in page["items"] for each in item["changes"] if each["lang"] == "en"
    }
    assert any(after == "put a web application into service" for _, after in names) or found["added"] == 3
    assert every_item(client, f"{API}/diff?from=2025&to=2026&limit=4") == page["items"]


@pytest.mark.parametrize("type_", ["added", "renamed", "related"])
def test_diff_by_type(client: TestClient, type_: str) -> None:
    whole = client.get(f"{API}/diff?from=2025&to=2026&limit=1000").json()
    page = client.get(f"{API}/diff?from=2025&to=2026&limit=1000&type={type_}").json()
    DiffPageShape.model_validate(page)
    listed = sum(len(item["changes"]) + len(item["relations"]) for item in page["items"])
    assert listed == whole["counts"][type_]
    by_kind = client.get(f"{API}/diff?from=2025&to=2026&kind=skill").json()["items"]
    assert by_kind == [item for item in whole["items"] if item["kind"] == "skill"]


def test_diff_over_the_edits(client: TestClient, world: World) -> None:
    page = client.get(f"{API}/diff?from=2026&to={world.head}").json()
    # What was renamed after it was added is just added; what was deprecated, too.
    assert page["counts"] == {"added": 3, "related": 2}
    renamed = client.get(f"{API}/diff?from={world.head - 1}&to={world.head}").json()
    assert [(item["uuid"], item["changes"][0]["after"]) for item in renamed["items"]] == [(world.slice, "slice bread")]
    assert client.get(f"{API}/diff?from={world.head}&to={world.head}").json()["items"] == []


def test_diff_with_the_head(client: TestClient, world: World) -> None:
    whole = client.get(f"{API}/diff?from=2026&to={world.head}").json()
    answer = client.get(f"{API}/diff?from=2026&to=head")
    assert answer.json() == whole
    assert "immutable" not in answer.headers["cache-control"]
    for query in ("from=head&to=head", f"from=head&to={world.head}"):
        answer = client.get(f"{API}/diff?{query}")
        assert (answer.json()["items"], "immutable" in answer.headers["cache-control"]) == ([], False)
    assert client.get(f"{API}/diff?from=head&to=2026").status_code == 400
    assert client.get(f"{API}/delta?from=2026&to=head").json()["to"] == world.head


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("from=1", 400), ("from=2026&to=2025", 400), ("from=2025&to=nope", 404), ("from=1&to=99999", 404)],
)
def test_diff_refusals(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"{API}/diff?{query}").status_code == status


def test_diff_is_made_once(client: TestClient, world: World) -> None:
    address = f"{API}/diff?from=2025&to=2026&limit=1"
    first = client.get(address)
    with world.app.engine.count_round_trips() as counted:
        following = client.get(f"{address}&cursor={first.json()['next']}")
    assert following.status_code == 200
    assert counted.names == []
    assert client.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    assert first.headers["cache-control"].endswith("immutable")
