"""Reports at a release by page, API and command: forms and their answers, what is hosted elsewhere, objections."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from starlette.testclient import TestClient

from tests.flows.refresh_world import SUCCESSORS, Trade, french, issuer_of, make_trade, skill
from tests.people import OPERATOR, make_person, signed_in
from tests.sample_world import release
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.test_lint_addresses import Wilful
from tests.web.test_live_pages import plain
from wikic import cli, cli_refresh
from wikic.domain.access import NOBODY, SYSTEM, Grant
from wikic.domain.happenings import may_see
from wikic.services.binding import Wish
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.services.refreshing_elsewhere import Elsewhere, aligned_to, alignment_body
from wikic.services.refreshing_lines import RefreshLine, WantedLines
from wikic.services.refreshing_seen import AsOf
from wikic.services.throttling import utc_now
from wikic.store.engine import Engine
from wikic.store.events import read_events
from wikic.text.tables import lines_of
from wikic.web.refresh_services import csv_rows, line_bodies

FIRST = issuer_of(0)


class Host(BaseHTTPRequestHandler):
    """Where badge classes are hosted: what each address answers, by its number."""

    answers: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        found = self.answers.get(self.path.rpartition("/")[2])
        self.send_response(200 if found is not None else 404)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def host() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def trade(arcadedb_engine: Engine, host: int) -> Trade:
    """Four issuers with a hundred badge classes; 2027 is published, its candidate was rehearsed, and its reports are open."""
    made = make_trade(arcadedb_engine, issuers=4, classes=100, elsewhere=f"http://evil.example.org:{host}/class")
    made.change()
    made.app.releasing.freeze("2027-rc1", actor=OPERATOR)
    return made


@pytest.fixture(scope="module")
def opened(trade: Trade) -> Trade:
    release(trade.app, "2027")
    assert trade.refresh.refreshing.catch_up()
    return trade


@pytest.fixture
def client(trade: Trade) -> Iterator[TestClient]:
    with TestClient(started(trade.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


def lines(trade: Trade, issuer: str = FIRST, **wanted: str) -> list[RefreshLine]:
    return list(trade.refresh.lines.all(OPERATOR, WantedLines(**{"state": "open", **wanted}), issuer=issuer, release="2027"))


def elsewhere(trade: Trade) -> set[str]:
    return {each.id for each in trade.wanted if each.content.hosted == "elsewhere"}


def test_a_candidate_is_rehearsed_and_objected_to(trade: Trade, client: TestClient) -> None:
    signed_in(client, trade.app, trade.member)
    body = client.get("/api/v1/refresh/rehearsal", params={"release": "2027-rc1", "language": "en"}).json()
    asked = {(each["badge_class"], each["concept"]["uuid"]) for each in body["items"] if each["state"] == "open"}
    assert asked == set(trade.expected(FIRST))
    assert body["before"] == "2026"
    assert client.get("/api/v1/refresh/rehearsal", params={"release": ""}).status_code == 404, "the present state is for who releases"
    text = plain(client, "/refresh/2027-rc1")
    assert 'action="/refresh/2027-rc1/object"' in text
    assert "2027-rc1" in plain(client, "/refresh")
    assert 'href="/refresh/2027-rc1"' in plain(client, "/releases/2027-rc1")
    badge = sorted(asked)[0][0]
    answer = client.post("/refresh/2027-rc1/object", data={"issuer": FIRST, "badge_class": badge, "text": "Pas sans nous."})
    assert (answer.status_code, answer.headers["location"]) == (303, "/releases/2027-rc1#remarks")
    refused = client.post("/refresh/2027-rc1/object", data={"issuer": FIRST, "text": "Rien."}, headers={"Accept": "text/html"})
    assert refused.status_code == 400
    assert ">Rien.</textarea>" in refused.text, "what was typed stays"
    blank = client.post("/refresh/2027-rc1/object", data={"issuer": FIRST, "badge_class": badge, "text": " "}, headers={"Accept": "text/html"})
    assert f'value="{badge}" checked' in blank.text, "and what was ticked"
    sent = {"release": "2027-rc1", "issuer": FIRST, "badge_classes": [badge], "text": "Toujours pas."}
    assert client.post("/api/v1/refresh/objections", json=sent).json()["badge_classes"] == [badge]
    signed_in(client, trade.app, None)
    found = client.get("/api/v1/refresh/objections", params={"release": "2027-rc1"}).json()["items"]
    assert [each["text"] for each in found] == ["Pas sans nous.", "Toujours pas."]
    assert f'href="/badges/{badge}"' in plain(client, "/releases/2027-rc1")
    assert client.get("/refresh", headers={"Accept": "text/html"}).status_code == 303, "it is for people with an account"


def test_who_prepares_a_release_sees_what_it_touches(trade: Trade, client: TestClient) -> None:
    moderator = make_person(trade.app, "Mona", Grant("moderator"))
    signed_in(client, trade.app, moderator)
    count = len({badge for badge, _ in trade.expected()})
    for address in ("/releases/preview", "/releases/2027-rc1"):
        text = plain(client, address)
        assert "Badges touched" in text
        assert "issuers: 4." in text
        assert "Compared with release 2026" in text
    figures = client.get("/api/v1/refresh/rehearsal", params={"release": ""}).json()["figures"]
    assert figures["badge_classes"] >= count
    for address in ("/refresh/preview", "/refresh/2027-rc1"):
        assert "What would change for badges, compared with release 2026." in plain(client, address), "and nothing of an objection, which issuers make"
    draft = trade.app.badges.badging.create(FIRST, trade.wanted[0].content, OPERATOR)
    assert trade.app.badges.bindings.bind([Wish(draft.id, skill(8))], OPERATOR, release="2026", historic=True).applied
    assert draft.id in {line.badge_class for line in trade.refresh.refreshing.rehearsal("2027-rc1", trade.member).lines}
    body = client.get("/api/v1/refresh/rehearsal", params={"release": "2027-rc1", "limit": 200}).json()
    assert draft.id not in {each["badge_class"] for each in body["items"]}


def test_a_report_is_read_and_treated_on_pages(opened: Trade, client: TestClient) -> None:
    signed_in(client, opened.app, opened.manager)
    there = elsewhere(opened)
    text = plain(client, f"/refresh/2027?issuer={FIRST}")
    assert "renamed from" in text
    assert f"/refresh/2027?issuer={FIRST}" in plain(client, "/refresh")
    assert "still to be treated" in plain(client, f"/issuers/{FIRST}")
    notices = plain(client, "/notices")
    assert f"/refresh/2027?issuer={FIRST}" in notices
    updates = [line for line in lines(opened, advice="update") if line.badge_class not in there]
    answer = client.post("/refresh/2027", data={"one": f"{updates[0].id}|update", "issuer": FIRST, "note": "Vu"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/refresh/2027?issuer={FIRST}&treated=1&left=0")
    assert "1 line was treated." in plain(client, answer.headers["location"])
    again = client.post("/refresh/2027", data={"one": f"{updates[0].id}|update", "issuer": FIRST}, headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert again.status_code == 409
    assert "déjà dans l&#39;état «\u00a0mis à jour\u00a0»" in again.text
    none = client.post("/refresh/2027", data={"treatment": "keep", "issuer": FIRST}, headers={"Accept": "text/html"})
    assert none.status_code == 400
    # The enter key treats what is ticked, and not the first line.
    assert none.text.index('<button class="visually-hidden" type="submit"') < none.text.index('name="one"')
    sent = {"line": updates[1].id, "treatment": "realign", "ref": "nothing known", "note": "Vu deux fois", "issuer": FIRST}
    unknown = client.post("/refresh/2027", data=sent, headers={"Accept": "text/html"})
    assert unknown.status_code == 400
    for held in ('value="nothing known"', 'value="Vu deux fois"', f'value="{updates[1].id}" checked', '<option value="realign" selected>'):
        assert held in unknown.text, held
    two = [line.id for line in updates[1:3]]
    assert client.post("/refresh/2027", data={"line": two, "treatment": "keep", "issuer": FIRST}).status_code == 303
    assert {opened.refresh.lines.get(each, OPERATOR).state for each in two} == {"kept"}
    answer = client.post("/refresh/2027", data={"all": "1", "issuer": FIRST, "of_advice": "realign", "treatment": "realign"})
    assert "treated=" in answer.headers["location"]
    assert {line.badge_class for line in lines(opened, advice="realign")} <= there
    signed_in(client, opened.app, opened.member)
    kept = client.post("/refresh/2027", data={"one": f"{two[0]}|retire", "issuer": FIRST}, headers={"Accept": "text/html"})
    assert kept.status_code == 403, "a member sees, a manager treats"


def test_a_split_is_chosen_and_a_badge_class_retired(opened: Trade, client: TestClient) -> None:
    admin = make_person(opened.app, "Root", Grant("admin"))
    signed_in(client, opened.app, admin)
    there = elsewhere(opened)
    split = next(line for number in range(4) for line in lines(opened, issuer_of(number), advice="choose") if line.badge_class not in there)
    parts = sorted(map(skill, SUCCESSORS[7]))
    assert sorted(split.successors) == parts
    assert f'value="{split.id}|{parts[0]}"' in plain(client, f"/refresh/2027?issuer={split.issuer}&advice=choose")
    for lang, quote in (("fr", "scindée en «"), ("en", "split into “")):
        assert quote in client.get(f"/refresh/2027?issuer={split.issuer}&advice=choose", headers={"Accept": "text/html", "Accept-Language": lang}).text
    answer = client.post("/refresh/2027", data={"one": f"{split.id}|realign", "to": f"{split.id}|{parts[1]}"})
    assert answer.status_code == 303, answer.text
    bound = {each.concept for each in opened.app.badges.bindings.open_of([split.badge_class])[split.badge_class]}
    assert parts[1] in bound
    assert skill(7) not in bound
    public = {each.id for each in opened.wanted} - there
    ended = next(line for number in range(4) for line in lines(opened, issuer_of(number), advice="retire") if line.badge_class in public)
    other = [each for each in opened.app.badges.bindings.open_of([ended.badge_class])[ended.badge_class] if each.concept != ended.concept]
    sent = {"treatment": "retire", "lines": [ended.id], "note": "Plus délivré."}
    done = client.post("/api/v1/refresh/treat", json=sent).json()["treated"][0]
    assert (done["state"], done["by"], done["note"]) == ("retired", "Root", "Plus délivré.")
    badge = opened.app.badges.badging.get(ended.badge_class, NOBODY)
    left = opened.app.badges.bindings.open_of([ended.badge_class])[ended.badge_class]
    assert (badge.status, [each.concept for each in left]) == ("published", [each.concept for each in other]), "it still attests something else"
    assert opened.refresh.lines.get(ended.id, OPERATOR).state == "retired"


def test_lines_by_the_api(opened: Trade, client: TestClient) -> None:
    assert client.get("/api/v1/refresh").status_code == 401
    signed_in(client, opened.app, opened.member)
    body = client.get("/api/v1/refresh", params={"release": "2027", "limit": 2, "language": "en"}).json()
    assert {each["issuer"] for each in body["items"]} == {FIRST}
    following = client.get("/api/v1/refresh", params={"release": "2027", "limit": 2, "language": "en", "cursor": body["next"]}).json()
    assert {each["id"] for each in body["items"]}.isdisjoint(each["id"] for each in following["items"])
    assert client.get("/api/v1/refresh", params={"issuer": issuer_of(1)}).status_code == 404
    table = client.get("/api/v1/refresh.csv", params={"issuer": FIRST, "release": "2027"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    every = list(opened.refresh.lines.all(OPERATOR, WantedLines(), issuer=FIRST, release="2027"))
    assert len(rows) == len(every)
    assert any(row["reason"].startswith("renommée de «") for row in rows)
    assert any(each["reason"].startswith("renamed from “") for each in client.get("/api/v1/refresh?language=en&change=renamed").json()["items"])
    assert {(row["badge_class"], row["concept"], row["state"]) for row in rows} == {(each.badge_class, each.concept, each.state) for each in every}
    assert table.headers["content-disposition"] == f'attachment; filename="refresh-2027-{FIRST}.csv"'
    for unknown in ("nope", "2026\r\nX: y", "é€", '20"26'):
        for path in ("/api/v1/refresh", "/api/v1/refresh.csv"):
            answer = client.get(path, params={"release": unknown})
            assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (404, "unknown-release"), (path, unknown)
        sent = {"treatment": "keep", "issuer": FIRST, "release": unknown}
        assert client.post("/api/v1/refresh/treat", json=sent).status_code == 404
    for wrong in ({"change": "bogus"}, {"state": "bogus"}):
        assert client.get("/api/v1/refresh", params={"release": "2027", **wrong}).status_code == 400
        assert client.get("/refresh/2027", params=wrong).status_code == 400
    standing = client.get("/api/v1/refresh/standing", params={"issuer": FIRST}).json()
    assert sum(standing["items"][0]["states"].values()) == standing["items"][0]["lines"] == len(every)
    assert client.post("/api/v1/refresh/treat", json={"treatment": "keep"}).status_code == 400
    assert client.post("/api/v1/refresh/treat", json={"treatment": "keep", "lines": ["nothing"]}).status_code == 404
    token, _ = opened.app.people.tokens.make("t", ["propose"], actor=opened.manager)
    signed_in(client, opened.app, None)
    sent = {"treatment": "keep", "issuer": FIRST, "release": "2027"}
    assert client.post("/api/v1/refresh/treat", json=sent, headers={"Authorization": f"Bearer {token}"}).status_code == 403
    event = next(each for each in read_events(opened.app.engine, 0, 10_000) if each.kind == "refresh_opened")
    seen = {"space": event.space, "subject": event.subject, "by": event.actor, "data": event.data}
    assert not may_see(NOBODY, event.kind, **seen)  # type: ignore[arg-type]


def test_a_review_is_due(opened: Trade) -> None:
    badge = next(each for each in opened.wanted if each.issuer == FIRST and each.content.hosted == "here")
    published = opened.app.badges.badging.get(badge.id, NOBODY).published
    later = datetime.fromisoformat(published).replace(tzinfo=UTC)
    assert opened.refresh.lines.due(FIRST, today=later) == []
    due = opened.refresh.lines.due(FIRST, today=later.replace(year=later.year + 4))
    assert badge.id in {each.badge_class for each in due if each.overdue}


def test_what_is_hosted_elsewhere_closes_when_it_shows_the_new_alignment(opened: Trade, client: TestClient) -> None:
    app, refresh = opened.app, opened.refresh
    outside = Wilful(resolve=lambda name, _: ["127.0.0.1"] if name == "evil.example.org" else [name])
    targets = app.badges.bindings.targets
    keeping = ElsewhereServices.of(app.engine, app.badges, app.linting, outside, PUBLIC_URL, seconds=5.0).keeping
    service = Elsewhere(app.badges.badging, targets, refresh.lines, refresh.treating, AsOf(app.engine, app.reading), keeping, PUBLIC_URL)
    badge = next(each for each in opened.wanted if each.content.hosted == "elsewhere")
    mine = [line for line in lines(opened) if line.badge_class == badge.id]
    wanted = {line.concept: line for line in mine if line.advice in ("update", "realign")}
    assert wanted, "the first badge class attests what was renamed"
    pastes = service.paste(mine, OPERATOR, PUBLIC_URL)
    line = wanted[skill(0)]
    paste = pastes[line.id]
    assert paste.address == badge.content.address
    assert paste.old["targetName"] == french(0)
    assert [each["targetName"] for each in paste.new] == ["Tenir le geste zéro"]
    assert "Hosted elsewhere" in plain(signed_in(client, app, opened.manager), f"/refresh/2027?issuer={FIRST}")

    number = badge.content.address.rpartition("/")[2]
    at = {"@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "id": badge.content.address, "name": "Badge"}
    (found,) = service.read_again([line.id], OPERATOR)
    assert (found.shown, "404" in found.refused) == ([], True)
    Host.answers[number] = {**at, "alignment": [paste.old]}
    (found,) = service.read_again([line.id], OPERATOR)
    assert (found.shown, [each.id for each in found.waiting]) == ([], [line.id])
    Host.answers[number] = {**at, "alignment": list(paste.new)}
    (found,) = service.read_again([line.id], OPERATOR)
    assert [(each.id, each.state, each.by) for each in found.shown] == [(line.id, "updated", OPERATOR.name)]
    assert "description" in found.refused, "it is no right badge class, but its alignment is there"
    bound = app.badges.bindings.open_of([badge.id])[badge.id]
    assert next(each.seen_name for each in bound if each.concept == line.concept) == "Tenir le geste zéro"
    # The daily reading closes lines too.
    other = wanted[skill(5)]
    Host.answers[number] = {**at, "alignment": [*paste.new, *pastes[other.id].new]}
    daily = ElsewhereServices.of(app.engine, app.badges, app.linting, outside, PUBLIC_URL, seconds=5.0, clock=lambda: utc_now() + timedelta(days=40)).keeping
    Elsewhere(app.badges.badging, targets, refresh.lines, refresh.treating, AsOf(app.engine, app.reading), daily, PUBLIC_URL)
    daily.round()
    closed = refresh.lines.get(other.id, OPERATOR)
    assert (closed.state, closed.by) == ("updated", SYSTEM.name)
    third = alignment_body(aligned_to(next(iter(targets.of([skill(6)], "fr").values())), PUBLIC_URL), "ob3")
    assert (third["type"], third["targetType"]) == (["Alignment"], "CFItem")


def test_commands(opened: Trade, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(cli_refresh, "opened", lambda *_, **__: nullcontext(opened.app))

    def run(*arguments: str, status: int = 0) -> str:
        assert cli.run(list(arguments)) == status, capsys.readouterr().err
        return capsys.readouterr().out

    last = issuer_of(2)
    listed = json.loads(run("refresh", "list", "--issuer", last, "--state", "open", "--json"))
    assert listed
    assert all(each["reason"] for each in listed)
    assert run("refresh", "rehearse", "2027-rc1", "--issuer", last, status=1)
    assert run("refresh", "open") == ""
    for wrong in (["--release", "nope"], ["--state", "bogus"], ["--change", "bogus"]):
        assert run("refresh", "list", "--issuer", last, *wrong, status=1) == ""
    assert run("refresh", "treat", "keep", "--issuer", last, "--release", "nope", status=1) == ""
    note = "=1+1, et la suite"
    done = json.loads(run("refresh", "treat", "keep", "--issuer", last, "--release", "2027", "--note", note, "--json"))
    assert len(done["treated"]) == len(listed)
    rows = csv_rows(line_bodies(opened.refresh, lines(opened, last, state="kept"), "fr", {}))
    assert "'=1+1, et la suite" in next(csv.reader(io.StringIO(lines_of(row for row in rows if note in row))))
    assert lines(opened, last) == []
    assert run("refresh", "treat", "keep", status=1) == ""
