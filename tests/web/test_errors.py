"""Problems, methods, ids and the service's own pages. What needs no framework runs over a reading that fails on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from starlette.testclient import TestClient

from wikic import errors
from wikic.domain.access import Actor
from wikic.services.reading import Reading
from wikic.web.app import create_app
from wikic.web.errors import STATUS, TITLES, error_classes, status_of
from wikic.web.schemas import ProblemShape

DOCS = Path(__file__).resolve().parents[2] / "docs"
CLASSES = sorted(error_classes(), key=lambda kind: kind.slug)


class Failing(Reading):
    """Raises one error from everything that asks for a moment."""

    error: Exception = errors.NotFound("nobody")

    def __init__(self) -> None:
        self.epoch = "none"

    def moment(self, *_: object, **__: object) -> NoReturn:
        raise self.error

    def known_moment(self, *_: object) -> None:
        return None

    def seen_by(self, _: Actor) -> Reading:
        return self

    def ready(self) -> int:
        raise self.error


@dataclass
class Bare:
    reading: Reading


@pytest.fixture
def failing() -> Failing:
    return Failing()


@pytest.fixture
def bare(failing: Failing) -> Iterator[TestClient]:
    with TestClient(create_app(Bare(failing), "https://skills.example.org/")) as client:
        yield client


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.slug)
def test_every_error_has_a_status_a_title_and_a_page(
    kind: type[errors.WikicError], bare: TestClient, failing: Failing
) -> None:
    failing.error = kind("secret detail", retry_after=1.2)
    answer = bare.get("/api/v1/concepts/isco:1")
    body = answer.json()
    ProblemShape.model_validate(body)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "2"
    assert answer.status_code == body["status"] == status_of(kind)
    assert body["type"] == f"https://skills.example.org/docs/errors#{kind.slug}"
    assert body["request_id"] == answer.headers["x-request-id"]
    # Where the store runs and what it refused is nobody's business outside.
    assert ("secret detail" in body["detail"]) == (answer.status_code < 500)
    assert f'id="{kind.slug}"' in bare.get("/docs/errors").text


def test_who_has_to_wait_for_other_work_is_told_so(bare: TestClient, failing: Failing) -> None:
    failing.error = errors.Busy("downloads are being made", retry_after=20)
    answer = bare.get("/c/018f0000-0000-7000-8000-000000000000", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "20")
    assert "Work that began earlier is still under way." in answer.text


def test_docs_name_every_slug() -> None:
    text = (DOCS / "errors.md").read_text()
    assert set(re.findall(r"^## `([a-z-]+)`", text, re.MULTILINE)) == set(TITLES)
    for kind in CLASSES:
        assert f"## `{kind.slug}`\n\n{status_of(kind)}." in text
    assert set(STATUS) <= set(CLASSES)


def test_unexpected_errors_are_problems_too(bare: TestClient, failing: Failing) -> None:
    failing.error = RuntimeError("a secret")
    answer = bare.get("/api/v1/concepts/isco:1", headers={"X-Request-Id": "abc-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["request_id"] == "abc-1"
    assert "secret" not in answer.text


def test_unknown_addresses_and_methods(bare: TestClient) -> None:
    missing = bare.get("/api/v1/nothing")
    assert (missing.status_code, missing.json()["type"].partition("#")[2]) == (404, "not-found")
    refused = bare.post("/api/v1/concepts")
    assert (refused.status_code, refused.json()["type"].partition("#")[2]) == (405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, HEAD"
    # An address whose methods are routes of their own.
    refused = bare.put("/api/v1/releases")
    assert refused.headers["allow"] == "GET, HEAD, POST"
    assert "takes GET, HEAD, POST only" in refused.json()["detail"]


def test_wrong_parameters_are_named(bare: TestClient) -> None:
    answer = bare.get("/api/v1/concepts?limit=0&kind=bread")
    assert answer.status_code == 400
    assert {each["parameter"] for each in answer.json()["parameters"]} == {"limit", "kind"}


def test_what_is_wrong_a_thousand_times_is_told_in_short(bare: TestClient) -> None:
    answer = bare.post("/api/v1/lint", json={f"word{number}": "x" * 100 for number in range(1_000)} | {"y" * 5_000: 1})
    assert answer.status_code == 400
    assert len(answer.json()["parameters"]) == 20
    assert answer.json()["detail"].endswith("; and 981 more")
    longest = bare.post("/api/v1/lint", json={"y" * 5_000: 1})
    assert len(longest.content) < 1_000


@pytest.mark.parametrize(
    ("media", "content", "where"),
    [
        ("application/json", b'{"address": x}', " (character 12: Expecting value)"),
        ("application/json", b"[]", ""),
        ("application/json", b"", ""),
        ("text/plain", b"{}", ""),
        ("application/x-www-form-urlencoded", b"address=x", ""),
    ],
)
def test_who_sends_no_json_is_told_to(bare: TestClient, media: str, content: bytes, where: str) -> None:
    answer = bare.post("/api/v1/lint", content=content, headers={"Content-Type": media})
    assert answer.status_code == 400
    assert answer.json()["detail"] == f"body: send a JSON object, with `Content-Type: application/json`{where}"


def test_a_detail_is_one_line(bare: TestClient) -> None:
    change = {"type": "text\nSet-Cookie", "concept": "x"}
    answer = bare.post("/api/v1/proposals/check", json={"changes": [change]})
    assert answer.status_code == 400
    assert "text Set-Cookie" in answer.json()["detail"]


def test_preflight_and_head(bare: TestClient) -> None:
    preflight = bare.options("/api/v1/concepts", headers={"Origin": "https://else.example"})
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")
    whole, head = bare.get("/healthz"), bare.head("/healthz")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))
    assert bare.head("/api/v1/nothing").status_code == 404


def test_request_ids(bare: TestClient) -> None:
    assert re.fullmatch("[0-9a-f]{16}", bare.get("/healthz").headers["x-request-id"])
    assert bare.get("/healthz", headers={"X-Request-Id": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_health_and_readiness(bare: TestClient, failing: Failing) -> None:
    assert bare.get("/healthz").json() == {"status": "ok"}
    failing.error = errors.StoreUnavailable("no store at bolt://somewhere")
    answer = bare.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_metrics(bare: TestClient) -> None:
    bare.get("/api/v1/nothing")
    bare.get("/healthz")
    text = bare.get("/metrics").text
    assert 'wikic_http_request_seconds_count{method="GET",route="/healthz",status="200"}' in text
    assert 'route="none",status="404"' in text


def test_pages_need_no_other_host(bare: TestClient) -> None:
    for address in ("/docs", "/docs/errors"):
        page = bare.get(address)
        assert page.headers["content-type"].startswith("text/html")
        assert not re.findall(r"(?:src|href)=\"(?!/|#|https://skills\.example\.org/)", page.text)
    assert "/api/v1/concepts/{ref}" in bare.get("/docs").text
