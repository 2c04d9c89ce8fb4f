"""The API does what its document says for who is signed in too: by a contributor's token and by an admin's, on things that are there and on anything else.

What is there comes from the table of routes and roles, which knows for each operation what makes a request right.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from tests.access_rows import Row
from tests.access_scene import Scene, make_scene, parameters_of, resolved
from tests.access_table import ROUTES
from tests.engines import arcadedb_engine
from tests.sample_world import make_world
from tests.web.conftest import PUBLIC_URL
from tests.web.test_openapi import CHECKS
from wikic.domain.access import SCOPES
from wikic.store.engine import Engine
from wikic.web.app import create_app

__all__ = ["arcadedb_engine"]

ANYTHING, THERE = 3, 3
"""Requests for each operation and person: with whatever fits the document, and about something that is there."""


LINES: Final = {(method, path.replace(":path}", "}")): rows for (method, path), rows in ROUTES.items()}


@pytest.fixture(scope="module")
def scene(arcadedb_engine: Engine) -> Scene:
    return make_scene(make_world(arcadedb_engine))


class Knocking:
    """Somebody who sends requests by a token; `wrong` is what did not answer as the document says, by operation."""

    def __init__(self, scene: Scene, role: str) -> None:
        scene.role = self.role = role
        self.scene = scene
        assert scene.me is not None
        token, _ = scene.app.people.tokens.make(f"openapi {role}", SCOPES, actor=scene.me)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.statuses = Counter[int]()
        self.wrong: dict[str, str] = {}

    def send(self, case: Any, **more: str) -> None:
        """One request."""
        answer = case.call_and_validate(checks=CHECKS, headers=self.headers | more)
        self.statuses[answer.status_code] += 1

    def examples(self, operation: Any, count: int, row: Row | None = None) -> None:
        """Requests that fit the document; with a line, about what is there."""

        @hypothesis.seed(20260115)
        @hypothesis.settings(
            max_examples=count, deadline=None, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @hypothesis.given(case=operation.as_strategy())
        def run(case: Any) -> None:
            if row is not None:
                case.path_parameters = {**(case.path_parameters or {}), **parameters_of(operation.path, row, self.scene)}
            self.send(case, **(row.headers if row is not None else {}))

        run()

    def meant(self, operation: Any, row: Row) -> None:
        """The request that the line means."""
        body = {"body": resolved(row.json, self.scene), "media_type": "application/json"} if row.json is not None else {}
        query = {name: str(value) for name, value in resolved(row.query, self.scene).items()}
        self.send(operation.Case(path_parameters=parameters_of(operation.path, row, self.scene), query=query, **body), **row.headers)

    def knock(self, operation: Any) -> None:
        """All requests of an operation."""
        rows = LINES.get((operation.method.upper(), operation.path), ())
        row = next((row for row in rows if self.role in row.who), rows[0] if rows else None)
        try:
            self.examples(operation, ANYTHING)
            if row is not None:
                self.examples(operation, THERE, row)
                self.meant(operation, row)
        except FailureGroup as found:
            self.wrong[operation.label] = "\n".join(map(str, found.exceptions))


@pytest.mark.parametrize("role", ["contributor", "admin"])
def test_the_api_does_what_it_says(scene: Scene, role: str) -> None:
    knocking = Knocking(scene, role)
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(scene.app, PUBLIC_URL))
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    for operation in operations:
        knocking.knock(operation)
    assert knocking.wrong == {}
    assert len(operations) > 120
    # The token held until the end, and most things were there.
    assert knocking.statuses[401] < len(operations) / 10
    assert knocking.statuses[200] > 2 * len(operations)
