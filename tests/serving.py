"""The site on a real port: in a thread, or in a process of its own, over an engine that is running already, for what needs several server processes, or
one that is killed.

    python -m tests.serving < '{"kind": "neo4j", "connection": {"uri": ..., ...}}'
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import uvicorn

from wikic.bootstrap import app_of
from wikic.store.engine import Connection, Engine, Kind
from wikic.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
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


class Server:
    """A server process; `address` is where it answers. Use as a context: it is killed at the end, if it still runs."""

    def __init__(self, kind: Kind, connection: Connection, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.serving"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with self.process.stdin as told:
            told.write(json.dumps({"kind": kind, "connection": asdict(connection), "options": options}))
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the server did not start"

    def kill(self) -> None:
        """End it without a warning."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Tell it to stop; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()


def main() -> None:
    """Serve until told to stop."""
    asked = json.loads(sys.stdin.read())
    engine = Engine.of(Connection(**asked["connection"]), asked["kind"])
    app = app_of(engine, **asked["options"])
    app.live.sending.start()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        web = create_app(app, PUBLIC_URL, on_shutdown=app.close)
        config = uvicorn.Config(web, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=10)
        server = uvicorn.Server(config)
        # The socket listens already: who connects now is answered when the server is up.
        print(address, flush=True)
        server.run(sockets=[listening])


if __name__ == "__main__":
    main()
