"""A real `wikic serve` over an engine of its own, both of which can be killed while people decide and release over HTTP.

The store is filled while nobody serves; from then on everything goes through requests, and what this process asks the engine itself is only what came of
them. Moments are seeded: a kill comes so many seconds after the sending of a chosen request.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from tests.engines import NoNeo4jError, run_neo4j
from tests.flows.kill_tools import ROOT, server_pid
from wikic.store.embedded import open_embedded
from wikic.store.embedded_process import read_json
from wikic.store.engine import Connection, Engine, Kind

Victim = Literal["server", "engine"]

_LATEST: Final = 0.06
"""Seconds after a request was sent within which a kill comes: about what two decisions take."""
_SECONDS: Final = 90.0
_WHERE = re.compile(r"http://[^ ]*:\d+")


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Site:
    """The engine and the server process, at addresses that stay the same. `up` is set while requests make sense."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind, self.folder, self.port = kind, folder, free_port()
        self.up = threading.Event()
        self._engine_port = free_port() if kind == "neo4j" else 0
        self._neo4j = ExitStack()
        self._connection: Connection | None = None
        self._process: subprocess.Popen[str] | None = None
        if kind == "neo4j":
            self._start_neo4j()

    def _start_neo4j(self) -> None:
        self._connection = self._neo4j.enter_context(run_neo4j(self.folder, self._engine_port))

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine as this process asks it: on its own before `start`, attached to the server's after."""
        with ExitStack() as stack:
            if self._connection is not None:
                yield stack.enter_context(Engine.of(self._connection, "neo4j"))
                return
            store = stack.enter_context(open_embedded(self.folder, may_start=self._process is None))
            yield stack.enter_context(Engine.of(store.connection(), "arcadedb", store.refresh))

    def start(self) -> None:
        """Serve, until `kill` or `close`. Sets nothing `up`: that is for who has nothing to look at before."""
        settings = {"WIKIC_DATA": str(self.folder / "wikic" if self._connection else self.folder), "WIKIC_RATE_LIMIT": "0"}
        if self._connection is not None:
            found = self._connection
            settings |= {"WIKIC_STORE": found.uri, "WIKIC_STORE_USER": found.user, "WIKIC_STORE_PASSWORD": found.password}
        env = {name: value for name, value in os.environ.items() if not name.startswith("WIKIC_")} | settings
        command = [sys.executable, "-m", "wikic.cli", "serve", "--port", str(self.port)]
        with (self.folder / "serve.log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=env, cwd=ROOT)
        assert self._process.stdout is not None
        said = next((line for line in self._process.stdout if _WHERE.search(line)), "")
        assert said, f"the server did not start: {(self.folder / 'serve.log').read_text()[-2000:]}"

    def kill(self, victim: Victim, then: Callable[[], None]) -> None:
        """Kill -9, look at what is left (`then`, where nobody writes meanwhile), and start again what does not start by itself."""
        if victim == "engine" and self._connection is None:
            # The server starts it again by itself, and who asks meanwhile waits for it.
            os.kill(self._embedded_pid(), signal.SIGKILL)
            return
        self.up.clear()
        if victim == "engine":
            os.kill(server_pid(self.folder), signal.SIGKILL)
            self._neo4j.close()
            self._start_neo4j()
        else:
            self._end(signal.SIGKILL)
            self.start()
            then()
        self.up.set()

    def _embedded_pid(self) -> int:
        """The process of the embedded engine, which may be starting again just now."""
        deadline = time.monotonic() + _SECONDS
        while time.monotonic() < deadline:
            pid = (read_json(self.folder / "store.json") or {}).get("pid")
            if isinstance(pid, int) and Path(f"/proc/{pid}").exists():
                return pid
            time.sleep(0.02)
        raise AssertionError("the engine did not come back")

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_SECONDS)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def close(self) -> None:
        """Stop both."""
        self._end(signal.SIGTERM)
        self._neo4j.close()


@contextmanager
def site(kind: Kind, folder: Path) -> Iterator[Site]:
    """A site over a folder, not yet served; raises NoNeo4jError."""
    made = Site(kind, folder)
    try:
        yield made
    finally:
        made.close()


__all__ = ["NoNeo4jError", "Site", "site"]


@dataclass(frozen=True, slots=True)
class Death:
    """Who is killed, at the sending of the `number`-th (from 1) request of a sort (decide, freeze, manifest, publish)."""

    sort: str
    number: int
    victim: Victim


@dataclass
class Killer:
    """Kills at the planned moments, each at its request, in a thread of its own; `look` is called on what a dead server left."""

    site: Site
    deaths: list[Death]
    look: Callable[[], None]
    seed: int = 1
    done: Counter[str] = field(default_factory=Counter)
    failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random, self._counts, self._mutex = random.Random(self.seed), Counter[str](), threading.Lock()
        self._threads: list[threading.Thread] = []
        self._one_at_a_time = threading.Lock()

    def sending(self, sort: str) -> None:
        """A request of that sort is about to be sent."""
        with self._mutex:
            self._counts[sort] += 1
            for death in self.deaths:
                if (death.sort, death.number) == (sort, self._counts[sort]):
                    moment = threading.Timer(self._random.uniform(0, _LATEST), self._kill, (death,))
                    self._threads.append(moment)
                    moment.start()

    def _kill(self, death: Death) -> None:
        try:
            with self._one_at_a_time:
                self.site.kill(death.victim, self.look)
                self.done[f"{death.sort} {death.victim}"] += 1
        except BaseException as error:
            self.failed.append(error)
            self.site.up.set()

    def finish(self) -> None:
        """Wait for those that are under way; raises what failed in one."""
        for thread in self._threads:
            thread.join()
        if self.failed:
            raise self.failed[0]


class Person:
    """One who asks over HTTP with a token, and asks again until there is an answer."""

    def __init__(self, site: Site, killer: Killer, token: str) -> None:
        self.site, self.killer, self.token = site, killer, token

    def ask(self, sort: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any], bool]:
        """(status, body, whether an earlier attempt of this request remained without an answer that says what became of it)."""
        unsure = False
        while True:
            assert self.site.up.wait(_SECONDS), "the site did not come back"
            self.killer.sending(sort)
            try:
                status, said = self._post(path, body or {})
            except (OSError, http.client.HTTPException):
                unsure = True
                continue
            if status != 503:
                return status, said, unsure
            unsure = True

    def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "If-Match": "*"}
        try:
            connection.request("POST", f"/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()
