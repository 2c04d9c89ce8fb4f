"""How pages are served: what may be kept, headers, codings, limits, and what a browser is told while the store is gone."""

from __future__ import annotations

import dataclasses
from typing import NoReturn

import pytest
from starlette.testclient import TestClient

from tests.web.conftest import PUBLIC_URL
from tests.web.test_pages import BAKER, HTML, Parsed, page
from wikic.domain.access import Actor
from wikic.errors import StoreUnavailable
from wikic.services.reading import Reading
from wikic.web.app import create_app
from wikic.web.compression import choose
from wikic.web.rate_limit import Buckets
from wikic.web.static_files import STATIC


def test_pages_revalidate(client: TestClient) -> None:
    for address in ("/", f"/r/2025/c/{BAKER}", f"/c/{BAKER}"):
        answer = client.get(address, headers=HTML)
        assert answer.headers["cache-control"] == "no-cache"
        assert {"Accept", "Accept-Language", "Cookie", "Accept-Encoding"} == set(answer.headers["vary"].split(", "))
        again = client.get(address, headers=HTML | {"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


def test_headers(client: TestClient) -> None:
    for address in ("/", "/api/v1/schemes", "/nothing", "/healthz", STATIC["site.css"].address):
        headers = client.get(address, headers=HTML).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["strict-transport-security"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert client.get(STATIC["site.css"].address).headers["cache-control"].endswith("immutable")
    assert client.get("/static/site.css").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("*", "br"), ("", ""), ("identity", ""), ("gzip;q=0.0", "")],
)
def test_codings(client: TestClient, accepted: str, coding: str) -> None:
    assert choose(accepted) == coding
    plain = client.get("/about", headers=HTML | {"Accept-Encoding": "identity"})
    answer = client.get("/about", headers=HTML | {"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding", "") == coding
    assert answer.content == plain.content
    if coding:
        assert answer.headers["etag"] == f'{plain.headers["etag"][:-1]}-{coding}"'


def test_buckets() -> None:
    now = [0.0]
    buckets = Buckets(3, lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [2, 1, 0, -1]
    assert buckets.take("b") == 2
    now[0] = 20
    assert buckets.take("a") == 0
    assert buckets.seconds_until(0, 3) == 60


class Gone(Reading):
    """A reading whose store does not answer."""

    def __init__(self) -> None:
        self.epoch = "none"

    def moment(self, *_: object, **__: object) -> NoReturn:
        raise StoreUnavailable("no store at bolt://secret")

    def known_moment(self, *_: object, **__: object) -> None:
        return None

    def seen_by(self, _: Actor) -> Reading:
        return self


@dataclasses.dataclass
class Bare:
    """Services without a store."""

    reading: Reading


def test_a_store_that_is_gone() -> None:
    with TestClient(create_app(Bare(Gone()), PUBLIC_URL)) as bare:
        for address in ("/", "/search?q=pain", "/schemes", f"/c/{BAKER}"):
            answer = bare.get(address, headers=HTML | {"Accept-Language": "en"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert "Service unavailable for a moment" in answer.text
            assert "secret" not in answer.text
        for address in ("/docs", "/docs/errors", "/design"):
            Parsed(page(bare, address))


def test_the_limit_is_announced_and_enforced() -> None:
    app = create_app(Bare(Gone()), PUBLIC_URL, rate_limit=2)
    with TestClient(app, client=("203.0.113.7", 1)) as one, TestClient(app, client=("127.0.0.1", 1)) as near:
        first = one.get("/docs")
        assert (first.status_code, first.headers["ratelimit-policy"]) == (200, '"default";q=2;w=60')
        assert first.headers["ratelimit"].startswith('"default";r=1;t=')
        assert one.get("/docs").status_code == 200
        refused = one.get("/docs", headers=HTML | {"Accept-Language": "en"})
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        assert "Too many requests" in refused.text
        assert one.get("/api/v1/nothing").json()["type"].endswith("#too-many-requests")
        assert one.get("/healthz").status_code == 200
        assert [near.get("/docs").status_code for _ in range(4)] == [200] * 4
        assert "ratelimit" not in near.get("/docs").headers
