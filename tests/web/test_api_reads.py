"""What every read of the API carries: a tag that answers 304, and the head; every list has the members of a list."""

from __future__ import annotations

from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from tests.access_rows import Row
from tests.access_scene import Scene, make_scene, parameters_of, resolved
from tests.access_table import ROUTES
from tests.engines import arcadedb_engine
from tests.sample_world import make_world
from tests.web.conftest import PUBLIC_URL
from wikic.domain.access import SCOPES
from wikic.store.engine import Engine
from wikic.web.app import create_app

__all__ = ["arcadedb_engine"]

_STREAMED: Final = {"/api/v1/audit/download", "/api/v1/refresh.csv"}
"""Made while it is sent: there is no tag before its end."""


@pytest.fixture(scope="module")
def scene(arcadedb_engine: Engine) -> Scene:
    return make_scene(make_world(arcadedb_engine))


def _reads() -> list[tuple[str, Row]]:
    return [(path, row) for (method, path), rows in ROUTES.items() if method == "GET" and path.startswith("/api/v1/") for row in rows]


def _address(scene: Scene, path: str, row: Row) -> str:
    for name, value in parameters_of(path, row, scene).items():
        path = path.replace(f"{{{name}:path}}", str(value)).replace(f"{{{name}}}", str(value))
    return path


def test_reads(scene: Scene) -> None:
    scene.role = "admin"
    assert scene.me is not None
    token, _ = scene.app.people.tokens.make("reads", SCOPES, actor=scene.me)
    wrong, seen = [], 0
    with TestClient(create_app(scene.app, PUBLIC_URL), follow_redirects=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for path, row in _reads():
            asked: Any = {"url": _address(scene, path, row), "params": resolved(row.query, scene)}
            answer = client.get(**asked, headers=row.headers)
            if answer.status_code != 200:
                continue
            seen += 1
            if "wiki-c-seq" not in answer.headers:
                wrong.append(f"{path}: no head")
            if path not in _STREAMED:
                again = client.get(**asked, headers={**row.headers, "If-None-Match": answer.headers.get("etag", "none")})
                if (again.status_code, again.content, again.headers.get("etag")) != (304, b"", answer.headers.get("etag")):
                    wrong.append(f"{path}: {again.status_code} for its own tag {answer.headers.get('etag')}")
            if answer.headers["content-type"] == "application/json" and "items" in answer.json() and not {"next", "seq"} <= answer.json().keys():
                wrong.append(f"{path}: a list without its members")
    assert wrong == [], "\n".join(wrong)
    assert seen > 60
