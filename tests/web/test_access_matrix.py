"""Every route by every role: the rows are the application's own routes, so a new route without a line here fails.

Each line says who gets past the door. What is behind it (a thing that is not there, a value that is wrong) is told by other tests; here 401, 403 and the
way to the sign-in page mean "kept out", all else "let in"; nothing may be a fault of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from tests.access_table import ROUTES, Row
from tests.engines import arcadedb_engine
from tests.people import make_person, signed_in
from tests.sample_world import World, make_world
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import Actor, Grant
from wikic.store.engine import Engine
from wikic.web import linked_data
from wikic.web.app import _API, _PAGES, create_app

__all__ = ["arcadedb_engine"]

ROLES: Final = ("nobody", "newcomer", "contributor", "local moderator", "moderator", "admin")
"""A newcomer has an account and no role."""


@pytest.fixture(scope="module")
def world(arcadedb_engine: Engine) -> World:
    return make_world(arcadedb_engine)


@pytest.fixture(scope="module")
def people(world: World) -> dict[str, Actor | None]:
    grants = {
        "contributor": Grant("contributor"),
        "local moderator": Grant("moderator", "scheme:rome"),
        "moderator": Grant("moderator"),
        "admin": Grant("admin"),
    }
    found: dict[str, Actor | None] = {name: make_person(world.app, name, grant) for name, grant in grants.items()}
    newcomer = make_person(world.app, "newcomer")
    world.app.accounts.revoke(newcomer.id, Grant("contributor"), actor=make_person(world.app, "admin"))
    return {"nobody": None, "newcomer": newcomer, **found}


@pytest.fixture(scope="module")
def client(world: World) -> Iterator[TestClient]:
    with TestClient(create_app(world.app, PUBLIC_URL), follow_redirects=False) as client:
        yield client


def routes() -> list[tuple[str, str]]:
    """Every (method, path) that the application answers."""
    found = [
        (method, route.path)
        for module in (*_API, linked_data, *_PAGES)
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]
    return sorted(set(found))


def test_every_route_has_a_line_and_every_line_a_route() -> None:
    assert sorted(ROUTES) == routes()


Send = Callable[[str, str, Row], httpx2.Response]


@pytest.mark.parametrize("role", ROLES)
def test_who_is_let_in(client: TestClient, world: World, people: dict[str, Actor | None], role: str) -> None:
    wrong = {}
    for (method, path), row in sorted(ROUTES.items()):
        # Signing out, or ending sessions, must not keep the next routes closed.
        signed_in(client, world.app, people[role])
        answer = send(client, method, path, row, world)
        let_in = not kept_out(answer)
        if answer.status_code >= 500 or let_in != (role in row.who):
            wrong[f"{method} {path}"] = f"{answer.status_code} {answer.text[:120]}"
    assert wrong == {}


def send(client: TestClient, method: str, path: str, row: Row, world: World) -> httpx2.Response:
    """A request that is right in its form."""
    address = path
    for name, value in ({"uuid": world.slice, "name": "x", "release": "2026", "id": world.slice} | row.path).items():
        address = address.replace("{" + name + "}", value).replace("{" + name + ":path}", value)
    assert "{" not in address, f"{path} has parameters without a value"
    page = not path.startswith("/api/")
    headers = {"Accept": "text/html" if page else "application/json"} | row.headers
    options: dict[str, Any] = {"headers": headers, "params": row.query}
    if row.json is not None:
        options["json"] = row.json(world) if callable(row.json) else row.json
    if row.form is not None:
        options["data"] = row.form
    return client.request(method, address, **options)


def kept_out(answer: httpx2.Response) -> bool:
    """Whether the door stayed closed."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?")
    return to_sign_in or answer.status_code in (401, 403)
