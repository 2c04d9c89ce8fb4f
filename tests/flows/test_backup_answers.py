"""A framework that moved from one engine to the other through a backup gives the same answers of the API, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.engines import wipe
from tests.sample_world import make_world
from wikic.bootstrap import App, app_of
from wikic.store.engine import Engine
from wikic.web.app import create_app

CURSOR = re.compile(rb'"next":"[^"]*"')
"""A cursor carries the store's epoch, which a restore renews."""


def answers(app: App) -> dict[str, bytes]:
    """The bodies of every kind of read, of every concept as of both releases and now."""
    client = TestClient(create_app(app, "https://skills.example.org"))

    def get(address: str) -> bytes:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        return CURSOR.sub(b'"next":"-"', answer.content)

    addresses = ["schemes", "releases", "releases/2025", "changes", "tree?scheme=esco", "tree?scheme=rome"]
    addresses += ["diff?from=2025&to=2026&limit=1000", "concepts?limit=1000", "concepts?release=2025&limit=1000"]
    bodies = {address: get(f"/api/v1/{address}") for address in addresses}
    for release, parts in (("2026", ("", "/history")), ("2025", ("?release=2025",))):
        listed = client.get(f"/api/v1/concepts?release={release}&limit=1000").json()["items"]
        assert len(listed) > 200
        for item in listed:
            for part in parts:
                address = f"/api/v1/concepts/{item['uuid']}{part}"
                bodies[address] = get(address)
    return bodies


@pytest.mark.parametrize("way", ["neo4j to arcadedb", "arcadedb to neo4j"])
def test_answers_are_the_same_on_the_other_engine(
    way: str, arcadedb_engine: Engine, neo4j_engine: Engine, tmp_path: Path
) -> None:
    source, target = (neo4j_engine, arcadedb_engine) if way.startswith("neo4j") else (arcadedb_engine, neo4j_engine)
    world = make_world(source)
    before = answers(world.app)
    world.app.backup.save(tmp_path / "framework.wikic")
    wipe(target)
    moved = app_of(target, lambda: None)
    moved.backup.restore(tmp_path / "framework.wikic")
    moved.reading.forget()
    after = answers(app_of(target, lambda: None))
    differing = [address for address, body in before.items() if after.get(address) != body]
    assert differing == []
    assert before.keys() == after.keys()
