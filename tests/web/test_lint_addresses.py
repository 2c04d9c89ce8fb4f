"""The linter asked for addresses: badges and what awards them, and servers that mean harm."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.sample_world import World
from tests.web.conftest import PUBLIC_URL
from tests.web.test_lint import BAKER, PERMANENT, badge_class, client
from wikic.errors import InvalidInput, TargetRefused
from wikic.outside.client import GuardedClient
from wikic.services.linting import Linting
from wikic.services.linting_fetching import Fetching

__all__ = ["client"]


class Hostile(BaseHTTPRequestHandler):
    """A server that means harm."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        port = int(self.headers["host"].rpartition(":")[2])
        if self.path.startswith("/to-"):
            target = {"/to-self": f"http://127.0.0.1:{port}/badge", "/to-cloud": "http://169.254.169.254/latest/meta-data", "/to-file": "file:///etc/passwd"}
            self.send_response(302)
            self.send_header("location", target.get(self.path, self.path))
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        try:
            if self.path == "/large":
                for _ in range(50):
                    self.wfile.write(b" " * 1_000_000)
            elif self.path == "/endless":
                until = time.monotonic() + 5
                while time.monotonic() < until:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.05)
            elif self.path == "/badge":
                self.wfile.write(json.dumps(badge_class([{"targetName": "x", "targetUrl": "rome:D1102"}])).encode())
            elif self.path == "/award":
                award = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "badge": f"http://{self.headers['host']}/badge"}
                self.wfile.write(json.dumps(award).encode())
            else:
                self.wfile.write(b"<html>no badge</html>")
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def hostile() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


class Wilful(GuardedClient):
    """Connects to the server of the tests by a name, and to nothing else that is private: as if it were on the public internet."""

    def _refuse_private(self, address: Any, host: str) -> None:
        if host != "evil.example.org":
            super()._refuse_private(address, host)


@pytest.fixture
def outside(world: World) -> Linting:
    client = Wilful(resolve=lambda host, _: ["127.0.0.1"] if host == "evil.example.org" else [host])
    app = world.app
    return Linting(app.engine, app.reading, app.searching, Fetching(client, seconds=1.0))


@pytest.mark.parametrize(
    ("path", "error", "why"),
    [
        ("/large", InvalidInput, "more than it may|more than 2,000,000 bytes"),
        ("/endless", InvalidInput, "no whole answer in time"),
        ("/to-self", TargetRefused, "private or reserved"),
        ("/to-cloud", TargetRefused, "private or reserved"),
        ("/to-file", TargetRefused, "no address that begins with"),
        ("/to-/to-", InvalidInput, "redirect"),
        ("/missing", InvalidInput, "status 404"),
        ("/page", InvalidInput, "a web page and no badge"),
    ],
)
def test_hostile_addresses(outside: Linting, hostile: int, path: str, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        outside.lint_addresses([f"http://evil.example.org:{hostile}{path}"], PUBLIC_URL)


def test_addresses(outside: Linting, hostile: int) -> None:
    at = f"http://evil.example.org:{hostile}"
    report = outside.lint_addresses([f"{at}/award", f"{at}/missing"], PUBLIC_URL)
    award, badge, missing = report.documents
    assert award.badge.kind == "assertion"
    assert badge.repaired["alignment"][0]["targetUrl"] == f"{PERMANENT}{BAKER}"
    assert "404" in missing.sent.refused


@pytest.mark.parametrize("url", ["http://127.0.0.1/b", "http://[::1]/b", "http://10.1.2.3/b", "ftp://example.org/b", "http://a:b@example.org/", "nonsense"])
def test_addresses_inside_are_refused_by_the_api(client: TestClient, url: str) -> None:
    answer = client.post("/api/v1/lint", json={"address": url})
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("#target-refused")
    both = client.post("/api/v1/lint", json={"addresses": [url, url]}).json()
    assert all(each["refused"] for each in both["documents"])
