"""A real server on a real port for benchmarks, and a client that keeps one connection open."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.common import ROOT, Bench
from wikic.store.engine import Query

_UUIDS = Query("bench.uuids", "MATCH (c:Concept) WHERE c.space = 'public' RETURN c.uuid AS uuid ORDER BY uuid")


@contextmanager
def serving(bench: Bench, workers: int = 1) -> Iterator[int]:
    """`wikic serve` on a free port; gives the port."""
    with serving_process(bench, workers) as (port, _):
        yield port


@contextmanager
def serving_process(bench: Bench, workers: int = 1) -> Iterator[tuple[int, int]]:
    """The same; gives the port and the id of the process."""
    command = [sys.executable, "-m", "wikic.cli", "serve", "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=bench.env, cwd=ROOT
    )
    assert process.stdout is not None
    try:
        found = next((m for line in process.stdout if (m := re.search(r"http://[^ ]*:(\d+)", line))), None)
        if found is None:
            raise RuntimeError("wikic serve ended before it said its address")
        yield int(found[1]), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()


def uuids(bench: Bench) -> list[str]:
    """All concepts."""
    return [row["uuid"] for row in bench.engine.read(_UUIDS)]


class Client:
    """One connection to the server, which asks for one media type; `cookie`: that of a session."""

    def __init__(self, port: int, accept: str = "application/json", cookie: str = "") -> None:
        self._headers = {"Accept": accept} | ({"Cookie": cookie} if cookie else {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str, etag: str = "") -> tuple[int, str, float]:
        """(status, ETag, milliseconds) of one request, its body read to the end."""
        headers = self._headers | ({"If-None-Match": etag} if etag else {})
        started = time.perf_counter()
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        response.read()
        return response.status, response.headers.get("ETag") or "", (time.perf_counter() - started) * 1e3

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def timed(client: Client, paths: Sequence[str], etags: Sequence[str] = (), expected: int = 200) -> tuple[list[float], list[str]]:
    """Ask for these one after the other: (milliseconds of each, ETags). Raises RuntimeError for another status."""
    times, tags = [], []
    for index, path in enumerate(paths):
        status, tag, took = client.get(path, etags[index] if etags else "")
        if status != expected:
            raise RuntimeError(f"{path} answered {status}")
        times.append(took)
        tags.append(tag)
    return times, tags
