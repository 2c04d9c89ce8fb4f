"""The OpenAPI document: complete, with examples that fit; and the API does what it says, whatever is sent to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from jsonschema_rs import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from wikic.web.app import create_app

EXAMPLES = 12
WALKS, STEPS = 15, 8
"""Requests for each operation; with all of them the run stays far below a minute."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def _document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


def test_document(client: TestClient) -> None:
    document = _document(client)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": PUBLIC_URL}]
    identities = []
    for path, operations in document["paths"].items():
        for operation in operations.values():
            identities.append(operation["operationId"])
            assert operation["tags"], path
            assert operation["summary"], path
            assert "422" not in operation["responses"]
            medias = [answer.get("content", {}) for answer in operation["responses"].values()]
            assert not any(len(each) > 1 and each.get("application/json") == {"schema": {}} for each in medias), f"{path} is said to answer JSON"
    assert len(identities) == len(set(identities)) >= 15


def test_examples_fit(client: TestClient) -> None:
    document = _document(client)
    checked = 0
    for path, operations in document["paths"].items():
        for operation in operations.values():
            content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
            if "example" not in content:
                continue
            schema = {**content["schema"], "components": document["components"]}
            problems = [error.message for error in Draft202012Validator(schema).iter_errors(content["example"])]
            assert not problems, path
            checked += 1
    assert checked >= 13


def test_the_api_does_what_it_says(world: World) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(world.app, PUBLIC_URL))
    asked = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @hypothesis.seed(20260115)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=operation.as_strategy())
        def run(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        run()
        asked += 1
    assert asked >= 23


def test_links_lead_to_operations_that_take_them(client: TestClient) -> None:
    document = _document(client)
    operations = {each["operationId"]: each for path in document["paths"].values() for each in path.values()}
    links = [link for each in operations.values() for link in each["responses"].get("200", {}).get("links", {}).values()]
    assert len(links) > 30
    for link in links:
        taken = {parameter["name"] for parameter in operations[link["operationId"]].get("parameters", ())}
        assert link["parameters"].keys() <= taken, link


def test_what_one_answer_leads_to(world: World) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(world.app, PUBLIC_URL))
    followed: Counter[int] = Counter()

    class Following(schema.include(method="GET").as_state_machine()):  # type: ignore[misc]
        """Goes from answer to answer by the links of the document."""

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            followed[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

    Following.run(
        settings=hypothesis.settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    assert followed[200] > WALKS
    assert max(followed) < 500
