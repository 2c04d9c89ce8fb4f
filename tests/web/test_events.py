"""The stream of events over real servers: what is seen, by whom, from where it goes on, and how it ends; and the same list page by page."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

import httpx2
import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.engines import server_for_tests, wipe
from tests.serving import Server
from wikic.bootstrap import App, app_of
from wikic.domain.access import NOBODY, Actor, Grant, operator
from wikic.domain.records import Label
from wikic.services.editing import Create, SetText
from wikic.services.happenings import Filter
from wikic.store.engine import Engine, Kind, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.web import streams
from wikic.web.app import create_app

SEEN = "00000000-0000-7000-8000-0000000000a1"
OTHER = "00000000-0000-7000-8000-0000000000a2"
ADA = Actor("0190f1d2-0000-7000-8000-000000000001", "ada", (Grant("contributor"),), via="session")
MODERATOR = Actor("0190f1d2-0000-7000-8000-000000000002", "mo", (Grant("moderator"),), via="session")
ADMIN = Actor("0190f1d2-0000-7000-8000-000000000003", "root", (Grant("admin"),), via="session")
MEMBER = Actor("0190f1d2-0000-7000-8000-000000000004", "may", memberships=(("acme", ("member",)),), via="session")
MANAGER = Actor("0190f1d2-0000-7000-8000-000000000005", "max", memberships=(("acme", ("manager",)),), via="session")
STREAM = {"Accept": "text/event-stream"}


class Accounts:
    """Sessions whose cookie is the user's name."""

    people: ClassVar = {actor.name: actor for actor in (ADA, MODERATOR, ADMIN, MEMBER, MANAGER)}

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        return self.people.get(session or token, NOBODY)


def say(engine: Engine, kind: str, actor: Actor = ADA, **about: Any) -> int:
    """Something happens."""

    def work(tx: WriteTransaction) -> int:
        return happened(tx, actor, kind, **about)

    return write_numbered(engine, work)


@pytest.fixture(params=["arcadedb", "neo4j"])
def app(request: pytest.FixtureRequest) -> Iterator[App]:
    """Services over an almost empty store: two concepts."""
    engine = request.getfixturevalue(f"{request.param}_engine")
    wipe(engine)
    made = app_of(engine, lambda: None)
    names = {SEEN: "knead", OTHER: "bake"}
    edits = [Create("skill", (Label(name, "en", "preferred"),), uuid=uuid) for uuid, name in names.items()]
    made.editing.apply(edits, actor="tester", summary="two skills")
    yield made
    made.close()


@contextmanager
def served(app: App) -> Iterator[str]:
    """The site over these services on a port, from a thread."""
    web = create_app(app, "http://localhost")
    web.state.services = _WithAccounts(app)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(web, log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        web.state.streams.close()
        server.should_exit = True
        thread.join()


class _WithAccounts:
    def __init__(self, app: App) -> None:
        self._app = app
        self.accounts = Accounts()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)


GIVE_UP = 60
"""Seconds."""


class Listening:
    """An open stream, read message by message."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self) -> tuple[str, str, Any]:
        """The next message: event ("" for a happening), id and data. Comments are passed over."""
        found: dict[str, str] = {}
        started = time.monotonic()
        for line in self._lines:
            # Comments keep a stream open for ever: what does not come is a failure, and no wait.
            assert time.monotonic() - started < GIVE_UP, "nothing came"
            if not line and "data" in found:
                return found.get("event", ""), found.get("id", ""), json.loads(found["data"])
            name, _, value = line.partition(": ")
            if name:
                found[name] = value
        raise EOFError

    def kinds(self, count: int) -> list[str]:
        """The kinds of the next happenings."""
        return [self.next()[2]["kind"] for _ in range(count)]


Opening = Callable[..., Listening]


@pytest.fixture
def opened() -> Iterator[Opening]:
    """Open a stream at an address; its first message, which says where it begins, is checked and taken."""
    with ExitStack() as stack:

        def open_stream(address: str, query: str = "", *, who: str = "", last: str = "") -> Listening:
            headers = STREAM | ({"Cookie": f"wikic_session={who}"} if who else {}) | ({"Last-Event-ID": last} if last else {})
            client = stack.enter_context(httpx2.Client(timeout=30))
            answer = stack.enter_context(client.stream("GET", f"{address}/api/v1/events{query}", headers=headers))
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            listening = Listening(answer.iter_lines())
            event, _, data = listening.next()
            assert event == "begin"
            assert data["resumed"] == bool(last)
            return listening

        yield open_stream


def test_a_stream_tells_what_happens(app: App, opened: Opening) -> None:
    with served(app) as address:
        everything, one = opened(address), opened(address, f"?concept={SEEN}")
        app.editing.apply([SetText(OTHER, "definition", "en", "In an oven.")], actor="t", summary="")
        seq = app.editing.apply([SetText(SEEN, "definition", "en", "By hand.")], actor="t", summary="")
        assert everything.next()[2]["concepts"] == [OTHER]
        event, identity, data = one.next()
        assert (event, data["kind"], data["seq"], data["concepts"]) == ("", "change", seq, [SEEN])
        assert data == everything.next()[2]
        # Who was away goes on after the last one seen, and misses nothing.
        seq = app.editing.apply([SetText(SEEN, "definition", "en", "By hand, long.")], actor="t", summary="")
        say(app.engine, "proposal_submitted", subject="proposal/1", concepts=[SEEN])
        again = opened(address, last=identity)
        assert again.next()[2]["seq"] == seq
        assert again.next()[2]["subject"] == "proposal/1"
        only = opened(address, "?subject=proposal&kind=proposal_accepted", last=identity)
        say(app.engine, "proposal_accepted", subject="proposal/1", concepts=[SEEN], seq=seq)
        assert only.next()[2]["kind"] == "proposal_accepted"


def test_an_id_of_another_store_begins_now(app: App) -> None:
    with served(app) as address, httpx2.Client(timeout=30) as client:
        headers = STREAM | {"Last-Event-ID": "000000000000.1"}
        with client.stream("GET", f"{address}/api/v1/events", headers=headers) as answer:
            _, _, data = Listening(answer.iter_lines()).next()
            assert data == {
                "last_event_id": f"{app.epoch}.{app.happenings.end()[1]}", "resumed": False, "seq": app.happenings.head(),
            }  # fmt: skip
        assert client.get(f"{address}/api/v1/events?after=000000000000.1").status_code == 400
        assert client.head(f"{address}/api/v1/events", headers=STREAM).status_code == 200
        assert client.get(f"{address}/api/v1/events", headers=STREAM | {"Last-Event-ID": "x"}).status_code == 400


def secret_things(engine: Engine) -> None:
    """One event for each audience, in this order; `done` is for all."""
    say(engine, "session_begun", MODERATOR, subject="user/x")
    say(engine, "proposal_changed", ADA, subject="proposal/1", state="draft")
    say(engine, "member_joined", ADMIN, subject="organisation/acme")
    say(engine, "webhook_made", MANAGER, owner="organisation/acme", subject="webhook/1")
    say(engine, "proposal_submitted", MEMBER, subject="proposal/2", space="acme", canary="kestrel")
    say(engine, "role_granted", ADMIN, subject=f"user/{ADA.id}", role="moderator")
    say(engine, "release_published", ADMIN, done=True)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("", ["release_published"]),
        ("ada", ["proposal_changed", "role_granted", "release_published"]),
        ("mo", ["session_begun", "release_published"]),
        ("may", ["member_joined", "proposal_submitted", "release_published"]),
        ("max", ["member_joined", "webhook_made", "proposal_submitted", "release_published"]),
        ("root", ["session_begun", "member_joined", "webhook_made", "role_granted", "release_published"]),
    ],
)
def test_everyone_sees_what_is_theirs(app: App, opened: Opening, who: str, seen: list[str]) -> None:
    start = app.happenings.end()[1]
    with served(app) as address:
        secret_things(app.engine)
        listening = opened(address, last=str(start), who=who)
        assert listening.kinds(len(seen)) == seen
        cookies = {"Cookie": f"wikic_session={who}"} if who else {}
        items = httpx2.get(f"{address}/api/v1/events?after={start}", headers=cookies).json()["items"]
        assert [item["kind"] for item in items] == seen
        assert ("kestrel" in str(items)) == (who in ("may", "max"))


def test_live_ones_too_and_rights_are_looked_at_again(app: App, opened: Opening) -> None:
    with served(app) as address:
        nobody, ada = opened(address), opened(address, who="ada")
        secret_things(app.engine)
        assert nobody.kinds(1) == ["release_published"]
        assert ada.kinds(2) == ["proposal_changed", "role_granted"]
        # Her rights changed: the stream ends, and the next one is opened as who she is then.
        assert ada.next()[2] == {"reason": "renew"}


def test_pages(app: App) -> None:
    numbers = [say(app.engine, "proposal_submitted", subject=f"proposal/{number}") for number in range(7)]
    page = app.happenings.page(NOBODY, Filter("proposal"), after=0, limit=3)
    assert [item["subject"] for item in page.items] == ["proposal/0", "proposal/1", "proposal/2"]
    assert page.next == f"{app.epoch}.{numbers[2]}"
    with TestClient(create_app(app, "http://localhost")) as client:
        first = client.get("/api/v1/events?subject=proposal&limit=4")
        assert f"after={app.epoch}.{numbers[3]}" in first.headers["link"]
        rest = client.get("/api/v1/events", params={"subject": "proposal", "after": first.json()["next"]}).json()
        assert [item["subject"] for item in rest["items"]] == ["proposal/4", "proposal/5", "proposal/6"]
        assert rest["next"] is None
        assert rest["last_event_id"] == f"{app.epoch}.{numbers[-1]}"


def test_a_slow_reader_holds_up_nobody(app: App, opened: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "WAITING", 20)
    with served(app) as address:
        fast = opened(address, "?kind=proposal_supported")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            slow.connect(("127.0.0.1", int(address.rpartition(":")[2])))
            slow.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
            assert b"200 OK" in slow.recv(4096)
            # Each of these is larger than what the network keeps for one who does not read.
            for number in range(40):
                say(app.engine, "proposal_supported", subject=f"proposal/{number}", text="x" * 300_000)
                assert fast.next()[2]["subject"] == f"proposal/{number}"
            slow.settimeout(20)
            received = bytearray()
            while chunk := slow.recv(1 << 20):
                received += chunk
            assert b'event: end\ndata: {"reason":"slow"}' in received
            assert b'"proposal/39"' not in received


def test_one_address_opens_so_many(app: App, opened: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "FROM_ONE_ADDRESS", 2)
    # The machine's own addresses are free.
    monkeypatch.setattr("wikic.web.api_events.caller", lambda scope: scope["client"][0])
    with served(app) as address:
        held = [opened(address), opened(address)]
        refused = httpx2.get(f"{address}/api/v1/events", headers=STREAM, timeout=30)
        assert (refused.status_code, refused.json()["type"].rpartition("#")[2], len(held)) == (429, "throttled", 2)


def test_several_processes(app: App, opened: Opening) -> None:
    kind: Kind = app.engine.kind
    with Server(kind, server_for_tests(kind)) as one, Server(kind, server_for_tests(kind)) as two:
        at_one, at_two = opened(one.address), opened(two.address)
        seq = app.editing.apply([SetText(SEEN, "definition", "en", "By hand.")], actor="t", summary="")
        identity = ""
        for listening in (at_one, at_two):
            _, identity, data = listening.next()
            assert data["seq"] == seq
        # A stream of one process goes on at the other one.
        one.kill()
        say(app.engine, "release_published", operator("ada"))
        assert opened(two.address, last=identity).kinds(1) == ["release_published"]
        # Told to stop, a server ends its streams and goes.
        assert at_two.kinds(1) == ["release_published"]
        assert two.stop() in (0, -signal.SIGTERM)
        assert at_two.next() == ("end", "", {"reason": "stopping"})
