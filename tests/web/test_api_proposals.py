"""The API of proposals over both engines: from a change that is checked to what was decided, versions, rights, and shapes of all answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, neo4j_engine, wipe
from tests.flows.proposal_tools import ADA, BOB, GLUE, JOINER, MAY, MEL, ROOT, SAW, WOOD, Ground, make_ground
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import NOBODY, Actor
from wikic.domain.accounts import name_key
from wikic.domain.ids import new_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED
from wikic.services.editing import Create
from wikic.store import documents
from wikic.store.tables import USERS
from wikic.web.acting import actor_of
from wikic.web.api_proposals_deciding import LookersShape
from wikic.web.api_proposals_queue import QueuePageShape, RulesShape
from wikic.web.api_proposals_shapes import (
    BulkOutcomeShape,
    BulkPreviewShape,
    CheckedShape,
    CommentShape,
    LotShape,
    OutcomeShape,
    PersonShape,
    ProposalDetailShape,
    ProposalShape,
)
from wikic.web.app import create_app
from wikic.web.schemas import PageShape

__all__ = ["arcadedb_engine", "neo4j_engine"]

BASE = "/api/v1/proposals"
PEOPLE = {actor.name: actor for actor in (ADA, BOB, MAY, MEL, ROOT)}


class Api:
    """A client that sends as somebody."""

    def __init__(self, client: TestClient, ground: Ground) -> None:
        self.client, self.ground = client, ground

    def __call__(
        self, who: Actor, method: str, path: str = "", body: Any = None, version: int | None = None, **named: str
    ) -> httpx2.Response:
        sent = {"X-Who": who.name} | {name.replace("_", "-"): value for name, value in named.items()}
        if version is not None:
            sent["If-Match"] = f'"{version}-"'
        return self.client.request(method, BASE + path, json=body, headers=sent)

    def made(self, text: str = "To cut.", who: Actor = ADA, concept: str = SAW, submit: bool = True) -> dict[str, Any]:
        """A proposal to change a definition."""
        body = {"changes": [change(text, concept)], "justification": "it is so", "submit": submit}
        return fits(self(who, "POST", body=body), ProposalDetailShape)


def change(text: str, concept: str = SAW) -> dict[str, Any]:
    return {"type": "text", "concept": concept, "field": "definition", "lang": "en", "text": text}


def user_row(key: str, name: str, **more: Any) -> dict[str, Any]:
    """The document of an account."""
    plain = {"key": key, "name": name, "name_key": name_key(name), "listing": f"{name_key(name)} {key}", "email": f"{key}@example.org"}
    return {**plain, "state": "active", "grants": [{"role": "contributor", "scope": ""}], **more}


def fits(answer: httpx2.Response, shape: Any) -> dict[str, Any]:
    """The body, which has the shape that the document says."""
    assert answer.status_code == 200, answer.text
    TypeAdapter(shape).validate_json(answer.content)
    found: dict[str, Any] = answer.json()
    return found


def slug(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("#")[2]


@pytest.fixture(scope="module", params=["arcadedb", "neo4j"])
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    engine = request.getfixturevalue(f"{request.param}_engine")
    wipe(engine)
    ground = make_ground(engine)
    web = create_app(ground.app, PUBLIC_URL)

    def who(request: Request) -> Actor:
        return PEOPLE.get(request.headers.get("X-Who", ""), NOBODY)

    web.dependency_overrides[actor_of] = who
    with TestClient(web, follow_redirects=False) as client:
        yield Api(client, ground)


def test_from_a_check_to_a_change(api: Api) -> None:
    checked = fits(api(BOB, "POST", "/check", {"changes": [change("To cut wood with a saw.")]}), CheckedShape)
    assert (checked["findings"], checked["impact"], checked["changes"][0]["base"]) == ([], 1, "To saw.")
    made = api.made("To cut wood with a saw.", submit=False)
    assert (made["state"], made["author"], made["version"]) == ("draft", {"id": ADA.id, "name": "ada"}, 1)
    assert api(BOB, "GET", f"/{made['id']}").status_code == 404
    edited = fits(api(ADA, "PATCH", f"/{made['id']}", {"sources": ["a book"]}, 1), ProposalDetailShape)
    assert (edited["sources"], edited["version"], edited["changes"]) == (["a book"], 2, made["changes"])
    submitted = fits(api(ADA, "POST", f"/{made['id']}/submit", version=2), ProposalDetailShape)
    assert (submitted["state"], submitted["parts"][0]["effect"]) == ("submitted", "applies")
    listed = fits(api(NOBODY, "GET", f"?concept={SAW}"), PageShape[ProposalShape])
    assert [one["id"] for one in listed["items"]] == [made["id"]]
    queue = fits(api(MAY, "GET", "/queue?lang=en"), QueuePageShape)
    assert (queue["items"][0]["id"], queue["items"][0]["concepts"][0]["label"]) == (made["id"], "saw planks")
    ruling = {"verdict": "accept", "amended": {"0": change("To cut wood by a saw.")}}
    decided = fits(api(MAY, "POST", f"/{made['id']}/decisions", ruling, 3), OutcomeShape)
    assert (decided["proposal"]["state"], decided["conflicts"], decided["awaits_second"]) == ("accepted", [], False)
    assert api.ground.text(SAW) == "To cut wood by a saw."
    decisions = api(NOBODY, "GET", f"/{made['id']}/decisions").json()["items"]
    assert [(one["verdict"], one["moderator"]["name"], one["seq"]) for one in decisions] == [("accept", "may", decided["seq"])]


def test_versions(api: Api) -> None:
    made = api.made("A version.", concept=GLUE)
    address = f"/{made['id']}"
    assert slug(api(ADA, "PATCH", address, {"justification": "x"})) == (428, "version-required")
    assert slug(api(ADA, "PATCH", address, {"justification": "x"}, 9)) == (412, "stale-version")
    assert slug(api(MAY, "POST", f"{address}/decisions", {"verdict": "accept"})) == (428, "version-required")
    assert slug(api(MAY, "POST", f"{address}/decisions", {"verdict": "accept"}, 9)) == (412, "stale-version")
    assert slug(api(ADA, "PATCH", address, {}, if_match="junk")) == (400, "invalid-input")
    answer = api(BOB, "GET", address)
    assert api(BOB, "GET", address, if_none_match=answer.headers["etag"]).status_code == 304
    assert api(ADA, "POST", f"{address}/withdraw", if_match=answer.headers["etag"]).json()["state"] == "withdrawn"
    assert slug(api(ADA, "POST", f"{address}/withdraw", if_match="*")) == (409, "conflict")


def test_rights(api: Api) -> None:
    body = {"changes": [change("x")], "justification": "x"}
    assert slug(api(NOBODY, "POST", body=body)) == (401, "unauthenticated")
    made = api.made("By a moderator.", MAY)
    address = f"/{made['id']}"
    assert slug(api(MAY, "POST", f"{address}/decisions", {"verdict": "accept"}, 1)) == (403, "forbidden")
    assert slug(api(BOB, "POST", f"{address}/decisions", {"verdict": "accept"}, 1)) == (403, "forbidden")
    assert slug(api(BOB, "PATCH", address, {"justification": "x"}, 1)) == (403, "forbidden")
    assert slug(api(BOB, "PUT", f"{address}/assignee", {"user": MAY.id}, 1)) == (403, "forbidden")
    assert slug(api(MEL, "PUT", "/reasons/reject-new", {"verdict": "reject", "text": {"en": "New."}})) == (403, "forbidden")


def test_talk(api: Api) -> None:
    people = [user_row("user-bob", "Bob"), user_row("user-bor", "Bör", grants=[]), user_row("user-bos", "Bos", state="disabled"), user_row("b3", "Böse")]
    api.ground.engine.write(lambda tx: documents.insert_many(tx, USERS, people))
    address = f"/{api.made('Let us talk.', concept=GLUE)['id']}"
    found = fits(api(MAY, "GET", f"{address}/people?name=BO"), PageShape[PersonShape])
    assert found["items"] == [{"id": "user-bob", "name": "Bob"}, {"id": "b3", "name": "Böse"}]
    assert api(MAY, "GET", f"{address}/people?name=b").json()["items"] == []
    assert [slug(api(who, "GET", f"{address}/people?name=bo"))[0] for who in (NOBODY, ADA)] == [401, 403]
    for gone in ("user-bor", "user-bos", "user-none"):
        assert slug(api(MAY, "POST", f"{address}/experts", {"user": gone, "question": "Is it?"})) == (404, "not-found")
    said = fits(api(MEL, "POST", f"{address}/comments", {"text": "What do you say, @Bob?"}), CommentShape)
    assert said["mentions"] == ["user-bob"]
    asked = fits(api(MAY, "POST", f"{address}/experts", {"user": "user-bob", "question": "Is it?"}), CommentShape)
    assert asked["asks"] == "user-bob"
    first = fits(api(NOBODY, "GET", f"{address}/comments?limit=1"), PageShape[CommentShape])
    rest = fits(api(NOBODY, "GET", f"{address}/comments?cursor={first['next']}"), PageShape[CommentShape])
    assert [one["text"] for one in (*first["items"], *rest["items"])] == ["What do you say, @Bob?", "Is it?"]
    assert [api(BOB, "PUT", f"{address}/support").json()["supports"] for _ in range(2)] == [1, 1]
    assert slug(api(ADA, "PUT", f"{address}/support")) == (409, "conflict")
    body = fits(api(NOBODY, "GET", address), ProposalDetailShape)
    assert (body["supports"], body["comments"], body["experts"]) == (1, 2, ["user-bob"])
    assert api(BOB, "DELETE", f"{address}/support").json() == {"supports": 0}
    assert fits(api(MAY, "PUT", f"{address}/presence"), LookersShape)["items"] == []
    assert fits(api(MEL, "PUT", f"{address}/presence"), LookersShape)["items"] == [{"id": MAY.id, "name": "may"}]
    assert api(NOBODY, "PUT", f"{address}/presence").json()["items"] == [], "who is there is not for everybody"
    assert api(MAY, "DELETE", f"{address}/presence").json()["items"] == [{"id": MEL.id, "name": "mel"}]
    assigned = fits(api(MAY, "PUT", f"{address}/assignee", {"user": MAY.id}, body["version"]), ProposalDetailShape)
    assert assigned["assignee"] == {"id": MAY.id, "name": "may"}
    mine = fits(api(MAY, "GET", f"/queue?assignee={MAY.id}"), QueuePageShape)["items"]
    assert [one["id"] for one in mine] == [assigned["id"]]
    events = api.ground.events("comment_added", "proposal_supported", "support_withdrawn", "expert_asked", "proposal_assigned")
    assert [event.kind for event in events if event.subject == f"proposal/{assigned['id']}"] == [
        "comment_added",
        "expert_asked",
        "proposal_supported",
        "support_withdrawn",
        "proposal_assigned",
    ]


def test_lists(api: Api) -> None:
    made = [api.made(f"To list {number}.", who, WOOD)["id"] for number, who in enumerate((ADA, BOB))]
    first = api(NOBODY, "GET", f"?concept={WOOD}&limit=1")
    assert [one["id"] for one in fits(first, PageShape[ProposalShape])["items"]] == made[:1]
    assert first.headers["wiki-c-seq"] == str(api.ground.framework.head)
    following = first.links["next"]["url"].partition("/proposals")[2]
    assert [one["id"] for one in api(NOBODY, "GET", following).json()["items"]] == made[1:]
    assert [one["id"] for one in api(NOBODY, "GET", f"?concept={WOOD}&author={BOB.id}").json()["items"]] == made[1:]
    assert slug(api(NOBODY, "GET", "?concept=rome:M1805")) == (404, "not-found")
    assert "next" in api(NOBODY, "GET", "?limit=1").links
    assert "next" in api(MAY, "GET", "/queue?limit=1").links


def test_a_lot_and_a_bulk(api: Api) -> None:
    parts = [[change(f"Part {lang}.", JOINER) | {"lang": lang}] for lang in ("en", "fr", "de")]
    lot = fits(api(ADA, "POST", "/lots", {"title": "Joiners", "justification": "all of it", "parts": parts}), LotShape)
    assert [(one["lot"]["part"], one["justification"]) for one in lot["parts"]] == [(n, "all of it") for n in range(3)]
    assert fits(api(NOBODY, "GET", f"/lots/{lot['id']}"), LotShape)["title"] == "Joiners"
    ids = [one["id"] for one in lot["parts"]]
    wanted: dict[str, Any] = {"proposals": ids, "verdict": "accept"}
    preview = fits(api(MAY, "POST", "/bulk/preview", wanted), BulkPreviewShape)
    assert (preview["counts"], preview["changes"], preview["concepts"]) == ({"accepted": 3}, 3, 1)
    assert slug(api(MAY, "POST", "/bulk", wanted)) == (428, "version-required")
    wanted["versions"] = {item["proposal"]: item["version"] for item in preview["items"]}
    done = fits(api(MAY, "POST", "/bulk", wanted), BulkOutcomeShape)
    assert {api.ground.framework.content(JOINER).texts["definition"][lang] for lang in ("en", "fr", "de")} == {
        "Part en.",
        "Part fr.",
        "Part de.",
    }
    assert api.ground.framework.head == done["seq"]
    assert slug(api(MAY, "POST", "/bulk", wanted)) == (409, "conflict")


def test_lists_say_what_they_are_as_of_and_where_they_go_on(api: Api) -> None:
    made = [api.made("One."), api.made("Two.", concept=GLUE)]
    head = api.ground.framework.head
    for path in ("/queue?limit=200", "/reasons", "/filters", *(f"/{made[0]['id']}/{part}" for part in ("decisions", "comments", "people?name=bo"))):
        answer = api(MAY, "GET", path)
        assert (answer.headers["Wiki-C-Seq"], answer.json()["seq"], answer.json()["next"]) == (str(head), head, None), path
        assert "Link" not in answer.headers
    found, address = [], "/queue?limit=1"
    while address:
        answer = api(MAY, "GET", address)
        found += [one["id"] for one in answer.json()["items"]]
        link = re.fullmatch(r'</api/v1/proposals(/queue\?[^>]+)>; rel="next"', answer.headers.get("Link", ""))
        address = link[1] if link is not None else ""
    assert {one["id"] for one in made} <= set(found)
    assert len(found) == len(set(found)) == api(MAY, "GET", "/queue").json()["counts"]["main"]


def test_suggestions(api: Api) -> None:
    body = {"changes": [change("By a reader.", GLUE)], "justification": "I know it", "mail": "reader@example.org"}
    held = fits(api(NOBODY, "POST", "/suggestions", body), ProposalShape)
    assert (held["held"], held["author"]) == (True, None)
    assert "reader@example.org" not in str(held)
    assert api(NOBODY, "GET", f"/{held['id']}").status_code == 404
    assert slug(api(NOBODY, "GET", "/suggestions")) == (403, "forbidden")
    assert [one["id"] for one in api(BOB, "GET", "/suggestions").json()["items"]] == [held["id"]]
    assert slug(api(NOBODY, "POST", f"/suggestions/{held['id']}/confirm", {"token": "guessed"})) == (404, "not-found")
    taken = fits(api(BOB, "POST", f"/suggestions/{held['id']}/take-up"), ProposalShape)
    assert (taken["author"]["name"], taken["held"], taken["state"]) == ("bob", False, "submitted")
    for number in range(4):
        fits(api(NOBODY, "POST", "/suggestions", body | {"changes": [change(f"{number}", GLUE)]}), ProposalShape)
    assert slug(api(NOBODY, "POST", "/suggestions", body)) == (429, "throttled")


def test_reasons_and_filters(api: Api) -> None:
    def keys() -> set[str]:
        return {one["key"] for one in api(MAY, "GET", "/reasons?verdict=reject").json()["items"]}

    assert "reject-exists" in keys()
    api(ROOT, "PUT", "/reasons/reject-new", {"verdict": "reject", "text": {"en": "New.", "fr": "Neuf."}})
    api(ROOT, "PUT", "/reasons/reject-exists", {"verdict": "reject", "text": {"en": "x"}, "hidden": True})
    assert "reject-new" in keys()
    assert "reject-exists" not in keys()
    # Half a character.
    for path, name, body in (
        ("/reasons/reject-new", ROOT, rb'{"verdict": "reject", "text": {"fr": "\ud800"}}'),
        ("/reasons/reject-new", ROOT, rb'{"verdict": "reject", "text": {"\ud800": "Neuf."}}'),
        ("/filters", MAY, rb'{"name": "ROME", "query": {"author": "\ud800"}}'),
    ):
        sent = {"X-Who": name.name, "Content-Type": "application/json"}
        answer = api.client.request("PUT" if name is ROOT else "POST", BASE + path, content=body, headers=sent)
        assert slug(answer) == (400, "invalid-input")
    saved = api(MAY, "POST", "/filters", {"name": "ROME", "query": {"lane": "spelling", "scheme": "rome"}}).json()
    assert api(MAY, "GET", "/filters").json()["items"] == [saved]
    assert api(MEL, "GET", "/filters").json()["items"] == []
    assert slug(api(MEL, "DELETE", f"/filters/{saved['id']}")) == (404, "not-found")
    assert api(MAY, "DELETE", f"/filters/{saved['id']}").json()["items"] == []
    assert slug(api(MAY, "POST", "/filters", {"name": "x", "query": {"password": "x"}})) == (400, "invalid-input")


def test_rules(api: Api) -> None:
    assert slug(api(MAY, "PUT", "/rules", {"two_moderators": True})) == (403, "forbidden")
    assert fits(api(ROOT, "PUT", "/rules", {"two_moderators": True}), RulesShape)["two_moderators"] is True
    assert fits(api(ROOT, "PUT", "/rules", {"two_moderators": False}), RulesShape)["two_moderators"] is False
    assert fits(api(NOBODY, "GET", "/rules"), RulesShape)["usual_delay"] is not None


@pytest.mark.parametrize(
    "body",
    [
        {"changes": [{"type": "text", "concept": SAW}]},
        {"changes": [{"type": "paint", "concept": SAW}]},
        {"changes": [change("x") | {"colour": "red"}]},
        {"changes": [change("x")], "state": "accepted"},
        {"changes": "x"},
        [],
    ],
)
def test_what_is_not_understood(api: Api, body: Any) -> None:
    assert slug(api(ADA, "POST", body=body)) == (400, "invalid-input")


def test_a_base_is_looked_up(api: Api) -> None:
    forged = change("Forged.", JOINER) | {"base": "whatever"}
    made = fits(api(ADA, "POST", body={"changes": [forged]}), ProposalDetailShape)
    assert made["changes"][0]["base"] != "whatever"


def test_half_a_character_is_refused(api: Api) -> None:
    sent = '{"changes": [{"type": "split", "concept": "%s", "parts": [], "assignments": {"\\ud800": "x"}}]}' % SAW  # noqa: UP031
    answer = api.client.post("/api/v1/proposals/check", content=sent, headers={"Content-Type": "application/json", "X-Who": ADA.name})
    assert slug(answer) == (400, "invalid-input")


def test_a_merge_is_amended(api: Api) -> None:
    plane, carve = new_uuid(), new_uuid()
    for uuid, name in ((plane, "plane wood"), (carve, "carve wood")):
        api.ground.framework.edit(Create("skill_group", (Label(name, "en", PREFERRED),), {}, uuid))
    merge = {"type": "merge", "concept": WOOD, "into": plane, "labels": []}
    made = fits(api(ADA, "POST", "", {"changes": [merge], "justification": "one and the same", "submit": True}), ProposalDetailShape)
    other = {"type": "deprecate", "concept": WOOD, "replaced_by": carve}
    ruling = {"verdict": "accept", "amended": {"0": other}}
    decided = fits(api(MAY, "POST", f"/{made['id']}/decisions", ruling, made["version"]), OutcomeShape)
    pair = decided["proposal"]["decisions"][0]["amended"]["0"]
    assert (pair["before"]["into"], pair["after"]["replaced_by"]) == (plane, carve)
    assert set(api.ground.framework.targets("wood", "replaced_by")) == {carve}
    refused = {"verdict": "accept", "amended": {"0": {"type": "deprecate", "concept": GLUE, "replaced_by": ""}}}
    again = fits(api(ADA, "POST", "", {"changes": [change("Once more.", JOINER)], "justification": "x", "submit": True}), ProposalDetailShape)
    assert slug(api(MAY, "POST", f"/{again['id']}/decisions", refused, again["version"])) == (403, "forbidden")
