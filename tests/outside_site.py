"""A site of others for tests: it answers what it is told to, under a name that leads to this machine, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any, Final

from PIL import Image

from wikic.outside.client import GuardedClient

NAME: Final = "badges.example.org"


class PublicName(GuardedClient):
    """Connects to the test's site by its name, as if it were on the public internet, and to nothing else that is private."""

    def __init__(self) -> None:
        super().__init__(resolve=lambda host, _: ["127.0.0.1"] if host == NAME else [host])

    def _refuse_private(self, address: Any, host: str) -> None:
        if host != NAME:
            super()._refuse_private(address, host)


class Site:
    """`pages`: from path to JSON, bytes, a status, or a function that writes to the handler; `asked`: (path, headers) so far."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{NAME}:{port}"
        self.pages: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.clear()

    def clear(self) -> None:
        """Answer what means harm, and nothing else."""
        self.asked.clear()
        self.pages.clear()
        self.pages |= {
            "/inside": lambda handler: go(handler, f"http://127.0.0.1:{handler.server.server_address[1]}/badge"),
            "/cloud": lambda handler: go(handler, "http://169.254.169.254/latest/meta-data"),
            "/round": lambda handler: go(handler, "/round"),
            "/large": lambda handler: many(handler, 50, 1_000_000, 0.0),
            "/endless": lambda handler: many(handler, 60, 1, 0.05),
            "/script.svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>alert(1)</script></svg>',
            "/outside.svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="http://127.0.0.1/a.png"/></svg>',
            "/bomb.png": bomb(),
            "/plain.png": png(),
        }

    def badge(self, path: str, form: str = "2.0", **more: Any) -> str:
        """Have a badge class there; its address."""
        self.pages[path] = badge_class(f"{self.url}{path}", form, **more)
        return f"{self.url}{path}"

    def counted(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(each == path for each, _ in self.asked)


def badge_class(address: str, form: str = "2.0", **more: Any) -> dict[str, Any]:
    """A badge class that lacks nothing."""
    base: dict[str, Any] = {"id": address, "name": f"Badge {address.rpartition('/')[2]}", "description": "Un geste.", "criteria": {"narrative": "Le faire."}}
    if form == "3.0":
        head: dict[str, Any] = {"@context": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", "type": ["Achievement"]}
    else:
        head = {"@context": "https://w3id.org/openbadges/v2", "type": "BadgeClass", "issuer": f"{address.rpartition('/')[0]}/issuer"}
        base["image"] = f"{address.rpartition('/')[0]}/plain.png"
    return head | base | more


def png(side: int = 90) -> bytes:
    """A PNG."""
    out = BytesIO()
    Image.new("RGB", (side, side), "#336699").save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """A PNG that says that it has 3.6 billion pixels."""
    whole = png()
    return whole[:16] + (60_000).to_bytes(4, "big") * 2 + whole[24:]


def go(handler: BaseHTTPRequestHandler, target: str) -> None:
    handler.send_response(302)
    handler.send_header("location", target)
    handler.end_headers()


def many(handler: BaseHTTPRequestHandler, times: int, size: int, pause: float) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(times):
        handler.wfile.write(b" " * size)
        time.sleep(pause)


@contextmanager
def outside_site() -> Iterator[Site]:
    """The site, running."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            found: Any = site.pages.get(self.path, 404)
            try:
                if callable(found):
                    act: Callable[[BaseHTTPRequestHandler], None] = found
                    act(self)
                elif isinstance(found, int):
                    self.send_response(found)
                    self.end_headers()
                else:
                    self.say(found if isinstance(found, bytes) else json.dumps(found).encode())
            except OSError:
                pass

        def say(self, body: bytes) -> None:
            etag = f'"{sha256(body).hexdigest()[:12]}"'
            if self.headers.get("if-none-match") == etag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("etag", etag)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = Site(int(server.server_address[1]))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
