"""Releases over HTTP: who sees and does what, deltas, manifests, the calendar, feeds, and their pages."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, neo4j_engine
from tests.sample_world import World, make_world
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from wikic.crypto.signing import verifies
from wikic.domain.access import NOBODY, SYSTEM, Actor, Grant
from wikic.domain.delta import SEVERITIES
from wikic.domain.manifest import signed_bytes
from wikic.errors import NotFound

API = "/api/v1"
HTML = {"Accept": "text/html", "Accept-Language": "en"}
MODERATOR = {"Authorization": "Bearer moderator"}
READER = {"Authorization": "Bearer reader"}
ATOM = "{http://www.w3.org/2005/Atom}"


__all__ = ["arcadedb_engine", "neo4j_engine"]


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def world(request: pytest.FixtureRequest) -> World:
    """A world of these tests' own: they add releases to it."""
    return make_world(request.getfixturevalue(f"{request.param}_engine"))


@dataclass
class Known:
    """Stands for the accounts: who holds which token."""

    actors: dict[str, Actor] = field(
        default_factory=lambda: {
            "moderator": Actor("m", "Mo", (Grant("moderator"),), via="token", scopes=frozenset({"release"})),
            "reader": Actor("r", "Re", (Grant("contributor"),), via="token", settings={"terms": "9999-12-31"}),
            "newcomer": Actor("n", "Ne", (Grant("contributor"),), via="token"),
        }
    )

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        return self.actors.get(token or session, NOBODY)


class Services:
    """The world's services, with these accounts."""

    def __init__(self, world: World) -> None:
        self._app, self.accounts = world.app, Known()

    def __getattr__(self, name: str) -> object:
        return getattr(self._app, name)


@pytest.fixture
def asked(world: World) -> Iterator[TestClient]:
    """A client of the world, in which tokens mean somebody."""
    world.app.reading.forget()
    with TestClient(started(Services(world), PUBLIC_URL), follow_redirects=False) as client:
        yield client


@pytest.fixture
def frozen(world: World) -> Iterator[str]:
    """A release that is frozen only; withdrawn afterwards."""
    world.app.releasing.freeze("2027", actor=SYSTEM)
    yield "2027"
    try:
        world.app.releasing.withdraw("2027", actor=SYSTEM)
    except NotFound:
        return


def test_what_is_frozen_is_for_those_who_release(asked: TestClient, world: World, frozen: str) -> None:
    hidden = (
        f"{API}/concepts/{world.slice}?release={frozen}",
        f"{API}/search?q=pain&release={frozen}",
        f"{API}/suggest?q=pain&release={frozen}",
        f"{API}/releases/{frozen}",
        f"{API}/diff?from=2026&to={frozen}",
        f"{API}/delta?from=2026&to={frozen}",
        f"{API}/delta.csv?from=2026&to={frozen}",
        f"/r/{frozen}/c/{world.slice}.json",
        f"/r/{frozen}/c/{world.slice}.ttl",
        f"/r/{frozen}/download.nt",
        f"/r/{frozen}/delta.json",
    )
    for address in hidden:
        assert asked.get(address).status_code == 404, address
        assert asked.get(address, headers=READER).status_code == 404, address
        inside = asked.get(address, headers=MODERATOR)
        assert inside.status_code in (200, 503), address
        assert "immutable" not in inside.headers["cache-control"], address
        # Nothing that was answered to one is remembered for another.
        assert asked.get(address).status_code == 404, address
    assert asked.get(f"/r/{frozen}/", headers={"Accept": "text/turtle"}).status_code == 404
    assert asked.get(f"/releases/{frozen}", headers=HTML).status_code == 404
    names = [item["name"] for item in asked.get(f"{API}/releases").json()["items"]]
    assert frozen not in names
    assert f"/r/{frozen}/" not in asked.get("/catalog", headers={"Accept": "text/turtle"}).text
    assert asked.get(f"/c/{world.slice}", headers=HTML).text.count(f"/r/{frozen}/") == 0
    assert frozen in asked.get("/releases", headers=HTML | MODERATOR).text
    for headers, told in (({}, False), (READER, False), (MODERATOR, True)):
        events = asked.get(f"{API}/events?limit=200", headers=headers).json()["items"]
        assert (f"release/{frozen}" in [event["subject"] for event in events]) is told


def test_a_release_over_the_api(asked: TestClient, world: World) -> None:
    assert asked.post(f"{API}/releases", json={"name": "2028"}).status_code == 401
    assert asked.post(f"{API}/releases", json={"name": "2028"}, headers=READER).status_code == 403
    assert asked.post(f"{API}/releases", json={"name": "2028", "x": 1}, headers=MODERATOR).status_code == 400
    assert asked.post(f"{API}/releases", json={"name": "preview"}, headers=MODERATOR).status_code == 400
    made = asked.post(f"{API}/releases", json={"name": "2028-rc1"}, headers=MODERATOR)
    assert (made.status_code, made.json()["state"], made.json()["seq"]) == (200, "candidate", world.head)
    shown = asked.get(f"/r/2028-rc1/c/{world.slice}.json")
    assert (shown.status_code, shown.headers["wiki-c-release-state"]) == (200, "candidate")
    assert "It is a candidate" in asked.get(f"/r/2028-rc1/c/{world.slice}", headers=HTML).text
    words = ("search?q=slice", "suggest?q=sli", f"concepts/{world.slice}?x=")
    for address in ("/r/2028-rc1/", f"{API}/releases/2028-rc1", *(f"{API}/{each}&release=2028-rc1" for each in words)):
        about = asked.get(address)
        assert (about.status_code, about.headers.get("wiki-c-release-state")) == (200, "candidate"), address
        assert "Wiki-C-Release-State" in about.headers["access-control-expose-headers"]
    assert asked.post(f"{API}/releases", json={"name": "2028"}, headers=MODERATOR).status_code == 200
    assert asked.post(f"{API}/releases/2028/publish", headers=MODERATOR).status_code == 409
    manifest = asked.post(f"{API}/releases/2028/manifest", headers=MODERATOR).json()
    assert asked.post(f"{API}/releases/2028/publish", headers=READER).status_code == 403
    published = asked.post(f"{API}/releases/2028/publish", headers=MODERATOR).json()
    assert (published["state"], published["published_by"]) == ("published", "Mo")
    assert asked.post(f"{API}/releases/2028/withdraw", headers=MODERATOR).status_code == 409
    assert asked.get(f"{API}/releases/2028/manifest").json() == manifest
    key = asked.get("/.well-known/wikic-signing-key").json()
    assert verifies(key["public_key"], signed_bytes(manifest), manifest["signature"])
    assert asked.get(f"{API}/concepts/{world.slice}?release=2028").headers["cache-control"].endswith("immutable")


def test_a_candidate_is_open_to_comment(asked: TestClient, world: World) -> None:
    world.app.releasing.freeze("2029-rc1", actor=SYSTEM)
    address = f"{API}/releases/2029-rc1/comments"
    assert asked.post(address, json={"text": "Good."}).status_code == 401
    assert asked.post(address, json={"text": " "}, headers=READER).status_code == 400
    said = asked.post(address, json={"text": "Good.\n<b>Really</b>"}, headers=READER)
    assert (said.status_code, said.json()["name"]) == (200, "Re")
    assert asked.get(address).json()["items"] == [said.json()]
    assert asked.post(f"{API}/releases/2026/comments", json={"text": "Late."}, headers=READER).status_code == 409
    assert asked.get(f"{API}/releases/2026/comments").json()["items"] == []
    page = asked.get("/releases/2029-rc1", headers=HTML | READER).text
    assert "&lt;b&gt;Really&lt;/b&gt;" in page
    assert 'action="/releases/2029-rc1/comment"' in page
    sent = asked.post("/releases/2029-rc1/comment", data={"text": "And again."}, headers=HTML | READER)
    assert (sent.status_code, sent.headers["location"]) == (303, "/releases/2029-rc1#remarks")
    for name, text, told in (("2029-rc1", "  ", "un commentaire compte de 1 à"), ("2026", "Late.", "seule une candidate se commente")):
        refused = asked.post(f"/releases/{name}/comment?lang=fr", data={"text": text}, headers=HTML | READER)
        assert refused.status_code == 400
        assert told in refused.text
    shown = asked.get("/releases/2029-rc1", headers=HTML).text
    assert ("And again." in shown, "<textarea" in shown) == (True, False)
    # Who has not accepted the terms is led to them, and what they wrote is not lost.
    newcomer = HTML | {"Authorization": "Bearer newcomer"}
    shown = asked.get("/releases/2029-rc1", headers=newcomer).text
    assert ("<textarea" in shown, 'href="/terms?next=/releases/2029-rc1"' in shown) == (False, True)
    kept = asked.post("/releases/2029-rc1/comment", data={"text": "Mine."}, headers=newcomer)
    assert (kept.status_code, ">Mine.</textarea>" in kept.text) == (403, True)
    assert world.app.releasing.freeze("2029-RC2", actor=SYSTEM).state == "candidate"


def _all_pages(asked: TestClient, address: str) -> list[dict[str, Any]]:
    items, cursor = [], ""
    while True:
        page = asked.get(address + (f"&cursor={cursor}" if cursor else "")).json()
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return items


def test_a_delta_page_by_page(asked: TestClient) -> None:
    whole = asked.get(f"{API}/delta?from=2025&to=2026&limit=1000").json()
    items = _all_pages(asked, f"{API}/delta?from=2025&to=2026&limit=7")
    assert items == whole["items"]
    assert whole["figures"]["total"] == len(items)
    worst = _all_pages(asked, f"{API}/delta?from=2025&to=2026&limit=7&order=severity")
    order = [SEVERITIES.index(item["severity"]) for item in worst]
    assert order == sorted(order)
    assert len(set(order)) > 1
    assert sorted(worst, key=lambda item: str(item["uuid"])) == items
    new = asked.get(f"{API}/delta?from=2025&to=2026&list=new").json()["items"]
    assert len(new) == whole["figures"]["concepts"]["new"] > 0
    for severity in ("breaking", "notable", "minor"):
        found = asked.get(f"{API}/delta?from=2025&to=2026&severity={severity}&limit=1000").json()["items"]
        assert sum(len(item["changes"]) for item in found) == whole["figures"]["severities"][severity]
    assert asked.get(f"{API}/delta?from=2026&to=2025").status_code == 400


def test_first_texts_in_a_language_are_chosen_apart(asked: TestClient) -> None:
    def changes(query: str) -> list[dict[str, Any]]:
        return [change for item in _all_pages(asked, f"{API}/delta?from=2025&to=2026&{query}") for change in item["changes"]]

    figures = asked.get(f"{API}/delta?from=2025&to=2026").json()["figures"]
    for word, number in figures["types"].items():
        assert len(changes(f"type={word}")) == number, word
    first, renamed = changes("type=translated"), changes("type=renamed")
    assert not any(change["before"] for change in first)
    assert all(change["before"] for change in renamed)
    for lang, number in figures["languages"].items():
        assert [change["lang"] for change in changes(f"language={lang}")] == [lang] * number
    assert asked.get("/releases/2026?type=translated&language=fr", headers=HTML).status_code == 200
    assert asked.get("/releases/2026?type=party", headers=HTML).status_code == 400


def test_a_name_given_to_another_number_is_another_difference(asked: TestClient, world: World) -> None:
    addresses = [f"{API}/{form}?from=2027&to=2026" for form in ("diff", "delta", "delta.csv", "delta.json")]
    tags = []
    for number in (world.first, world.second):
        world.app.releasing.freeze("2027", at=number, actor=SYSTEM)
        world.app.reading.forget()
        given = [asked.get(address, headers=MODERATOR) for address in addresses]
        tags.append([answer.headers["etag"] for answer in given])
        again = [asked.get(address, headers=MODERATOR | {"If-None-Match": tag}) for address, tag in zip(addresses, tags[0], strict=True)]
        assert [answer.status_code for answer in given] == [200] * 4
        assert [answer.status_code for answer in again] == [304 if number == world.first else 200] * 4
        world.app.releasing.withdraw("2027", actor=SYSTEM)
    assert not set(tags[0]) & set(tags[1])


def test_a_delta_as_files(asked: TestClient) -> None:
    whole = asked.get(f"{API}/delta?from=2025&to=2026&limit=1000").json()
    told = json.loads(asked.get("/r/2026/delta.json").content)
    assert (told["from"]["name"], told["to"]["name"], told["figures"]) == ("2025", "2026", whole["figures"])
    assert [each["uuid"] for each in told["concepts"]] == [each["uuid"] for each in whole["items"]]
    answer = asked.get("/r/2026/delta.csv?lang=fr")
    assert answer.headers["content-disposition"] == 'attachment; filename="wikic-delta-2025-2026.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == whole["figures"]["changes"]
    assert {row["list"] for row in rows} <= {"new", "modified", "deprecated", "without_replacement"}
    assert asked.get("/r/2026/delta.csv?lang=fr").content == answer.content
    assert asked.get("/r/2026/delta.csv", headers={"If-None-Match": "*"}).status_code in (200, 304)
    assert asked.get("/r/2025/delta.csv").status_code == 404


def test_the_csv_of_a_release(asked: TestClient) -> None:
    answer = asked.get("/r/2026/download.csv.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert {"occupations_fr.csv", "skills_en.csv", "rome-occupations_fr.csv"} <= set(packed.namelist())
        assert packed.testzip() is None


def test_the_calendar(asked: TestClient) -> None:
    entry = {"day": "2027-01-15", "step": "freeze", "release": "2027", "text": {"fr": "Gel, à midi", "en": "Frozen; at noon"}}
    assert asked.post(f"{API}/calendar", json=entry).status_code == 401
    assert asked.post(f"{API}/calendar", json={**entry, "step": "party"}, headers=MODERATOR).status_code == 400
    empty = asked.get("/calendar.ics").text
    assert empty.count("BEGIN:VTIMEZONE") == 1
    for day in ("9999-12-31", "0800-01-01", 1736899200, "20270115", "2027-02-30", True):
        assert asked.post(f"{API}/calendar", json={**entry, "day": day}, headers=MODERATOR).status_code == 400, day
    assert asked.get("/calendar.ics").text == empty
    for at in (True, "3", 2.0):
        assert asked.post(f"{API}/releases", json={"name": "2040", "at": at}, headers=MODERATOR).status_code == 400, at
    typed = {"day": "2027-02-30", "step": "publication", "release": "2027", "text_fr": "À <midi>"}
    refused = asked.post("/calendar", data=typed, headers=HTML | MODERATOR)
    assert refused.status_code == 400
    for kept in ('value="2027-02-30"', '<option value="publication" selected>', 'value="2027"', 'value="À &lt;midi&gt;"'):
        assert kept in refused.text, kept
    made = asked.post(f"{API}/calendar", json=entry, headers=MODERATOR)
    where, tag = made.headers["location"], made.headers["etag"]
    assert asked.get(where).json() == made.json()
    assert asked.put(where, json=entry, headers=MODERATOR).status_code == 428
    changed = asked.put(where, json={**entry, "day": "2027-01-16"}, headers=MODERATOR | {"If-Match": tag})
    assert (changed.status_code, changed.json()["day"]) == (200, "2027-01-16")
    assert asked.put(where, json=entry, headers=MODERATOR | {"If-Match": tag}).status_code == 412
    feed = asked.get("/calendar.ics?lang=en")
    assert feed.headers["content-type"].startswith("text/calendar")
    assert "DTSTART;VALUE=DATE:20270116" in feed.text
    assert "DESCRIPTION:Frozen\\; at noon" in feed.text
    assert all(len(line.encode()) <= 75 for line in feed.text.split("\r\n"))
    assert "16 janvier 2027" in asked.get("/calendar", headers=HTML | {"Accept-Language": "fr"}).text
    assert asked.get(f"{API}/calendar?after=2027-01-17").json()["items"] == []
    assert len(asked.get(f"{API}/calendar?after=2027-01-16").json()["items"]) == 1
    assert asked.delete(where, headers=MODERATOR | {"If-Match": changed.headers["etag"]}).status_code == 200
    assert asked.get(where).status_code == 404


def test_feeds(asked: TestClient, world: World) -> None:
    releases = ElementTree.fromstring(asked.get("/feeds/releases.atom?lang=en").content)
    titles = [each.text for each in releases.iter(f"{ATOM}title")]
    assert titles[0] == "Wiki-C: The releases"
    assert "Release 2026" in titles
    (own,) = [each.attrib["href"] for each in releases.findall(f"{ATOM}link") if each.attrib["rel"] == "self"]
    french = ElementTree.fromstring(asked.get("/feeds/releases.atom").content)
    assert (releases.findtext(f"{ATOM}id"), french.findtext(f"{ATOM}id")) == (own, f"{PUBLIC_URL}/feeds/releases.atom")
    assert own == f"{PUBLIC_URL}/feeds/releases.atom?lang=en"
    assert french.findtext(f"{ATOM}title") == "Wiki-C\xa0: Les versions"
    said = {each.findtext(f"{ATOM}title"): each.findtext(f"{ATOM}summary") for each in releases.iter(f"{ATOM}entry")}
    figures = asked.get(f"{API}/delta?from=2025&to=2026").json()["figures"]["concepts"]
    assert said["Release 2025"] == "Published"
    assert (said["Release 2026"] or "").startswith(f"Published. Since release 2025: New: {figures['new']}, Modified: {figures['modified']},")
    times = [str(each.text) for each in releases.iter(f"{ATOM}updated")][1:]
    assert times == sorted(times, reverse=True)
    link = '<link rel="alternate" type="application/atom+xml" title="The releases" href="/feeds/releases.atom?lang=en">'
    assert link in asked.get("/releases", headers=HTML).text
    changes = ElementTree.fromstring(asked.get("/feeds/changes.atom").content)
    first = next(changes.iter(f"{ATOM}entry"))
    assert first.findtext(f"{ATOM}id") == f"{PUBLIC_URL}/changes/{world.head}"
    answer = asked.get("/feeds/changes.atom")
    again = asked.get("/feeds/changes.atom", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_pages_of_a_moderator(asked: TestClient, world: World) -> None:
    page = HTML | MODERATOR
    assert 'action="/releases"' not in asked.get("/releases", headers=HTML).text
    assert 'action="/releases"' in asked.get("/releases", headers=page).text
    # Whoever is not signed in is led to where that is done.
    assert asked.get("/releases/preview", headers=HTML).status_code == 303
    assert asked.get("/releases/preview", headers=HTML | READER).status_code == 403
    preview = asked.get("/releases/preview", headers=page)
    assert (preview.status_code, preview.headers["cache-control"]) == (200, "private, no-cache")
    refused = asked.post("/releases", data={"name": "2031", "at": "x7"}, headers=page)
    assert 'value="x7"' in refused.text
    assert refused.text.index('role="alert"') < refused.text.index("<table")
    refused = asked.post("/releases", data={"name": "not a name"}, headers=page)
    assert (refused.status_code, "is no release name" in refused.text) == (400, True)
    assert asked.post("/releases", data={"name": "2031"}, headers=HTML | READER).status_code == 403
    made = asked.post("/releases", data={"name": "2031"}, headers=page)
    assert (made.status_code, made.headers["location"]) == (303, "/releases/2031")
    world.app.releases.manifests.prepare("2031", PUBLIC_URL, actor=SYSTEM)
    shown = asked.get("/releases/2031", headers=page).text
    assert 'action="/releases/2031/publish"' in shown
    assert asked.post("/releases/2031/withdraw", headers=page).headers["location"] == "/releases"
    assert asked.get("/releases/2031", headers=page).status_code == 404
    late = asked.post("/releases/2026/publish", headers=page)
    assert (late.status_code, "is published" in late.text) == (409, True)


def test_notes_of_a_release(asked: TestClient) -> None:
    text = asked.get("/releases/2026", headers=HTML).text
    assert "Release notes: since 2025" in text
    assert text.count('class="chart chart-bars"') == 2
    for link in ("/r/2026/delta.csv", "/r/2026/download.csv.zip", f"{API}/releases/2026/manifest"):
        assert f'href="{link}"' in text
    assert "Deprecated without replacement" in text
    renamed = asked.get("/releases/2026?type=renamed", headers=HTML).text
    assert "<ins" in renamed
    assert asked.get("/releases/2026?list=everything", headers=HTML).status_code == 400
