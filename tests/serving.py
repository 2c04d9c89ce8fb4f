"""The site on a real port: in a thread, or in a process of its own, over an engine that is running already, for what needs several server processes, or
one that is killed."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Line
from typing import Any

import uvicorn

from tests.apart import Apart
from wikic.bootstrap import app_of
from wikic.store.engine import Connection, Engine, Kind
from wikic.web.app import create_app

PUBLIC_URL = "http://localhost"


@contextmanager
def served(make: Callable[[str], Any]) -> Iterator[str]:
    """An ASGI application that a thread serves on loopback; it is made of the address that it gets, which is given."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(make(address), log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        assert server.started
        yield address
        server.should_exit = True
        thread.join()


class Server(Apart):
    """A server process; `address` is where it answers."""

    def __init__(self, kind: Kind, connection: Connection, **options: Any) -> None:
        super().__init__(_serve, kind, connection, options)
        self.address: str = self.next()
        assert self.address, "the server did not start"

    def stop(self) -> int:
        """Tell it to stop; its exit status."""
        self.signal(signal.SIGTERM)
        return self.ended(20)


def _serve(kind: Kind, connection: Connection, options: dict[str, Any], line: Line) -> None:
    """Serve until told to stop."""
    app = app_of(Engine.of(connection, kind), **options)
    app.live.sending.start()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        web = create_app(app, PUBLIC_URL, on_shutdown=app.close)
        config = uvicorn.Config(web, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=10)
        server = uvicorn.Server(config)
        # The socket listens already: who connects now is answered when the server is up.
        line.send(address)
        server.run(sockets=[listening])
