"""The pages and the API of watches, webhooks and the audit: complete in both languages, forms and their answers, and who sees what."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.people import make_person, signed_in
from tests.sample_world import World
from tests.web.test_pages import BAKER, HTML, Parsed, page
from wikic.domain.access import Actor, Grant
from wikic.domain.happenings import AUDIENCES, BETWEEN_ADMINS
from wikic.services.auditing import csv_lines
from wikic.services.editing import SetText
from wikic.store import documents
from wikic.store.engine import UniqueViolation
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import ORGANISATIONS, WEBHOOKS
from wikic.web.texts import NAMES

URL = "https://receiver.example.org/hook"


@pytest.fixture
def ada(world: World) -> Actor:
    return make_person(world.app, "Ada")


@pytest.fixture
def admin(world: World) -> Actor:
    return make_person(world.app, "Root", Grant("admin"))


@pytest.fixture
def manager(world: World) -> Actor:
    """A manager of acme."""
    row = {"key": "acme", "name": "Acme", "kind": "company", "listing": "acme", "profile": {}}
    with contextlib.suppress(UniqueViolation):
        world.app.engine.write(lambda tx: documents.insert(tx, ORGANISATIONS, row))
    return make_person(world.app, "Max", organisations={"acme": ["manager", "member"]})


def plain(client: TestClient, address: str, status: int = 200) -> str:
    """A page in both languages, well formed; the English one."""
    for lang in ("fr", "en"):
        text = page(client, address, lang, status)
        parsed = Parsed(text)
        assert parsed.headings.count(1) == 1
        assert sorted(parsed.ids) == sorted(set(parsed.ids))
        assert not [name for name in parsed.attributes if name == "style" or name.startswith("on")]
    return text


def test_watching(client: TestClient, world: World, ada: Actor) -> None:
    assert 'action="/watches"' not in page(client, f"/c/{BAKER}")
    assert client.post("/watches", data={"watch": f"concept/{BAKER}", "back": f"/c/{BAKER}"}).headers["location"].startswith("/sign-in?next=")
    assert client.get("/api/v1/watches").status_code == 401
    signed_in(client, world.app, ada)
    assert "Watch this entry" in plain(client, f"/c/{BAKER}")
    assert 'action="/watches"' not in page(client, f"/r/2025/c/{BAKER}")
    answer = client.post("/watches", data={"watch": f"concept/{BAKER}", "back": f"/c/{BAKER}"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{BAKER}")
    assert client.post("/watches", data={"watch": "scheme/esco", "back": "//evil.example.org"}).headers["location"] == "/notices"
    assert "Stop watching this entry" in page(client, f"/c/{BAKER}")
    assert [item["subject"] for item in client.get("/api/v1/watches").json()["items"]] == [f"concept/{BAKER}", "scheme/esco"]
    world.app.editing.apply([SetText(BAKER, "note", "en", f"seen {ada.id}")], actor="Somebody", summary="a note")
    (first, *_) = client.get("/api/v1/notices").json()["items"]
    assert (first["why"], first["watched"], first["event"]["kind"]) == ("watch", f"concept/{BAKER}", "change")
    assert f'href="/c/{BAKER}"' in plain(client, "/notices")
    assert client.delete(f"/api/v1/watches/concept/{BAKER}").status_code == 204
    assert client.put(f"/api/v1/watches/branch/{BAKER}").status_code == 204
    assert client.put("/api/v1/watches/scheme/nothing").status_code == 400
    client.post("/watches", data={"stop": "scheme/esco"})
    client.post("/watches", data={"stop": f"branch/{BAKER}"})
    assert client.get("/api/v1/watches").json()["items"] == []


def test_webhooks_by_pages(client: TestClient, world: World, ada: Actor, admin: Actor) -> None:
    assert client.get("/webhooks", headers=HTML).status_code in (303, 401)
    signed_in(client, world.app, ada)
    assert "New webhook" in plain(client, "/webhooks")
    refused = client.post("/webhooks", data={"url": "https://127.0.0.1/", "kinds": "change", "scheme": "rome"}, headers=HTML)
    assert re.findall(r'name="scheme" value="(\w+)" checked', refused.text) == ["rome"]
    assert refused.status_code == 400
    assert 'value="https://127.0.0.1/"' in refused.text
    made = client.post("/webhooks", data={"url": URL, "kinds": "change, proposal_accepted", "scheme": "esco"}, headers=HTML)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)
    assert secret
    (hook,) = [each for each in world.app.live.webhooks.of_owner(ada) if each.url == URL]
    assert hook.wanted.kinds == ("change", "proposal_accepted")
    here = f"/webhooks/{hook.id}"
    assert secret[0] not in plain(client, here)
    assert client.post(f"{here}/ping").headers["location"] == here
    assert "ping" in plain(client, here)
    assert client.post(f"{here}/secret", headers=HTML).status_code == 201
    version = world.app.live.webhooks.read(ada, hook.id).version
    assert client.post(f"{here}/state", data={"state": "off", "version": "1"}, headers=HTML).status_code == 400
    assert client.post(f"{here}/state", data={"state": "off", "version": str(version)}).status_code == 303
    assert "As it was asked for." in plain(client, here)
    off = client.post(f"{here}/ping?lang=fr", headers=HTML)
    assert off.status_code == 409
    assert "réactivez-le d&#39;abord" in off.text
    # Of another one's nothing is known, but to an admin.
    signed_in(client, world.app, make_person(world.app, "Eve"))
    assert client.get(here, headers=HTML).status_code == 404
    assert client.get(f"/api/v1{here}").status_code == 404
    signed_in(client, world.app, admin)
    plain(client, here)
    assert client.post(f"{here}/remove").headers["location"] == "/webhooks"
    assert documents.find(world.app.engine, WEBHOOKS, hook.id) is None


def test_webhooks_by_the_api(client: TestClient, world: World, ada: Actor) -> None:
    assert client.post("/api/v1/webhooks", json={"url": URL}).status_code == 401
    signed_in(client, world.app, ada)
    assert client.post("/api/v1/webhooks", json={"url": URL, "surplus": 1}).status_code == 400
    made = client.post("/api/v1/webhooks", json={"url": URL, "kinds": ["change"]})
    assert (made.status_code, made.headers["etag"]) == (201, '"1-"')
    here = made.headers["location"]
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in client.get(here).json()
    assert client.patch(here, json={"description": "x"}).status_code == 428
    changed = client.patch(here, json={"description": "x"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["description"], changed.json()["kinds"]) == (200, "x", ["change"])
    assert client.patch(here, json={"description": "y"}, headers={"If-Match": made.headers["etag"]}).status_code == 412
    ping = client.post(f"{here}/ping")
    assert (ping.status_code, ping.json()["state"]) == (202, "pending")
    listed = client.get(f"{here}/deliveries").json()
    assert [each["id"] for each in listed["items"]] == [ping.json()["id"]]
    assert client.post(f"{here}/deliveries/{ping.json()['id']}/again").status_code == 409
    assert client.delete(here).status_code == 204
    assert client.get(here).status_code == 404


def test_the_audit_is_for_admins_and_managers(client: TestClient, world: World, ada: Actor, admin: Actor, manager: Actor) -> None:
    def work(space: str, canary: str) -> None:
        write_numbered(
            world.app.engine,
            lambda tx: happened(tx, manager, "proposal_submitted", subject="proposal/9", space=space, canary=canary, formula="=1+1"),
        )

    work("acme", "kestrel")
    work("umbrella", "merlin")
    assert client.get("/audit", headers=HTML).headers["location"].startswith("/sign-in")
    signed_in(client, world.app, ada)
    for address in ("/audit", "/api/v1/audit", "/api/v1/audit/download", "/api/v1/audit?organisation=acme"):
        assert client.get(address, headers=HTML if address == "/audit" else {}).status_code == 403, address
    signed_in(client, world.app, manager)
    assert client.get("/api/v1/audit").status_code == 403
    assert client.get("/api/v1/audit?organisation=umbrella").status_code == 403
    text = plain(client, "/audit?organisation=acme")
    assert "kestrel" in text
    assert "merlin" not in text
    signed_in(client, world.app, admin)
    assert "kestrel" not in plain(client, "/audit")
    found = client.get("/api/v1/audit?kind=proposal&subject=proposal/9&limit=1").json()
    (entry,) = found["items"]
    assert (entry["actor"], entry["name"], entry["via"], entry["space"], entry["data"]) == (manager.id, "Max", "session", "umbrella", {})
    assert entry["credential"] == manager.credential
    rest = client.get(f"/api/v1/audit?kind=proposal&subject=proposal/9&cursor={found['next']}").json()
    assert rest["items"][0]["space"] == "acme"
    world.app.accounts.grant(make_person(world.app, "Audited").id, Grant("moderator", "scheme:rome"), actor=admin)
    text = page(client, "/audit?kind=role_granted", "fr")
    for words in ("rôle donné", "rôle\xa0: modérateur", "portée\xa0: scheme:rome", '<option value="proposal_made">proposition rédigée</option>'):
        assert words in text, words
    lines = client.get(f"/api/v1/audit/download?person={manager.id}").text.splitlines()
    numbers = [json.loads(line)["number"] for line in lines]
    assert numbers == sorted(numbers)
    rows = list(csv.reader(io.StringIO(client.get(f"/api/v1/audit/download?format=csv&person={manager.id}").text)))
    assert rows[0][:3] == ["number", "time", "kind"]
    assert len(rows) == len(lines) + 1
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)("/api/v1/audit").status_code == 405


def test_all_that_is_recorded_has_a_name_for_people() -> None:
    docs = Path(__file__).parents[2] / "docs"
    places = [("accounts.md", "## What is recorded"), ("proposals.md", "## Events"), ("events.md", "| about | kinds |")]
    told = "".join((docs / name).read_text("utf-8").partition(start)[2].partition("\n## ")[0] for name, start in places)
    kinds = {kind for kind in re.findall(r"`([a-z]+(?:_[a-z]+)+|invited|change)`", told) if kind.startswith((*dict(AUDIENCES), *BETWEEN_ADMINS))}
    assert {"badge_made", "criteria_adopted", "proposal_reopened", "signed_in"} <= kinds
    assert sorted(kind for kind in kinds if f"event.{kind}" not in NAMES) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_cells_are_no_formulas(text: str) -> None:
    entry = dict.fromkeys(("number", "time", "kind", "space", "concepts", "seq", "actor", "name", "via", "credential", "data")) | {"subject": text}
    (_, line) = csv_lines([entry])
    (row,) = csv.reader(io.StringIO(line.decode(), newline=""))
    assert row[4] == f"'{text}"


def test_the_daily_mail_can_be_stopped_by_its_link(client: TestClient) -> None:
    assert "Stop it" in plain(client, "/notices/stop?token=nothing")
    assert client.post("/notices/stop", data={"token": "nothing"}, headers=HTML).status_code == 404
