"""What changed between two releases, and between a release and another number: ESCO 1.1.0 and 1.1.1 at full size, all pages of /api/v1/diff over HTTP, for
each 5,000 changes."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import SHARED, Bench, Table, esco_file, import_esco, main, wikic
from benchmarks.web import Client, serving, timed, uuids

WARM = 2_000


def body(bench: Bench, table: Table) -> None:
    """Measure."""
    import_esco(bench, esco_file("1.1.0"), "1.1.0")
    wikic(bench, "release", "freeze", "2025-rc1")
    import_esco(bench, esco_file("1.1.1"), "1.1.1")
    wikic(bench, "release", "freeze", "2026-rc1")
    for kept in ("made ready by freezing", "made ready by the server"):
        with _warm(bench) as port:
            for name in ("first time", "again"):
                _measure(bench, table, port, "2026-rc1", f"1.1.0 to 1.1.1, {kept}, {name}")
        # What freezing made ready is derived: without it a server computes it from the store when it starts, beside the reads that come first.
        shutil.rmtree(Path(bench.env["WIKIC_DATA"]) / "deltas", ignore_errors=True)
    import_esco(bench, SHARED / "data" / "esco" / "rdf" / "par-tec_esco-padding.ttl", "1.1.1")
    with _warm(bench) as port, urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/schemes") as answer:
        _measure(bench, table, port, answer.headers["Wiki-C-Seq"], "1.1.0 to a number that is no release, first time")


@contextmanager
def _warm(bench: Bench) -> Iterator[int]:
    """A server of which other reads were asked: as everywhere, engine and server are those of any day and not of their first second."""
    with serving(bench) as port:
        client = Client(port)
        timed(client, [f"/api/v1/concepts/{uuid}" for uuid in uuids(bench)[:WARM]])
        client.close()
        yield port


def _measure(bench: Bench, table: Table, port: int, end: str, name: str) -> None:
    before, started = bench.engine_cpu(), time.perf_counter()
    changes, concepts, first = _all_pages(port, end)
    seconds = time.perf_counter() - started
    table.add(
        f"diff {name}, for 5,000 changes",
        f"{seconds / changes * 5_000:.2f} s",
        "1 s",
        f"{changes:,} changes of {concepts:,} concepts in {seconds:.2f} s, first page {first:.2f} s;"
        f" CPU: engine {bench.engine_cpu() - before:.1f} s",
    )


def _all_pages(port: int, end: str) -> tuple[int, int, float]:
    """(changes, concepts, seconds of the first page)."""
    base = f"http://127.0.0.1:{port}/api/v1/diff?from=2025-rc1&to={end}&limit=500"
    changes = concepts = 0
    cursor, first = "", 0.0
    while True:
        started = time.perf_counter()
        with urllib.request.urlopen(base + (f"&cursor={cursor}" if cursor else "")) as response:
            page = json.load(response)
        first = first or time.perf_counter() - started
        concepts += len(page["items"])
        changes += sum(len(item.get("changes", ())) + len(item.get("relations", ())) for item in page["items"])
        cursor = page["next"]
        if not cursor:
            return changes, concepts, first


if __name__ == "__main__":
    main("diff", __doc__, body)
