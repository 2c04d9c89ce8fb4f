"""Fixtures of the web's tests: the sample over each engine in turn, and a client of its API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.engines import arcadedb_engine, neo4j_engine
from tests.sample_world import World, make_world
from tests.started import started
from wikic.services.reading import Reading

__all__ = ["arcadedb_engine", "neo4j_engine"]

PUBLIC_URL = "https://skills.example.org"


@pytest.fixture(scope="package", params=["arcadedb", "neo4j"])
def world(request: pytest.FixtureRequest) -> World:
    """The sample on one engine, made once; tests here only read it."""
    return make_world(request.getfixturevalue(f"{request.param}_engine"))


class StillClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def client(world: World, clock: StillClock) -> Iterator[TestClient]:
    """A client of a process that has just started; redirects are shown, not followed."""
    world.app.reading = Reading(world.app.engine, world.app.epoch, clock=clock)
    app = started(world.app, PUBLIC_URL)
    with TestClient(app, follow_redirects=False) as client:
        yield client


Trips = Callable[[str, dict[str, str]], tuple[httpx2.Response, list[str]]]


@pytest.fixture
def trips(world: World, client: TestClient) -> Trips:
    """Get an address; the answer, and the names of the queries that it took."""

    def get(address: str, headers: dict[str, str]) -> tuple[httpx2.Response, list[str]]:
        with world.app.engine.count_round_trips() as counted:
            answer = client.get(address, headers=headers)
        return answer, counted.names

    return get
