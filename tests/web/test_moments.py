"""As of one release, as of the next and as of now: other answers for what was renamed, added and removed between them, wherever one asks."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from starlette.testclient import TestClient

RELEASES = ("2025", "2026")


def _first(client: TestClient, change: str) -> dict[str, Any]:
    """A concept of the sample that was changed so between the two releases, with its label before and after."""
    items = client.get(f"/api/v1/diff?from=2025&to=2026&type={change}&lang=fr&limit=1000").json()["items"]
    for item in items:
        for each in item["changes"]:
            if change != "renamed" or (each["lang"] == "fr" and each["before"] and each["after"]):
                return {**item, "before": each["before"], "after": each["after"]}
    raise AssertionError(f"nothing in the sample was {change}")


def _names(client: TestClient, text: str, release: str) -> list[str]:
    asked = client.get("/api/v1/search", params={"q": text, **({"release": release} if release else {})})
    return [item["uuid"] for item in asked.json()["items"]]


def _page(client: TestClient, uuid: str, release: str) -> tuple[int, str]:
    path = f"/r/{release}/c/{uuid}" if release else f"/c/{uuid}"
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"})
    return answer.status_code, answer.text


def _download(client: TestClient, release: str) -> str:
    return gzip.decompress(client.get(f"/r/{release}/download.nt.gz").content).decode()


def test_renamed(client: TestClient) -> None:
    found = _first(client, "renamed")
    uuid, before, after = found["uuid"], found["before"], found["after"]
    for release, name, other in (("2025", before, after), ("2026", after, before), ("", after, before)):
        body = client.get(f"/api/v1/concepts/{uuid}", params={"release": release} if release else {}).json()
        assert body["preferred_label"]["fr"] == name
        status, page = _page(client, uuid, release)
        assert status == 200
        assert f"<h1>{name}</h1>" in page
        assert f"<h1>{other}</h1>" not in page
        hits = client.get("/api/v1/search", params={"q": name, **({"release": release} if release else {})}).json()["items"]
        assert uuid in [hit["uuid"] for hit in hits if hit["preferred_label"]["fr"] == name]
    for release, name, other in (("2025", before, after), ("2026", after, before)):
        lines = [line for line in _download(client, release).splitlines() if f"/c/{uuid}>" in line and "prefLabel" in line]
        assert any(f'"{name}"@fr' in line for line in lines)
        assert not any(f'"{other}"@fr' in line for line in lines)


def test_added(client: TestClient) -> None:
    found = _first(client, "added")
    uuid, label = found["uuid"], found["label"]
    seen = {}
    for release in (*RELEASES, ""):
        status = client.get(f"/api/v1/concepts/{uuid}", params={"release": release} if release else {}).status_code
        seen[release] = (status, _page(client, uuid, release)[0], uuid in _names(client, label, release))
    assert seen == {"2025": (404, 404, False), "2026": (200, 200, True), "": (200, 200, True)}
    assert [f"/c/{uuid}> <" in _download(client, release) for release in RELEASES] == [False, True]


def test_removed_means_deprecated_and_still_there(client: TestClient) -> None:
    found = _first(client, "deprecated")
    uuid = found["uuid"]
    for release, status in (("2025", "active"), ("2026", "deprecated"), ("", "deprecated")):
        parameters = {"release": release} if release else {}
        assert client.get(f"/api/v1/concepts/{uuid}", params=parameters).json()["status"] == status
        code, page = _page(client, uuid, release)
        assert (code, 'class="notice bad"' in page) == (200, status == "deprecated")
        hits = client.get("/api/v1/search", params={"q": found["label"], **parameters}).json()["items"]
        assert [hit["status"] for hit in hits if hit["uuid"] == uuid] == [status]
    marks = [f"/c/{uuid}> <http://www.w3.org/2002/07/owl#deprecated>" in _download(client, name) for name in RELEASES]
    assert marks == [False, True]


@pytest.mark.parametrize("release", ["2025", "2026"])
def test_the_tree_and_the_figures_are_of_their_time(client: TestClient, release: str) -> None:
    schemes = {item["scheme"]: item["total"] for item in client.get(f"/api/v1/schemes?release={release}").json()["items"]}
    for scheme in ("esco", "rome"):
        listed = 0
        cursor: str | None = ""
        while cursor is not None:
            page = client.get(f"/api/v1/concepts?scheme={scheme}&release={release}&limit=500" + (f"&cursor={cursor}" if cursor else "")).json()
            listed, cursor = listed + len(page["items"]), page["next"]
        assert listed == schemes[scheme]
