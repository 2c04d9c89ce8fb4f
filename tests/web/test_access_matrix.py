"""Every route by every role: the rows are the application's own routes, so a new route without a line here fails.

Each line says who gets past the door. 401, 403 and the way to the sign-in page mean "kept out"; a success means "let in"; 404 means "not there", which is
what those are told whom the thing is hidden from. All else is a fault of the line or of the route.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from tests.access_rows import ANY, OPEN, ROLES, Route, Row
from tests.access_scene import Scene, make_scene, parameters_of, resolved
from tests.access_table import ROUTES
from tests.engines import arcadedb_engine
from tests.people import OPERATOR, actor_in_session, make_person, session_of, signed_in
from tests.sample_world import make_world
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import SCOPES, Grant
from wikic.store.engine import Engine
from wikic.web.acting import SESSION_COOKIE
from wikic.web.app import create_app

__all__ = ["arcadedb_engine"]


@pytest.fixture(scope="module")
def scene(arcadedb_engine: Engine) -> Scene:
    return make_scene(make_world(arcadedb_engine))


@pytest.fixture(scope="module")
def client(scene: Scene) -> Iterator[TestClient]:
    with TestClient(create_app(scene.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


def routes(router: Any) -> set[Route]:
    """Every (method, path) that an application, or one of its routers, answers."""
    found = set[Route]()
    for route in router.routes:
        if isinstance(route, APIRoute):
            found |= {(method, route.path) for method in route.methods or ()}
        elif hasattr(route, "original_router"):
            found |= routes(route.original_router)
    return found


Send = Callable[..., httpx2.Response]


class Desk:
    """Makes the requests of lines. Making is half of all work, so what somebody was kept out with is tried by the next who shall be: unless it is about who
    knocks, or does not last."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._kept: dict[str, tuple[Send, str]] = {}

    def request(self, name: str, route: Route, row: Row, *, out: bool) -> Send:
        """The request of a line, for who knocks; `out`: it shall not get them in."""
        scene = self._scene
        kept, role = self._kept.get(name, (None, ""))
        if out and kept is not None and role in ("", scene.role):
            return kept
        scene.asked = scene.passing = False
        send = prepared(route, row, scene)
        if out and not scene.passing:
            self._kept[name] = send, scene.role if scene.asked else ""
        return send


@pytest.fixture(scope="module")
def desk(scene: Scene) -> Desk:
    return Desk(scene)


SAMPLE: Final = 4
"""Of the lines that take an account, every so many is tried with what proves nothing."""


def lines() -> Iterator[tuple[str, Route, Row]]:
    """Every line, with a name of it for messages."""
    for route, rows in sorted(ROUTES.items()):
        for number, row in enumerate(rows, 1):
            yield f"{route[0]} {route[1]} ({number})", route, row


def test_every_route_has_a_line_and_every_line_a_route(client: TestClient) -> None:
    assert sorted(ROUTES) == sorted(routes(client.app))
    assert [name for name, (method, _), row in lines() if method != "GET" and not row.scope] == []


@pytest.mark.parametrize("role", ROLES)
def test_who_is_let_in(client: TestClient, scene: Scene, desk: Desk, role: str) -> None:
    wrong = {}
    scene.role = role
    signed_in(client, scene.app, scene.me)
    for name, route, row in lines():
        answer = desk.request(name, route, row, out=role not in row.who)(client)
        if scene.me is not None and any(word in route[1] for word in ENDING):
            # A new session: having signed out, or ended sessions, must not keep the next routes closed.
            signed_in(client, scene.app, scene.me)
        if outcome(answer, row) not in expected(row, role):
            wrong[name] = f"{answer.status_code} {answer.text[:160]}"
    assert wrong == {}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_gets_no_further_than_its_scopes(client: TestClient, scene: Scene, desk: Desk, scope: str) -> None:
    """The token of an admin, who may do everything: what it is made for, and that alone, is done by it."""
    scene.role = "admin"
    assert scene.me is not None
    signed_in(client, scene.app, None)
    token, _ = scene.app.people.tokens.make("the matrix", [scope], actor=scene.me)
    wrong = {}
    for name, route, row in lines():
        if not row.scope or scene.role not in row.who:
            continue
        may = row.scope in (scope, OPEN) or (row.scope == ANY and scope != "read")
        answer = desk.request(name, route, row, out=not may)(client, {"Authorization": f"Bearer {token}"})
        if outcome(answer, row) != ("in" if may else "out"):
            wrong[name] = f"{answer.status_code} {answer.text[:160]}"
    assert wrong == {}


ENDING: Final = ("sign-", "register", "password", "join", "sessions")
"""What stands in the addresses of routes that may end a session, or begin one."""

Forge = Callable[[Scene], dict[str, str]]


def _session(token: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION_COOKIE}={token}"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _expired_session(scene: Scene) -> dict[str, str]:
    made = _session(session_of(scene.app, make_person(scene.app, "admin").id))
    scene.clock.now += timedelta(days=15)
    return made


def _ended_session(scene: Scene) -> dict[str, str]:
    made = session_of(scene.app, make_person(scene.app, "admin").id)
    scene.app.people.signing.sign_out(made, actor=scene.app.accounts.actor_of(session=made))
    return _session(made)


def _disabled(scene: Scene, *, by_token: bool) -> dict[str, str]:
    person = make_person(scene.app, scene.fresh("gone"), Grant("admin"))
    session, (token, _) = session_of(scene.app, person.id), scene.app.people.tokens.make("t", SCOPES, actor=person)
    scene.app.accounts.disable(person.id, actor=OPERATOR)
    return _bearer(token) if by_token else _session(session)


def _revoked_token(scene: Scene) -> dict[str, str]:
    person = actor_in_session(scene.app, make_person(scene.app, "admin").id)
    token, entry = scene.app.people.tokens.make("t", SCOPES, actor=person)
    scene.app.people.tokens.revoke(entry.id, actor=person)
    return _bearer(token)


def _expired_token(scene: Scene) -> dict[str, str]:
    person = actor_in_session(scene.app, make_person(scene.app, "admin").id)
    token, _ = scene.app.people.tokens.make("t", SCOPES, actor=person, days=1)
    scene.clock.now += timedelta(days=1)
    return _bearer(token)


WORTHLESS: Final[dict[str, Forge]] = {
    "a session of nobody": lambda _: _session("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "a session that has run out": _expired_session,
    "a session that was ended": _ended_session,
    "a session of a disabled account": lambda scene: _disabled(scene, by_token=False),
    "a token of nobody": lambda _: _bearer("wikic_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "a token that has run out": _expired_token,
    "a token that was revoked": _revoked_token,
    "a token of a disabled account": lambda scene: _disabled(scene, by_token=True),
    "another scheme": lambda _: {"Authorization": "Basic YWRtaW46YWRtaW4="},
}
"""What proves nothing (any more)."""


@pytest.fixture(scope="module")
def closed(scene: Scene, desk: Desk) -> list[tuple[str, Row, Send]]:
    """The requests that take an account; nobody gets in, so that they are right for all who try."""
    scene.role = "nobody"
    taken = [line for line in lines() if "nobody" not in line[2].who][::SAMPLE]
    return [(name, row, desk.request(name, route, row, out=True)) for name, route, row in taken]


@pytest.mark.parametrize("kind", WORTHLESS)
def test_what_is_worth_nothing_opens_no_door(client: TestClient, scene: Scene, closed: list[tuple[str, Row, Send]], kind: str) -> None:
    signed_in(client, scene.app, None)
    headers = WORTHLESS[kind](scene)
    wrong = {}
    for name, row, send in closed:
        answer = send(client, headers)
        if outcome(answer, row) not in expected(row, "nobody"):
            wrong[name] = f"{answer.status_code} {answer.text[:160]}"
    assert wrong == {}


def prepared(route: Route, row: Row, scene: Scene) -> Send:
    """A request that is right in its form, with all that it is about made by now."""
    method, path = route
    address = path
    for name, value in parameters_of(path, row, scene).items():
        address = address.replace("{" + name + "}", value).replace("{" + name + ":path}", value)
    assert "{" not in address, f"{path} has parameters without a value"
    options: dict[str, Any] = {"params": resolved(row.query, scene)}
    if row.json is not None:
        options["json"] = resolved(row.json, scene)
    if row.form is not None:
        options["data"] = resolved(row.form, scene)
    elif row.files is not None:
        options["files"] = {name: (None, value) for name, value in resolved(row.files, scene).items()}
    elif method == "POST" and not path.startswith("/api/"):
        options["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    page = not path.startswith("/api/")
    headers = {"Accept": "text/html" if page else "application/json"} | options.pop("headers", {}) | dict(row.headers)

    def send(client: TestClient, more: Mapping[str, str] | None = None) -> httpx2.Response:
        return client.request(method, address, headers=headers | dict(more or {}), **options)

    return send


def outcome(answer: httpx2.Response, row: Row) -> str:
    """What came of knocking: in, out, not there, or wrong."""
    status = answer.status_code
    if (status == 303 and answer.headers["location"].startswith("/sign-in?")) or status in (401, 403):
        return "out"
    if status < 400 or status in row.also:
        return "in"
    return "not there" if status == 404 else "wrong"


def expected(row: Row, role: str) -> tuple[str, ...]:
    """What may come of it. Nobody may be asked to sign in before anything is looked at."""
    if role in row.who:
        return ("in",)
    if role in row.hidden:
        return ("not there", "out") if role == "nobody" else ("not there",)
    return ("out",)
