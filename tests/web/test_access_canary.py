"""What one organisation keeps to itself is seen by no other: words that stand nowhere else are put into all its things, and looked for in everything that
the application answers to those outside, whatever they ask for.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx2
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from tests.access_rows import ACME, NOWHERE
from tests.access_scene import Scene, make_scene, resolved
from tests.access_table import ROUTES
from tests.engines import arcadedb_engine
from tests.flows.people_world import Outbox
from tests.flows.webhook_world import Receiver
from tests.people import make_person, signed_in
from tests.sample_world import make_world, release
from tests.web.canary import WORDS, Planted, plant
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import NOBODY, Actor
from wikic.domain.proposals_changes import CreateConcept
from wikic.domain.records import Label
from wikic.services.editing import SetText
from wikic.services.happenings import Filter, event_id
from wikic.services.live_parts import LiveServices
from wikic.services.mailing import Mailer
from wikic.services.publishing import DOWNLOADS
from wikic.services.webhooks import Wanted
from wikic.services.webhooks_sending import Sending
from wikic.store.engine import Engine
from wikic.web.app import create_app
from wikic.web.streams import Streams

__all__ = ["arcadedb_engine"]

OUTSIDERS: Final = ("nobody", "contributor", "moderator", "stranger")
"""Those outside acme; the stranger manages another organisation."""

COUNTED: Final = (
    "/api/v1/schemes",
    "/api/v1/proposals/queue",
    "/api/v1/proposals",
    "/api/v1/search?q=pain",
    "/api/v1/search?q=napkins",
    "/api/v1/concepts?limit=1000",
    "/api/v1/changes?limit=1000",
    "/api/v1/releases",
    "/api/v1/organisations",
    "/api/v1/events?limit=1000&subject=proposal",
    "/api/v1/events?limit=1000&kind=change",
    "/api/v1/concepts/00000000-0000-7000-8000-000000000003",
    "/api/v1/concepts/00000000-0000-7000-8000-000000000003/relations",
    "/api/v1/concepts/00000000-0000-7000-8000-000000000003/history",
    "/api/v1/notices",
    "/api/v1/releases/preview?wait=true",
    "/proposals",
    "/queue",
    "/schemes",
    "/c/00000000-0000-7000-8000-000000000003",
)
"""Answers with counts and lists: before the words are put in and after, they say the same."""

NUMBERS: Final = ("seq", "last_event_id", "next", "version")
"""What may differ: numbers come from one counter, in which there are gaps."""


class Ground:
    """The scene with what was planted, a client, and what was answered before."""

    def __init__(self, scene: Scene, client: TestClient) -> None:
        self.scene, self.client = scene, client
        stranger = self.actor("stranger")
        self.hooks = [scene.app.live.webhooks.make(stranger, "https://hooks.example.org/x", Wanted(()), owner=owner)[0] for owner in ("", "organisation/other")]
        self.outbox = Outbox()
        self.mails = self._mails()
        self.mails.run()
        scene.app.searching.catch_up()
        self.before = {role: dict(self.counted(role)) for role in OUTSIDERS}
        self.planted: Planted = plant(scene)
        scene.app.searching.catch_up()
        self.after = {role: dict(self.counted(role)) for role in OUTSIDERS}

    def actor(self, role: str) -> Actor:
        found = self.scene.people[role]
        assert found is not None
        return found

    def get(self, role: str, address: str, **more: Any) -> httpx2.Response:
        """What somebody is answered."""
        if self.scene.role != role:
            self.scene.role = role
            signed_in(self.client, self.scene.app, self.scene.people[role])
        accept = "application/json" if address.startswith("/api/") else "text/html"
        return self.client.get(address, headers={"Accept": accept} | more.pop("headers", {}), **more)

    def counted(self, role: str) -> Iterator[tuple[str, Any]]:
        """What the counting addresses say to somebody, without the numbers that may differ."""
        for address in COUNTED:
            answer = self.get(role, address)
            yield address, (answer.status_code, _plain(answer))

    def _mails(self) -> Any:
        """What sends the daily mail, to people who want it."""
        app = self.scene.app
        for role in OUTSIDERS[1:]:
            actor = make_person(app, role)
            app.people.accounts.set_settings({"digest": "daily"}, actor=actor)
            app.people.addresses.request_email(f"{role}@example.org", actor=actor)
            app.people.addresses.set_email(self.scene.mailed().partition("token=")[2].split()[0])
        mailer = Mailer(app.engine, self.outbox, "Wiki-C <wiki-c@example.org>")
        live = LiveServices.of(
            app.engine, app.epoch, app.reading, app.accounts, mailer, app.queueing.counts, public_url=PUBLIC_URL, clock=self.scene.clock
        )
        return live.notifying


def _plain(answer: httpx2.Response) -> Any:
    """What an answer says; of a refusal, which bears the id of its request, that it is one."""
    if answer.status_code >= 400:
        return None
    if "json" in answer.headers.get("content-type", ""):
        return _without_numbers(answer.json())
    return answer.text


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_numbers(each) for name, each in value.items() if name not in NUMBERS and name != "request_id"}
    return [_without_numbers(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def ground(arcadedb_engine: Engine) -> Iterator[Ground]:
    scene = make_scene(make_world(arcadedb_engine))
    with TestClient(create_app(scene.app, PUBLIC_URL), follow_redirects=False) as client:
        yield Ground(scene, client)


def leaks(ground: Ground, answer: httpx2.Response, sent: Iterable[str] = ()) -> set[str]:
    """What of acme's stands in an answer that the request did not hold itself."""
    text = answer.text + json.dumps(dict(answer.headers))
    return {secret for secret in ground.planted.secrets() - set(sent) if secret in text}


def read_routes(router: Any) -> Iterator[APIRoute]:
    """Every route that is read."""
    for route in router.routes:
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()):
            yield route
        elif hasattr(route, "original_router"):
            yield from read_routes(route.original_router)


def parameters(dependant: Dependant, kind: str) -> set[str]:
    """The names of a route's parameters (`path_params`, `query_params`), those of its dependencies too."""
    found = {str(each.alias) for each in getattr(dependant, kind)}
    return found.union(*(parameters(each, kind) for each in dependant.dependencies))


def address_of(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        safe = quote(value, safe="")
        path = path.replace("{" + name + "}", safe).replace("{" + name + ":path}", safe)
    return path


def as_the_table_asks(ground: Ground) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Every read of the table of routes and roles that is of public things: address, query, headers."""
    defaults = {"uuid": ground.scene.world.slice, "name": ground.scene.world.slice, "release": "2026"}
    for (method, path), rows in sorted(ROUTES.items()):
        if method == "GET":
            values = defaults | resolved(rows[0].path, ground.scene)
            yield address_of(path, values), resolved(rows[0].query, ground.scene), dict(rows[0].headers)


def test_no_word_in_webhooks(ground: Ground) -> None:
    receiver, app = Receiver(), ground.scene.app
    sending = Sending(app.engine, app.happenings, receiver, app.accounts.actor, told=lambda *_: None, jitter=lambda: 1.0)
    # Something that they are told, so that it is seen that they are told anything.
    app.editing.apply([SetText(ground.scene.world.slice, "definition", "en", ground.scene.fresh("text"))], actor="tester", summary="a text")
    while sending.round():
        continue
    theirs = [message for message in receiver.got if message.url == "https://hooks.example.org/x"]
    assert theirs
    said = json.dumps([(message.url, dict(message.headers), message.body.decode()) for message in theirs])
    assert [secret for secret in ground.planted.secrets() if secret in said] == []
    assert any(ground.planted.ids["proposal"] in message.body.decode() for message in receiver.got), "acme's own hears of it"


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_word_in_what_is_read(ground: Ground, role: str) -> None:
    found = {}
    for address, query, headers in as_the_table_asks(ground):
        answer = ground.get(role, address, params=query, headers=headers)
        if leaked := leaks(ground, answer):
            found[address] = leaked
        for _ in range(20):
            following = _next(answer)
            if not following:
                break
            answer = ground.get(role, following)
            if leaked := leaks(ground, answer):
                found[following] = leaked
    assert found == {}


def _next(answer: httpx2.Response) -> str:
    """The next page of a list."""
    link = answer.headers.get("link", "")
    return link.partition(">")[0].removeprefix("<") if 'rel="next"' in link else ""


def private_values(ground: Ground, name: str) -> tuple[str, str]:
    """What stands for something of acme's in a parameter, and what stands for nothing there."""
    ids = ground.planted.ids
    kinds = {
        "slug": (ACME, "nothing-at-all"), "organisation": (ACME, "nothing-at-all"), "seq": (str(ground.planted.seq), "999999"), "lot": (ids["lot"], NOWHERE),
        "owner": (f"organisation/{ACME}", "organisation/nothing-at-all"), "subject": (f"proposal/{ids['proposal']}", f"proposal/{NOWHERE}"),
        "release": (WORDS["release"], "nothing"), "from": (WORDS["release"], "nothing"), "to": (WORDS["release"], "nothing"),
        "key": (ids["bulk"], NOWHERE), "q": (WORDS["label"], "zzzzqqqq"), "token": (WORDS["token"], "zzzz"), "user": (ids["user"], NOWHERE),
    }  # fmt: skip
    return kinds.get(name, (ids["proposal"] if name == "id" else ids["concept"], NOWHERE))


@pytest.mark.parametrize("role", OUTSIDERS)
def test_what_is_asked_for_by_name_is_not_there(ground: Ground, role: str) -> None:
    """An address that names something of acme's is answered as one that names nothing: no difference tells that it is there."""
    found = {}
    for route in read_routes(ground.client.app):
        row = ROUTES["GET", route.path][0]
        names = sorted(parameters(route.dependant, "path_params"))
        if not names or route.path.startswith(("/people", "/api/v1/users", "/static", "/ontology", "/r/{release}/download")):
            continue
        known = {"uuid": ground.scene.world.slice, "name": ground.scene.world.slice, "release": "2026"} | resolved(row.path, ground.scene)
        for name in names:
            for hidden in _hidden(ground, name):
                nothing = private_values(ground, name)[1]
                query = resolved(row.query, ground.scene)
                ours = ground.get(role, address_of(route.path, known | {name: hidden}), params=query, headers=dict(row.headers))
                none = ground.get(role, address_of(route.path, known | {name: nothing}), params=query, headers=dict(row.headers))
                same = _said(ours, hidden) == _said(none, nothing)
                if leaked := leaks(ground, ours, [hidden]) or (not same and {f"{ours.status_code} is not {none.status_code}: {ours.text[:200]}"}):
                    found[f"{route.path} {name}={hidden}"] = leaked
    assert found == {}


def _hidden(ground: Ground, name: str) -> list[str]:
    """The things of acme's that a parameter of a path may name."""
    ids = ground.planted.ids
    if name == "id":
        return [ids[kind] for kind in ("proposal", "rejected", "draft", "lot", "webhook")]
    if name == "name":
        return [WORDS["release"], ids["concept"]]
    return [private_values(ground, name)[0]]


def _said(answer: httpx2.Response, sent: str) -> tuple[int, str]:
    """What an answer says, without what was sent and what is of this request alone."""
    if "json" in answer.headers.get("content-type", ""):
        body = answer.json()
        body = {k: v for k, v in body.items() if k not in ("request_id", "instance")} if isinstance(body, dict) else body
        return answer.status_code, json.dumps(_without_numbers(body)).replace(sent, "*")
    return answer.status_code, ""


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_word_where_parameters_name_what_is_private(ground: Ground, role: str) -> None:
    found = {}
    for route in read_routes(ground.client.app):
        row = ROUTES["GET", route.path][0]
        known = {"uuid": ground.scene.world.slice, "name": ground.scene.world.slice, "release": "2026"} | resolved(row.path, ground.scene)
        for name in sorted(parameters(route.dependant, "query_params")):
            value = private_values(ground, name)[0]
            query = resolved(row.query, ground.scene) | {name: value}
            answer = ground.get(role, address_of(route.path, known), params=query, headers=dict(row.headers))
            assert answer.status_code < 500 or answer.status_code == 503, f"{route.path} {name}: {answer.text[:300]}"
            if leaked := leaks(ground, answer, [value, ground.planted.ids["proposal"]] if name == "subject" else [value]):
                found[f"{route.path} {name}"] = leaked
    assert found == {}


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_count_differs(ground: Ground, role: str) -> None:
    for address, said in ground.after[role].items():
        assert said == ground.before[role][address], address


def test_checking_tells_nothing_of_what_others_proposed(ground: Ground) -> None:
    """The same new concept was proposed and rejected in acme's space."""
    change = CreateConcept("skill", (Label(WORDS["new concept"], "en", "preferred"), Label("fold napkins", "fr", "preferred")))
    for role in OUTSIDERS:
        checked = ground.scene.app.proposing.check([change], ground.scene.people[role] or NOBODY)
        assert (checked.alike, checked.rejected, checked.similar) == ([], [], [])
        assert WORDS["reason"] not in str(checked.findings)
    within = ground.scene.app.proposing.check([change], ground.actor("member"), space=ACME)
    assert (within.alike, within.rejected[0]["reason"]) == ([ground.planted.ids["made"]], WORDS["reason"])


def unpacked(content: bytes) -> str:
    """What a download holds, out of its archive."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())
    return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()


def test_no_word_in_a_release_made_now(ground: Ground) -> None:
    release(ground.scene.app, "2027")
    assert leaks(ground, ground.get("nobody", "/api/v1/releases/2027/manifest")) == set()
    for form in DOWNLOADS:
        answer = ground.get("nobody", f"/r/2027/download.{form}")
        assert answer.status_code == 200, form
        said = unpacked(answer.content)
        assert len(said) > 10_000, form
        assert [secret for secret in ground.planted.secrets() if secret in said] == [], form
    for start, end in (("2026", "2027"), ("2025", "2027")):
        for address in ("/api/v1/diff", "/api/v1/delta", "/api/v1/delta.csv", "/api/v1/delta.json", "/diff"):
            assert leaks(ground, ground.get("nobody", address, params={"from": start, "to": end})) == set(), address


@pytest.mark.parametrize("role", OUTSIDERS)
def test_no_word_in_the_stream(ground: Ground, role: str) -> None:
    app = ground.scene.app
    # The last event is one that everybody sees, so that the stream comes to an end of what there is.
    app.editing.apply([SetText(ground.scene.world.slice, "definition", "en", ground.scene.fresh("text"))], actor="tester", summary="a text")
    epoch, last = app.happenings.end()

    async def listen() -> bytes:
        streams, said = Streams(lambda: app.happenings), b""
        opened = await streams.open(ground.scene.people[role] or NOBODY, Filter(), (epoch, 0), "")
        async for message in opened.body_iterator:
            assert isinstance(message, bytes)
            said += message
            if f"id: {event_id(epoch, last)}\n".encode() in message:
                break
        streams.close()
        return said

    said = asyncio.run(listen()).decode()
    assert "event: begin" in said
    assert [secret for secret in ground.planted.secrets() if secret in said] == []


def test_no_word_in_the_daily_mail(ground: Ground) -> None:
    ground.scene.clock.now += timedelta(days=1)
    ground.mails.run()
    said = json.dumps(ground.outbox.mails)
    assert [secret for secret in ground.planted.secrets() if secret in said] == []


def test_who_belongs_to_acme_sees_it(ground: Ground) -> None:
    proposal = ground.planted.ids["proposal"]
    for address, word in (
        (f"/api/v1/proposals/{proposal}", "justification"),
        (f"/api/v1/proposals/{proposal}/comments", "comment"),
        (f"/proposals/{proposal}", "justification"),
        (f"/api/v1/organisations/{ACME}", "profile"),
        (f"/organisations/{ACME}", "organisation"),
    ):
        assert WORDS[word] in ground.get("member", address).text, address
    assert ground.planted.ids["proposal"] in ground.get("member", "/api/v1/events?limit=1000").text
    assert WORDS["webhook"] in ground.get("manager", f"/api/v1/webhooks/{ground.planted.ids['webhook']}").text
