"""Concepts over HTTP: references, bodies, moments, entity tags, and what each answer costs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import StillClock, Trips
from wikic.domain.ids import concept_uuid, rome_key
from wikic.domain.vocabulary import IMPORTANCES
from wikic.web.schemas import BriefShape, ConceptShape, HistoryEntryShape, NamedRelationShape, PageShape, TreePageShape

API = "/api/v1"
BAKER = concept_uuid(rome_key("metier", "D1102"))
DOUGH = "http://data.europa.eu/esco/skill/16003ae9-994c-40eb-b9d7-8d0d7bb83f5e"


def body_of(client: TestClient, ref: str, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{API}/concepts/{ref}{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def every_item(client: TestClient, address: str) -> list[dict[str, Any]]:
    """All items of a list, by way of its Link headers."""
    items: list[dict[str, Any]] = []
    following: str | None = address
    while following is not None:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        link = answer.headers.get("link", "")
        assert bool(link) == (answer.json()["next"] is not None)
        following = link.partition(">")[0][1:] or None
    return items


class TestReferences:
    @pytest.mark.parametrize("ref", [quote(DOUGH, safe=""), DOUGH, DOUGH.replace("://", ":/")])
    def test_source_address(self, client: TestClient, ref: str) -> None:
        answer = client.get(f"{API}/concepts/{ref}")
        assert answer.json()["uuid"] == concept_uuid(DOUGH)
        assert answer.headers["content-location"] == f"{API}/concepts/{concept_uuid(DOUGH)}"

    def test_code(self, client: TestClient) -> None:
        answer = client.get(f"{API}/concepts/rome:D1102")
        assert (answer.status_code, answer.json()["uuid"]) == (200, BAKER)
        assert answer.headers["content-location"] == f"{API}/concepts/{BAKER}"
        assert body_of(client, "rome:metier:D1102")["uuid"] == BAKER

    def test_upper_case_uuid_is_the_same(self, client: TestClient) -> None:
        assert body_of(client, BAKER.upper())["uuid"] == BAKER

    def test_alias_leads_to_the_concept(self, client: TestClient, world: World) -> None:
        # The second edition moved skill group S5 to a new address: the v5 of that is an alias.
        group = body_of(client, "esco:S5")
        alias = concept_uuid(group["source"]["iri"])
        assert alias != group["uuid"]
        answer = client.get(f"{API}/concepts/{alias}?lang=fr")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"{API}/concepts/{group['uuid']}?lang=fr"
        assert body_of(client, quote(group["source"]["iri"], safe=""))["uuid"] == group["uuid"]
        # Of all that hangs on it, the alias is as good a name.
        for part in ("relations", "history", "tree"):
            by_alias = client.get(f"{API}/concepts/{alias}/{part}").json()
            assert by_alias["items"] == client.get(f"{API}/concepts/{group['uuid']}/{part}").json()["items"]
        assert client.get(f"{API}/concepts/{alias}?at={world.first}").status_code == 404

    @pytest.mark.parametrize(
        ("ref", "status"),
        [("nonsense", 400), ("esco:", 400), ("rome:Z9999", 404), (concept_uuid("nobody"), 404), ("rome:1", 409)],
    )
    @pytest.mark.parametrize("part", ["", "/relations", "/history", "/tree"])
    def test_what_is_not_there(self, client: TestClient, ref: str, status: int, part: str) -> None:
        answer = client.get(f"{API}/concepts/{ref}{part}")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


class TestBody:
    @pytest.mark.parametrize("ref", ["rome:D1102", "isco:1", DOUGH, "esco:S5"])
    @pytest.mark.parametrize("query", ["", "?lang=fr", "?release=2025"])
    def test_is_as_documented(self, client: TestClient, ref: str, query: str) -> None:
        ConceptShape.model_validate(body_of(client, quote(ref, safe=""), query))

    def test_texts(self, client: TestClient) -> None:
        body = body_of(client, concept_uuid(DOUGH))
        assert body["preferred_label"] == {"en": "knead dough", "fr": "pétrir la pâte"}
        assert (body["kind"], body["nature"], body["scheme"], body["status"]) == (
            "skill",
            "savoir_faire",
            "esco",
            "active",
        )
        assert body["source"]["iri"] == DOUGH
        assert body["source"]["version"] == "1.1.0"
        assert body["definition"]["en"].endswith("judge by touch when it is ready.")
        assert {"value": "knead dough", "lang": "en", "type": "preferred", "roles": []} in body["labels"]
        assert "label" not in body

    @pytest.mark.parametrize(
        ("lang", "label"),
        [("en", "knead dough"), ("fr", "pétrir la pâte"), ("fr-CA", "pétrir la pâte"), ("de", "pétrir la pâte")],
    )
    def test_language_falls_back(self, client: TestClient, lang: str, label: str) -> None:
        body = body_of(client, concept_uuid(DOUGH), f"?lang={lang}")
        assert body["label"] == label
        assert all(item["label"] for items in body["relations"].values() for item in items)

    def test_relations_are_in_order(self, client: TestClient) -> None:
        body = body_of(client, BAKER)
        strength = {name: number for number, name in enumerate(IMPORTANCES)}
        for name, items in body["relations"].items():
            keys = [
                (
                    strength.get(item["importance"], len(strength)),
                    item["rank"] or 0,
                    item["preferred_label"]["fr"].casefold(),
                    item["uuid"],
                )
                for item in items
            ]
            assert keys == sorted(keys), name
            assert body["relations_total"][name] == len(items)
        assert len(body["relations"]["requires"]) > 1

    def test_both_ends_tell_the_relation(self, client: TestClient) -> None:
        for item in body_of(client, BAKER)["relations"]["requires"]:
            back = body_of(client, item["uuid"])["relations"]["required_by"]
            assert [(each["uuid"], each["importance"]) for each in back if each["id"] == item["id"]] == [
                (BAKER, item["importance"])
            ]

    def test_replacements_to_the_end(self, client: TestClient, world: World) -> None:
        body = body_of(client, world.crumb)
        assert [each["uuid"] for each in body["replaced_by"]["direct"]] == [world.crust]
        assert [each["uuid"] for each in body["replaced_by"]["final"]] == [world.slice]
        # The end of the chain was renamed, and that shows here.
        assert body["replaced_by"]["final"][0]["preferred_label"] == {"en": "slice bread"}
        assert body["seq"] == world.head
        earlier = body_of(client, world.crumb, f"?at={world.head - 2}")
        assert [each["uuid"] for each in earlier["replaced_by"]["final"]] == [world.crust]
        assert earlier["seq"] == world.head - 2


class TestMoments:
    def test_a_release_never_mentions_later_events(self, client: TestClient, world: World) -> None:
        old, new = body_of(client, concept_uuid(DOUGH), "?release=2025"), body_of(client, concept_uuid(DOUGH))
        assert old["definition"] != new["definition"]
        assert old["seq"] <= world.first < new["seq"]
        assert old == body_of(client, concept_uuid(DOUGH), f"?at={world.first}")
        assert old == body_of(client, concept_uuid(DOUGH), f"?at={old['seq']}")

    def test_what_was_not_born_is_not_there(self, client: TestClient, world: World) -> None:
        assert client.get(f"{API}/concepts/{world.crumb}?release=2026").status_code == 404
        assert client.get(f"{API}/concepts/{world.crumb}/history?release=2026").status_code == 404

    @pytest.mark.parametrize("query", ["release=1999", "at=999999", "at=9007199254740991"])
    def test_unknown_moments(self, client: TestClient, query: str) -> None:
        answer = client.get(f"{API}/concepts/{BAKER}?{query}")
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "https://skills.example.org/docs/errors#unknown-release",
        )

    @pytest.mark.parametrize("query", ["release=2025&at=1", "at=0", "at=x", "at=9007199254740992", "lang=%C3%A9"])
    def test_wrong_moments(self, client: TestClient, query: str) -> None:
        answer = client.get(f"{API}/concepts/{BAKER}?{query}")
        assert (answer.status_code, answer.json()["type"]) == (
            400,
            "https://skills.example.org/docs/errors#invalid-input",
        )

    def test_headers(self, client: TestClient, world: World) -> None:
        head, pinned = client.get(f"{API}/concepts/{BAKER}"), client.get(f"{API}/concepts/{BAKER}?release=2025")
        assert head.headers["cache-control"] == "no-cache"
        assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert head.headers["wiki-c-seq"] == pinned.headers["wiki-c-seq"] == str(world.head)
        assert head.headers["access-control-allow-origin"] == "*"
        assert head.headers["etag"].startswith('"')

    def test_tags_differ_where_bodies_do(self, client: TestClient) -> None:
        def tag(query: str) -> str:
            return str(client.get(f"{API}/concepts/{BAKER}{query}").headers["etag"])

        assert len({tag(""), tag("?lang=fr"), tag("?lang=en"), tag("?release=2025")}) == 4
        assert tag("?release=2026") == tag("")

    def test_not_modified(self, client: TestClient) -> None:
        address = f"{API}/concepts/{BAKER}"
        tag = client.get(address).headers["etag"]
        for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = client.get(address, headers={"If-None-Match": sent})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
        assert client.get(f"{address}?lang=fr", headers={"If-None-Match": tag}).status_code == 200

    def test_any_tag_needs_something_to_be_there(self, client: TestClient) -> None:
        anything = {"If-None-Match": "*"}
        assert client.get(f"{API}/concepts/{BAKER}/history", headers=anything).status_code == 304
        assert client.get(f"{API}/concepts/{concept_uuid('nobody')}/history", headers=anything).status_code == 404
        assert client.get(f"{API}/diff?from=2025&to=1&kind=skill", headers=anything).status_code == 400


class TestRoundTrips:
    """The head is known for 200 ms: what follows within them does not ask for it."""

    def test_a_concept(self, trips: Trips, clock: StillClock) -> None:
        address = f"{API}/concepts/{BAKER}"
        answer, names = trips(address, {})
        assert names == ["head.all_and_epoch", "concept.body"]
        assert trips(address, {})[1] == ["concept.body"]
        tag = {"If-None-Match": answer.headers["etag"]}
        assert trips(address, tag)[1] == []
        clock.now += 0.21
        again, names = trips(address, tag)
        assert (again.status_code, names) == (304, ["head.all_and_epoch", "concept.body"])

    def test_forgetting_the_head(self, trips: Trips, world: World) -> None:
        trips(f"{API}/concepts/{BAKER}", {})
        world.app.reading.forget()
        assert trips(f"{API}/concepts/{BAKER}", {})[1] == ["head.all_and_epoch", "concept.body"]

    @pytest.mark.parametrize(
        ("address", "names"),
        [
            (f"{API}/concepts/rome:D1102", ["concept.by_ref", "concept.body"]),
            (f"{API}/concepts?limit=5", ["concept.list"]),
            (f"{API}/concepts?scheme=esco&kind=skill", ["concept.list"]),
            (f"{API}/concepts/{BAKER}/relations?type=requires", ["concept.relations.REQUIRES.out"]),
            (f"{API}/concepts/{BAKER}/relations", ["concept.relations.all.out", "concept.relations.all.in"]),
            (f"{API}/changes", ["change.list"]),
            (f"{API}/schemes", ["scheme.figures"]),
            (f"{API}/releases", ["release.list"]),
            (f"{API}/lookup?scheme=isco&code=1", ["concept.by_ref"]),
            (f"{API}/tree?scheme=isco&kind=occupation_group", ["tree.roots"]),
            ("/healthz", []),
        ],
    )
    def test_others(self, trips: Trips, client: TestClient, address: str, names: list[str]) -> None:
        client.get(f"{API}/concepts/{BAKER}")
        answer, asked = trips(address, {})
        assert asked == names
        if "etag" in answer.headers and not address.endswith(("releases", "D1102")):
            again, asked = trips(address, {"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, asked) == (304, [])


class TestLists:
    def test_all_concepts_page_by_page(self, client: TestClient) -> None:
        whole = client.get(f"{API}/concepts?limit=1000").json()
        PageShape[BriefShape].model_validate(whole)
        assert whole["next"] is None
        assert every_item(client, f"{API}/concepts?limit=50") == whole["items"]
        keys = [(item["scheme"], item["kind"], item["uuid"]) for item in whole["items"]]
        assert keys == sorted(set(keys))
        assert len(keys) == sum(each["total"] for each in client.get(f"{API}/schemes").json()["items"])

    @pytest.mark.parametrize("query", ["scheme=rome", "kind=skill", "scheme=esco&kind=skill", "status=deprecated"])
    def test_filters(self, client: TestClient, query: str) -> None:
        whole = client.get(f"{API}/concepts?limit=1000").json()["items"]
        wanted = dict(part.split("=") for part in query.split("&"))
        expected = [item for item in whole if all(item[name] == value for name, value in wanted.items())]
        assert expected
        assert every_item(client, f"{API}/concepts?{query}&limit=3") == expected

    def test_a_cursor_keeps_the_moment(self, client: TestClient, world: World) -> None:
        first = client.get(f"{API}/concepts?scheme=wiki&limit=1&at={world.head - 1}").json()
        following = client.get(f"{API}/concepts?scheme=wiki&limit=2&cursor={first['next']}")
        assert following.json()["seq"] == world.head - 1
        assert following.headers["wiki-c-seq"] == str(world.head)
        names = [item["preferred_label"]["en"] for item in following.json()["items"]]
        assert names == ["cut a crust", "cut a slice"]

    def test_cursors_that_do_not_fit(self, client: TestClient) -> None:
        cursor = client.get(f"{API}/concepts?scheme=esco&limit=1").json()["next"]
        for address in (
            f"{API}/concepts?scheme=rome&cursor={cursor}",
            f"{API}/changes?cursor={cursor}",
            f"{API}/concepts?scheme=esco&at=1&cursor={cursor}",
            f"{API}/concepts?cursor=%21%21",
            f"{API}/concepts?cursor=W10",
            f"{API}/concepts?cursor=e30",
            f"{API}/concepts?cursor={cursor[:-3]}",
        ):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["status"]) == (400, 400), address

    def test_relations(self, client: TestClient) -> None:
        body = body_of(client, BAKER)
        page = client.get(f"{API}/concepts/{BAKER}/relations").json()
        PageShape[NamedRelationShape].model_validate(page)
        items = every_item(client, f"{API}/concepts/{BAKER}/relations?limit=2")
        assert items == page["items"]
        assert len(items) == sum(body["relations_total"].values())
        required = every_item(client, f"{API}/concepts/rome:D1102/relations?type=requires&limit=2")
        assert {item["id"] for item in required} == {item["id"] for item in body["relations"]["requires"]}
        assert client.get(f"{API}/concepts/{BAKER}/relations?type=likes").status_code == 400

    def test_history(self, client: TestClient, world: World) -> None:
        page = client.get(f"{API}/concepts/{world.slice}/history").json()
        PageShape[HistoryEntryShape].model_validate(page)
        assert [(item["summary"], [each["type"] for each in item["changes"]]) for item in page["items"]] == [
            ("three ways to cut", ["added"]),
            ("crust becomes slice", []),
            ("a clearer name", ["renamed"]),
        ]
        opened = page["items"][1]["relations"]
        assert [(each["change"], each["type"], each["uuid"]) for each in opened] == [
            ("opened", "replaces", world.crust)
        ]
        assert every_item(client, f"{API}/concepts/{world.slice}/history?limit=1") == page["items"]
        pinned = client.get(f"{API}/concepts/{world.slice}/history?at={world.head - 1}").json()
        assert pinned["items"] == page["items"][:2]

    def test_history_of_what_an_import_changed(self, client: TestClient) -> None:
        items = client.get(f"{API}/concepts/{concept_uuid(DOUGH)}/history").json()["items"]
        assert items[0]["changes"][0]["type"] == "added"
        assert ("redefined", "definition", "en") in {
            (each["type"], each["field"], each["lang"]) for item in items[1:] for each in item["changes"]
        }
        kinds = {each["change"] for item in every_history(client) for each in item["relations"]}
        assert {"opened", "closed", "changed"} <= kinds


def every_history(client: TestClient) -> list[dict[str, Any]]:
    """The histories of all ROME occupations and those of ESCO."""
    found = []
    for item in client.get(f"{API}/concepts?kind=occupation&limit=1000").json()["items"]:
        found += client.get(f"{API}/concepts/{item['uuid']}/history").json()["items"]
    return found


class TestTree:
    def test_roots_and_children(self, client: TestClient) -> None:
        roots = client.get(f"{API}/tree?scheme=isco").json()
        TreePageShape.model_validate(roots)
        assert (roots["parent"], roots["path"]) == (None, [])
        codes = [item["code"] for item in roots["items"]]
        assert codes == sorted(codes)
        for root in roots["items"]:
            below = client.get(f"{API}/tree?parent={root['uuid']}").json()
            assert len(below["items"]) == root["children"]
            assert below["parent"]["uuid"] == root["uuid"]
        assert every_item(client, f"{API}/tree?scheme=isco&limit=2") == roots["items"]

    def test_path(self, client: TestClient) -> None:
        job = next(item for item in every_item(client, f"{API}/concepts?scheme=esco&kind=occupation&status=active"))
        page = client.get(f"{API}/concepts/{job['uuid']}/tree?lang=en").json()
        TreePageShape.model_validate(page)
        codes = [item["code"] for item in page["path"]]
        assert len(codes) >= 2
        assert all(lower.startswith(upper) for upper, lower in pairwise(codes))

    def test_needs_a_place(self, client: TestClient) -> None:
        assert client.get(f"{API}/tree").status_code == 400


class TestLookup:
    def test_leads_to_the_concept(self, client: TestClient) -> None:
        for query in (f"iri={quote(DOUGH)}", f"iri={quote(DOUGH)}&release=2025"):
            answer = client.get(f"{API}/lookup?{query}")
            assert answer.status_code == 303
            assert answer.json() == {"uuid": concept_uuid(DOUGH), "location": answer.headers["location"]}
            assert client.get(answer.headers["location"]).json()["uuid"] == concept_uuid(DOUGH)
        assert answer.headers["location"].endswith("?release=2025")

    def test_the_concept_itself(self, client: TestClient) -> None:
        answer = client.get(f"{API}/lookup?scheme=rome&code=D1102&redirect=false")
        assert answer.json() == body_of(client, BAKER)
        assert answer.headers["etag"] == client.get(f"{API}/concepts/{BAKER}").headers["etag"]

    def test_kind_chooses(self, client: TestClient) -> None:
        assert client.get(f"{API}/lookup?scheme=rome&code=1").status_code == 409
        answer = client.get(f"{API}/lookup?scheme=rome&code=1&kind=skill_group&redirect=false")
        assert (answer.json()["kind"], answer.json()["source"]["code"]) == ("skill_group", "1")

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("", 400),
            ("scheme=rome", 400),
            ("iri=x", 400),
            ("iri=http://nowhere.example/x", 404),
            ("scheme=isco&code=x", 404),
        ],
    )
    def test_refusals(self, client: TestClient, query: str, status: int) -> None:
        assert client.get(f"{API}/lookup?{query}").status_code == status
