"""How soon an event that one process writes is seen by those who listen to another: `--listeners` streams (500) on one server process, the events written by
this one.

    python -m benchmarks.live --engine neo4j --listeners 500 --events 40
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from urllib.parse import urlsplit

from benchmarks.common import Bench, Table, engine_argument, own_engine, percentile
from tests.serving import Server
from wikic.domain.access import operator
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered

KIND = "release_published"
_OPEN_FILES = 4_096


class Listener:
    """One stream; `seen` is filled with the moment at which each event came."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.begun = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        """Listen until cancelled."""
        reader, writer = await asyncio.open_connection(host, port)
        request = f"GET /api/v1/events?kind={KIND} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n"
        writer.write(request.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"event: begin"):
                    self.begun.set()
                elif line.startswith(b"data: ") and b'"mark"' in line:
                    self.seen[json.loads(line[6:])["data"]["mark"]] = time.perf_counter()
        finally:
            writer.close()


def write_event(engine: Engine, mark: str) -> float:
    """Something happens; when it was committed, at the earliest."""

    def work(tx: WriteTransaction) -> None:
        happened(tx, operator("benchmark"), KIND, subject="release/2026", mark=mark)

    started = time.perf_counter()
    write_numbered(engine, work)
    return started


async def measure(bench: Bench, address: str, listeners: int, events: int) -> tuple[list[float], list[float]]:
    """Seconds from the beginning of each write until each listener, and until the last one, had it."""
    parts = urlsplit(address)
    crowd = [Listener() for _ in range(listeners)]
    tasks = []
    for each in crowd:
        tasks.append(asyncio.create_task(each.run(str(parts.hostname), int(parts.port or 0))))
        if len(tasks) % 20 == 0:
            await each.begun.wait()
    for each in crowd:
        await each.begun.wait()
    every: list[float] = []
    last: list[float] = []
    for number in range(events):
        mark = str(number)
        started = await asyncio.to_thread(write_event, bench.engine, mark)
        while not all(mark in each.seen for each in crowd):
            await asyncio.sleep(0.005)
        delays = [each.seen[mark] - started for each in crowd]
        every += delays
        last.append(max(delays))
        # Not in step with the tail's own beat.
        await asyncio.sleep(0.05 + (number * 37 % 100) / 400)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return every, last


def main() -> None:
    """Parse the command line and run."""
    parser = engine_argument(__doc__)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--events", type=int, default=40)
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, max(_OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    table = Table(f"live, {asked.engine}")
    with own_engine(asked.engine) as bench, Server(bench.kind, bench.engine._connection) as server:
        every, last = asyncio.run(measure(bench, server.address, asked.listeners, asked.events))
    compares = f"{asked.listeners} listeners of another process, {asked.events} events, from the beginning of the write"
    for name, values in (("an event is seen", every), ("an event is seen by all", last)):
        shown = ", ".join(f"{label} {percentile(values, share) * 1000:.0f} ms" for label, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0)))
        table.add(name, shown, "1 s", compares)
    table.show()


if __name__ == "__main__":
    main()
